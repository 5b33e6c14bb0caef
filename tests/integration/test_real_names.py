"""A national release names every territory as French does, and tells namesakes apart."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from quality.territory_names import check_names

#: As the EPCI name themselves; the SIREN are those of Filosofi 2021 by QPV.
NAMED = {
    "EPCI:200093201": "Métropole Européenne de Lille",
    "EPCI:200096956": "CA Agglomération d'Agen",
    "EPCI:217500016": "Ville de Paris",
    "EPCI:200057867": "EPT Plaine Commune",
    "EPCI:200057875": "EPT Est Ensemble",
    "QPV@EPCI:200093201": "QP de la Métropole Européenne de Lille",
    "QPV@EPCI:217500016": "QP de la Ville de Paris",
    "QPV@EPCI:200057867": "QP de l'EPT Plaine Commune",
    "QPV@EPCI:200046977": "QP de la Métropole de Lyon",
    "QPV@EPCI:246700488": "QP de l'Eurométropole de Strasbourg",
    "QPV@EPCI:244500468": "QP d'Orléans Métropole",
    "QPV@EPCI:200067213": "QP du Grand Reims",
    "QPV@EPCI:200042190": "QP de la CA de la Porte du Hainaut",
}
CODE_FOR_A_NAME = re.compile(rb"EPCI [0-9]{9}|partement [0-9]{2,3}\b")
#: Figures bear codes alone: their tables, and the explorer's files by territory, are left aside.
TEXTS = ("*.html", "*.md", "tables/dim_*.csv", "tables/pont_*.csv", "fiches/explorer/*.js")


def test_every_territory_has_its_name(national_release: Path) -> None:
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as con:
        labels = dict(con.execute("select code_territoire, libelle from dim_territoire").fetchall())
        result = check_names(con)
        # The composition of 2020 does not hold the communes of overseas collectivities.
        towns = con.execute(
            "select code_commune from pont_qpv_commune"
            " where libelle_commune is null and code_commune !~ '9(7[578]|8).*'"
        )
        assert towns.fetchall() == []
    assert result.attentes > 3000 and result.echecs == []
    assert {code: labels.get(code) for code in NAMED} == NAMED


def test_no_file_prints_a_code_for_a_name(national_release: Path) -> None:
    read = [p for pattern in TEXTS for p in national_release.rglob(pattern)]
    assert len(read) > 180
    faults = {
        str(path.relative_to(national_release)): found[0]
        for path in read
        if (found := CODE_FOR_A_NAME.search(path.read_bytes()))
    }
    assert faults == {}


def test_namesakes_tell_their_towns_in_the_index(national_release: Path) -> None:
    page = (national_release / "fiches" / "index.html").read_text(encoding="utf-8")
    shown = re.findall(r">(Centre[ -]Ville[^<]*)<", page, flags=re.IGNORECASE)
    assert len(shown) > 30
    assert all(re.fullmatch(r"(?i)centre[ -]ville.* \(.+\)", label) for label in shown)
