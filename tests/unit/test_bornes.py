"""One definition of bounds: landing, its door, dbt and the publication door read the same."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingest.mesure_bounds import registry_bounds
from ingest.registry import load_registry
from ingest.values import CellError, ColumnReading, parse_cell
from quality.expectations import check_landing, check_release
from tests.conftest import SHARED
from tests.fixtures.small_source import Essai, cell, table
from tests.unit.test_registry import refusal
from warehouse.base.errors import QpvError
from warehouse.base.layout import DBT_PROJECT
from warehouse.declared.bornes import bornes_of, contains, difference, is_within, scaled
from warehouse.declared.definition_bounds import indicator_bounds, refuse_too_narrow
from warehouse.declared.dictionary import load_dictionary
from warehouse.release.loading import declared_tables

PART = "entete: TX_F, type: part"
#: Shares of disposable income, as Filosofi names them: taxes are negative, so others pass 100.
REVENUS = ("PACT", "PCHO", "PTSA", "PTSAC", "PBEN", "PPEN", "PPAT", "PPSOC", "PPFAM", "PPMINI",
           "PPLOGT", "PIMPOT")  # fmt: skip


def test_a_column_may_say_its_own_bounds(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    own = essai.source((PART, f"{PART}, bornes: [-5, null]"))
    assert cell(essai.land(table("QP059050;1;160,2;;;0"), source=own), "rp_part_femmes")
    essai.out.unlink()
    said = essai.refusal(table("QP059050;1;-5,1;;;0"), source=own)
    assert "'-5,1'" in said and "ligne 2, colonne 'TX_F'" in said and "d'au moins -5" in said


def test_bounds_that_contradict_themselves_are_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, (PART, f"{PART}, bornes: [100, 0]"))
    assert "bornes" in said and "n'est pas sous la borne haute" in said
    assert "deux bornes sont attendues" in refusal(tmp_path, (PART, f"{PART}, bornes: 100"))
    twin = f"{PART}, jusqua: '2020'}}\n      - {{mesure: rp_part_femmes, {PART}, depuis: '2021', "
    said = refusal(tmp_path, (PART, f"{twin}bornes: [0, 50]"))
    assert "est part (entre 0 et 50) ici et part plus haut" in said


def test_every_share_of_an_income_is_free_of_nought_and_a_hundred() -> None:
    """Under each header that a Filosofi file gives it, by QPV, EPCI, département and France."""
    found = 0
    for source in load_registry().sources.values():
        for column in (c for b in source.blocs.values() for c in b.colonnes):
            stem = column.entete.split("{")[0].removeprefix("DISP_").removeprefix("DEC_")
            if stem.removesuffix("_A") in (*REVENUS, "PAUT"):
                bornes = bornes_of(column.type, column.bornes)
                assert is_within(-0.1, bornes) and is_within(107.1, bornes), column
                assert not is_within(946, bornes), column  # a lost decimal mark is still seen
                found += 1
    assert found > 30


def test_an_indicator_admits_what_its_published_shares_may_be() -> None:
    dictionary, bounds = load_dictionary(), registry_bounds(load_registry())
    refuse_too_narrow(dictionary, bounds)
    limites = indicator_bounds(dictionary)
    assert is_within(-0.1, limites["part_revenus_patrimoine"])
    assert is_within(100.6, limites["part_revenus_activite"])
    assert contains(limites["part_revenus_impots"], scaled(bounds["filo_part_impots"], -1))
    for mesure in ("filo_part_pensions", "caf_part_menages_aah", "filo_taux_pauvrete"):
        with pytest.raises(QpvError, match=r"clé indicateurs\.\w+\.bornes"):
            refuse_too_narrow(dictionary, bounds | {mesure: (-300, 300)})


def test_a_difference_follows_from_its_base() -> None:
    assert difference((0, 100)) == (-100, 100) and difference((0, None)) == (None, None)
    limites = indicator_bounds(load_dictionary())
    gaps = {
        code: i.rapprochement.indicateurs[0]
        for code, i in load_dictionary().indicateurs.items()
        if i.rapprochement and i.rapprochement.par == "ecart"
    }
    assert gaps and all(limites[code] == difference(limites[base]) for code, base in gaps.items())


def dbt_refuses(code: str, value: float) -> bool:
    """Whether the generic test of dbt finds a figure out of bounds."""
    text = (DBT_PROJECT / "tests/generic/parts_bornees.sql").read_text(encoding="utf-8")
    query = text.split("%}")[1].split("{% endtest")[0].replace("{{ model }}", "fct")
    query = query.replace("{{ ref('stg_edition__indicateurs') }}", "ind")
    edition = type("E", (), {"id": "e", "titre": "t", "perimetre": "2015", "composition": None})()
    names = ("plan", "fichiers", "comparabilites", "secrets", "sommes", "publications")
    empty = {name: [] for name in (*names, "nomenclatures")}
    tables = declared_tables(load_dictionary(), edition, ensembles_complets=[], **empty)
    with duckdb.connect() as con:
        con.register("ind", tables["indicateurs"])
        con.execute("create table fct as select 'Q' as code_territoire, $1 as code_indicateur,"
                    " '2014' as periode, $2::double as valeur", [code, value])  # fmt: skip
        return bool(con.sql(query).fetchall())


@pytest.mark.parametrize(
    ("code", "within", "without"),
    [
        ("part_revenus_patrimoine", -0.1, -100.1),
        ("part_revenus_activite", 107.1, 946.0),
        ("taux_couverture_minima_sociaux", 104.0, -0.1),
        ("taux_pauvrete", 100.0, 100.1),
        ("population_municipale", 0.0, -1.0),
    ],
)
def test_dbt_and_the_publication_door_agree(code: str, within: float, without: float) -> None:
    limites = {code: indicator_bounds(load_dictionary())[code]}
    for value, refused in ((within, False), (without, True)):
        with duckdb.connect() as con:
            con.execute(
                "create table t as select 'QP059050' as code_territoire, '2015' as perimetre,"
                " $1 as code_indicateur, '2014' as periode, $2::double as valeur,"
                " 'diffuse' as statut, 's' as source_id",
                [code, value],
            )
            assert bool(check_release(con, "t", limites).echecs) is refused
        assert dbt_refuses(code, value) is refused


@pytest.mark.parametrize(("mesure", "within", "without"), [
    ("filo_part_patrimoine", -0.1, -100.1),
    ("filo_part_revenus_activite", 102.3, 946.0),
    ("superficie_ha", 0.0, -1.0),
    ("rp_part_femmes", 100.0, 100.1),
])  # fmt: skip
def test_landing_and_its_door_agree(mesure: str, within: float, without: float) -> None:
    registry = load_registry()
    bornes, kind = registry_bounds(registry)[mesure], registry.mesures[mesure]
    assert parse_cell(str(within), ColumnReading(kind, bornes))[0] == within
    with pytest.raises(CellError):
        parse_cell(str(without), ColumnReading(kind, bornes))
    for value, refused in ((within, False), (without, True)):
        with duckdb.connect() as con:
            con.execute(
                "create table t as select 'QP059050' as code_territoire, '2015' as perimetre,"
                " $1 as mesure, '2014' as periode, $2::double as valeur, 'diffuse' as statut,"
                " '2018' as millesime, 'a' as sha256",
                [mesure, value],
            )
            assert bool(check_landing(con, "t", {mesure: bornes}).echecs) is refused


def test_the_real_files_keep_their_shares_within_bounds() -> None:
    """Every share of every Filosofi file at hand, communes and regions included."""
    folders = (SHARED / "extracts", SHARED.parent / "extracts_plus")
    if not all(folder.is_dir() for folder in folders):
        pytest.skip("the real extracts (../shared) are not here")
    bornes, seen = bornes_of("part_signee"), []
    for folder in folders:
        for path in (*folder.rglob("FILO*_DISP_*.csv"), *folder.rglob("*REVN*.csv")):
            rows = duckdb.read_csv(str(path), sep=";", all_varchar=True, header=True)
            shares = [c for c in rows.columns if c.rstrip("0123456789") in REVENUS]
            numbers = [f"""try_cast(replace("{c}", ',', '.') as double)""" for c in shares]
            ends = ", ".join(f"min({n}), max({n})" for n in numbers)
            found = rows.aggregate(ends).fetchone() if shares else ()
            seen += found
            for place, value in enumerate(found):
                assert is_within(value, bornes), (path, shares[place // 2])
    assert min(s for s in seen if s > -1) == -0.1 and max(seen) > 103
