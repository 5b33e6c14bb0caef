"""`datapackage.json`: every data file of a release as a Frictionless data package."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.declared.table_models import ColumnModel, TableModel
from warehouse.publication.data_files import DataFile
from warehouse.publication.open_data import LICENCE, LICENCE_PAGE, MOTS_CLES, Publication
from warehouse.release.connect import open_release
from warehouse.release.promotion import write_json

_TYPES = {
    "VARCHAR": "string",
    "DOUBLE": "number",
    "DATE": "date",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "integer",
}


def write_datapackage(release: Path, publication: Publication) -> None:
    """Write it beside the files that it describes, as version 1 of the standard.

    https://specs.frictionlessdata.io/data-package/ : CSV as tabular resources with their schema,
    every other file by its size and fingerprint. `sommes` is ours: which counts are the sum of
    others, by indicator, for whoever checks, masks or adds up.
    """
    with open_release(release) as con:
        types = {table: _types(con, table) for table in publication.modeles}
    write_json(release / "datapackage.json", package(publication, types))


def _types(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {name: _TYPES[kind] for name, kind, *_ in con.execute(f"describe {table}").fetchall()}


def package(publication: Publication, types: dict[str, dict[str, str]]) -> dict:
    """The descriptor.

    Args:
        types: table → column → Frictionless type, in the order of the file.
    """
    p = publication
    home = {"homepage": p.diffusion.lien(p.release_id, "fiches/index.html")}
    return {
        "name": f"qpv-{p.release_id.lower()}",
        "id": p.release_id,
        "title": p.titre,
        "description": p.description,
        **(home if p.diffusion.adresse else {}),
        "version": p.release_id,
        "created": p.creee_le.isoformat(timespec="seconds"),
        "edition": p.edition,
        "temporal": {"start": _day(p.debut), "end": _day(p.fin)},
        "keywords": list(MOTS_CLES),
        "profile": "data-package",
        "licenses": [{"name": "etalab-2.0", "path": LICENCE_PAGE, "title": LICENCE}],
        "contributors": _contributors(p),
        "sources": [
            {"title": s.titre, "path": s.page, "producteur": s.producteur, "licence": s.licence}
            for s in p.sources
        ],
        **({"sommes": p.sommes} if p.sommes else {}),
        "resources": [_resource(file, p.modeles, types) for file in p.fichiers],
    }


def _contributors(p: Publication) -> list[dict]:
    editor = p.diffusion.editeur
    said = {"title": editor.nom, "role": "publisher", "path": editor.page, "email": editor.courriel}
    names = dict.fromkeys(s.producteur for s in p.sources)
    return [
        {key: value for key, value in said.items() if value},
        *({"title": name, "role": "author"} for name in names),
    ]


def _resource(
    file: DataFile, models: dict[str, TableModel], types: dict[str, dict[str, str]]
) -> dict:
    table = file.table if file.format == "csv" else None
    resource: dict[str, object] = {
        "name": table or file.chemin.lower().replace("/", "-"),
        "type": "table" if table else "file",
        "path": file.chemin,
        "title": file.titre,
        "description": file.description,
        "format": file.format,
        "mediatype": file.mediatype,
        "bytes": file.octets,
        "hash": f"sha256:{file.sha256}",
    }
    if table:
        resource |= {
            "profile": "tabular-data-resource",
            "encoding": "utf-8",
            "dialect": {"delimiter": ",", "header": True},
            "schema": _schema(models[table], models, types[table]),
        }
    return resource


def _schema(model: TableModel, models: dict[str, TableModel], types: dict[str, str]) -> dict:
    columns = model.colonnes
    schema = {
        "fields": [_field(name, kind, columns[name]) for name, kind in types.items()],
        "missingValues": [""],
    }
    # The standard wants every column of a primary key filled; `uniqueKeys` takes an empty one.
    if all(columns[name].requis for name in model.cle):
        schema["primaryKey"] = list(model.cle)
    else:
        schema["uniqueKeys"] = [list(model.cle)]
    keys = [
        {"fields": [name], "reference": {"resource": table, "fields": [target]}}
        for name, (table, target) in ((n, c.vers) for n, c in columns.items() if c.vers)
        if table in models
    ]
    return schema | ({"foreignKeys": keys} if keys else {})


def _field(name: str, kind: str, column: ColumnModel) -> dict:
    constraints: dict[str, object] = {"required": True} if column.requis else {}
    if column.valeurs:
        constraints["enum"] = list(column.valeurs)
    return {
        "name": name,
        "type": kind,
        "title": column.titre,
        "description": column.description,
        **({"unit": column.unite} if column.unite else {}),
        **({"constraints": constraints} if constraints else {}),
    }


def _day(day: object) -> str | None:
    return None if day is None else str(day)
