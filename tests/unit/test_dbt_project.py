"""The dbt project says who owns what, who may read it, and who reads the published tables."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import duckdb
import pytest
from jinja2 import Template

from orchestration.defs.dbt_manifest import ensure_manifest
from warehouse.base.layout import DBT_PROJECT, REPO
from warehouse.declared.table_models import TABLES

#: Exposure → where the code that it stands for names the tables that it reads.
READERS = {
    "fiches": "warehouse/publication/fiches",
    "explorateur": "warehouse/publication/explorer",
    "classeurs": "warehouse/publication/classeurs",
}


@cache
def manifest() -> dict:
    return json.loads(ensure_manifest().read_text(encoding="utf-8"))


def models() -> dict[str, dict]:
    nodes = manifest()["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] == "model"}


def read_by(name: str) -> set[str]:
    """The models that read one."""
    wanted = models()[name]["unique_id"]
    return {m for m, node in models().items() if wanted in node["depends_on"]["nodes"]}


def test_an_intermediate_model_is_of_the_group_of_its_folder() -> None:
    seen = {n: m for n, m in models().items() if m["schema"] == "intermediate"}
    assert len(seen) > 30
    for name, model in seen.items():
        assert name.startswith("int_")
        assert model["config"]["group"] == Path(model["original_file_path"]).parent.name, name
    groups = {group["name"]: group for group in manifest()["groups"].values()}
    assert groups.keys() == {model["config"]["group"] for model in seen.values()}
    assert all(group["owner"]["name"] for group in groups.values())


def test_what_one_folder_alone_reads_is_private_to_it() -> None:
    for name, model in models().items():
        if model["schema"] == "intermediate":
            own = model["config"]["group"]
            others = {n for n in read_by(name) if models()[n]["config"].get("group") != own}
            assert model["config"]["access"] == ("protected" if others else "private"), name


def test_no_model_reads_the_masks_but_those_of_secrecy() -> None:
    assert models()["int_masques"]["config"]["access"] == "private"
    assert read_by("int_masques") == {"int_mesures_montrees", "int_secrets"}


def exposed(name: str) -> set[str]:
    """The tables that an exposure says it reads."""
    found = manifest()["exposures"][f"exposure.qpv.{name}"]
    assert found["owner"]["name"]
    return {node.rpartition(".")[2] for node in found["depends_on"]["nodes"]}


def test_open_data_are_the_published_tables_and_each_reader_is_an_exposure() -> None:
    assert exposed("donnees_ouvertes") == set(TABLES)
    assert {name.rpartition(".")[2] for name in manifest()["exposures"]} == {
        *READERS,
        "donnees_ouvertes",
    }


@pytest.mark.parametrize("name", READERS)
def test_an_exposure_says_every_table_that_its_code_names(name: str) -> None:
    place = REPO / READERS[name]
    files = [place] if place.is_file() else sorted(place.glob("*.py"))
    words = {w for f in files for w in re.findall(r"\w+", f.read_text(encoding="utf-8"))}
    assert words & set(TABLES) <= exposed(name)


#: Rows of a table of two columns → keys that `cle_unique` refuses, where `b` may be empty or not.
KEYS = [
    ([("x", "1"), ("x", "2")], 0, 0),
    ([("x", "1"), ("x", "1")], 1, 1),
    ([("x", None), ("y", "1")], 1, 0),
    ([("x", None), ("x", None)], 1, 1),
    ([(None, "1")], 1, 1),
]


@pytest.mark.parametrize(("rows", "strict", "loose"), KEYS)
def test_a_key_is_there_once_and_has_no_hole(rows: list[tuple], strict: int, loose: int) -> None:
    text = (DBT_PROJECT / "tests/generic/cle_unique.sql").read_text(encoding="utf-8")
    body = text.split("%}", 1)[1].replace("{% endtest %}", "")
    with duckdb.connect() as con:
        con.execute("create table t (a varchar, b varchar)")
        con.executemany("insert into t values (?, ?)", rows)
        for vides, wanted in ((None, strict), (["b"], loose)):
            query = Template(body).render(model="t", colonnes=["a", "b"], vides=vides)
            assert len(con.execute(query).fetchall()) == wanted
