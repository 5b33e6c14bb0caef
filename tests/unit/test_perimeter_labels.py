"""Label, passage code and figures of a quarter: who points where, and never a join by label."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quality.perimeter_labels import Quartier, plain, read_quarters, to_verify

ZONE = frozenset({"59172"})


def _quarter(code: str, label: str, zones: frozenset[str] = ZONE, **figures: float) -> Quartier:
    return Quartier(code, label, zones, {m: (v, "2020") for m, v in figures.items()})


def _found(one: Quartier, *before: Quartier, origin: str = "QP1") -> list[tuple[str, str]]:
    rows = to_verify([one], before, {one.code: [origin]})
    return [(r["autre"], r["constat"]) for r in rows]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Cité Thiers - Cité du Rivage", "cite thiers cite du rivage"),
        ("L'ÎLE-SAINT-DENIS", "l ile saint denis"),
        ("Quartier II", "quartier 2"),
        ("Secteur 04", "secteur 4"),
    ],
)
def test_labels_are_compared_without_accent_case_punctuation_or_kind_of_numeral(
    label: str, expected: str
) -> None:
    assert plain(label) == expected


def test_a_label_that_is_the_neighbours_is_flagged_with_both_codes() -> None:
    found = _found(
        _quarter("QN1", "Elnon"), _quarter("QP1", "Collinière"), _quarter("QP2", "ELNON.")
    )
    assert [code for code, _ in found] == ["QP2"] and "100 sur 100" in found[0][1]


@pytest.mark.parametrize(
    ("origin", "neighbour", "said"),
    [
        ((1200, 46), (1000, 29), "appuient le code (QP1)"),
        ((1000, 29), (1200, 46), "appuient le libellé (QP2)"),
        ((1200, 46), (1200, 46), "ne tranchent pas"),
        ((1200,), (1000, 29), "ne tranchent pas"),
    ],
)
def test_the_figures_say_which_of_the_two_codes_they_are_near(
    origin: tuple[float, ...], neighbour: tuple[float, ...], said: str
) -> None:
    names = ("pop_municipale", "filo_taux_pauvrete")

    def quarter(code: str, label: str, values: tuple[float, ...]) -> Quartier:
        return _quarter(code, label, **dict(zip(names, values, strict=False)))

    before = [quarter("QP1", "Collinière", origin), quarter("QP2", "Elnon", neighbour)]
    [(code, constat)] = _found(quarter("QN1", "Elnon", (1250, 47)), *before)
    assert code == "QP2" and said in constat


@pytest.mark.parametrize(
    ("origin", "neighbour", "zones"),
    [
        ("Elnon", "Elnon", ZONE),  # the origin bears it too
        ("Elnon - La Plaine", "Elnon", ZONE),  # the quarter lost half of its name
        ("Centre", "Collinière", ZONE),  # renamed, and nobody else bears the name
        ("Centre", "Elnon", frozenset({"13055"})),  # the same name, elsewhere in France
    ],
)
def test_a_label_that_points_to_no_other_code_is_left(
    origin: str, neighbour: str, zones: frozenset[str]
) -> None:
    before = [_quarter("QP1", origin), _quarter("QP2", neighbour, zones)]
    assert _found(_quarter("QN1", "Elnon"), *before) == []


def test_figures_that_are_those_of_another_quarter_are_flagged() -> None:
    here = {"pop_municipale": 1000.0, "filo_mediane": 12000.0}
    near = {"pop_municipale": 1040.0, "filo_mediane": 11900.0}
    far = {"pop_municipale": 2000.0, "filo_mediane": 12500.0}
    one = _quarter("QN1", "Elnon", **here)
    found = _found(one, _quarter("QP1", "Elnon", **far), _quarter("QP2", "Centre", **near))
    assert [code for code, _ in found] == ["QP2"] and "chiffres" in found[0][1]
    # one figure alone, an origin that is near too, or two candidates: nothing is said
    alone = _quarter("QP2", "Centre", pop_municipale=1000.0)
    assert _found(one, _quarter("QP1", "Elnon", **far), alone) == []
    assert _found(one, _quarter("QP1", "Elnon", **near), _quarter("QP2", "Centre", **near)) == []
    twice = [_quarter(code, "Centre", **near) for code in ("QP2", "QP3")]
    assert _found(one, _quarter("QP1", "Elnon", **far), *twice) == []


def test_a_quarter_without_origin_is_not_looked_for_by_its_label() -> None:
    assert to_verify([_quarter("QN1", "Elnon")], [_quarter("QP2", "Elnon")], {}) == []


def test_quarters_are_read_from_a_release_with_the_newest_landed_figures(tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute(
        "create table dim_territoire as from (values ('QN1', '2024', 'Un', 'qpv'), "
        "('QP1', '2015', 'Un', 'qpv'), ('FRMETRO', '', 'France', 'france')) "
        "t(code_territoire, perimetre, libelle, type_territoire);"
        "create table pont_qpv_commune as select 'QN1' as code_qpv, '59172' as code_commune;"
        "create table pont_qpv_epci as select 'QN1' as code_qpv, '200042190' as code_epci;"
        "create table passage_qpv as select 'QN1' as code_qpv, 'QP1' as code_qpv_origine"
    )
    cells = [
        {"code_territoire": "QP1", "perimetre": "2015", "mesure": "pop_municipale",
         "periode": year, "periode_debut": f"{year}-01-01", "valeur": value, "statut": "diffuse"}
        for year, value in (("2013", 900.0), ("2018", 1000.0))
    ]  # fmt: skip
    path = tmp_path / "cells.parquet"
    pq.write_table(pa.Table.from_pylist(cells), path)
    [new], [old], passage = read_quarters(con, [path])
    assert new.zones == {"59172", "200042190"} and passage == {"QN1": ["QP1"]}
    assert old.chiffres == {"pop_municipale": (1000.0, "2018")}


def test_the_real_passage_of_one_epci_has_two_labels_that_changed_places(extracts: Path) -> None:
    """Elnon and Collinière, and none of the eleven others."""
    path = extracts / "geo" / "passage_qpv2024_qpv2015_porte_du_hainaut.csv"
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    new = [_quarter(r["qp2024"], r["label_qp2024"]) for r in rows]
    old = [_quarter(r["qp2015_1"], r["label_qp2015_1"]) for r in rows]
    passage = {r["qp2024"]: [r["qp2015_1"]] for r in rows}
    found = {(r["code"], r["autre"]) for r in to_verify(new, old, passage)}
    assert found == {("QN05956M", "QP059058"), ("QN05957M", "QP059057")}
