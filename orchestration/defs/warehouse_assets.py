"""The build database: landed files and declared truths as the tables that dbt reads."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from ingest.archive import objet_de
from ingest.contours import SCHEMAS, outline_tables
from ingest.former_codes import former_rows
from ingest.landing import MESURES_SCHEMA, schema_of
from ingest.micro import MicroFile, micro_view, refuse_strangers
from ingest.nomenclatures import nomenclature_rows
from ingest.plan import plan_rows
from ingest.receipts import Receipt
from ingest.secret_rules import secret_rows
from ingest.unit_partitions import partitioned_view
from orchestration.console import say
from orchestration.defs.asset_keys import PERIODS_KEY, landing_key, table_key
from orchestration.defs.commune_figures import communes_of_figures
from orchestration.defs.files_aside import refuse_incomplete
from orchestration.defs.refused_steps import refusable
from orchestration.defs.resources import LOCAUX, Reglages
from orchestration.defs.said_of_files import file_rows
from orchestration.defs.standing_draft import forget_draft
from orchestration.partitions import REGISTRY
from quality.secrecy.edition.ledger import publications
from quality.verdicts import blocs_refuses, verdicts
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.cluster.spark_access import shared_units, spark_of_environment
from warehouse.declared.indicator_periods import indicator_periods
from warehouse.declared.sommes import somme_rows
from warehouse.domain.format import nombre
from warehouse.release.build_database import workshops_of_environment
from warehouse.release.loading import declared_tables, load_warehouse
from warehouse.release.promotion import standing_releases, withdrawn_data

#: All landed figures share one schema, hence one table; each reference list has its own, and each
#: file of units is a view over the archive.
MESURES = "mesures"
REFERENCES = [s.id for s in REGISTRY.sources.values() if s.nature == "reference"]
MICRO = [s.id for s in REGISTRY.sources.values() if s.nature == "micro"]
MEASURED = [s.id for s in REGISTRY.sources.values() if s.lands_cells]
#: Whose outlines are measured, beside the perimeters that an EPCI adds.
QUARTIERS = "anct_contours"
#: Table of what is declared or judged → what it holds.
DECLARED = {
    "parametres": "L'édition construite",
    "perimetres": "Les périmètres, dans l'ordre des décrets",
    "relations": "Ce que dit la dernière lettre d'un code de QPV",
    "statuts": "Les statuts d'un chiffre",
    "types_territoire": "Les types de territoire",
    "references_des_types": "À côté de quel territoire chaque type se compare",
    "couvertures": "Quels types de territoire couvre chaque sorte de fichier",
    "plan": "Quelle source donne chaque mesure, ou pourquoi aucune",
    "indicateurs": "Les indicateurs du dictionnaire",
    "termes": "Les termes de leurs formules",
    "periodes_indicateurs": "Les périodes de chaque indicateur, et celles que l'édition choisit",
    "termes_par_periode": "La période de chaque terme, à chaque période de l'indicateur",
    "bases_par_periode": "La période de chaque indicateur mis côte à côte",
    "rapprochements": "Les indicateurs qui mettent deux territoires côte à côte",
    "comparabilites": "Les verdicts de comparaison entre deux périodes",
    "communes": "Les communes sur lesquelles portent des chiffres",
    "communes_changees": "Les quartiers dont ces communes changent entre deux dates",
    "ensembles_complets": "Les ensembles dont tous les QPV sont là",
    "secrets": "Les règles du secret, par bloc",
    "sommes": "Les effectifs qui sont la somme d'autres",
    "publications": "Ce que montrent les publications qui tiennent",
    "nomenclatures": "Les divisions de chaque section de la NAF",
    "anciens_codes": "Les codes de QPV d'une liste précédente",
    "fichiers": "Les fichiers que l'édition nomme, lus ou absents",
    "debuts": "Les manières de commencer le nom d'un territoire",
    "noms": "Les noms déclarés de territoires",
}


def _spec(schema: str, table: str, deps: Sequence[dg.AssetKey], description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        table_key(schema, table), deps=deps, description=description, kinds={"duckdb"}
    )


@dg.multi_asset(
    name="entrepot",
    group_name="entrepot",
    specs=[
        _spec(
            "landing",
            MESURES,
            [*(landing_key(s) for s in MEASURED), PERIODS_KEY],
            "Les chiffres atterris de toutes les sources, inchangés.",
        ),
        *(
            _spec("landing", s, [landing_key(s)], f"{REGISTRY[s].titre} : lignes atterries.")
            for s in [*REFERENCES, *MICRO]
        ),
        *(
            _spec("edition", t, [*map(landing_key, REGISTRY.sources)], f"{said}, en table.")
            for t, said in DECLARED.items()
        ),
        *(
            _spec(
                "geometrie",
                t,
                [landing_key(QUARTIERS), landing_key(LOCAUX)],
                f"Contours mesurés à l'atterrissage : {t}.",
            )
            for t in SCHEMAS
        ),
    ],
)
@refusable
def warehouse_tables(
    context: dg.AssetExecutionContext, reglages: Reglages
) -> Iterator[dg.MaterializeResult]:
    """A fresh build database; the previous one is replaced whole."""
    forget_draft(reglages)
    refuse_cluster_in_workshop()
    plan, layout = reglages.plan, reglages.layout
    edition, dictionary = plan.edition, plan.dictionary
    schemas = {s: schema_of(REGISTRY[s]) for s in REFERENCES} | {MESURES: MESURES_SCHEMA}
    paths: dict[str, list[Path]] = {table: [] for table in schemas}
    complets: set[str] | None = None
    received = reglages.received
    if reglages.strict:
        refuse_incomplete(received.told, received.spared)
    for receipt in received.receipts:
        if receipt.fichiers and not receipt.sur_place:
            path = layout.landed(receipt.source_id, receipt.millesime)
            table = receipt.source_id if receipt.source_id in REFERENCES else MESURES
            paths[table].append(path)
        own = set(receipt.ensembles_complets)
        if "*" not in own:
            complets = own if complets is None else complets & own
    given = received.supplies
    for bloc, judged in blocs_refuses(given):
        say(f"Comparaison refusée, {bloc} : {judged.motif} (règle {judged.regle})")
    known, refused = communes_of_figures(edition, dictionary, given, layout)
    if quarters := {row["code_territoire"] for row in refused}:
        say(f"Comparaison refusée pour {len(quarters)} QPV : autres communes (règle C09)")
    secrets = secret_rows(REGISTRY)
    rows_of_plan = plan_rows(edition, REGISTRY, received.absents, received.put_aside)
    rows = load_warehouse(
        layout.warehouse_db,
        workshops=workshops_of_environment(),
        landed={table: (schema, paths[table]) for table, schema in schemas.items()},
        views=micro_views(received.receipts, layout),
        geometrie=outline_tables(paths[QUARTIERS], paths[LOCAUX]),
        declared=declared_tables(
            dictionary,
            edition,
            plan=rows_of_plan,
            fichiers=file_rows(received),
            comparabilites=verdicts(
                dictionary, edition, given, indicator_periods(dictionary, rows_of_plan)
            ),
            communes=known,
            communes_changees=refused,
            ensembles_complets=["*"] if complets is None else sorted(complets),
            secrets=secrets,
            sommes=somme_rows(REGISTRY.sommes),
            publications=publications(
                standing_releases(layout), dictionary, secrets, withdrawn_data(layout)
            ),
            nomenclatures=nomenclature_rows(),
            anciens_codes=former_rows(REGISTRY, plan.qpv_lists),
        ),
    )
    say(f"Entrepôt : {sum(rows.values())} lignes atterries")
    for table, count in rows.items():
        counted = {"dagster/row_count": count}
        yield dg.MaterializeResult(table_key("landing", table), metadata=counted)
    for table in MICRO:
        yield dg.MaterializeResult(table_key("landing", table))
    for table in DECLARED:
        yield dg.MaterializeResult(table_key("edition", table))
    for table in SCHEMAS:
        yield dg.MaterializeResult(table_key("geometrie", table))


def refuse_cluster_in_workshop() -> None:
    """Counts of a cluster come back to a build's file, which a workshop is not.

    Raises:
        QpvError: the environment says both.
    """
    if spark_of_environment() and workshops_of_environment():
        raise QpvError(
            "une grappe et un atelier sont dits ensemble",
            ou="QPV_SPARK, QPV_ATELIER",
            attendu="l'une ou l'autre : les comptes d'une grappe reviennent dans un fichier",
            faire="ôter QPV_ATELIER pour cette construction (docs/grappe.md)",
        )


def micro_views(found: Sequence[Receipt], layout: Layout) -> dict[str, str]:
    """Micro source → the query over its archived files, over no row where there is none; where a
    cluster counts units, over the partitions that it reads.

    Raises:
        QpvError: two files that are counted together do not hold the same units.
    """
    files = {
        source_id: [
            MicroFile(receipt.millesime, objet_de(layout.archive, f.sha256), f.nom, f.sha256)
            for receipt in found
            if receipt.source_id == source_id
            for f in receipt.fichiers
        ]
        for source_id in MICRO
    }
    for source_id, other, share in refuse_strangers(REGISTRY, files):
        say(f"  {source_id} : {nombre(100 * share, 1)} % de ses unités sont dans {other}")
    if spark_of_environment() is None:
        return {source_id: micro_view(REGISTRY[source_id], own) for source_id, own in files.items()}
    folder, shared = shared_units(layout.units)
    return {
        source_id: partitioned_view(REGISTRY[source_id], own, folder, shared=shared)
        for source_id, own in files.items()
    }
