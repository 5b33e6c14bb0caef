"""What the dbt models declare of the published tables: titles, units, keys, allowed values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from warehouse.domain.perimetres import known_perimeters, relations
from warehouse.domain.statuts import statuts_of_evolutions, statuts_of_levels
from warehouse.domain.types_territoire import published_types

#: What may leave: these tables of schema `marts`, and nothing else.
TABLES = (
    "fct_indicateur",
    "fct_evolution",
    "fct_ecart",
    "fct_position",
    "dim_comparabilite",
    "dim_territoire",
    "dim_indicateur",
    "dim_source",
    "dim_periode",
    "pont_qpv_commune",
    "pont_qpv_epci",
    "pont_perimetre_qpv",
    "pont_qpv_semblable",
    "passage_qpv",
)

#: Table → (description, column → description).
Descriptions = dict[str, tuple[str, dict[str, str]]]

_REF = re.compile(r"ref\('(\w+)'\)")
#: Tables of declared truths: a column that refers to one may hold what is declared.
_DECLARED = {
    "stg_edition__perimetres": known_perimeters,
    "stg_edition__relations": relations,
    "stg_edition__types_territoire": published_types,
    "stg_edition__statuts_de_niveau": statuts_of_levels,
    "stg_edition__statuts": statuts_of_evolutions,
}
#: Empty for what is not a QPV, so in no key: a code of a territory says its perimeter.
_DIT_PAR_LE_CODE = "perimetre"


@dataclass(frozen=True)
class ColumnModel:
    """One column: `valeurs` are the only ones allowed, `vers` the table and column it refers to."""

    titre: str
    description: str
    unite: str | None = None
    requis: bool = False
    valeurs: tuple[str, ...] = ()
    vers: tuple[str, str] | None = None


@dataclass(frozen=True)
class TableModel:
    """One published table; no two rows have the same `cle`."""

    titre: str
    description: str
    cle: tuple[str, ...]
    colonnes: dict[str, ColumnModel] = field(default_factory=dict)


def read_models(
    manifest: Mapping[str, Any], tables: Iterable[str] = TABLES
) -> dict[str, TableModel]:
    """The published tables as dbt's manifest has them.

    What is promised of a column is what dbt checks of it at each build: the `not_null` of its
    contract, its tests `accepted_values`, `relationships` (to a published table, or to a declared
    list of values), `unique`, `cle_unique`.
    """
    tests: dict[str, list[tuple[str, dict]]] = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("test_metadata"):
            said = node["test_metadata"]
            tests.setdefault(node["attached_node"], []).append((said["name"], said["kwargs"]))
    return {
        table: _table(manifest["nodes"][f"model.qpv.{table}"], tests[f"model.qpv.{table}"])
        for table in tables
    }


def descriptions(models: Mapping[str, TableModel]) -> Descriptions:
    """Descriptions alone, as `export_tables` takes them."""
    return {
        table: (model.description, {name: c.description for name, c in model.colonnes.items()})
        for table, model in models.items()
    }


def _table(node: dict, tests: list[tuple[str, dict]]) -> TableModel:
    [cle] = [kwargs["colonnes"] for name, kwargs in tests if name == "cle_unique"] or [
        [kwargs["column_name"]] for name, kwargs in tests if name == "unique"
    ]
    return TableModel(
        titre=node["config"]["meta"]["titre"],
        description=node["description"],
        cle=tuple(name for name in cle if name != _DIT_PAR_LE_CODE),
        colonnes={
            name: _column(column, [t for t in tests if t[1].get("column_name") == name])
            for name, column in node["columns"].items()
        },
    )


def _column(column: dict, tests: list[tuple[str, dict]]) -> ColumnModel:
    said = dict(tests)
    meta = column["config"]["meta"]
    vers = None
    valeurs = tuple(v for v in said.get("accepted_values", {}).get("values", ()) if v)
    if "relationships" in said:
        ref = _REF.fullmatch(said["relationships"]["to"])
        assert ref is not None  # dbt resolves nothing else
        if ref[1] in _DECLARED:
            valeurs = _DECLARED[ref[1]]()
        else:
            vers = (ref[1], said["relationships"]["field"])
    return ColumnModel(
        titre=meta["titre"],
        description=column["description"],
        unite=meta.get("unite"),
        requis="not_null" in {one["type"] for one in column["constraints"]},
        valeurs=valeurs,
        vers=vers,
    )
