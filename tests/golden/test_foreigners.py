"""Foreigners of RP 2022, by commune and above, against the raw file read here."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import EXTRACTS, EXTRACTS_PLUS, SHARED
from tests.fixtures.raw_rows import raw_rows

RAW = EXTRACTS_PLUS / "rp_nationalite" / "insee_NAT1_detailed_inferred.csv"
PRINTED = SHARED.parent / "published_elsewhere" / "insee_chiffres_detailles.csv"


@pytest.fixture(scope="module")
def con(national_release: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def communes() -> dict[str, tuple[int, int]]:
    """Commune → (foreigners, inhabitants); the arrondissements of Paris apart."""
    with RAW.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["Type"] in ("com", "com-")]
    return {r["Code"].rjust(5, "0"): (int(r["Etrangers"]), int(r["Ensemble"])) for r in rows}


def composition(year: str) -> list[dict[str, str]]:
    return raw_rows(EXTRACTS_PLUS / "geo" / "epci" / f"epci_communes_{year}.csv")


def told(con: duckdb.DuckDBPyConnection, indicateur: str, kind: str) -> dict[str, tuple]:
    rows = con.execute(
        "select code_territoire, valeur, statut, motif from fct_indicateur"
        " where code_indicateur = $1 and type_territoire = $2 and periode = '2022'",
        [indicateur, kind],
    ).fetchall()
    return {code: (valeur, statut, motif) for code, valeur, statut, motif in rows}


def test_communes_have_the_file_s_counts_and_their_share(
    con: duckdb.DuckDBPyConnection, communes: dict[str, tuple[int, int]]
) -> None:
    counts, shares = (told(con, i, "commune") for i in ("pop_etrangere", "part_pop_etrangere"))
    seen = 0
    for code, (valeur, statut, _) in counts.items():
        raw = communes.get(code.removeprefix("COM:"))
        if raw:
            assert (valeur, statut) == (raw[0], "diffuse"), code
            assert shares[code][0] == pytest.approx(100 * raw[0] / raw[1])
            seen += 1
    assert seen > 780
    paris = [foreigners for code, (foreigners, _) in communes.items() if code[:3] == "751"]
    assert len(paris) == 20
    assert counts["COM:75056"] == (sum(paris), "diffuse", "somme de 20 arrondissements")


def test_departements_and_france_keep_the_rows_of_the_file(
    con: duckdb.DuckDBPyConnection,
) -> None:
    with RAW.open(encoding="utf-8", newline="") as lines:
        rows = {(r["Type"], r["Code"]): int(r["Etrangers"]) for r in csv.DictReader(lines)}
    departements = told(con, "pop_etrangere", "departement")
    codes = [f"DEP:{code.rjust(2, '0')}" for kind, code in rows if kind == "dept"]
    raw = dict(zip(codes, (n for (k, _), n in rows.items() if k == "dept"), strict=True))
    seen = {code: one for code, one in departements.items() if code in raw}
    assert {code: (raw[code], "diffuse", None) for code in seen} == seen and len(seen) > 95
    assert departements["DEP:59"][0] == 149596
    assert told(con, "pop_etrangere", "france")["FRMETRO"][0] == rows["country", "france metro"]
    whole = told(con, "pop_etrangere", "france_entiere")["FR"]
    assert whole == (rows["country", "france entiere"], "diffuse", None)


def test_epci_and_regions_are_the_sums_of_their_communes_of_the_year(
    con: duckdb.DuckDBPyConnection, communes: dict[str, tuple[int, int]]
) -> None:
    with (EXTRACTS / "geo" / "insee_cog_departements_2021.csv").open(encoding="utf-8") as lines:
        regions = {row["DEP"]: row["REG"] for row in csv.DictReader(lines)}
    paris = sum(raw[0] for code, raw in communes.items() if code.startswith("751"))
    known = {code: raw[0] for code, raw in communes.items()} | {"75056": paris}
    places: dict[str, list[int | None]] = {}
    for row in composition("2025"):
        region = regions.get(row["DEP"])
        for place in (f"EPCI:{row['EPCI']}", f"REG:{region}"):
            places.setdefault(place, []).append(known.get(row["CODGEO"]))
    summed = 0
    for kind in ("epci", "region"):
        for code, (valeur, statut, motif) in told(con, "pop_etrangere", kind).items():
            parts = places.get(code)
            if parts is None:  # a territory of Grand Paris
                continue
            if None in parts:
                assert (valeur, statut) == (None, "non_disponible")
                assert motif.startswith("il manque")
                continue
            assert (valeur, statut) == (sum(parts), "diffuse"), code
            assert motif.endswith("communes, composition du 1er janvier 2025")
            summed += 1
    assert summed > 340
    valenciennois = told(con, "pop_etrangere", "epci")["EPCI:200042190"]
    assert valenciennois[2] == "somme de 47 communes, composition du 1er janvier 2025"


def test_nothing_of_it_is_put_beside_a_quarter_of_another_census(
    con: duckdb.DuckDBPyConnection,
) -> None:
    beside = con.sql(
        "select count(*) from fct_ecart where code_indicateur = 'part_pop_etrangere'"
        " and periode = '2022'"
    ).fetchone()
    forward = con.sql(
        "select distinct periode from fct_indicateur where code_indicateur = 'part_pop_etrangere'"
        " and en_avant"
    ).fetchall()
    assert beside == (0,) and forward == [("2018",)]


@pytest.mark.skipif(not PRINTED.is_file(), reason="cells of Insee's pages are not here")
def test_an_epci_that_lost_a_commune_for_a_year_has_the_printed_population(
    con: duckdb.DuckDBPyConnection,
) -> None:
    with PRINTED.open(encoding="utf-8", newline="") as lines:
        [printed] = [
            int(row["valeur"])
            for row in csv.DictReader(lines, delimiter=";")
            if (row["territoire"], row["periode"]) == ("EPCI:200042190", "2020")
            and (row["tableau"], row["ligne"]) == ("POP T0", "Ensemble")
        ]
    ours = con.sql(
        "select valeur, motif from fct_indicateur where code_territoire = 'EPCI:200042190'"
        " and code_indicateur = 'population_municipale' and periode = '2020'"
    ).fetchone()
    assert ours == (printed, "somme de 46 communes, composition du 1er janvier 2023")
