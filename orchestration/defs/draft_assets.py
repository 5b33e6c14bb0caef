"""The draft, cut into its parts: each may be made again on the draft that stands.

What a part is made from and which files are its own: `warehouse.publication.parts`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from ingest.never_read import levels_never_read, never_read
from orchestration.console import bar, say
from orchestration.defs.asset_keys import MART_KEYS, PLAUSIBILITE_KEY, part_key
from orchestration.defs.dbt_manifest import MANIFEST
from orchestration.defs.refused_steps import refusable
from orchestration.defs.resources import Reglages
from orchestration.defs.run_reports import due, read_findings
from orchestration.defs.standing_draft import begun, without
from orchestration.partitions import REGISTRY
from orchestration.sheet_words import attendus, ouverts
from quality.secrecy.edition.ledger import mesure_of
from warehouse.declared.dictionary import Dictionary
from warehouse.declared.diffusion import load_diffusion
from warehouse.declared.sommes import somme_rows, told_sums
from warehouse.declared.table_models import TableModel, descriptions, read_models
from warehouse.publication.carte import write_map
from warehouse.publication.catalogue import write_catalogue
from warehouse.publication.changelog import write_changelog
from warehouse.publication.classeurs.write import About, write_workbooks
from warehouse.publication.contrats.pages import CommandeDeContrats, render_contrats
from warehouse.publication.datapackage import write_datapackage
from warehouse.publication.dictionary_html import PAGE as DICTIONNAIRE
from warehouse.publication.dictionary_html import write_dictionary
from warehouse.publication.dictionary_page import (
    interdits_en_mots,
    jamais_lus_en_mots,
    niveaux_en_mots,
)
from warehouse.publication.explorer.build import PAGE, write_explorer
from warehouse.publication.export import export_tables
from warehouse.publication.fiches.render import render_fiches
from warehouse.publication.fiches.textes import CHIFFRES_CLES, STATUTS
from warehouse.publication.lieux import CHEMIN as LIEUX
from warehouse.publication.lieux import write_places
from warehouse.publication.open_data import describe
from warehouse.publication.parts import DESCRIPTEURS, PARTS, TABLES, first_fiche
from warehouse.publication.profils.impression import CommandeDeFeuilles, render_feuilles
from warehouse.publication.spreadsheet_tables import write_spreadsheet_tables
from warehouse.release.promotion import Draft, standing_releases

_RANKS = {part: rank for rank, part in enumerate(PARTS)}


def _part(nom: str, kind: str, description: str) -> Callable[..., dg.AssetsDefinition]:
    """The asset of a part, after the parts that it is made from, in the order of `PARTS`."""
    deps = [part_key(source) for source in PARTS[nom].depuis]
    asset = dg.asset(
        key=part_key(nom),
        deps=deps or [*MART_KEYS, PLAUSIBILITE_KEY],
        group_name="publication",
        description=description,
        kinds={"python", kind},
        # Those that wait for the same part are made in one order, for who reads the progress.
        op_tags={"dagster/priority": str(-_RANKS[nom])},
    )
    return lambda work: asset(refusable(work))


@_part(TABLES, "duckdb", "Commence un brouillon : les quatorze tables, en DuckDB, Parquet et CSV.")
def draft_tables(reglages: Reglages) -> dg.MaterializeResult:
    with begun(reglages) as draft:
        rows = export_tables(reglages.layout.warehouse_db, draft.path, descriptions(_models()))
    say(f"Tables : {rows['fct_indicateur']} chiffres, {rows['fct_evolution']} évolutions")
    return _made(draft, **rows)


@_part("tableaux", "csv", "Pour un tableur : une rubrique par fichier, une ligne par territoire.")
def draft_spreadsheet_tables(reglages: Reglages) -> dg.MaterializeResult:
    with without("tableaux", reglages) as draft:
        written = write_spreadsheet_tables(draft.path)
    return _made(draft, **written)


@_part("carte", "geojson", "Contours des QPV, avec leurs chiffres clés, et des lieux où ils sont.")
def draft_map(reglages: Reglages) -> dg.MaterializeResult:
    build, perimetre = reglages.layout.warehouse_db, reglages.plan.edition.perimetre
    with without("carte", reglages) as draft:
        quarters = write_map(build, draft.path, CHIFFRES_CLES, perimetre)
        places = write_places(build, draft.path)
    say(f"Contours : {quarters} QPV, {places} communes et EPCI")
    return _made(draft, contours=quarters, lieux=places)


@_part("journal", "markdown", "Ce que cette publication change de celle d'avant.")
def draft_changelog(reglages: Reglages) -> dg.MaterializeResult:
    with without("journal", reglages) as draft:
        about = {"release_id": draft.release_id, "edition": reglages.plan.edition.id}
        changes = write_changelog(draft.path, standing_releases(reglages.layout), about)
    if changes is None:
        return _made(draft, precedente="aucune")
    counts = ", ".join(f"{nature} {count}" for nature, count in changes.totaux.items())
    earlier = changes.precedente["release_id"]
    say(f"Changements depuis {earlier} : {counts}")
    return _made(draft, precedente=earlier, **changes.totaux)


@_part("fiches", "html", "Une fiche par QPV, par EPCI et par périmètre local, HTML et PDF.")
def draft_fiches(reglages: Reglages) -> dg.MaterializeResult:
    with without("fiches", reglages) as draft:
        expected = attendus(due(reglages, draft))
        opened = ouverts(read_findings(reglages.layout))
        told = render_contrats(
            CommandeDeContrats(
                draft.path / "qpv.duckdb",
                draft.path / "fiches",
                reglages.plan.edition,
                draft.release_id,
                reglages.load_contrats(),
                precedentes=standing_releases(reglages.layout),
                ouverts=opened,
                pdf=reglages.documents,
            )
        )
        order = CommandeDeFeuilles(
            draft.path / "qpv.duckdb",
            draft.path / "fiches",
            reglages.plan.dictionary,
            reglages.plan.edition,
            draft.release_id,
            None,
            reglages.documents,
            None,
            PAGE,
            expected,
            opened,
            told,
        )
        with bar("Fiches") as advance:
            sheets = render_feuilles(order, advance)
        with bar("Annexes") as advance:
            index, *long = render_fiches(
                order.db,
                order.out,
                dictionary=order.dictionary,
                edition=order.edition,
                release_id=draft.release_id,
                progress=advance,
                explorateur=PAGE,
                pdf=reglages.documents and reglages.annexes,
                attendus=expected,
            )
    return _made(
        draft,
        fiches=len(sheets),
        annexes=len(long),
        contrats=len(told),
        sommaire=index,
        premiere_fiche=first_fiche(draft.path),
    )


@_part("explorateur", "html", "La page qui cherche, compare et dessine la carte.")
def draft_explorer(reglages: Reglages) -> dg.MaterializeResult:
    with without("explorateur", reglages) as draft:
        page = write_explorer(
            draft.path / "qpv.duckdb",
            draft.path / "fiches",
            edition=reglages.plan.edition,
            release_id=draft.release_id,
            contours=draft.path / "tables" / "contours.geojson",
            lieux=draft.path / LIEUX,
            limites=reglages.received.limits,
            classeurs=reglages.documents,
        )
    return _made(draft, page=page)


@_part("classeurs", "excel", "Un classeur xlsx par EPCI.")
def draft_workbooks(reglages: Reglages) -> dg.MaterializeResult:
    with without("classeurs", reglages) as draft:
        if not reglages.documents:
            return _made(draft, classeurs=0)
        about = About(draft.release_id, reglages.plan.edition.titre, datetime.now(UTC))
        means = {statut: text for statut, (_, text) in STATUTS.items()}
        with bar("Classeurs") as advance:
            books = write_workbooks(draft.path, about, means, advance)
    return _made(draft, classeurs=len(books))


def _counts(dictionary: Dictionary) -> dict[str, str]:
    """Mesure → the published indicator that is this count."""
    shown = {code: i for code, i in dictionary.indicateurs.items() if i.publier}
    return {mesure: code for code, i in shown.items() if (mesure := mesure_of(i))}


@_part(DESCRIPTEURS, "json", "Data package, catalogue et dictionnaire : ce qu'est chaque fichier.")
def draft_descriptors(reglages: Reglages) -> dg.MaterializeResult:
    with without(DESCRIPTEURS, reglages) as draft:
        publication = describe(
            draft.path,
            release_id=draft.release_id,
            edition=reglages.plan.edition,
            creee_le=datetime.now(UTC),
            modeles=_models(),
            diffusion=load_diffusion(),
            sommes=told_sums(somme_rows(REGISTRY.sommes), _counts(reglages.plan.dictionary)),
        )
        write_datapackage(draft.path, publication)
        write_catalogue(draft.path, publication)
        said = interdits_en_mots(reglages.received.limits)
        dictionary = reglages.plan.dictionary
        unread = jamais_lus_en_mots(dictionary, never_read(REGISTRY))
        beside = niveaux_en_mots(dictionary, levels_never_read(REGISTRY))
        write_dictionary(draft.path, publication, dictionary, said, unread, beside)
    page = draft.path / DICTIONNAIRE
    return _made(draft, fichiers=len(publication.fichiers), dictionnaire=page)


def _made(draft: Draft, **said: int | str | Path | None) -> dg.MaterializeResult:
    """What a part says of itself; files by their place in the draft, which takes another name."""
    told = {
        name: one.relative_to(draft.path).as_posix() if isinstance(one, Path) else one
        for name, one in said.items()
    }
    return dg.MaterializeResult(metadata={"release": draft.release_id, **told})


def _models() -> dict[str, TableModel]:
    return read_models(json.loads(MANIFEST.read_text(encoding="utf-8")))


draft_parts = [
    draft_tables,
    draft_spreadsheet_tables,
    draft_map,
    draft_changelog,
    draft_fiches,
    draft_explorer,
    draft_workbooks,
    draft_descriptors,
]
