"""An edition's blocks are found in the right millésimes of the right perimeter, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.plan import chosen_files, needed_files, plan_rows, resolve, spares, supplies
from ingest.registry import Registry, load_registry
from tests.fixtures.small_source import YAML, Essai
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Edition

ID = "essai_quartiers"


def registry(folder: Path, *edits: tuple[str, str]) -> Registry:
    Essai(folder).source(*edits)
    return load_registry(folder / "sources")


def edition(*blocs: tuple, references: dict | None = None, perimetre: str = "2015") -> Edition:
    return Edition(
        id="essai",
        titre="Essai",
        perimetre=perimetre,
        blocs=[
            {
                "bloc": f"{ID}.{name}",
                "periode": periode,
                "comparaison": comparaison,
            }
            for name, periode, comparaison in blocs
        ],
        references=references or {},
    )


def test_each_period_is_read_from_the_millesime_that_holds_its_period(tmp_path: Path) -> None:
    choices = resolve(edition(("caf", "2019-12-31", "2015-12-31")), registry(tmp_path))
    assert [(c.choix, c.periode, c.millesime) for c in choices] == [
        ("niveau", "2019-12-31", "2021"),
        ("comparaison", "2015-12-31", "2017"),
    ]


def chosen(*wanted: object) -> list[str]:
    """The millésimes of the periods that an edition names."""
    return [c.millesime for c in resolve(*wanted) if c.choix]


SHARED = ('population: "2018"', 'population: "2013"')


def test_a_shared_period_comes_from_the_newest_file_that_is_there(tmp_path: Path) -> None:
    known = registry(tmp_path, SHARED)
    wanted = edition(("population", "2013", None), ("caf", "2015-12-31", None))
    assert chosen(wanted, known) == ["2021", "2017"]
    gone = {(ID, "2021"): ["ESSAI_2021.csv"]}
    assert chosen(wanted, known, gone) == ["2017", "2017"]
    none = gone | {(ID, "2017"): ["ESSAI_2017.csv"]}
    assert chosen(wanted, known, none) == ["2021", "2017"]


def test_every_file_that_holds_a_wanted_period_is_looked_for(tmp_path: Path) -> None:
    known = registry(tmp_path, SHARED)
    wanted = edition(("population", "2013", None))
    assert needed_files(wanted, known) == [(ID, "2017"), (ID, "2021")]
    newer, older = {(ID, "2021"): ["x"]}, {(ID, "2017"): ["x"]}
    assert spares(wanted, known, newer) == {(ID, "2021"): "2017"}
    assert spares(wanted, known, older) == {(ID, "2017"): "2021"}
    # Where none is there, the newest is what is missing.
    assert spares(wanted, known, newer | older) == {(ID, "2017"): "2021"}
    # One that serves another period is missed for it.
    both = edition(("population", "2013", None), ("rp", "2017", None))
    assert spares(both, known, newer) == {}


def test_the_plan_reads_the_stand_in_and_asks_nothing_of_the_absent_one(tmp_path: Path) -> None:
    known = registry(tmp_path, SHARED)
    rows = plan_rows(edition(("population", "2013", None)), known, {(ID, "2021"): ["x"]})
    assert [(r["millesime"], r["etat"], r["motif"]) for r in rows] == [("2017", "lue", None)]


def test_a_millesime_of_another_perimeter_never_serves(tmp_path: Path) -> None:
    two = (
        'population: "2018", rp: "2017", caf: "2019-12-31"}',
        'population: "2013", rp: "2017", caf: "2019-12-31"}\n    perimetre: "2024"',
    )
    known = registry(tmp_path, two)
    [old] = resolve(edition(("population", "2013", None)), known)
    [new] = resolve(edition(("population", "2013", None), perimetre="2024"), known)
    assert (old.millesime, new.millesime) == ("2017", "2021")
    with pytest.raises(QpvError, match="la période 2017 du bloc rp au périmètre 2015"):
        resolve(edition(("rp", "2017", None)), known)


def test_a_comparison_may_go_back_to_the_perimeter_before_and_no_level_may(tmp_path: Path) -> None:
    two = (
        'population: "2018", rp: "2017", caf: "2019-12-31"}',
        'population: "2018", rp: "2017", caf: "2019-12-31"}\n    perimetre: "2024"',
    )
    known = registry(tmp_path, two)
    shown = edition(("population", "2018", "2013"), perimetre="2024")
    assert {(s.choix, s.periode, s.perimetre) for s in supplies(shown, known)} == {
        ("niveau", "2018", "2024"),
        ("comparaison", "2013", "2015"),
    }
    # So may what lengthens the series of a quarter that continues.
    whole = edition(("population", "2018", None), perimetre="2024")
    [_, before] = resolve(whole, known)
    assert (before.choix, before.periode, before.millesime) == (None, "2013", "2017")
    with pytest.raises(QpvError, match="la période 2013 du bloc population au périmètre 2024"):
        resolve(edition(("population", "2013", None), perimetre="2024"), known)


def test_what_the_registry_does_not_hold_is_refused_naming_the_edition(tmp_path: Path) -> None:
    known = registry(tmp_path)
    with pytest.raises(QpvError, match=r"période 2016 du bloc rp\. Où : .*editions/essai\.yml"):
        resolve(edition(("rp", "2016", None)), known)
    with pytest.raises(QpvError, match=r"bloc inconnu essai_quartiers\.recensement"):
        resolve(edition(("recensement", "2017", None)), known)
    with pytest.raises(QpvError, match="millésime inconnu 2019 de essai_quartiers"):
        needed_files(edition(("rp", "2017", None), references={ID: ["2019"]}), known)


def test_two_blocks_of_one_mesure_may_be_of_two_periods(tmp_path: Path) -> None:
    registry(tmp_path)
    zones = YAML.replace(ID, "essai_zones").replace('population: "2018"', 'population: "2016"')
    (tmp_path / "sources" / "essai_zones.yml").write_text(zones)
    wanted = edition(("population", "2018", None)).model_dump()
    wanted["blocs"].append({"bloc": "essai_zones.population", "periode": "2016"})
    found = resolve(Edition(**wanted), load_registry(tmp_path / "sources"))
    assert [(c.source_id, c.periode) for c in found if c.choix == "niveau"] == [
        (ID, "2018"),
        ("essai_zones", "2016"),
    ]


def test_all_faults_of_an_edition_are_said_at_once(tmp_path: Path) -> None:
    wanted = edition(("rp", "2016", None), ("recensement", "2017", None), ("caf", "2001", None))
    with pytest.raises(QpvError, match="3 fautes : ") as refused:
        resolve(wanted, registry(tmp_path))
    said = str(refused.value)
    assert "période 2016 du bloc rp" in said and "période 2001 du bloc caf" in said
    assert "bloc inconnu essai_quartiers.recensement" in said


def test_a_period_that_the_edition_does_not_name_lengthens_the_series(tmp_path: Path) -> None:
    """Read, its cells are in the plan; absent, nothing is said of it."""
    known, wanted = registry(tmp_path), edition(("caf", "2019-12-31", None))
    rows = plan_rows(wanted, known, {})
    assert {(r["choix"], r["periode"], r["etat"]) for r in rows} >= {
        ("niveau", "2019-12-31", "lue"),
        (None, "2015-12-31", "lue"),
    }
    rows = plan_rows(wanted, known, {(ID, "2017"): ["ESSAI_2017.csv"]})
    assert {r["periode"] for r in rows} == {"2019-12-31"}
    assert needed_files(wanted, known) == [(ID, "2021"), (ID, "2017")]
    assert chosen_files(wanted, known) == [(ID, "2021")]


def test_references_land_first_and_no_file_twice(tmp_path: Path) -> None:
    wanted = edition(("rp", "2017", None), ("caf", "2019-12-31", "2015-12-31"),
                     references={ID: ["2017"]})  # fmt: skip
    assert needed_files(wanted, registry(tmp_path)) == [(ID, "2017"), (ID, "2021")]


def test_the_plan_says_why_a_mesure_cannot_be_read(tmp_path: Path) -> None:
    wanted = edition(("caf", "2019-12-31", "2015-12-31"))
    rows = plan_rows(wanted, registry(tmp_path), {(ID, "2021"): ["ESSAI_2021.csv"]})
    found = {(r["mesure"], r["choix"]): (r["etat"], r["motif"]) for r in rows}
    absent = ("fichier_absent", "fichier absent : ESSAI_2021.csv")
    assert found["caf_allocataires", "niveau"] == found["caf_mediane", "niveau"] == absent
    assert found["caf_allocataires", "comparaison"] == ("lue", None)
    etat, motif = found["caf_mediane", "comparaison"]
    assert etat == "colonne_absente" and "n'est pas dans le millésime 2017" in motif


def test_a_file_put_aside_gives_its_own_reason(tmp_path: Path) -> None:
    wanted, why = edition(("caf", "2019-12-31", "2015-12-31")), "fichier écarté : E.csv, sans clé"
    aside = {(ID, "2021"): {"ESSAI_2021.csv": why}}
    rows = plan_rows(wanted, registry(tmp_path), {}, aside)
    found = {(r["mesure"], r["choix"]): (r["etat"], r["motif"]) for r in rows}
    assert found["caf_mediane", "niveau"] == ("fichier_ecarte", why)
    assert found["caf_allocataires", "comparaison"] == ("lue", None)


def test_a_file_of_all_the_communes_of_a_year_adds_up_and_knows_its_outlines() -> None:
    known = load_registry()
    wanted = Edition(
        id="essai",
        titre="Essai",
        perimetre="2015",
        blocs=[
            {"bloc": "insee_populations_legales.population", "periode": "2018"},
            {"bloc": "insee_filosofi_territoires.filosofi", "periode": "2018"},
            {"bloc": "insee_filosofi.filosofi", "periode": "2018"},
            {"bloc": "cnaf_minima_territoires.rsa", "periode": "2020-12-31"},
        ],
        references={},
    )
    said = {
        (row["source_id"], row["couvre"], row["geographie"], row["se_somme"])
        for row in plan_rows(wanted, known, {})
        if row["choix"] == "niveau" and row["etat"] == "lue"
    }
    assert ("insee_populations_legales", "commune", "2021", True) in said
    # Of these communes, those of quarters alone are read.
    assert ("insee_filosofi_territoires", "commune", "2019", False) in said
    assert ("cnaf_minima_territoires", "mixte", None, False) in said
    contours = {
        (one.bloc.split(".")[0], one.contour)
        for one in supplies(wanted, known)
        if one.choix == "niveau"
    }
    assert contours == {
        ("insee_populations_legales", "2021"),
        ("insee_filosofi_territoires", "2019"),
        ("insee_filosofi", ""),  # about quarters: no EPCI
        ("cnaf_minima_territoires", None),
    }
