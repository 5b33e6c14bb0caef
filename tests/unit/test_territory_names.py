"""The publication door, for names: a territory that only bears its code does not leave."""

from __future__ import annotations

import duckdb
import pytest

from quality.territory_names import attachments, check_names, files_of, is_nameless, summary

NAMELESS = [
    ("EPCI:200093201", "EPCI 200093201"),
    ("EPCI:200093201", "200093201"),
    ("EPCI:200093201", "QP de l'EPCI 200093201"),
    ("EPCI:200093201", "EPCI 200057867"),
    ("EPCI:200093201", ""),
    ("EPCI:200093201", None),
    ("EPCI:200093201", " \u200b\u00a0 "),
    ("EPCI:200093201", "Sans objet"),
    ("EPCI:200093201", "CA de "),
    ("DEP:978", "Département 978"),
    ("DEP:2A", "Département 2A"),
    ("QP059001", "QP059001"),
    ("QN02A01M", "qn02a01m"),
    ("QP059001", "59350"),
    ("QP059001", "-"),
    ("QP059001", "nan"),
    ("LOC:P1", "P1"),
]
NAMED = [
    ("EPCI:200093201", "Métropole Européenne de Lille"),
    ("EPCI:200069250", "CA du Sud"),
    ("EPCI:200033579", "CU d'Arras"),
    ("DEP:59", "Nord"),
    ("DEP:2A", "Corse-du-Sud"),
    ("QP059001", "Centre"),
    ("QP093001", "Les 4000"),
    ("QP093001", "4000"),
    ("QP059001", "Quartier 1"),
    ("QP059001", "Quartier QP059001"),
    ("QP059001", "Ilot 8"),
    ("LOC:FRICHE", "Friche"),
    ("LOC:P1", "Poche de l'Épaix (P1)"),
    ("FRMETRO", "France métropolitaine"),
]


@pytest.mark.parametrize(("code", "label"), NAMELESS)
def test_a_label_that_says_only_a_code_is_no_name(code: str, label: str | None) -> None:
    assert is_nameless(code, label)


@pytest.mark.parametrize(("code", "label"), NAMED)
def test_a_short_or_numbered_name_is_a_name(code: str, label: str) -> None:
    assert not is_nameless(code, label)


def release(*rows: tuple[str, str | None]) -> duckdb.DuckDBPyConnection:
    """A release in which each of these EPCI holds a quarter."""
    con = duckdb.connect()
    con.execute(
        "create table dim_territoire(code_territoire text, libelle text, libelle_long text,"
        " perimetre text)"
    )
    con.execute("create table pont_qpv_epci(code_epci text, libelle_epci text)")
    con.execute(
        "insert into dim_territoire values ('QP059001', 'Centre', 'Centre (Lille)', '2015')"
    )
    for siren, label in rows:
        con.execute("insert into pont_qpv_epci values (?, ?)", [siren, label])
    return con


def test_the_door_says_the_code_the_file_and_what_to_do() -> None:
    con = release(("200093201", None), ("200042190", "CA de la Porte du Hainaut"))
    result = check_names(con, lambda code: [f"appartenance-{code}.csv"])
    [said] = result.echecs
    assert said.startswith(
        "1 territoire sans nom : EPCI:200093201 (libellé vide) ; "
        "le code vient de appartenance-200093201.csv ; "
    )
    assert "insee_epci" in said and "dbt_project/noms.yml" in said


def test_many_nameless_territories_make_one_sentence_per_file() -> None:
    con = release(*((f"2000{n:05}", "") for n in range(30)))
    [said] = check_names(con, lambda _: ["liste.csv"]).echecs
    assert said.startswith("30 territoires sans nom : EPCI:200000000 (libellé vide), ")
    assert "et 10 de plus ; le code vient de liste.csv" in said


def test_a_set_is_judged_by_the_name_of_what_it_is_the_set_of() -> None:
    con = release(("200042190", "CA de la Porte du Hainaut"))
    con.execute("insert into dim_territoire values ('DEP:978', 'Département 978', 'x', '')")
    con.execute(
        "insert into dim_territoire values ('QPV@DEP:978', 'QP du département 978', 'x', '2015')"
    )
    [said] = check_names(con).echecs
    assert "DEP:978" in said and "QPV@" not in said


def test_the_file_that_brought_a_code_is_found_among_landed_lists() -> None:
    con = duckdb.connect()
    con.execute("create schema landing")
    con.execute(
        "create table landing.insee_qpv_epci as select 'QP059001' as code,"
        " '200093201, 200042190' as code_epci, 'epci.csv' as fichier, 'ff59350' as sha256"
    )
    con.execute(
        "create table landing.anct_contours as select 'QN05901M' as code, '59350' as communes,"
        " '{\"x\": 200093201}' as geometrie, 'contours.geojson' as fichier, 'aa' as sha256"
    )
    con.execute("create table landing.mesures as select 'x' as code_territoire, 'm.csv' as fichier")
    assert files_of(con, "200093201") == ["epci.csv"]
    assert files_of(con, "59350") == ["contours.geojson"]
    assert files_of(con, "59") == []


def test_quarters_without_epci_are_said_first_with_their_reason() -> None:
    con = duckdb.connect()
    con.execute("create schema intermediate")
    con.execute("create table intermediate.int_rattachements(code_territoire text, constat text)")
    con.execute(
        "insert into intermediate.int_rattachements values"
        " ('QP1', 'commune 75118, par Paris'), ('QP2', 'commune 75118, par Paris'),"
        " ('QP3', 'sans EPCI : commune 98712 Arue, seule'), ('QP4', 'sans EPCI : rien')"
    )
    found = attachments(con)
    assert [(r["nb"], r["territoires"]) for r in found] == [(1, "QP3"), (1, "QP4"), (2, "QP1, QP2")]
    assert summary(found) == [
        "Sans EPCI : 2 QPV ; commune 98712 Arue, seule (QP3) ;"
        " 1 autre constat au rapport de qualité",
        "EPCI à vérifier : 2 territoires ; commune 75118, par Paris (QP1, QP2)",
    ]
    assert summary([]) == []
