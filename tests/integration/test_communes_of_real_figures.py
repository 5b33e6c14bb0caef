"""Figures about the communes of a quarter, on the real files: the same communes, or no evolution.

What is expected is read from the raw files by `tests.fixtures.raw_demo`, not by the product.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import pytest

from ingest.plan import supplies
from orchestration.defs.commune_figures import communes_of_figures
from orchestration.partitions import REGISTRY
from tests.fixtures.raw_demo import (
    INDICATEURS,
    Row,
    composition,
    departement,
    editions,
    of_other_communes,
    plain,
)
from warehouse.base.layout import Layout
from warehouse.declared.dictionary import load_dictionary, load_edition

UNPROVED = "rien ne prouve"


@pytest.fixture(scope="module")
def landed(extracts_landed: dict, extracts_layout: Layout) -> Layout:
    """The bases Démographie and the communes of each year, landed."""
    lists = {"insee_demo", "insee_epci", "insee_cog_communes"}
    assert lists <= {source_id for source_id, _ in extracts_landed}
    return extracts_layout


@cache
def refused(layout: Layout, *absent: str) -> dict[str, str]:
    """Quarter → why its evolutions of edition 2022 are refused, without some editions of DEMO."""
    edition = load_edition("2022")
    missing = {("insee_demo", m): ["x"] for m in ("2023", *absent)}
    given = supplies(edition, REGISTRY, missing)
    _, rows = communes_of_figures(edition, load_dictionary(), given, layout)
    assert {row["code_indicateur"] for row in rows} == INDICATEURS
    found = {row["code_territoire"]: row["motif"] for row in rows}
    assert len(rows) == len(INDICATEURS) * len(found)
    return found


@pytest.fixture(scope="module")
def raw(all_extracts: tuple[Path, ...]) -> dict[str, dict[str, Row]]:
    return editions(all_extracts)


@pytest.fixture(scope="module")
def other_communes(all_extracts: tuple[Path, ...], raw: dict) -> set[str]:
    return of_other_communes(all_extracts, raw)


def test_the_population_of_the_communes_is_that_of_the_names(all_extracts, raw) -> None:
    """In DEMO_2022, to the unit, that of the communes of 2021: the names say what it is about."""
    communes = composition(all_extracts, 2021)
    places = {(r["DEP"], plain(r["LIBGEO"])): r for r in communes.values()}
    compared = 0
    for quarter, row in raw["2022"].items():
        found = [places.get((departement(quarter), plain(n))) for n in row.noms]
        if all(found):
            assert sum(int(r["PMUN"]) for r in found) == row.communes, quarter
            compared += 1
    assert compared == 1335


def test_of_the_oldest_file_every_changed_territory_is_refused(landed, other_communes) -> None:
    """None is left beside the figure of another list of communes."""
    found = refused(landed, "2020", "2019", "2018")
    assert other_communes <= found.keys()
    assert all(UNPROVED in found[q] for q in found.keys() - other_communes)
    assert found["QP091018"].startswith(
        "2013 et 2018 : ce chiffre ne porte pas sur les mêmes communes : Évry (communes de 2014), "
    )


@pytest.mark.parametrize(("absent", "base"), [((), "2020"), (("2020",), "2019")])
def test_a_newer_file_gives_back_what_is_about_the_same_communes(
    absent, base, landed, raw, other_communes
) -> None:
    found = refused(landed, *absent)
    kept = other_communes - found.keys()
    assert len(kept) == {"2020": 22, "2019": 14}[base]
    for quarter in kept:
        before, after = raw[base][quarter].communes, raw["2022"][quarter].communes
        assert before != raw["2017"][quarter].communes
        assert -10 < 100 * (after / before - 1) < 12, quarter
    # Belleville and Thouars bear the name of today and the figure of before; Héricourt too.
    assert {"QP069009", "QP070004", "QP079004"} <= found.keys()
    assert len(found) < 35


def test_known_evolutions_are_right(landed, raw) -> None:
    """Évry, Paris 18e-19e and Denain, by hand from the two files; Cherbourg cannot be proved."""
    found = refused(landed)
    for quarter, printed in (("QP091016", 0.6), ("QP075015", -1.6), ("QP059050", -3.1)):
        before, after = raw["2020"][quarter].communes, raw["2022"][quarter].communes
        assert quarter not in found and round(100 * (after / before - 1), 1) == printed
    assert "Morsalines" in found["QP050005"] and UNPROVED in found["QP050005"]


def test_only_the_mesures_that_say_so_are_about_something_else_than_the_quarter(
    extracts_cells: duckdb.DuckDBPyConnection, raw: dict
) -> None:
    """Two quarters of one commune share a figure where it is about the commune; over all mesures
    of all files, those that do are the declared ones."""
    alone = [(q, row.noms[0]) for q, row in raw["2022"].items() if len(row.noms) == 1]
    extracts_cells.execute(
        "create or replace temp table seules (code_territoire text, commune text)"
    )
    extracts_cells.executemany("insert into seules values (?, ?)", alone)
    shared = extracts_cells.sql(
        "with communes as ("
        " select mesure, source_id, millesime, periode, substr(code_territoire, 1, 5) || commune c,"
        " count(distinct valeur) as valeurs from cellules join seules using (code_territoire)"
        " where valeur >= 20 group by 1, 2, 3, 4, 5 having count(*) >= 2)"
        " select mesure, avg((valeurs = 1)::int), count(*) from communes group by 1"
        " having count(*) >= 20"
    ).fetchall()
    assert len(shared) > 100
    declared = {
        c.mesure
        for s in REGISTRY.sources.values()
        for b in s.blocs.values()
        for c in b.colonnes
        if c.territoire == "communes"
    }
    assert {mesure for mesure, part, _ in shared if part > 0.5} == declared
    assert max(part for mesure, part, _ in shared if mesure not in declared) < 0.2
