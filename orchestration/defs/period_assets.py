"""The periods that files declare, against their values, before anything is loaded. No rule here."""

import json
from pathlib import Path

import dagster as dg
import duckdb

from ingest.plan import needed_files
from orchestration.console import say
from orchestration.defs.landing_assets import landing_key, receipts
from orchestration.defs.resources import Reglages
from orchestration.partitions import REGISTRY
from quality.period_evidence.evidence_cells import Landed
from quality.period_evidence.evidence_rules import examine
from quality.period_evidence.words import refusal, rows
from warehouse.base.layout import Layout, witnesses_of

PERIODS_KEY = dg.AssetKey(["controles", "periodes"])


@dg.asset(
    key=PERIODS_KEY,
    deps=[landing_key(s.id) for s in REGISTRY.sources.values() if s.lands_cells],
    group_name="landing",
    description="La période de chaque bloc, vérifiée par ses valeurs.",
)
def verified_periods(reglages: Reglages) -> dg.MaterializeResult:
    """Every landed block against those that share its mesures; a contradiction stops the run."""
    receipts(reglages)
    examen = examine(landed_files(reglages))
    if error := refusal(examen):
        raise error
    found = rows(examen)
    path = reglages.layout.periods_report
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    verified = sum(row["etat"] == "verifiee" for row in found)
    if examen.rapprochements:
        say(f"Périodes : {verified} vérifiées par les valeurs sur {len(found)}")
    return dg.MaterializeResult(
        metadata={"verifiees": verified, "rapprochements": examen.rapprochements}
    )


def landed_files(reglages: Reglages) -> list[Landed]:
    """The landed cells of this run, and of earlier ones that the registry still describes."""
    layout = reglages.layout
    needed = set(needed_files(reglages.load_edition(), REGISTRY))
    found = []
    for source in REGISTRY.sources.values():
        for millesime in source.millesimes if source.lands_cells else ():
            parquet, is_needed = (
                _path(layout, source.id, millesime),
                (source.id, millesime) in needed,
            )
            if parquet and (is_needed or _declares_still(parquet, source.id, millesime)):
                found.append(Landed(parquet, witnesses_of(parquet), is_needed))
    return found


def _path(layout: Layout, source_id: str, millesime: str) -> Path | None:
    path = layout.landed(source_id, millesime)
    return path if path.is_file() else None


def _declares_still(parquet: Path, source_id: str, millesime: str) -> bool:
    """Whether an earlier landing has the periods that the registry now says."""
    edition = REGISTRY[source_id].millesimes[millesime]
    with duckdb.connect() as con:
        query = "select distinct bloc, periode from read_parquet(?)"
        held = con.execute(query, [str(parquet)]).fetchall()
    return all(periode in edition.periodes_of(bloc) for bloc, periode in held)
