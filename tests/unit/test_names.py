"""Names in a sentence: the declared beginnings, on names that compositions really hold."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest
from jinja2 import Environment

from tests.conftest import SHARED
from warehouse.base.errors import QpvError
from warehouse.base.layout import DBT_PROJECT
from warehouse.base.strict import load_yaml
from warehouse.domain.names import Noms, load_names

COMPOSITIONS = [
    *sorted((SHARED.parent / "extracts_plus" / "geo" / "epci").glob("epci_communes_*.csv")),
    *sorted((SHARED / "extracts" / "geo").glob("insee_epci_*.csv")),
]
MACROS = ("imprimable", "apres_de")
MACRO = "".join((DBT_PROJECT / f"macros/{m}.sql").read_text(encoding="utf-8") for m in MACROS)
MODEL = (DBT_PROJECT / "models/intermediate/territoires/int_epci.sql").read_text(encoding="utf-8")
SQL = Environment().from_string(MACRO + MODEL).render(ref=lambda name: name)
LISTS = [
    ("stg_insee__epci", "code_epci", "libelle_epci"),
    ("stg_insee__ept", "code_ept", "libelle_ept"),
    ("stg_etalab__epci", "code_epci", "libelle"),
    ("stg_anct__liste_qpv", "code_epci", "libelle_epci"),
]
SAID = {
    "Métropole de Lyon": "de la Métropole de Lyon",
    "Métropole Européenne de Lille": "de la Métropole Européenne de Lille",
    "Eurométropole de Strasbourg": "de l'Eurométropole de Strasbourg",
    "EuroMétropole de Strasbourg": "de l'Eurométropole de Strasbourg",
    "Orléans Métropole": "d'Orléans Métropole",
    "Nantes Métropole": "de Nantes Métropole",
    "CA de la Porte du Hainaut": "de la CA de la Porte du Hainaut",
    "CA d'Epinal": "de la CA d'Epinal",
    "CC de l'Ouest Guyanais": "de la CC de l'Ouest Guyanais",
    "CU du Grand Reims": "du Grand Reims",
    "CA Le Grand Chalon": "du Grand Chalon",
    "CA le Grand Narbonne": "du Grand Narbonne",
    "CU Le Havre Seine Métropole": "du Havre Seine Métropole",
    "CA Agglomération d'Agen": "de l'Agglomération d'Agen",
    "CU d'Arras": "de la CU d'Arras",
}


def after_de(names: Iterable[str]) -> dict[str, str]:
    """Name → what follows « QP », by the model that names EPCI."""
    numbered = {f"{rank:09}": name for rank, name in enumerate(names)}
    with duckdb.connect() as con:
        for table, rows in load_names().tables().items():
            con.register(f"given_{table}", rows)
            con.execute(f"create table stg_edition__{table} as from given_{table}")
        con.execute(
            "create table stg_insee__epci(code_epci text, libelle_epci text, millesime text)"
        )
        con.execute("create table stg_insee__ept(code_ept text, libelle_ept text, millesime text)")
        con.execute("create table stg_etalab__epci(code_epci text, libelle text, millesime text)")
        con.execute(
            "create table stg_anct__liste_qpv(code_epci text, libelle_epci text, millesime text)"
        )
        con.execute(
            "insert into stg_insee__epci select unnest(?), unnest(?), '2022'",
            [[*numbered.keys()], [*numbered.values()]],
        )
        rows = con.execute(f"select code_epci, libelle_de from ({SQL})").fetchall()
    return {numbered[code]: said for code, said in rows if code in numbered}


def declared(tmp_path: Path, text: str) -> Noms:
    path = tmp_path / "noms.yml"
    path.write_text(text, encoding="utf-8")
    return load_yaml(path, Noms)


def test_each_form_of_name_has_its_article_and_its_elision() -> None:
    assert after_de(SAID) == SAID


def test_the_territories_of_grand_paris_are_named() -> None:
    names = load_names()
    ept = [code for code, name in names.epci.items() if name.startswith("EPT ")]
    assert len(ept) == 11
    assert names.epci["217500016"] == "Ville de Paris"
    said = after_de(names.epci.values())
    assert said["Ville de Paris"] == "de la Ville de Paris"
    assert said["EPT Est Ensemble"] == "de l'EPT Est Ensemble"


@pytest.mark.skipif(not COMPOSITIONS, reason="the real compositions of EPCI are not here")
def test_every_real_name_goes_after_qp_as_french_wants() -> None:
    names = {
        re.sub(r"\s+", " ", row["LIBEPCI"]).strip()
        for path in COMPOSITIONS
        for row in csv.DictReader(path.open(encoding="utf-8-sig"), delimiter=";")
        if row["EPCI"].isdigit()
    }
    assert len(names) > 3000
    said = after_de(names)
    assert said.keys() == names
    for name, form in said.items():
        assert re.match(r"(de la |de l'|du |des |d'|de )", form), name
        assert not re.match(r"(?i)de [aeiouàâéèêîôû]", form), form
        assert not re.match(r"(?i)(d'|de l')[^aeiouàâéèêîôû]", form), form
        assert not re.match(r"(?i)de (le|les|ca|cc|cu|ept|métropole|communauté)\b", form), form
        assert not re.match(r"(?i)de la c[acu] (communauté|agglomération|du grand) ", form), form


def test_a_sentence_has_the_article_of_the_name_or_none() -> None:
    names = load_names()
    assert names.avec_article("CA du Grand Reims") == "la CA du Grand Reims"
    assert names.avec_article("Eurométropole de Strasbourg") == "l'Eurométropole de Strasbourg"
    assert names.avec_article("EPT Plaine Commune") == "l'EPT Plaine Commune"
    assert names.avec_article("Nantes Métropole") is None


@pytest.mark.parametrize(
    ("debuts", "key"),
    [
        (
            '[{debut: "CA ", article: "la "}, {debut: "CA ", devient: "de la CA "}]',
            "debuts.1.debut",
        ),
        ('[{debut: "CA "}]', "debuts.0.devient"),
        ('[{debut: "CA ", article: "la ", devient: "de la CA "}]', "debuts.0.devient"),
        ('[{debut: "CA ", article: "un "}]', "debuts.0.article"),
    ],
)
def test_a_declared_beginning_says_one_thing_once(tmp_path: Path, debuts: str, key: str) -> None:
    with pytest.raises(QpvError) as refusal:
        declared(tmp_path, f"debuts: {debuts}\nepci: {{}}\ncollectivites: {{}}\n")
    assert f"noms.yml, clé {key}" in str(refusal.value)


def test_departements_are_named_as_the_official_code_names_them(extracts: Path) -> None:
    path = next(extracts.rglob("insee_cog_departements_2021.csv"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        official = {row["DEP"]: row for row in csv.DictReader(file)}
    articles = {"0": "de ", "1": "d'", "2": "du ", "3": "de la ", "4": "des ", "5": "de l'"}
    declared = load_names().departements
    assert declared.keys() == official.keys()
    for code, row in official.items():
        assert declared[code].libelle == row["LIBELLE"]
        assert declared[code].apres_qp == articles[row["TNCC"]] + row["LIBELLE"]
