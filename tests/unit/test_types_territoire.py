"""The types of territory are declared once: each code has one type, each reader the same list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from ingest.trust import Portee, niveau_of
from quality.plausibility.tables import _kind
from tests.conftest import REPO
from warehouse.declared.comparability import EcartMinimal
from warehouse.domain.types_territoire import (
    code_pattern,
    published_types,
    sets,
    type_of,
    types_territoire,
    wholes,
)

CODES = {
    "QP059050": "qpv",
    "QN05920M": "qpv",
    "QP02A001": "qpv",
    "QPV@EPCI:200042190": "qpv_epci",
    "QPV@DEP:2A": "qpv_departement",
    "QPV@FRMETRO": "qpv_france",
    "QPV@INSEE": "qpv_producteur",
    "EPCI:200042190": "epci",
    "DEP:974": "departement",
    "FRMETRO": "france",
    "LOC:P-1": "perimetre_local",
    "COM:2A004": "commune",
}


@pytest.mark.parametrize(("code", "kind"), CODES.items())
def test_a_code_tells_its_type(code: str, kind: str) -> None:
    assert type_of(code) == kind
    assert re.fullmatch(code_pattern(), code)


def test_every_type_has_a_code_here_and_nothing_else_is_one() -> None:
    assert set(CODES.values()) == types_territoire().keys()
    assert type_of("REG:32") is None
    for wrong in ("QP5905", "EPCI:12", "QPV@EPCI:2000421901", "DEP:", "REG:32", "LOC:", "COM:1"):
        assert not re.fullmatch(code_pattern(), wrong), wrong


def test_what_is_compared_to_quarters_is_not_a_set_of_them() -> None:
    assert not set(sets()) & set(wholes())
    assert {*sets(), *wholes()} < set(published_types())


def test_the_marts_accept_the_declared_types() -> None:
    said = (REPO / "dbt_project/models/marts/_models.yml").read_text(encoding="utf-8")
    lists = re.findall(r"accepted_values: \{arguments: \{values: \[(qpv, [^\]]+)\]", said)
    assert len(lists) == 3
    assert {tuple(one.split(", ")) for one in lists} == {published_types()}


def test_no_label_of_a_type_is_written_elsewhere() -> None:
    labels = [one.libelle for one in types_territoire().values() if " " in one.libelle]
    folders = ("ingest", "quality", "orchestration", "warehouse")
    files: list[Path] = [
        p for f in folders for p in (REPO / f).rglob("*") if p.suffix in (".py", ".js")
    ]
    assert len(files) > 200
    texts = {path: path.read_text(encoding="utf-8") for path in files if "vendor" not in path.parts}
    assert [
        (p.name, one) for p, text in texts.items() for one in labels if f'"{one}"' in text
    ] == []


def test_a_level_that_no_file_names_and_a_type_that_nothing_publishes_are_refused() -> None:
    for unknown in ("qpv_producteur", "perimetre_local", "region"):
        with pytest.raises(ValidationError, match="niveau inconnu"):
            Portee(millesimes=["2020"], niveaux=[unknown])
    with pytest.raises(ValidationError, match="type de territoire inconnu"):
        EcartMinimal(annees=5, document="d", portee=["commune"])


@pytest.mark.parametrize("code", ["QP059050", "QPV@INSEE", "LOC:P1"])
def test_a_refusal_of_quarters_holds_for_what_is_made_of_them(code: str) -> None:
    assert niveau_of(code) == "qpv"


@pytest.mark.parametrize("code", ["LOC:P1", "COM:59172", "QUARTIER", "REG:32"])
def test_a_printed_territory_that_no_rule_compares_is_told(code: str) -> None:
    assert _kind(code) == "autre"
