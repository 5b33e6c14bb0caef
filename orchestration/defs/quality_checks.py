"""The doors as blocking asset checks. The rules are in `quality`."""

from functools import partial

import dagster as dg

from ingest.mesure_bounds import source_bounds
from ingest.receipts import Receipt
from ingest.registry import Source
from orchestration.defs.asset_keys import PLAUSIBILITE_KEY, landing_key, part_key
from orchestration.defs.door_results import landing_door, recorded
from orchestration.defs.refused_steps import refusable
from orchestration.defs.resources import Reglages
from orchestration.defs.run_reports import read_findings
from orchestration.partitions import REGISTRY
from quality.complete_sets import missing_quarters
from quality.expectations import (
    DoorResult,
    check_evolutions,
    check_landing,
    check_release,
)
from quality.plausibility.rules import REGLES
from quality.release_texts import check_texts
from quality.territory_names import check_names, files_of
from warehouse.declared.definition_bounds import indicator_bounds
from warehouse.publication.parts import DESCRIPTEURS
from warehouse.release.build_database import open_build
from warehouse.release.connect import open_reader, open_scratch
from warehouse.release.promotion import current_draft


def build_landing_check(source: Source) -> dg.AssetChecksDefinition:
    """Great Expectations over the landed cells of one source."""

    @dg.asset_check(
        asset=landing_key(source.id),
        name="porte_atterrissage",
        blocking=True,
        description="Attentes construites à partir du registre.",
    )
    @refusable
    def _check(reglages: Reglages) -> dg.AssetCheckResult:
        named = reglages.plan.millesimes_of(source.id)
        paths = [reglages.layout.landed(source.id, millesime) for millesime in named]
        landed = [str(path) for path in paths if path.is_file()]
        if not landed:
            return dg.AssetCheckResult(passed=True, metadata={"lignes": 0})
        with open_scratch() as con:
            con.read_parquet(landed).create_view("cellules")
            result = check_landing(con, "cellules", source_bounds(source))
        return recorded(landing_door(source), result, reglages)

    return _check


@dg.asset_check(
    asset=PLAUSIBILITE_KEY,
    name="porte_plausibilite",
    blocking=True,
    description="Aucun constat bloquant qui ne soit retiré ou accepté.",
)
@refusable
def plausibility_door(reglages: Reglages) -> dg.AssetCheckResult:
    """A contradiction between figures stops the release, unless a signed reason accepts it."""
    failures = [
        f"{f['regle']} {f['phrase']}"
        for f in read_findings(reglages.layout)["ouverts"]
        if f["severite"] == "bloquant"
    ]
    return recorded("porte_plausibilite", DoorResult(len(REGLES), failures), reglages)


@dg.asset_check(
    asset=PLAUSIBILITE_KEY,
    name="porte_ensembles",
    blocking=True,
    description="Un ensemble que champ.yml dit complet a tous ses QPV dans chaque fichier.",
)
@refusable
def complete_sets_door(reglages: Reglages) -> dg.AssetCheckResult:
    """A file cut after some of the QPV that its folder promises stops the release."""
    perimetre = reglages.plan.edition.perimetre
    partial = {
        (r.source_id, r.millesime): r.ensembles_complets
        for r in reglages.received.receipts
        if r.fichiers and "*" not in r.ensembles_complets and lists_quarters(r, perimetre)
    }
    with open_build(reglages.layout.warehouse_db) as con:
        failures = missing_quarters(con, partial)
    return recorded("porte_ensembles", DoorResult(len(partial), failures), reglages)


def lists_quarters(receipt: Receipt, perimetre: str) -> bool:
    """Whether a landed file has one row per QPV of this perimeter."""
    source = REGISTRY[receipt.source_id]
    keys = {partie.cle for partie in source.parties}
    same = source.perimetre_of(receipt.millesime) == perimetre
    return source.nature == "mesures" and keys == {"qpv"} and same


@dg.asset_check(
    asset=part_key(DESCRIPTEURS),
    name="porte_publication",
    blocking=True,
    description="Attentes construites à partir du dictionnaire, sur ce qui va sortir.",
)
@refusable
def release_door(reglages: Reglages) -> dg.AssetCheckResult:
    """Great Expectations over the rows about to leave, and a name for every territory."""
    draft = current_draft(reglages.layout)
    dictionary = reglages.plan.dictionary
    bornes = indicator_bounds(dictionary)
    limites = {c: bornes[c] for c, i in dictionary.indicateurs.items() if i.publier}
    with open_reader(draft.path / "qpv.duckdb") as con:
        result = check_release(con, "fct_indicateur", limites)
        evolutions = con.sql(
            "select distinct code_indicateur, statut, comparabilite,"
            " coalesce(evolution_nb, evolution_pct, evolution_pts) is not null as montre"
            " from fct_evolution"
        ).to_df()
        result += check_texts(con)
        with open_build(reglages.layout.warehouse_db) as build:
            result += check_names(con, partial(files_of, build))
    result += check_evolutions(evolutions)
    return recorded("porte_publication", result, reglages)


landing_checks = [
    build_landing_check(source) for source in REGISTRY.sources.values() if source.lands_cells
]
