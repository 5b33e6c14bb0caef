"""Each row is one known territory of the right perimeter, once; anything else is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.small_source import HEADER, ROW, Essai, table


def test_every_territory_lands_and_the_declared_total_is_left_aside(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    other = ROW.replace("QP059050", "QP02A003")
    rows = essai.land(table("Ensemble;5 019 573;52,1;1 428 400;10 000;", ROW, other))
    assert {r["code_territoire"] for r in rows} == {"QP059050", "QP02A003"}
    assert {r["perimetre"] for r in rows} == {"2015"}
    assert {r["ligne"] for r in rows} == {3, 4}
    assert essai.report.territoires == 2


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("QP059099", "code QPV inconnu : QP059099. Où : fichier ESSAI_2021.csv, ligne 3"),
        ("QN05950M", "QN05950M est un QPV 2024, le périmètre déclaré est 2015"),
        ("QP059050", "territoire en double : QP059050. Où : fichier ESSAI_2021.csv, ligne 3"),
        ("QP05905", "clé illisible : 'QP05905'"),
        ("qp059051", "clé illisible : 'qp059051'"),
        ("ENSEMBLE", "clé illisible : 'ENSEMBLE'"),
        ("59014", "clé illisible : '59014'"),
        ("", "clé illisible : ''"),
    ],
)
def test_a_row_that_is_no_territory_is_refused_at_its_place(
    tmp_path: Path, key: str, said: str
) -> None:
    refusal = Essai(tmp_path).refusal(table(ROW, ROW.replace("QP059050", key)))
    assert said in refusal
    assert "fichier ESSAI_2021.csv, ligne 3, colonne 'CODGEO'" in refusal


def test_two_perimeters_are_refused_even_where_no_list_is_known_yet(tmp_path: Path) -> None:
    rows = (ROW, ROW.replace("QP059050", "QN05950M"))
    assert "d'un seul périmètre" in Essai(tmp_path).refusal(table(*rows), codes=None)


def test_a_list_that_never_landed_is_said(tmp_path: Path) -> None:
    assert "aucune n'a atterri" in Essai(tmp_path).refusal(table(), codes=frozenset())


@pytest.mark.parametrize("rows", [(), ("Ensemble;1;1;1;1;",), (";;;;;",)])
def test_a_file_without_a_territory_is_refused(tmp_path: Path, rows: tuple[str, ...]) -> None:
    text = "\n".join([HEADER, *rows]) + "\n"
    said = Essai(tmp_path).refusal(text)
    assert "ne contient aucun territoire. Où : fichier ESSAI_2021.csv, colonne 'CODGEO'" in said


@pytest.mark.parametrize(
    ("kind", "key", "code"),
    [
        ("epci", "200042190", "EPCI:200042190"),
        ("departement", "1", "DEP:01"),
        ("departement", "01", "DEP:01"),
        ("departement", "2A", "DEP:2A"),
        ("departement", "974", "DEP:974"),
        ("metropole", "1", "FRMETRO"),
        ("mixte", "200042190", "EPCI:200042190"),
        ("mixte", "D59", "DEP:59"),
        ("mixte", "D971", "DEP:971"),
        ("territoire", "59014", "59014"),
        ("epci", "20004219", None),
        ("departement", "001", None),
        ("departement", "QP059050", None),
        ("metropole", "2", None),
        ("mixte", "R4", "REG:04"),
        ("mixte", "FR", "FR"),
        ("region", "02", "REG:02"),
        ("mixte", "R97B", None),
        ("region", "R32", None),
        ("territoire", "", None),
    ],
)
def test_each_kind_of_key_gives_the_contract_code(
    tmp_path: Path, kind: str, key: str, code: str | None
) -> None:
    essai = Essai(tmp_path)
    how = {"source": essai.source(("cle: qpv", f"cle: {kind}")), "codes": None}
    text = table(ROW.replace("QP059050", key))
    if code is None:
        assert f"attendu : un code de type {kind}" in essai.refusal(text, **how).lower()
    else:
        assert {r["code_territoire"] for r in essai.land(text, **how)} == {code}
