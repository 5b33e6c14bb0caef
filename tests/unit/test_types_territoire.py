"""The types of territory are declared once: each code has one type, each reader the same list."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

import warehouse.domain.types_territoire as types_module
from ingest.trust import Portee, niveau_of
from orchestration.defs.dbt_manifest import ensure_manifest
from quality.plausibility.tables import _kind
from tests.fixtures.altered_yaml import refusal
from tests.module_map import product_files
from warehouse.declared.comparability import EcartMinimal
from warehouse.declared.table_models import read_models
from warehouse.domain.types_territoire import (
    code_pattern,
    published_types,
    sets,
    type_of,
    types_territoire,
    whole_of,
    wholes,
    without,
)
from warehouse.release.domain_tables import domain_tables

CODES = {
    "QP059050": "qpv",
    "QN05920M": "qpv",
    "QP02A001": "qpv",
    "QPV@COM:59172": "qpv_commune",
    "QPV@EPCI:200042190": "qpv_epci",
    "QPV@DEP:2A": "qpv_departement",
    "QPV@REG:32": "qpv_region",
    "QPV@FRMETRO": "qpv_france",
    "QPV@INSEE": "qpv_producteur",
    "EPCI:200042190": "epci",
    "HORSQPV@EPCI:200042190": "epci_hors_qpv",
    "DEP:974": "departement",
    "UU:59701": "unite_urbaine",
    "REG:32": "region",
    "EPCI_QPV@FRMETRO": "epci_avec_qpv",
    "FRMETRO": "france",
    "FR": "france_entiere",
    "LOC:P-1": "perimetre_local",
    "COM:2A004": "commune",
    "IRIS:2A0040101": "iris",
}


@pytest.mark.parametrize(("code", "kind"), CODES.items())
def test_a_code_tells_its_type(code: str, kind: str) -> None:
    assert type_of(code) == kind
    assert re.fullmatch(code_pattern(), code)


def test_every_type_has_a_code_here_and_nothing_else_is_one() -> None:
    assert set(CODES.values()) == types_territoire().keys()
    assert type_of("ZE:32") is None
    for wrong in ("QP5905", "EPCI:12", "QPV@EPCI:2000421901", "DEP:", "REG:320", "LOC:", "COM:1"):
        assert not re.fullmatch(code_pattern(), wrong), wrong


def test_what_is_compared_to_quarters_is_not_a_set_of_them() -> None:
    assert not set(sets()) & set(wholes())
    assert {*sets(), *wholes()} < set(published_types())


def test_the_marts_accept_the_declared_types() -> None:
    models = read_models(json.loads(ensure_manifest().read_text(encoding="utf-8")))
    columns = [
        m.colonnes["type_territoire"] for m in models.values() if "type_territoire" in m.colonnes
    ]
    assert len(columns) == 5
    for column in columns:
        assert column.valeurs == published_types()
        assert column.vers is None


def test_dbt_is_given_what_a_type_is_and_what_is_never_published_is_not_of_it() -> None:
    given = domain_tables()
    rows = {row["type_territoire"]: row for row in given["types_territoire"].to_pylist()}
    assert tuple(rows) == published_types()
    assert [code for code, row in rows.items() if row["epars"]] == [
        *("qpv_commune", "commune", "epci_hors_qpv", "unite_urbaine", "epci_avec_qpv")
    ]
    assert (rows["qpv_epci"]["tout"], rows["qpv_epci"]["ensemble"]) == ("epci", "qpv")
    assert rows["departement"]["nom"].replace("{cle}", "2A") == "Département 2A"
    beside = given["references_des_types"].to_pylist()
    # A quarter is set beside its own places, and no quarter beside all of those that have one.
    given_to = {k: {r["reference"] for r in beside if r["type_territoire"] == k} for k in rows}
    assert given_to["qpv"] == {*wholes()} - {"epci_avec_qpv"}
    assert [k for k, said in given_to.items() if "epci_avec_qpv" in said] == ["qpv_france"]
    assert (rows["epci_avec_qpv"]["reunit"], rows["epci_avec_qpv"]["parent"]) == ("epci", "france")
    assert not {"france_entiere", "qpv_producteur"} & {r["type_territoire"] for r in beside}
    covered = {
        (r["couvre"], r["type_territoire"]): r["complete"] for r in given["couvertures"].to_pylist()
    }
    assert covered["qpv", "qpv"] and not covered["qpv", "qpv_producteur"]
    assert covered["mixte", "epci"] and not covered["territoire", "epci"]


def test_a_set_and_a_rest_tell_their_place_and_nothing_else_does() -> None:
    told = {code: whole_of(code) for code in CODES}
    assert {code: place for code, place in told.items() if place} == {
        "QPV@COM:59172": "COM:59172",
        "QPV@REG:32": "REG:32",
        "QPV@EPCI:200042190": "EPCI:200042190",
        "HORSQPV@EPCI:200042190": "EPCI:200042190",
        "QPV@DEP:2A": "DEP:2A",
        "QPV@FRMETRO": "FRMETRO",
    }


def test_a_rest_tells_the_place_and_the_set_that_it_is_without() -> None:
    told = {code: without(code) for code in CODES}
    assert {code: pair for code, pair in told.items() if pair} == {
        "HORSQPV@EPCI:200042190": ("EPCI:200042190", "QPV@EPCI:200042190")
    }


def test_each_type_has_its_words_in_a_sentence() -> None:
    said = {c: one.dit for c, one in types_territoire().items() if one.publie}
    # An EPCI is named with the article of its own name.
    assert [code for code, words in said.items() if not words] == ["epci"]
    for words in (w for one in types_territoire().values() for w in (one.dit, one.dedans) if w):
        assert words.format(nom="N", cite="C") != words or "{" not in words


@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        ("    parent: qpv_epci\n    a_", "    parent: zone\n    a_", "type inconnu : 'zone'"),
        ("    a_cote: [commune, ", "    a_cote: [qpv_epci, ", "'qpv_epci' n'est pas `entier`"),
        ("    tout: france\n", "    tout: qpv\n", "'qpv' n'est pas `entier`"),
        ("    tout: france\n", "", "un ensemble dit le type entier de son lieu"),
        ("t {cite}\n    parent: region\n", "t {cite}\n    parent: epci\n", "en boucle"),
        ("    nom: EPCI {cle}\n", "", "un type entier et publié le dit"),
    ],
)
def test_a_type_that_hangs_in_the_air_is_refused(
    line: str, wrong: str, said: str, tmp_path: Path
) -> None:
    told = refusal(types_module.FICHIER, types_module._Types, line, wrong, tmp_path)
    assert said in told and types_module.FICHIER.name in told


def test_no_label_of_a_type_is_written_elsewhere() -> None:
    labels = [one.libelle for one in types_territoire().values() if " " in one.libelle]
    files = product_files(".py", ".js")
    assert len(files) > 200
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    assert [
        (p.name, one) for p, text in texts.items() for one in labels if f'"{one}"' in text
    ] == []


def test_a_level_that_no_file_names_and_a_type_that_nothing_publishes_are_refused() -> None:
    for unknown in ("qpv_producteur", "perimetre_local", "zone"):
        with pytest.raises(ValidationError, match="niveau inconnu"):
            Portee(millesimes=["2020"], niveaux=[unknown])
    with pytest.raises(ValidationError, match="type de territoire inconnu"):
        EcartMinimal(annees=5, document="d", portee=["zone"])


@pytest.mark.parametrize("code", ["QP059050", "QPV@INSEE", "LOC:P1"])
def test_a_refusal_of_quarters_holds_for_what_is_made_of_them(code: str) -> None:
    assert niveau_of(code) == "qpv"


@pytest.mark.parametrize("code", ["LOC:P1", "QUARTIER", "ZE:32"])
def test_a_printed_territory_that_no_rule_compares_is_told(code: str) -> None:
    assert _kind(code) == "autre"
