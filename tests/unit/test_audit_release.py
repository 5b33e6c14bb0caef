"""The audit of a draft on a few cells: sound as it is, refused for each figure too many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from quality.disclosure.audit.verdict import Audit
from quality.secrecy.release import parted_attack
from quality.secrecy.release.release_attack import audit_release
from quality.secrecy.release.source_rules import ReglesDesSources, RegleSource
from quality.secrecy.tables.audit_report import as_dict, lines, refusal
from tests.fixtures.small_release import AVANT, DICTIONARY, NIVEAU, SmallRelease, sound_release
from warehouse.base.errors import QpvError
from warehouse.domain.producteur import reserve

CONVENTION = ReglesDesSources(sources={"caisse": RegleSource(nature="convention", seuil=5)})
PUBLIQUE = ReglesDesSources(sources={"caisse": RegleSource(nature="publique", seuil=5)})


#: Those who receive it are women and men.
SOMMES = [
    {"somme": 0, "terme": mesure, "coefficient": sign, "reste": False, "marge": 0.0}
    for mesure, sign in (("alloc", 1.0), ("femmes", -1.0), ("hommes", -1.0))
]


def _audit(release: SmallRelease, folder: Path, regles: ReglesDesSources = CONVENTION) -> Audit:
    return audit_release(release.write(folder), regles, dictionnaire=DICTIONARY, sommes=SOMMES)


def _exposed(found: Audit) -> dict[str, str]:
    return {c.nom: c.moyen for c in found.exposes}


def _put(*key: str, value: float) -> Callable[[SmallRelease], None]:
    def change(release: SmallRelease) -> None:
        release.figures[key] = value  # type: ignore[index]

    return change


def _evolve(number: float | None, percent: float | None) -> Callable[[SmallRelease], None]:
    def change(release: SmallRelease) -> None:
        release.evolutions["QP990001", "nb_rsa"] = number, percent

    return change


def test_a_sound_draft_passes(tmp_path: Path) -> None:
    found = _audit(sound_release(), tmp_path)
    assert (_exposed(found), found.contradictions) == ({}, [])
    assert {c.nom for c in found.constats} >= {"rsa, QP990001, 2021", "rsa, QP990002, 2021"}


def _beside(code: str, value: float) -> Callable[[SmallRelease], None]:
    def change(release: SmallRelease) -> None:
        release.figures["EPCI:E1", "taux_rsa", NIVEAU] = 10.5
        release.figures["QP990001", code, NIVEAU] = value

    return change


@pytest.mark.parametrize(
    ("valeur", "zones", "arrondi", "expose"),
    [
        (82, ["metropole"], None, True),
        (100, ["metropole"], 100, False),  # 52 to 132 would all print as 100
        (80, ["metropole"], 10, False),  # up to 6: the threshold stays possible
        (82, ["971"], None, False),
        (82, ["metropole", "974"], None, True),  # no quarter of La Réunion is in the files
        (60, ["metropole"], None, False),  # less than its known quarters: it is of others
    ],
)
def test_a_producer_s_own_line_is_one_more_total_for_a_reader(
    tmp_path: Path, valeur: float, zones: list, arrondi: int | None, expose: bool
) -> None:
    release = sound_release()
    release.figures = {
        key: 9 if key == ("QP990002", "nb_rsa", NIVEAU) else value
        for key, value in release.figures.items()
        if not key[0].startswith("QPV@") and key[1] != "taux_rsa"
    }
    release.ligne = {"nb_rsa": (valeur, reserve(zones, arrondi))}
    found = _exposed(_audit(release, tmp_path))
    assert ("rsa, QP990001, 2021" in found) == expose, found


MUTATIONS = {
    "a primary cell is printed": (
        _put("QP990001", "nb_rsa", NIVEAU, value=3),
        {"nb_rsa, QP990001, 2021": "imprime", "rsa, QP990002, 2021": "relations"},
    ),
    "a secondary cell is printed": (
        _put("QP990002", "nb_rsa", NIVEAU, value=9),
        {"rsa, QP990001, 2021": "relations"},
    ),
    "a rate is printed beside its denominator": (
        _put("QP990001", "taux_rsa", NIVEAU, value=100 * 3 / 110),
        {"rsa, QP990001, 2021": "relations", "rsa, QP990002, 2021": "relations"},
    ),
    "a number of evolution is printed beside the earlier level": (
        _evolve(-4.0, None),
        {"rsa, QP990001, 2021": "relations", "rsa, QP990002, 2021": "relations"},
    ),
    "a percentage of evolution is printed beside the earlier level": (
        _evolve(None, -100 * 4 / 7),
        {"rsa, QP990001, 2021": "relations", "rsa, QP990002, 2021": "relations"},
    ),
    "the share in the set is printed beside the set": (
        _put("QP990001", "part_dans_ensemble", NIVEAU, value=100 * 3 / 52),
        {"rsa, QP990001, 2021": "relations", "rsa, QP990002, 2021": "relations"},
    ),
    "the gap to the EPCI is printed beside the rate of the EPCI": (
        _beside("ecart_rsa", 100 * 3 / 110 - 10.5),
        {"rsa, QP990001, 2021": "relations", "taux_rsa, QP990001, 2021": "relations"},
    ),
    "the gap to the EPCI in % is printed beside the rate of the EPCI": (
        _beside("ecart_relatif_rsa", 100 * (100 * 3 / 110 / 10.5 - 1)),
        {"rsa, QP990001, 2021": "relations", "taux_rsa, QP990001, 2021": "relations"},
    ),
    "the total of the quarters of a commune is printed": (
        _put("QPV@COM:99001", "nb_rsa", NIVEAU, value=33),
        {"rsa, QP990001, 2021": "relations", "rsa, QP990002, 2021": "relations"},
    ),
    "the total of the quarters of a région is printed": (
        _put("QPV@REG:09", "nb_rsa", NIVEAU, value=33),
        {"rsa, QP990001, 2021": "relations", "rsa, QP990002, 2021": "relations"},
    ),
    "a rate hides a count under the threshold": (
        _put("QP990003", "part_femmes", NIVEAU, value=1.0),
        {"femmes, QP990003, 2021": "intervalle"},
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_one_figure_too_many_is_refused(name: str, tmp_path: Path) -> None:
    change, expected = MUTATIONS[name]
    release = sound_release()
    change(release)
    found = _exposed(_audit(release, tmp_path))
    assert found.items() >= expected.items(), found


def test_a_quarter_alone_in_its_epci_is_found(tmp_path: Path) -> None:
    release = sound_release()
    release.figures["QP990004", "nb_rsa", NIVEAU] = None
    found = _audit(release, tmp_path)
    assert _exposed(found)["rsa, QP990004, 2021"] == "relations"
    [constat] = [c for c in found.exposes if c.nom == "rsa, QP990004, 2021"]
    assert "somme des quartiers : rsa, QPV@EPCI:E2, 2021" in constat.relations


def test_a_set_whose_quarters_are_not_all_there_is_no_sum(tmp_path: Path) -> None:
    release = sound_release()
    # The figures printed for the département are above their quarters: some are not in the files.
    release.figures["QPV@DEP:99", "nb_alloc", NIVEAU] = 900
    release.figures["QPV@DEP:99", "nb_rsa", NIVEAU] = 200
    release.figures["QP990004", "nb_rsa", NIVEAU] = None
    del release.figures["QPV@EPCI:E2", "nb_rsa", NIVEAU]
    found = _audit(release, tmp_path)
    assert (_exposed(found), found.contradictions) == ({}, [])


@pytest.mark.parametrize(
    ("femmes", "hommes", "total", "expose"),
    [
        (None, 167, 170, {"femmes, QP990003, 2021": "relations"}),
        (None, None, 170, {}),
        # Without the total, the parts say nothing of one another.
        (None, 167, None, {}),
    ],
)
def test_a_declared_sum_is_known_in_one_territory_alone(
    tmp_path: Path, femmes: float | None, hommes: float | None, total: float | None, expose: dict
) -> None:
    release = sound_release()
    place = "QP990003"
    for code in ("nb_alloc", "part_femmes", "taux_rsa"):
        release.figures.pop((place, code, NIVEAU), None)
        for kind in ("QPV@EPCI:E1", "QPV@DEP:99", "QPV@REG:08", "QPV@COM:99002"):
            release.figures.pop((kind, code, NIVEAU), None)
    for code, value in (("nb_femmes", femmes), ("nb_hommes", hommes), ("nb_alloc", total)):
        release.figures[place, code, NIVEAU] = value
    found = _exposed(_audit(release, tmp_path))
    assert {name: how for name, how in found.items() if name.startswith("femmes")} == expose


def _women_and_men(release: SmallRelease) -> None:
    """Three of the 170 of a quarter are women, who are masked; the others print both."""
    for period in (NIVEAU, AVANT):
        for place, (women, men) in zip(
            ("QP990001", "QP990002", "QP990003", "QP990004"),
            ((61, 49), (70, 60), (3, 167), (90, 70)),
            strict=True,
        ):
            for code, value in (("femmes", women), ("hommes", men), ("alloc", women + men)):
                release.figures[place, f"nb_{code}", period] = value if value > 3 else None
    del release.figures["QPV@EPCI:E1", "nb_alloc", NIVEAU]
    del release.figures["QPV@EPCI:E1", "taux_rsa", NIVEAU]


def test_a_sum_that_nobody_declares_is_found_and_tried(tmp_path: Path) -> None:
    release = sound_release()
    _women_and_men(release)
    where = release.write(tmp_path / "une")
    found = audit_release(where, CONVENTION, dictionnaire=DICTIONARY, sommes=[])
    assert _exposed(found)["femmes, QP990003, 2021"] == "relations"
    [constat] = [c for c in found.exposes if c.nom == "femmes, QP990003, 2021"]
    assert any("que personne ne déclare" in name for name in constat.relations)
    # Other people here and there: the three are no sum.
    for rank, place in enumerate(("QP990001", "QP990002", "QP990004")):
        release.figures[place, "nb_hommes", NIVEAU] += rank + 1  # type: ignore[operator]
        release.figures[place, "nb_hommes", AVANT] -= rank + 1  # type: ignore[operator]
    where = release.write(tmp_path / "aucune")
    found = audit_release(where, CONVENTION, dictionnaire=DICTIONARY, sommes=[])
    assert "femmes, QP990003, 2021" not in _exposed(found)


def test_an_audit_in_parts_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = sound_release()
    _women_and_men(release)
    release.figures["QP990002", "nb_rsa", NIVEAU] = 9
    whole = _audit(release, tmp_path)
    monkeypatch.setattr("quality.secrecy.release.parted_attack.ENOUGH", 1)
    monkeypatch.setattr("quality.secrecy.release.parted_attack.coeurs", lambda: 1)
    attack, made = parted_attack._attack, []
    monkeypatch.setattr(
        "quality.secrecy.release.parted_attack._attack", lambda p: made.append(p) or attack(p)
    )
    parts = audit_release(tmp_path, CONVENTION, dictionnaire=DICTIONARY, sommes=SOMMES)
    assert parts == whole and len(made) > 1
    assert len(_exposed(parts)) > 2


@pytest.mark.parametrize(
    ("reste", "debords", "expose"),
    [
        (60, [], True),
        (None, [], False),
        # Part of the quarter is elsewhere: the total is not the two together.
        (60, [("QP990004", "E1")], False),
    ],
)
def test_an_intercommunality_is_its_quarters_and_the_rest_of_it(
    tmp_path: Path, reste: float | None, debords: list, expose: bool
) -> None:
    release = sound_release()
    release.figures["QP990004", "nb_rsa", NIVEAU] = None
    del release.figures["QPV@EPCI:E2", "nb_rsa", NIVEAU]
    del release.figures["QPV@DEP:99", "nb_rsa", NIVEAU]
    release.figures["EPCI:E2", "nb_rsa", NIVEAU] = 90
    release.figures["HORSQPV@EPCI:E2", "nb_rsa", NIVEAU] = reste
    release.debords = debords
    found = _exposed(_audit(release, tmp_path))
    assert ("rsa, QP990004, 2021" in found) == expose, found


@pytest.mark.parametrize(
    ("tout", "source", "expose"), [(4, "caisse", True), (90, "caisse", False), (4, "autre", False)]
)
def test_a_quarter_is_at_most_the_place_that_holds_it_where_one_producer_counts_both(
    tmp_path: Path, tout: float, source: str, expose: bool
) -> None:
    release = sound_release()
    release.figures["QP990004", "nb_rsa", NIVEAU] = None
    for name in ("QPV@EPCI:E2", "QPV@DEP:99"):
        del release.figures[name, "nb_rsa", NIVEAU]
    release.figures["EPCI:E2", "nb_rsa", NIVEAU] = tout
    release.write(tmp_path)
    with duckdb.connect(str(tmp_path / "qpv.duckdb")) as con:
        con.execute("update fct_indicateur set source_id = $1 where valeur = $2", [source, tout])
        con.execute("delete from dim_territoire where code_territoire = 'QPV@EPCI:E2'")
    found = _exposed(audit_release(tmp_path, CONVENTION, dictionnaire=DICTIONARY, sommes=SOMMES))
    assert ("rsa, QP990004, 2021" in found) == expose, found


def test_more_periods_than_a_cell_s_number_holds_are_refused_and_none_is_taken_for_another(
    tmp_path: Path,
) -> None:
    release = sound_release()
    for year in range(256):
        release.figures["QP990003", "nb_alloc", str(3000 + year)] = 200
    with pytest.raises(QpvError, match="ne se lisent pas"):
        _audit(release, tmp_path)


def test_a_rate_of_zero_hides_nobody(tmp_path: Path) -> None:
    release = sound_release()
    release.figures["QP990003", "part_femmes", NIVEAU] = 0.0
    release.figures["QP990004", "part_femmes", NIVEAU] = 100 * 61 / 170
    assert not _audit(release, tmp_path / "exact").refuse
    # Rounded to the unit, it says that there is one at most.
    del release.figures["QP990004", "part_femmes", NIVEAU]
    assert _exposed(_audit(release, tmp_path / "arrondi")) == {
        "femmes, QP990003, 2021": "intervalle"
    }


def test_what_an_earlier_release_printed_is_still_known(tmp_path: Path) -> None:
    earlier = sound_release()
    earlier.figures["QP990002", "nb_rsa", NIVEAU] = 9
    before, now = earlier.write(tmp_path / "avant"), sound_release().write(tmp_path / "apres")
    assert not audit_release(now, CONVENTION, [], DICTIONARY, sommes=SOMMES).refuse
    found = audit_release(now, CONVENTION, [before], DICTIONARY, sommes=SOMMES)
    assert _exposed(found)["rsa, QP990001, 2021"] == "relations"
    [constat] = [c for c in found.exposes if c.nom == "rsa, QP990002, 2021"]
    assert any(name.startswith("publication antérieure") for name in constat.relations)


def test_what_a_withdrawn_release_printed_is_told_and_what_it_gives_of_others_blocks(
    tmp_path: Path,
) -> None:
    earlier = sound_release()
    earlier.figures["QP990002", "nb_rsa", NIVEAU] = 9
    before, now = earlier.write(tmp_path / "avant"), sound_release().write(tmp_path / "apres")
    found = audit_release(now, CONVENTION, [], DICTIONARY, sommes=SOMMES, retirees=[before])
    assert "rsa, QP990002, 2021" in {c.nom for c in found.informations}
    assert "rsa, QP990002, 2021" not in _exposed(found)
    assert _exposed(found)["rsa, QP990001, 2021"] == "relations"


def test_a_change_that_an_earlier_release_printed_is_still_known(tmp_path: Path) -> None:
    """It said 4 fewer than the 7 of before, which all releases print."""
    earlier = sound_release()
    earlier.evolutions["QP990001", "nb_rsa"] = -4.0, None
    before, now = earlier.write(tmp_path / "avant"), sound_release().write(tmp_path / "apres")
    found = audit_release(now, CONVENTION, [before], DICTIONARY, sommes=SOMMES)
    assert _exposed(found)["rsa, QP990001, 2021"] == "relations"
    earlier.evolutions["QP990001", "nb_rsa"] = None, -100 * 4 / 7
    before = earlier.write(tmp_path / "part")
    found = audit_release(now, CONVENTION, [before], DICTIONARY, sommes=SOMMES)
    assert _exposed(found)["rsa, QP990001, 2021"] == "relations"


@pytest.mark.parametrize("retiree", [False, True])
def test_what_was_revised_is_known_by_no_earlier_release(tmp_path: Path, retiree: bool) -> None:
    """An earlier release printed 9 where there are 10 today: it does not tell the 2 beside it."""
    earlier = sound_release()
    earlier.figures["QP990002", "nb_rsa", NIVEAU] = 9
    earlier.figures["QP990002", "taux_rsa", NIVEAU] = 100 * 9 / 130
    before, now = earlier.write(tmp_path / "avant"), sound_release().write(tmp_path / "apres")
    given = {"retirees": [before]} if retiree else {"anterieures": [before]}
    revised = [("QP990002", "2015", "rsa", NIVEAU)]
    found = audit_release(
        now, CONVENTION, dictionnaire=DICTIONARY, sommes=SOMMES, revisees=revised, **given
    )
    assert (_exposed(found), found.informations) == ({}, [])
    # What this release gives of it is no old news: it blocks.
    slip = sound_release()
    slip.figures["QP990001", "nb_rsa", NIVEAU] = 3
    now = slip.write(tmp_path / "ecart")
    found = audit_release(
        now, CONVENTION, dictionnaire=DICTIONARY, sommes=SOMMES, revisees=revised, **given
    )
    assert _exposed(found)["rsa, QP990002, 2021"] == "relations"


def test_open_data_block_only_for_what_we_add(tmp_path: Path) -> None:
    release = sound_release()
    release.figures["QP990002", "nb_rsa", NIVEAU] = 9
    found = _audit(release, tmp_path / "somme", PUBLIQUE)
    # The producer's own counts give it: told, not refused.
    told = {c.nom for c in found.informations}
    assert (_exposed(found), {"rsa, QP990001, 2021"} - told) == ({}, set())
    release = sound_release()
    release.figures["QP990001", "taux_rsa", NIVEAU] = 100 * 3 / 110
    found = _audit(release, tmp_path / "taux", PUBLIQUE)
    assert set(_exposed(found)) >= {"rsa, QP990001, 2021", "rsa, QP990002, 2021"}


def test_the_report_names_cells_and_never_a_masked_value(tmp_path: Path) -> None:
    release = sound_release()
    release.figures["QP990002", "nb_rsa", NIVEAU] = 9
    found = _audit(release, tmp_path)
    text = "\n".join(lines(found))
    assert "rsa, QP990001, 2021" in text and "somme des quartiers" in text
    paragraph = str(refusal(found, "brouillon"))
    assert f"{len(found.exposes)} case(s) masquée(s)" in paragraph
    assert as_dict(found)["exposees"] == len(found.exposes)


def test_a_folder_without_release_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match=r"pas de qpv\.duckdb"):
        audit_release(tmp_path, CONVENTION, sommes=SOMMES)


def test_the_earlier_level_alone_gives_nothing(tmp_path: Path) -> None:
    release = sound_release()
    release.figures["QP990002", "nb_rsa", AVANT] = 12
    assert not _audit(release, tmp_path).refuse
