"""The doors as blocking asset checks. The rules are in `quality`."""

import json
from functools import partial

import dagster as dg
import duckdb

from ingest.plan import needed_files
from ingest.registry import Source
from orchestration.landing_assets import landing_key
from orchestration.partitions import REGISTRY
from orchestration.plausibility_assets import PLAUSIBILITE_KEY, read_findings
from orchestration.release_assets import DRAFT_KEY
from orchestration.resources import Reglages
from quality.expectations import (
    DoorResult,
    check_evolutions,
    check_landing,
    check_release,
)
from quality.plausibility.rules import REGLES
from quality.territory_names import check_names, files_of
from warehouse.dictionary import load_dictionary
from warehouse.layout import Layout
from warehouse.release import current_draft

#: Beyond so many failures, a paragraph is not read; the report has them all.
_DITS = 5


def build_landing_check(source: Source) -> dg.AssetChecksDefinition:
    """Great Expectations over the landed cells of one source."""

    @dg.asset_check(
        asset=landing_key(source.id),
        name="porte_atterrissage",
        blocking=True,
        description="Attentes construites à partir du registre.",
    )
    def _check(reglages: Reglages) -> dg.AssetCheckResult:
        needed = needed_files(reglages.load_edition(), REGISTRY)
        paths = [reglages.layout.landed(s, m) for s, m in needed if s == source.id]
        landed = [str(path) for path in paths if path.is_file()]
        if not landed:
            return dg.AssetCheckResult(passed=True, metadata={"lignes": 0})
        with duckdb.connect() as con:
            con.read_parquet(landed).create_view("cellules")
            result = check_landing(con, "cellules", source.mesures)
        return recorded(f"porte_atterrissage:{source.id}", result, reglages.layout)

    return _check


@dg.asset_check(
    asset=PLAUSIBILITE_KEY,
    name="porte_plausibilite",
    blocking=True,
    description="Aucun constat bloquant qui ne soit retiré ou accepté.",
)
def plausibility_door(reglages: Reglages) -> dg.AssetCheckResult:
    """A contradiction between figures stops the release, unless a signed reason accepts it."""
    failures = [
        f"{f['regle']} {f['phrase']}"
        for f in read_findings(reglages.layout)["ouverts"]
        if f["severite"] == "bloquant"
    ]
    return recorded("porte_plausibilite", DoorResult(len(REGLES), failures), reglages.layout)


@dg.asset_check(
    asset=DRAFT_KEY,
    name="porte_publication",
    blocking=True,
    description="Attentes construites à partir du dictionnaire, sur ce qui va sortir.",
)
def release_door(reglages: Reglages) -> dg.AssetCheckResult:
    """Great Expectations over the rows about to leave, and a name for every territory."""
    draft = current_draft(reglages.layout)
    types = {c: i.type for c, i in load_dictionary().indicateurs.items() if i.publier}
    with duckdb.connect(str(draft.path / "qpv.duckdb"), read_only=True) as con:
        result = check_release(con, "fct_indicateur", types)
        evolutions = con.sql(
            "select distinct code_indicateur, statut, comparabilite,"
            " coalesce(evolution_nb, evolution_pct, evolution_pts) is not null as montre"
            " from fct_evolution"
        ).to_df()
        with duckdb.connect(str(reglages.layout.warehouse_db), read_only=True) as build:
            result += check_names(con, partial(files_of, build))
    result += check_evolutions(evolutions)
    return recorded("porte_publication", result, reglages.layout)


def recorded(name: str, result: DoorResult, layout: Layout) -> dg.AssetCheckResult:
    """The result for Dagster, and for the release's manifest."""
    folder = layout.build / "controles"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "nom": name,
        "attentes": result.attentes,
        "passe": result.passe,
        "echecs": result.echecs,
    }
    path = folder / f"{name.replace(':', '-')}.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    more = len(result.echecs) - _DITS
    said = [*result.echecs[:_DITS], *([f"et {more} de plus ({path})"] if more > 0 else [])]
    return dg.AssetCheckResult(
        passed=result.passe,
        metadata={"attentes": result.attentes, "echecs": "\n".join(result.echecs)},
        description=" ; ".join(said) or None,
    )


landing_checks = [
    build_landing_check(source) for source in REGISTRY.sources.values() if source.lands_cells
]
