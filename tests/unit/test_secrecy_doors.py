"""Before the draft: too much to mask, or nothing to mask with, is told by counts and names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from quality.secrecy.edition.gates import secrecy_faults
from quality.secrecy.edition.ledger import publications
from warehouse.base.layout import Layout
from warehouse.declared.dictionary import load_dictionary
from warehouse.release.promotion import standing_releases, withdrawn_data


def faults(
    montrees: int = 0,
    ecarts: tuple[tuple[str, str, int, int], ...] = (),
    unites: str = "int_rpls__ecarts",
    **counts: int,
) -> list[str]:
    """Faults of a build with so many cells of each state, all of one rule.

    Args:
        montrees: the first ones of each state, which an earlier release shows.
        ecarts: two territories, and how many units are in one of them alone; unites: the model
            that says so.
    """
    with duckdb.connect() as con:
        con.execute(
            "create schema intermediate; create table intermediate.int_masques (code_territoire"
            " text, mesure text, periode text, regle text, etat text, deja_publiee bool)"
        )
        con.execute(
            "create schema edition; create table edition.secrets as"
            " select unnest(['sdes_rpls_logements', 'insee_sirene_etablissements']) as source_id,"
            " 11 as seuil, 'micro' as acces"
        )
        for model in ("int_rpls__ecarts", "int_sirene__ecarts"):
            con.execute(
                f"create table intermediate.{model}"
                " (code_a text, code_b text, seulement_a int, seulement_b int)"
            )
        for row in ecarts:
            con.execute(f"insert into intermediate.{unites} values (?, ?, ?, ?)", [*row])
        for state, count in counts.items():
            con.execute(
                "insert into intermediate.int_masques"
                " select 'QN' || i, if(i < 3, 'detail', 'tous'),"
                " '2021', 'caf', ?, i < ? from range(?) as t(i)",
                [state, montrees, count],
            )
        return secrecy_faults(con)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"publiable": 90, "primaire": 10}, None),
        ({"publiable": 89, "primaire": 11}, "11,0 % de cases sous le seuil"),
        ({"publiable": 75, "secondaire": 25}, None),
        ({"publiable": 74, "secondaire": 26}, "26,0 % de cases à masquer"),
        ({"publiable": 10, "derivee": 90}, None),
        ({}, None),
    ],
)
def test_a_table_that_loses_too_much_is_to_be_coarsened(
    counts: dict[str, int], said: str | None
) -> None:
    found = faults(**counts)
    assert (found == []) if said is None else (len(found) == 1 and said in found[0])
    if said:
        assert "règle caf" in found[0] and "detail" in found[0] and "regrouper" in found[0]


@pytest.mark.parametrize(
    ("a", "b", "seulement", "refused"),
    [
        ("LOC:PARC", "QN1", (4, 3), True),
        ("LOC:PARC", "LOC:ILOT", (1, 9), True),
        ("LOC:PARC", "QN1", (4, 0), False),  # one holds the other: the masks hold the difference
        ("LOC:PARC", "QN1", (8, 3), False),  # 11 in all
        ("QN1", "QP1", (4, 3), False),
    ],
)
@pytest.mark.parametrize(
    ("unites", "quoi"),
    [("int_rpls__ecarts", "logements"), ("int_sirene__ecarts", "établissements")],
)
def test_a_perimeter_that_a_few_units_tell_from_another_is_refused_with_both_names(
    a: str, b: str, seulement: tuple[int, int], refused: bool, unites: str, quoi: str
) -> None:
    found = faults(ecarts=((a, b, *seulement),), unites=unites, publiable=9)
    assert bool(found) == refused
    assert all(a in said and b in said and quoi in said and "écarter" in said for said in found)


def test_what_nothing_protects_is_named() -> None:
    [said] = faults(publiable=100, non_protegee=7)
    assert "detail de QN0" in said and "et 2 autres" in said


def test_a_small_count_that_a_standing_release_shows_is_named_with_what_to_do() -> None:
    [said] = faults(montrees=1, primaire=5)[1:]
    assert "montre detail de QN0," in said and "qpv release withdraw" in said


def release(folder: Path, rows: list[tuple], changes: Sequence[tuple] = ()) -> None:
    """A promoted release whose fct_indicateur holds these rows; changes: of fct_evolution."""
    folder.mkdir(parents=True)
    (folder / "RELEASE.json").write_text("{}", encoding="utf-8")
    with duckdb.connect(str(folder / "qpv.duckdb")) as con:
        con.execute(
            "create table fct_indicateur (code_territoire text, perimetre text,"
            " code_indicateur text, periode text, valeur double, statut text)"
        )
        con.executemany("insert into fct_indicateur values (?, ?, ?, ?, ?, ?)", rows)
        con.execute(
            "create table fct_evolution (code_territoire text, perimetre text,"
            " code_indicateur text, periode text, periode_comparaison text, evolution_nb double,"
            " evolution_pct double, evolution_pts double, statut text)"
        )
        for row in changes:
            con.execute(
                "insert into fct_evolution values (?, ?, ?, ?, ?, ?, null, null, 'diffuse')", [*row]
            )


def _told(row: dict) -> tuple:
    return row["mesure"], row["periode"], row["etat"], row["valeur"]


def test_what_any_standing_release_showed_is_known_for_good(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    code, place = "nb_defm_abc", ("QP059050", "2015")
    first = [
        (*place, code, "2020-12-31", 30.0, "diffuse"),
        (*place, code, "2021-12-31", None, "secret"),
        (*place, "part_defm_abc_femmes", "2021-12-31", 50.0, "diffuse"),
    ]
    second = [(*place, code, "2020-12-31", None, "secret")]
    release(layout.releases / "2022-a", first)
    release(layout.releases / "2023-b", second)
    (layout.releases / "latest").symlink_to("2023-b")
    release(layout.releases / ".brouillon-2024-c", [(*place, code, "2022", 1.0, "diffuse")])
    rule = {"mesure": "ft_defm_abc", "acces": "convention", "seuil": 5}
    found = publications(standing_releases(layout), load_dictionary(), [rule])
    assert {_told(r) for r in found} == {
        ("ft_defm_abc", "2020-12-31", "diffuse", 30.0),
        ("ft_defm_abc", "2020-12-31", "secret", None),
        ("ft_defm_abc", "2021-12-31", "secret", None),
    }
    # The share is printed beside its whole: it is the count.
    beside = [(*place, code, "2019-12-31", 30.0, "diffuse")]
    beside += [(*place, "part_defm_abc_femmes", "2019-12-31", 50.0, "diffuse")]
    beside += [(*place, code, "2020-12-31", 29.0, "diffuse")]
    # A change beside the level that it starts from tells the level of today.
    change = (*place, code, "2021-12-31", "2020-12-31", 4.0)
    release(layout.withdrawn / "2021-z", beside, [change])
    women = rule | {"mesure": "ft_defm_abc_femmes"}
    standing, withdrawn = standing_releases(layout), withdrawn_data(layout)
    found = publications(standing, load_dictionary(), [rule, women], withdrawn)
    # A value that was revised is another one, and stays.
    assert {_told(r) for r in found} == {
        ("ft_defm_abc", "2020-12-31", "diffuse", 30.0),
        ("ft_defm_abc", "2020-12-31", "retire", 29.0),
        ("ft_defm_abc", "2020-12-31", "secret", None),
        ("ft_defm_abc", "2021-12-31", "secret", None),
        ("ft_defm_abc", "2021-12-31", "retire", 33.0),
        ("ft_defm_abc", "2019-12-31", "retire", 30.0),
        ("ft_defm_abc_femmes", "2019-12-31", "retire", 15.0),
    }
    open_rule = rule | {"acces": "publique"}
    assert publications(standing_releases(layout), load_dictionary(), [open_rule]) == []
