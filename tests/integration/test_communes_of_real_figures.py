"""Figures about the communes of a quarter, on the real files: the same communes, or no evolution.

What is expected is read from the raw files by `tests.fixtures.raw_demo`, not by the product.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingest.collect import collect
from ingest.extracts_folder import ExtractsFolder
from ingest.landing import land
from ingest.plan import supplies
from orchestration.communes import communes_of_figures
from orchestration.partitions import REGISTRY
from tests.conftest import REPO
from tests.fixtures.raw_demo import Row, composition, demo, departement, plain, swollen
from warehouse.dictionary import load_dictionary, load_edition
from warehouse.layout import Layout

PLUS = REPO.parent / "shared" / "extracts_plus"
LISTS = ("insee_epci", "insee_cog_communes")
INDICATEURS = {
    "pop_communes_du_qpv", "pop_qpv_des_communes", "part_population_communes",
    "part_population_qpv_communes",
}  # fmt: skip
UNPROVED = "rien ne prouve"


@pytest.fixture(scope="module")
def folders(extracts: Path) -> list[Path]:
    if not PLUS.is_dir():
        pytest.skip("the other real extracts (../shared/extracts_plus) are not here")
    return [extracts, PLUS]


@pytest.fixture(scope="module")
def landed(folders: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """The bases Démographie and the communes of each year, landed."""
    layout = Layout(tmp_path_factory.mktemp("communes"))
    folder = ExtractsFolder(*folders)
    for source_id in (*LISTS, "insee_demo"):
        source = REGISTRY[source_id]
        for millesime in source.millesimes:
            files = collect(source, millesime, archive=layout.archive, extracts=folder).files
            if files:
                out = layout.landed(source_id, millesime)
                land(source, millesime, files, out=out, codes_qpv=None)
    return layout


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
def raw(folders: list[Path]) -> dict[str, dict[str, Row]]:
    return {edition: demo(folders, edition) for edition in ("2017", "2019", "2020", "2022")}


@pytest.fixture(scope="module")
def other_communes(folders: list[Path], raw: dict) -> set[str]:
    """Quarters whose figure of 2013 in DEMO_2017 is not about the communes of today: the producer
    has since given another one, or a commune of theirs took others in."""
    corrected = {q for q, row in raw["2017"].items() if row.communes != raw["2020"][q].communes}
    swelled = swollen(folders)
    assert {"QP069009", "QP070004", "QP079004"} <= swelled
    assert len(corrected | swelled) == 28
    return corrected | swelled


def test_the_population_of_the_communes_is_that_of_the_names(folders, raw) -> None:
    """In DEMO_2022, to the unit, that of the communes of 2021: the names say what it is about."""
    communes = composition(folders, 2021)
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


def test_no_published_evolution_sets_two_lists_of_communes_side_by_side(
    national_release: Path, raw: dict, other_communes: set[str]
) -> None:
    """Whatever the indicator: where quarters of one commune share its change, the figure is about
    the commune, and no quarter of another list of communes has one."""
    alone = [(q, row.noms[0]) for q, row in raw["2022"].items() if len(row.noms) == 1]
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as con:
        con.execute("create temp table seules (code_territoire text, commune text)")
        con.executemany("insert into seules values (?, ?)", alone)
        rows = con.sql(
            "with e as (select *, coalesce(evolution_nb, evolution_pts) as v from fct_evolution"
            "  where type_territoire = 'qpv' and statut = 'diffuse'),"
            " c as (select code_indicateur, substr(code_territoire, 1, 5) || commune as c,"
            "  count(distinct v) as n from e join seules using (code_territoire)"
            "  where abs(v) >= 20 group by 1, 2 having count(*) >= 2)"
            " select code_indicateur from c group by 1"
            " having avg((n = 1)::int) > 0.5 and count(*) >= 20"
        ).fetchall()
        about = {code for (code,) in rows}
        shown = con.execute(
            "select distinct code_territoire from fct_evolution where statut = 'diffuse'"
            " and list_contains(?, code_indicateur)",
            [sorted(INDICATEURS)],
        ).fetchall()
        changes = con.sql(
            "select e.code_territoire, e.evolution_nb, f.millesime from fct_evolution e"
            " join fct_indicateur f on f.code_territoire = e.code_territoire"
            " and f.code_indicateur = e.code_indicateur and f.periode = e.periode_comparaison"
            " where e.code_indicateur = 'pop_communes_du_qpv' and e.statut = 'diffuse'"
        ).fetchall()
        reasons = con.sql(
            "select distinct motif from fct_evolution where code_indicateur = 'pop_communes_du_qpv'"
            " and statut = 'non_comparable'"
        ).fetchall()
    assert about <= {"pop_communes_du_qpv", "pop_qpv_des_communes"}
    bases = {millesime for *_, millesime in changes}
    assert {code for (code,) in shown} == {code for code, *_ in changes}
    for quarter, change, millesime in changes:
        base = raw[millesime][quarter].communes
        assert quarter not in other_communes or base != raw["2017"][quarter].communes
        assert change == raw["2022"][quarter].communes - base
    # Without the lists of communes of each year, nothing is proved and nothing is shown.
    if bases:
        assert about and len(changes) > 1200
    else:
        assert reasons and all(UNPROVED in motif for (motif,) in reasons)
