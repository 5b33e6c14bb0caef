"""`chercher` on the sample's release."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse import chercher, connect
from warehouse.base.errors import QpvError


@pytest.fixture(scope="module")
def con(sample_data: Path) -> duckdb.DuckDBPyConnection:
    return connect(sample_data)


@pytest.mark.parametrize(
    ("texte", "first"),
    [
        ("DENAIN", ("commune", "COM:59172")),
        ("epci:200042190", ("epci", "EPCI:200042190")),
        ("qp059050", ("qpv", "QP059050")),
        ("taux d'emploi étrangers", ("indicateur", "taux_emploi_15_64_ans_etrangers")),
        ("emploi etrangers taux", ("indicateur", "taux_emploi_15_64_ans_etrangers")),
        ("EPCI:200042190", ("epci", "EPCI:200042190")),
    ],
)
def test_words_find_what_bears_them(
    con: duckdb.DuckDBPyConnection, texte: str, first: tuple[str, str]
) -> None:
    found = chercher(con, texte)
    assert found.columns == ["sorte", "code", "libelle", "precision"]
    assert found.fetchall()[0][:2] == first


def test_all_words_count_and_definitions_are_read(con: duckdb.DuckDBPyConnection) -> None:
    both = {row[1] for row in chercher(con, "bas revenus médiane").fetchall()}
    assert "taux_bas_revenus_declares" in both  # its definition says: of the median
    assert "revenu_median" not in both


def test_what_bears_no_such_words_names_what_is_near(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QpvError, match=r"'denin'.*Denain"):
        chercher(con, "denin")
    with pytest.raises(QpvError, match="rien à chercher"):
        chercher(con, " ,; ")
    with pytest.raises(QpvError, match="rien dans cette publication"):
        chercher(con, "'; drop table dim_indicateur; --zzz")
    assert con.sql("select count(*) > 400 from dim_indicateur").fetchone() == (True,)
    with pytest.raises(QpvError) as refused:
        chercher(con, "x" * 100_000)
    assert len(str(refused.value)) < 600
