"""The nouns of the domain as the tables that dbt reads, in schema `edition`. Declares nothing."""

from __future__ import annotations

import pyarrow as pa

from warehouse.domain.names import load_names
from warehouse.domain.perimetres import perimetres
from warehouse.domain.statuts import DIFFUSE, statuts
from warehouse.domain.types_territoire import (
    coverages,
    pairs_with_references,
    published_types,
    types_territoire,
)

_TEXT, _BOOL = pa.string(), pa.bool_()
#: Published types only.
TYPES_SCHEMA = pa.schema(
    [
        ("type_territoire", _TEXT),
        ("rang", pa.int32()),
        ("libelle", _TEXT),
        ("prefixe", _TEXT),
        ("nom", _TEXT),
        ("nom_de", _TEXT),
        ("parent", _TEXT),
        ("ensemble", _TEXT),
        ("tout", _TEXT),
        ("hors", _TEXT),
        ("reunit", _TEXT),
        ("membres_entiers", _BOOL),
        ("membres_minimum", pa.int32()),
        ("plusieurs", _TEXT),
        ("est_entier", _BOOL),
        ("par_perimetre", _BOOL),
        ("epars", _BOOL),
    ]
)
#: A type, and a whole that its territories are set beside.
REFERENCES_SCHEMA = pa.schema([("type_territoire", _TEXT), ("reference", _TEXT)])
#: What the keys of a file name, and a type that its rows are about.
COUVERTURES_SCHEMA = pa.schema([("couvre", _TEXT), ("type_territoire", _TEXT), ("complete", _BOOL)])
#: `est_de_niveau`: not of an evolution alone.
STATUTS_SCHEMA = pa.schema([("statut", _TEXT), ("est_absence", _BOOL), ("est_de_niveau", _BOOL)])
PERIMETRES_SCHEMA = pa.schema([("perimetre", _TEXT), ("prefixe", _TEXT), ("precedent", _TEXT)])
#: What the last letter of a code says, where it says something.
RELATIONS_SCHEMA = pa.schema([("perimetre", _TEXT), ("lettre", _TEXT), ("relation", _TEXT)])


def domain_tables() -> dict[str, pa.Table]:
    """Name of each table → its rows, as declared."""
    rows: dict[str, tuple[pa.Schema, list[dict]]] = {
        "types_territoire": (TYPES_SCHEMA, _types()),
        "references_des_types": (
            REFERENCES_SCHEMA,
            [{"type_territoire": t, "reference": r} for t, r in pairs_with_references()],
        ),
        "couvertures": (
            COUVERTURES_SCHEMA,
            [
                {"couvre": cle, "type_territoire": code, "complete": complete}
                for cle, code, complete in coverages()
            ],
        ),
        "statuts": (
            STATUTS_SCHEMA,
            [
                {
                    "statut": code,
                    "est_absence": code != DIFFUSE,
                    "est_de_niveau": not one.evolution_seule,
                }
                for code, one in statuts().items()
            ],
        ),
        "perimetres": (
            PERIMETRES_SCHEMA,
            [
                {"perimetre": code, "prefixe": one.prefixe, "precedent": one.precedent}
                for code, one in perimetres().items()
            ],
        ),
        "relations": (
            RELATIONS_SCHEMA,
            [
                {"perimetre": code, "lettre": letter, "relation": relation}
                for code, one in perimetres().items()
                for letter, relation in one.lettres.items()
            ],
        ),
    }
    tables = {n: pa.Table.from_pylist(own, schema=schema) for n, (schema, own) in rows.items()}
    return tables | load_names().tables()


def _types() -> list[dict]:
    types = types_territoire()
    return [
        {
            "type_territoire": code,
            "rang": rank,
            "est_entier": types[code].entier,
            **types[code].model_dump(include=set(TYPES_SCHEMA.names)),
        }
        for rank, code in enumerate(published_types())
    ]
