"""The last words of a draft: its quality report, its verdicts, its manifest. Defines no asset."""

import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from ingest.expected import unproven
from ingest.secret_rules import edition_rules
from orchestration.console import say
from orchestration.defs.door_results import DOORS, landing_door, results
from orchestration.defs.files_aside import to_paste
from orchestration.defs.landed_files import landed_files
from orchestration.defs.resources import Reglages
from orchestration.defs.run_reports import due, read_findings, read_periods
from orchestration.defs.said_of_files import file_rows
from orchestration.defs.standing_draft import whole_draft
from orchestration.interruption import stop_if_asked
from orchestration.partitions import REGISTRY
from orchestration.unread_files import summary as unread_summary
from orchestration.unread_files import unread_files
from quality.perimeter_labels import read_quarters, to_verify
from quality.report import write_report
from quality.secrecy.edition.mask_counts import changes_since, mask_counts
from quality.territory_names import attachments, summary
from quality.verdicts import blocs_refuses
from warehouse.base.layout import Layout
from warehouse.publication.explain.kept_verdicts import FICHIER
from warehouse.release.build_database import open_build
from warehouse.release.promotion import REPORTS, Draft, latest_release, write_json


def finished(reglages: Reglages) -> tuple[Draft, dict]:
    """The draft that stands with its quality report and its verdicts, and its manifest.

    Raises:
        QpvError: no whole draft stands, or a door did not judge it.
    """
    layout, edition, received = reglages.layout, reglages.plan.edition, reglages.received
    draft = whole_draft(reglages)
    checks = _checks(reglages)
    statuts = _statuts(draft)
    files, read = file_rows(received), received.receipts
    attached = _attachments(layout)
    for line in summary(attached):
        say(line)
    periods = read_periods(layout)
    doubtful = unproven(read, layout.archive)
    unread = unread_files(reglages.extracts_folder, read, REGISTRY)
    for line in unread_summary(unread):
        say(line)
    if doubtful:
        say(f"Fichiers que rien ne prouve entiers : {len(doubtful)} (rapport de qualité)")
    write_report(
        draft.path / REPORTS,
        {
            "release_id": draft.release_id,
            "titre": edition.titre,
            "controles": checks,
            "plausibilite": read_findings(layout),
            "attendus": due(reglages, draft),
            "statuts": statuts,
            "secret": _secret(draft, reglages),
            "fichiers": files,
            "non_prouves": doubtful,
            "non_lus": unread,
            "periodes": periods,
            "a_verifier": _labels_to_verify(draft, reglages),
            "ignorees": [
                {"source": r.source_id, "colonne": column, "raison": reason}
                for r in read
                for column, reason in r.ignorees.items()
            ],
            "rattachements": attached,
            "unites": [
                {"source": r.source_id, "colonne": column, "lignes": r.territoires, **cells}
                for r in read
                for column, cells in r.cellules.items()
                if any(cells.values())
            ],
            "contours": [
                {"source": r.source_id, "territoire": code, "constat": said}
                for r in read
                for code, said in r.contours.items()
            ],
            "ecartes": [
                {
                    "source": r.source_id,
                    "paragraphes": [e.paragraphe for e in r.ecartes],
                    "entree": to_paste(r),
                }
                for r in read
                if r.ecartes
            ],
            "rendus": [
                {"source": r.source_id, "millesime": r.millesime, "cellules": r.rendus}
                for r in read
                if r.rendus
            ],
            "comparaisons_refusees": [
                {"bloc": bloc, **asdict(judged)}
                for bloc, judged in blocs_refuses(received.supplies)
            ],
        },
        _names(draft),
    )
    write_json(draft.path / FICHIER, comparability(layout, received.limits))
    stop_if_asked()
    return draft, {
        "release_id": draft.release_id,
        "edition": edition.id,
        "titre": edition.titre,
        "perimetre": edition.perimetre,
        "publiee_le": _now(),
        "fichiers": files,
        "versions": {
            name: version(name)
            for name in ("qpv", "duckdb", "dbt-core", "dagster", "great-expectations", "typst")
        }
        | {"python": platform.python_version()},
        "statuts": statuts,
        "controles": checks,
        "periodes": periods,
    }


def _attachments(layout: Layout) -> list[dict]:
    """What there is to say of the EPCI of quarters."""
    with open_build(layout.warehouse_db) as con:
        return attachments(con)


def _labels_to_verify(draft: Draft, reglages: Reglages) -> list[dict]:
    """QPV whose label or figures point to another code than the passage table."""
    cells = [f.parquet for f in landed_files(reglages) if is_public(f.parquet)]
    with duckdb.connect(str(draft.path / "qpv.duckdb"), read_only=True) as con:
        return to_verify(*read_quarters(con, cells))


def _names(draft: Draft) -> dict[str, str]:
    """Code of each territory of the release → its name, with its town."""
    with duckdb.connect(str(draft.path / "qpv.duckdb"), read_only=True) as con:
        rows = con.execute("select code_territoire, libelle_long from dim_territoire").fetchall()
    return dict(rows)


def is_public(landed: Path) -> bool:
    """Whether the figures of a landed file may be told as they are: its producer masked them."""
    return REGISTRY[landed.parent.name].acces == "publique"


def _secret(draft: Draft, reglages: Reglages) -> dict:
    """Counts of masks, what they changed since the last release, and the rule of each block."""
    layout = reglages.layout
    with open_build(layout.warehouse_db) as con:
        counts = mask_counts(con)
    since = None
    if counts and layout.latest.exists():
        earlier = latest_release(layout)
        since = {"release_id": earlier.name, **changes_since(earlier, draft.path)}
    blocs = edition_rules(reglages.plan.edition, REGISTRY)
    return {"masques": counts, "depuis": since, "blocs": blocs}


def _checks(reglages: Reglages) -> list[dict]:
    """Results of the doors, all of this run, and of dbt's tests as one line."""
    landed = {r.source_id for r in reglages.received.receipts if r.fichiers}
    sources = [REGISTRY[s] for s in landed]
    expected = {landing_door(source) for source in sources if source.lands_cells}
    found = results(reglages, expected | {*DOORS})
    path = reglages.layout.dbt_target / "run_results.json"
    tests = [
        r
        for r in json.loads(path.read_text(encoding="utf-8"))["results"]
        if r["unique_id"].startswith("test.")
    ]
    failed = [r["unique_id"].split(".")[2] for r in tests if r["status"] != "pass"]
    return [*found, {"nom": "dbt", "attentes": len(tests), "passe": not failed, "echecs": failed}]


def comparability(layout: Layout, limits: list[dict]) -> dict:
    """The verdicts that a rule decided, as the build used them, and what else the rules forbid."""
    with open_build(layout.warehouse_db) as con:
        query = "select * from edition.comparabilites where regle is not null"
        quarters = "select * exclude (motif) from edition.communes_changees"
        return {
            "verdicts": con.sql(query).to_arrow_table().to_pylist(),
            "quartiers": con.sql(quarters).to_arrow_table().to_pylist(),
            "limites": limits,
        }


def _statuts(draft: Draft) -> dict[str, int]:
    with duckdb.connect(str(draft.path / "qpv.duckdb"), read_only=True) as con:
        query = "select statut, count(*) from fct_indicateur group by statut order by 2 desc"
        return dict(con.execute(query).fetchall())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
