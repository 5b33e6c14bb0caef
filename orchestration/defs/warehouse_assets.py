"""The build database: landed files and declared truths as the tables that dbt reads."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from ingest.archive import objet_de
from ingest.contours import SCHEMAS, outline_tables
from ingest.former_codes import former_rows
from ingest.landing import MESURES_SCHEMA, schema_of
from ingest.micro import MicroFile, micro_view, refuse_strangers
from ingest.nomenclatures import nomenclature_rows
from ingest.plan import plan_rows, supplies
from ingest.receipts import Receipt
from ingest.secret_rules import secret_rows
from orchestration.checked_dictionary import checked_dictionary
from orchestration.console import say
from orchestration.defs.commune_figures import communes_of_figures
from orchestration.defs.files_aside import refuse_incomplete
from orchestration.defs.landing_assets import (
    absents,
    cannot_serve,
    fingerprint,
    is_fallback,
    landing_key,
    put_aside,
    qpv_lists,
    receipts,
    said_of_file,
    stand_ins,
    stands_in,
)
from orchestration.defs.period_assets import PERIODS_KEY
from orchestration.defs.resources import LOCAUX, Reglages
from orchestration.partitions import REGISTRY
from quality.secrecy.edition.ledger import publications
from quality.verdicts import blocs_refuses, verdicts
from warehouse.domain.format import nombre
from warehouse.release.loading import declared_tables, load_warehouse
from warehouse.release.promotion import standing_releases

#: All landed figures share one schema, hence one table; each reference list has its own, and each
#: file of units is a view over the archive.
MESURES = "mesures"
REFERENCES = [s.id for s in REGISTRY.sources.values() if s.nature == "reference"]
MICRO = [s.id for s in REGISTRY.sources.values() if s.nature == "micro"]
MEASURED = [s.id for s in REGISTRY.sources.values() if s.lands_cells]
#: Whose outlines are measured, beside the perimeters that an EPCI adds.
QUARTIERS = "anct_contours"
DECLARED = (
    "parametres",
    "perimetres",
    "relations",
    "statuts",
    "types_territoire",
    "references_des_types",
    "couvertures",
    "plan",
    "indicateurs",
    "termes",
    "rapprochements",
    "comparabilites",
    "communes",
    "communes_changees",
    "ensembles_complets",
    "secrets",
    "publications",
    "nomenclatures",
    "anciens_codes",
    "fichiers",
    "debuts",
    "noms",
)


def table_key(schema: str, table: str) -> dg.AssetKey:
    """The asset of a table that dbt reads as a source."""
    return dg.AssetKey(["entrepot", schema, table])


@dg.multi_asset(
    name="entrepot",
    group_name="entrepot",
    specs=[
        dg.AssetSpec(
            table_key("landing", MESURES),
            deps=[*(landing_key(s) for s in MEASURED), PERIODS_KEY],
            kinds={"duckdb"},
        ),
        *(
            dg.AssetSpec(table_key("landing", s), deps=[landing_key(s)], kinds={"duckdb"})
            for s in [*REFERENCES, *MICRO]
        ),
        *(
            dg.AssetSpec(table_key("edition", t), deps=[landing_key(s) for s in REGISTRY.sources])
            for t in DECLARED
        ),
        *(
            dg.AssetSpec(
                table_key("geometrie", t), deps=[landing_key(QUARTIERS), landing_key(LOCAUX)]
            )
            for t in SCHEMAS
        ),
    ],
)
def warehouse_tables(
    context: dg.AssetExecutionContext, reglages: Reglages
) -> Iterator[dg.MaterializeResult]:
    """A fresh build database; the previous one is replaced whole."""
    edition, dictionary, layout = reglages.load_edition(), checked_dictionary(), reglages.layout
    schemas = {s: schema_of(REGISTRY[s]) for s in REFERENCES} | {MESURES: MESURES_SCHEMA}
    paths: dict[str, list[Path]] = {table: [] for table in schemas}
    complets: set[str] | None = None
    found = receipts(reglages)
    if reglages.strict:
        refuse_incomplete(found, stand_ins(found, reglages))
    for receipt in found:
        if receipt.fichiers and not receipt.sur_place:
            path = layout.landed(receipt.source_id, receipt.millesime)
            table = receipt.source_id if receipt.source_id in REFERENCES else MESURES
            paths[table].append(path)
        own = set(receipt.ensembles_complets)
        if "*" not in own:
            complets = own if complets is None else complets & own
    given = supplies(edition, REGISTRY, cannot_serve(found))
    for bloc, judged in blocs_refuses(given):
        say(f"Comparaison refusée, {bloc} : {judged.motif} (règle {judged.regle})")
    known, refused = communes_of_figures(edition, dictionary, given, layout)
    if quarters := {row["code_territoire"] for row in refused}:
        say(f"Comparaison refusée pour {len(quarters)} QPV : autres communes (règle C09)")
    secrets = secret_rows(REGISTRY)
    rows = load_warehouse(
        layout.warehouse_db,
        landed={table: (schema, paths[table]) for table, schema in schemas.items()},
        views=micro_views(found, layout.archive),
        geometrie=outline_tables(paths[QUARTIERS], paths[LOCAUX]),
        declared=declared_tables(
            dictionary,
            edition,
            plan=plan_rows(edition, REGISTRY, absents(found), put_aside(found)),
            fichiers=file_rows(reglages),
            comparabilites=verdicts(dictionary, edition, given),
            communes=known,
            communes_changees=refused,
            ensembles_complets=["*"] if complets is None else sorted(complets),
            secrets=secrets,
            publications=publications(standing_releases(layout), dictionary, secrets),
            nomenclatures=nomenclature_rows(),
            anciens_codes=former_rows(REGISTRY, qpv_lists(reglages)),
        ),
    )
    say(f"Entrepôt : {sum(rows.values())} lignes atterries")
    for table, count in rows.items():
        yield dg.MaterializeResult(table_key("landing", table), metadata={"lignes": count})
    for table in MICRO:
        yield dg.MaterializeResult(table_key("landing", table))
    for table in DECLARED:
        yield dg.MaterializeResult(table_key("edition", table))
    for table in SCHEMAS:
        yield dg.MaterializeResult(table_key("geometrie", table))


def micro_views(found: list[Receipt], archive: Path) -> dict[str, str]:
    """Micro source → the query over its archived files, over no row where there is none.

    Raises:
        QpvError: two files that are counted together do not hold the same units.
    """
    files = {
        source_id: [
            MicroFile(receipt.millesime, objet_de(archive, file.sha256), file.nom, file.sha256)
            for receipt in found
            if receipt.source_id == source_id
            for file in receipt.fichiers
        ]
        for source_id in MICRO
    }
    for source_id, other, share in refuse_strangers(REGISTRY, files):
        say(f"  {source_id} : {nombre(100 * share, 1)} % de ses unités sont dans {other}")
    return {source_id: micro_view(REGISTRY[source_id], own) for source_id, own in files.items()}


def file_rows(reglages: Reglages) -> list[dict]:
    """One row per file that the edition names, read or absent, for `dim_source`."""
    rows: list[dict] = []
    found = receipts(reglages)
    spared = stand_ins(found, reglages)
    for receipt in found:
        serves = spared.get((receipt.source_id, receipt.millesime))
        if serves and not is_fallback(receipt.millesime, serves):
            continue
        source = REGISTRY[receipt.source_id]
        edition = source.millesimes[receipt.millesime]
        periods = {p for bloc in edition.periodes for p in edition.periodes_of(bloc)}
        common: dict[str, str | None] = {
            "source_id": source.id,
            "millesime": receipt.millesime,
            "titre": source.titre,
            "producteur": source.producteur,
            "page": edition.page or source.page,
            "licence": source.licence,
            "confiance": "tierce" if receipt.remarque else source.confiance_of(receipt.millesime),
            "periodes": ", ".join(sorted(periods)),
        }
        remarks = [receipt.remarque or source.remarque_of(receipt.millesime)]
        remarks += said_of_file(receipt)
        for file in receipt.fichiers:
            rows.append(
                common
                | {
                    "fichier": file.nom,
                    "sha256": fingerprint(source, file),
                    "etat": "lue",
                    "remarque": " ; ".join(filter(None, remarks)) or None,
                }
            )
        for aside in receipt.ecartes:
            rows.append(
                common
                | {
                    "fichier": aside.nom,
                    "sha256": fingerprint(source, aside),
                    "etat": "ecartee",
                    "remarque": aside.raison,
                }
            )
        if source.facultative:
            continue
        for name, reason in zip(receipt.absents, receipt.raisons, strict=True):
            said = f"{reason} ; {stands_in(serves)}" if serves else reason
            rows.append(
                common | {"fichier": name, "sha256": None, "etat": "absente", "remarque": said}
            )
    return rows
