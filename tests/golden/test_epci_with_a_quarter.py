"""The set of EPCI that hold a quarter: its counts are the sums of theirs, from the raw files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import EXTRACTS, EXTRACTS_PLUS
from tests.fixtures.raw_rows import raw_rows

SET, PARIS = "EPCI_QPV@FRMETRO", "217500016"


@pytest.fixture(scope="module")
def con(national_release: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def members() -> set[str]:
    """The EPCI that the membership file names beside a quarter; of a quarter astride, both."""
    [path] = EXTRACTS.rglob("filosofi_2021_qp15.csv")
    quarters = [row for row in raw_rows(path, ",") if not row["CODGEO"].startswith("QP97")]
    named = {row[column].strip() for row in quarters for column in ("EPCI1", "EPCI2")}
    found = {code for code in named if len(code) == 9 and code.isdigit()}
    assert PARIS in found and len(found) == 335
    return found


def told(con: duckdb.DuckDBPyConnection, indicateur: str) -> dict[str, tuple]:
    found = con.execute(
        "select periode, valeur, statut, motif from fct_indicateur where code_indicateur = $1"
        " and code_territoire = $2 and perimetre = '2015'",
        [indicateur, SET],
    ).fetchall()
    return {periode: tuple(said) for periode, *said in found}


def test_its_people_are_those_of_the_communes_of_its_epci(
    con: duckdb.DuckDBPyConnection, members: set[str]
) -> None:
    geo = EXTRACTS_PLUS / "geo"
    territories = {r["CODGEO"]: r["EPT"] for r in raw_rows(geo / "unites_urbaines_ept_2024.csv")}
    people = 0
    for row in raw_rows(geo / "epci" / "epci_communes_2024.csv"):
        code = row["CODGEO"]
        ept = territories.get(code, "")
        place = PARIS if code == "75056" else ept if ept.isdigit() else row["EPCI"]
        people += int(row["PMUN"]) if place in members else 0
    ours = told(con, "population_municipale")
    assert ours["2021"] == (
        people,
        "diffuse",
        "somme de ses 335 EPCI (Ville de Paris : COM:75056)",
    )
    # The EPCI of Agen was born in 2022 of two others: by the communes of 2021 it is not there.
    assert ours["2018"] == (
        None,
        "non_disponible",
        "sans somme : il manque 1 de ses 335 EPCI (CA Agglomération d'Agen)",
    )


def test_its_minimum_incomes_are_those_of_its_epci_and_of_paris(
    con: duckdb.DuckDBPyConnection, members: set[str]
) -> None:
    path = EXTRACTS / "reference_territories" / "rsa_aah_defm_epci_departement_region_france.csv"
    raw = {PARIS if r["id"] == "D75" else r["id"]: r for r in raw_rows(path, ",")}
    rsa, aah = told(con, "nb_allocataires_rsa_socle"), told(con, "nb_allocataires_aah")
    for year in range(2017, 2024):
        cells = [raw[code][f"rsa_{year}"] for code in members]
        value, statut, _ = rsa[f"{year}-12-31"]
        assert (statut == "diffuse") == all(cells), year
        assert value == (sum(map(float, cells)) if all(cells) else None), year
    # Above the EPCI, AAH is refused to this file: Paris has none.
    for year in range(2016, 2022):
        lacking = "sans somme : il manque 1 de ses 335 EPCI (Ville de Paris)"
        assert aah[f"{year}-12-31"] == (None, "non_disponible", lacking)


def test_it_has_its_name_and_is_beside_no_quarter(
    con: duckdb.DuckDBPyConnection,
) -> None:
    beside = con.execute(
        "select distinct code_territoire from fct_ecart where code_reference = $1", [SET]
    ).fetchall()
    # No figure of it is at a period that this edition puts forward; the sample has some.
    assert beside == []
    assert con.execute(
        "select libelle, perimetre from dim_territoire where code_territoire = $1", [SET]
    ).fetchall() == [("EPCI de France métropolitaine comportant un QPV", "2015")]
