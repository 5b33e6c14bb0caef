"""The data files of a release, with what each is, its size and its fingerprint. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from warehouse.declared.dictionary import load_dictionary
from warehouse.declared.table_models import TableModel
from warehouse.publication.spreadsheet_tables import RUBRIQUES
from warehouse.release.connect import open_release
from warehouse.release.reader import Reader
from warehouse.release.seal import digest

#: Ending → media type and name among the file types of the Publications Office of the EU.
_FORMATS = {
    "csv": ("text/csv", "CSV"),
    "duckdb": ("application/octet-stream", "OCTET"),
    "geojson": ("application/geo+json", "GEOJSON"),
    "json": ("application/json", "JSON"),
    "parquet": ("application/vnd.apache.parquet", "PARQUET"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
}
#: What is not a table: title and description, for the files that the release has.
_AUTRES = {
    "qpv.duckdb": (
        "Base DuckDB",
        "Les quatorze tables dans un seul fichier, descriptions comprises.",
    ),
    "tables/contours.geojson": (
        "Contours (GeoJSON)",
        "Contours des QPV (WGS 84) et leurs chiffres clés, chacun avec son statut.",
    ),
    "tables/contours.parquet": (
        "Contours (GeoParquet)",
        "Contours des QPV (WGS 84) et leurs chiffres clés, chacun avec son statut.",
    ),
    "tables/lieux.geojson": (
        "Communes et EPCI (GeoJSON)",
        "Contours simplifiés (WGS 84) des communes et des EPCI qui ont un quartier, pour un fond"
        " de carte : IGN, Admin Express, Licence Ouverte 2.0.",
    ),
    "tables/tableau_large.csv": (
        "Tableau large (CSV)",
        "Une ligne par territoire, une colonne par indicateur et sa période mise en avant ; une"
        " case vide n'est pas diffusée, fct_indicateur dit pourquoi.",
    ),
    "tables/tableau_large.parquet": (
        "Tableau large (Parquet)",
        "Une ligne par territoire, une colonne par indicateur et sa période mise en avant ; une"
        " case vide n'est pas diffusée, fct_indicateur dit pourquoi.",
    ),
    "tables/tableau_large_colonnes.csv": (
        "Colonnes du tableau large",
        "Ce qu'est chaque colonne : indicateur, unité, période, sources et citation.",
    ),
    "fiches/jsonstat.json": (
        "Chiffres des fiches (JSON-stat 2.0)",
        "Collection : un jeu par quartier et par EPCI, territoire × indicateur × période, avec le"
        " statut de chaque case ; ce que les fiches montrent, pour R et JavaScript.",
    ),
    "changements.parquet": (
        "Changements",
        "Chaque chiffre ajouté, révisé, retiré ou masqué depuis la publication précédente.",
    ),
    "changelog.json": (
        "Journal des changements",
        "Fichiers, indicateurs et révisions depuis la publication précédente.",
    ),
}


@dataclass(frozen=True)
class DataFile:
    """One file: its path from the release's folder, its size in bytes and its sha256.

    `table`: the table that it holds whole. `type_europeen`: its format's name in the EU's list.
    """

    chemin: str
    titre: str
    description: str
    format: str
    mediatype: str
    type_europeen: str
    octets: int
    sha256: str
    table: str | None = None


def data_files(release: Path, models: Mapping[str, TableModel]) -> list[DataFile]:
    """Tables as CSV and Parquet, the database, then what else the release holds as data."""
    found = []
    for table, model in models.items():
        for ending in ("csv", "parquet"):
            path = release / "tables" / f"{table}.{ending}"
            titre = f"{model.titre} ({'CSV' if ending == 'csv' else 'Parquet'})"
            found.append(_file(release, path, titre, model.description, table))
    for name, (titre, said) in _AUTRES.items():
        if (release / name).is_file():
            found.append(_file(release, release / name, titre, said))
    questions = {r.rubrique: r.question for r in load_dictionary().rubriques}
    for path in sorted((release / RUBRIQUES).glob("*.csv")):
        titre = f"Chiffres diffusés : {questions.get(path.stem, path.stem)}"
        said = "Les indicateurs de cette rubrique à toutes leurs périodes, chiffres diffusés seuls."
        found.append(_file(release, path, titre, said))
    classeurs = sorted((release / "classeurs").glob("*.xlsx"))
    names = _epci_names(release) if classeurs else {}
    for path in classeurs:
        titre = f"Classeur : {names[path.stem]}"
        said = "Chiffres, évolutions, définitions et sources d'un EPCI et de ses QPV."
        found.append(_file(release, path, titre, said))
    return found


def _epci_names(release: Path) -> dict[str, str]:
    """SIREN → the name of each EPCI of the release."""
    with open_release(release) as con:
        return {t.epci: t.libelle for t in Reader(con).territoires(types=["epci"])}


def _file(
    release: Path, path: Path, titre: str, description: str, table: str | None = None
) -> DataFile:
    ending = path.suffix[1:]
    mediatype, european = _FORMATS[ending]
    return DataFile(
        chemin=path.relative_to(release).as_posix(),
        titre=titre,
        description=description,
        format=ending,
        mediatype=mediatype,
        type_europeen=european,
        octets=path.stat().st_size,
        sha256=digest(path),
        table=table,
    )
