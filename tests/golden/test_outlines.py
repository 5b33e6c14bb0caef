"""Outlines of EPCI that changed, said by name: read here from the compositions themselves."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import EXTRACTS, EXTRACTS_PLUS


@pytest.fixture(scope="module")
def con(national_release: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as opened:
        yield opened


def members(year: str) -> dict[str, dict[str, str]]:
    """EPCI → its communes of a year, with their names."""
    path = EXTRACTS_PLUS / "geo" / "epci" / f"epci_communes_{year}.csv"
    found: dict[str, dict[str, str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            found.setdefault(row["EPCI"], {})[row["CODGEO"]] = row["LIBGEO"]
    return found


def test_files_by_epci_have_the_epci_of_the_year_after() -> None:
    """What the registry says of their outlines (`contours_epci`), in the files themselves."""
    folders = [f / "reference_territories" for f in (EXTRACTS, EXTRACTS_PLUS)]
    files = {p.name[4:8]: p for folder in folders for p in folder.glob("FILO*_EPCI.csv")}
    assert set(files) == {"2014", "2015", "2016", "2018", "2019"}
    compositions = {str(year): set(members(str(year))) for year in range(2015, 2022)}
    for year, path in files.items():
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            held = {r[0] for r in csv.reader(lines, delimiter=";") if r[0].isdigit()}
        whole = [y for y, known in compositions.items() if held <= known]
        assert whole == [str(int(year) + 1)], year


def test_the_gap_to_an_epci_that_took_in_a_commune_says_which(
    con: duckdb.DuckDBPyConnection,
) -> None:
    before, after = (members(year)["200042190"] for year in ("2017", "2019"))
    [entered] = [name for code, name in after.items() if code not in before]
    assert not before.keys() - after.keys() and (len(before), len(after)) == (46, 47)
    said = f"contour changé entre 2017 et 2019 : {entered} est entrée"
    evolutions = con.sql(
        "select comparabilite, motif from fct_evolution where code_territoire = 'EPCI:200042190'"
        " and code_indicateur = 'revenu_median' and periode_comparaison = '2016'"
    ).fetchall()
    assert [verdict for verdict, _ in evolutions] == ["comparable_avec_reserve"]
    assert evolutions[0][1].endswith(said)
    gaps = con.sql(
        "select distinct motif from fct_ecart where code_territoire = 'QP059050'"
        " and reference = 'epci' and code_indicateur = 'revenu_median'"
        " and periode_comparaison = '2016'"
    ).fetchall()
    assert all(motif.endswith(f"territoire de comparaison : {said}") for (motif,) in gaps) and gaps


def test_every_epci_whose_communes_moved_says_it_and_no_other(
    con: duckdb.DuckDBPyConnection,
) -> None:
    before, after = members("2017"), members("2019")
    old, new = ({c: epci for epci, own in y.items() for c in own} for y in (before, after))
    with (EXTRACTS / "geo" / "insee_cog_communes_2021.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["TYPECOM"] != "COM"]
    parents = {row["COM"]: row["COMPARENT"] for row in rows}
    moved: set[str] = set()
    for code, epci in old.items():
        place = new.get(code) or new.get(parents.get(code, ""))
        if place and place != epci:
            moved |= {epci, place}
    said = {
        code.removeprefix("EPCI:"): "contour changé entre 2017 et 2019" in motif
        for code, motif in con.sql(
            "select code_territoire, any_value(motif) from fct_evolution"
            " where type_territoire = 'epci' and code_indicateur = 'revenu_median'"
            " and periode = '2018' and periode_comparaison = '2016' and statut = 'diffuse'"
            " group by code_territoire"
        ).fetchall()
    }
    both = {siren for siren in said if siren in before and siren in after}
    assert {siren for siren in both if said[siren]} == moved & both
    assert len(moved & both) > 20 and len(both) > 300
