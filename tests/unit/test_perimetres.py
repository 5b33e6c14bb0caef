"""The perimeters of QPV are declared once: codes, order and letters are read from there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

import warehouse.domain.perimetres as module
from orchestration.defs.dbt_manifest import ensure_manifest
from tests.fixtures.altered_yaml import refusal
from tests.module_map import product_files
from warehouse.declared.table_models import read_models
from warehouse.domain.perimetres import (
    CodeDePerimetre,
    PerimetreOuVide,
    known_perimeters,
    neighbour,
    perimeter_of,
    relation_of,
    relations,
    relations_of,
    starts_anew,
)
from warehouse.release.domain_tables import domain_tables


@pytest.mark.parametrize(
    ("code", "perimetre", "letter"),
    [
        ("QP059050", "2015", ""),
        ("QP02A001", "2015", ""),
        ("QN05920M", "2024", "M"),
        ("QN02A01I", "2024", "I"),
    ],
)
def test_a_code_tells_its_perimeter_and_its_relation(
    code: str, perimetre: str, letter: str
) -> None:
    assert perimeter_of(code) == perimetre
    assert relation_of(code, perimetre) == letter
    assert letter in relations_of(perimetre)


@pytest.mark.parametrize("code", ["QP05905", "QN059201", "EPCI:200042190", "QX059050", ""])
def test_what_is_no_code_of_a_quarter_has_no_perimeter(code: str) -> None:
    assert perimeter_of(code) is None


def test_each_is_set_beside_the_one_that_it_replaced() -> None:
    assert [starts_anew(p) for p in known_perimeters()] == [False, True]
    assert [neighbour(p) for p in ("2015", "2024", "")] == ["2024", "2015", None]


def test_the_marts_accept_the_declared_perimeters_and_relations() -> None:
    models = read_models(json.loads(ensure_manifest().read_text(encoding="utf-8")))
    columns = [m.colonnes["perimetre"] for m in models.values() if "perimetre" in m.colonnes]
    assert len(columns) == 9
    assert {c.valeurs for c in columns} == {known_perimeters()}
    assert models["passage_qpv"].colonnes["relation"].valeurs == relations()


def test_dbt_is_given_what_each_replaced_and_what_its_letters_say() -> None:
    given = domain_tables()
    assert {r["perimetre"]: r["precedent"] for r in given["perimetres"].to_pylist()} == {
        "2015": None,
        "2024": "2015",
    }
    letters = {(r["perimetre"], r["lettre"]) for r in given["relations"].to_pylist()}
    assert letters == {("2024", letter) for letter in "IMN"}


def test_an_unknown_perimeter_is_refused_and_an_empty_one_where_it_may_be() -> None:
    for kind in (CodeDePerimetre, PerimetreOuVide):
        with pytest.raises(ValidationError, match="périmètre inconnu ; un de : 2015, 2024"):
            TypeAdapter(kind).validate_python("2030")
    assert TypeAdapter(PerimetreOuVide).validate_python("") == ""
    with pytest.raises(ValidationError):
        TypeAdapter(CodeDePerimetre).validate_python("")


@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        ('    precedent: "2015"\n', "", "périmètre attendu : ici '2015'"),
        ('    precedent: "2015"\n', '    precedent: "2010"\n', "périmètre attendu : ici '2015'"),
        ("    prefixe: QP\n", "    prefixe: QP\n    lettres: {I: a}\n", "le premier ne suit"),
        ("lettres: {I:", "lettres: {II:", "perimetres.2024.lettres"),
    ],
)
def test_perimeters_out_of_order_are_refused(
    line: str, wrong: str, said: str, tmp_path: Path
) -> None:
    assert said in refusal(module.FICHIER, module._Perimetres, line, wrong, tmp_path)


def test_no_python_names_a_perimeter() -> None:
    literal = re.compile(rf"[\"'](?:{'|'.join(known_perimeters())})[\"']")
    assert [p for p in product_files(".py") if literal.search(p.read_text("utf-8"))] == []
