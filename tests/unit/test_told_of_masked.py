"""A figure made of a masked one, or compared with others, is refused whatever it gives back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quality.disclosure.audit.verdict import Audit
from quality.secrecy.release.release_attack import audit_release
from quality.secrecy.release.source_rules import ReglesDesSources, RegleSource
from tests.fixtures.small_release import AVANT, DICTIONARY, NIVEAU, SmallRelease, sound_release

RULES = ReglesDesSources(sources={"caisse": RegleSource(nature="convention", seuil=5)})
MASKED = {"code_territoire": "QP990001", "code_indicateur": "taux_rsa", "periode": NIVEAU}
SHOWN = MASKED | {"code_territoire": "QP990003", "periode_comparaison": AVANT}


def _audit(release: SmallRelease, folder: Path, nature: str = "convention") -> Audit:
    rule = RULES.sources["caisse"].model_copy(update={"nature": nature})
    rules = ReglesDesSources(sources={"caisse": rule})
    return audit_release(release.write(folder), rules, dictionnaire=DICTIONARY, sommes=[])


def _row(table: str, **row: object) -> Callable[[SmallRelease], None]:
    return lambda release: getattr(release, table).append(row)


def _both_ends(release: SmallRelease) -> None:
    release.figures["QP990001", "nb_rsa", AVANT] = None
    release.evolutions["QP990001", "nb_rsa"] = -4.0, None


def _both_terms(release: SmallRelease) -> None:
    release.figures["QP990001", "nb_alloc", NIVEAU] = None
    release.figures["QP990002", "nb_alloc", NIVEAU] = None
    release.figures["QP990001", "taux_rsa", NIVEAU] = 100 * 3 / 110


SLIPS = {
    "a gap": (_row("ecarts", **MASKED, ecart=1.5), "taux_rsa, QP990001, 2021 (écart)"),
    "only its figure": (_row("ecarts", **MASKED, valeur=2.7), "taux_rsa, QP990001, 2021 (écart)"),
    "a gap of another to it": (
        _row("ecarts", **{**SHOWN, "code_reference": "EPCI:E1"}, ecart=1.5),
        "taux_rsa, EPCI:E1, 2021 (écart de QP990003)",
    ),
    "a gap at the start": (
        _row("ecarts", **SHOWN, valeur=20.0, evolution_ecart=0.3),
        "taux_rsa, QP990003, 2016 (écart au départ)",
    ),
    "a rank": (_row("positions", **MASKED, rang_france=7), "taux_rsa, QP990001, 2021 (rang)"),
    "a fifth": (_row("positions", **MASKED, niveau="favorable"), "taux_rsa, QP990001, 2021 (rang)"),
    "how it moved": (
        _row("positions", **SHOWN, rang_france=7, mouvement="mieux"),
        "taux_rsa, QP990003, 2016 (rang de l'évolution)",
    ),
    "a change between two masked": (_both_ends, "nb_rsa, QP990001, 2021 (évolution)"),
    "a rate of two masked": (_both_terms, "taux_rsa, QP990001, 2021 (fait de rsa)"),
}


def _release() -> SmallRelease:
    release = sound_release()
    release.evolutions.clear()
    for code in ("nb_rsa", "taux_rsa"):
        release.figures["QP990003", code, AVANT] = None
    release.figures["EPCI:E1", "taux_rsa", NIVEAU] = None
    return release


@pytest.mark.parametrize("name", SLIPS)
def test_what_is_told_of_a_masked_figure_is_refused(name: str, tmp_path: Path) -> None:
    change, said = SLIPS[name]
    release = _release()
    assert [*_audit(release, tmp_path / "avant").exposes] == []
    change(release)
    found = {c.nom: c.moyen for c in _audit(release, tmp_path / "apres").exposes}
    assert found.get(said) == "imprime", found


def test_a_producer_may_compare_what_it_masks(tmp_path: Path) -> None:
    release = _release()
    release.positions.append({**MASKED, "rang_france": 7})
    assert not _audit(release, tmp_path, "publique").refuse


def test_what_says_nothing_is_no_slip(tmp_path: Path) -> None:
    release = _release()
    release.ecarts.append({**SHOWN, "valeur": 20.0, "ecart": 1.0})
    release.positions.append({**SHOWN, "rang_france": 7})
    release.ecarts.append(MASKED)
    assert not _audit(release, tmp_path).refuse


@pytest.mark.parametrize(("femmes", "expose"), [(4, True), (30, False), (58, True)])
def test_a_masked_share_beside_its_whole_hides_a_few_people_on_either_side(
    tmp_path: Path, femmes: int, expose: bool
) -> None:
    """Of 60 people of two quarters, so many are women; each quarter has 30, its share is masked."""
    release = SmallRelease(
        {
            (place, code, NIVEAU): value
            for place, figures in {
                "QP990001": (30, None),
                "QP990004": (30, None),
                "QPV@COM:99001": (60, 100 * femmes / 60),
            }.items()
            for code, value in zip(("nb_alloc", "part_femmes"), figures, strict=True)
        }
    )
    found = {c.nom for c in _audit(release, tmp_path).exposes}
    hidden = {"part_femmes, QP990001, 2021", "part_femmes, QP990004, 2021"}
    assert found & hidden == (hidden if expose else set())


def test_a_sum_binds_counts_that_only_rates_tell(tmp_path: Path) -> None:
    """Women have no figure of their own: the rate of one quarter tells them, the sum tells men."""
    sums = [
        {"somme": 0, "terme": mesure, "coefficient": sign, "reste": False, "marge": 0.0}
        for mesure, sign in (("alloc", 1.0), ("femmes", -1.0), ("rsa", -1.0))
    ]
    figures = {("QP990001", "nb_alloc", NIVEAU): 110.0, ("QP990001", "taux_rsa", NIVEAU): None}
    for told, expose in ((None, False), (100 * 40 / 110, True)):
        release = SmallRelease(figures | {("QP990001", "part_femmes", NIVEAU): told})
        folder = release.write(tmp_path / str(expose))
        found = audit_release(folder, RULES, dictionnaire=DICTIONARY, sommes=sums)
        exposed = {c.nom: c.moyen for c in found.exposes}
        assert exposed == ({"taux_rsa, QP990001, 2021": "relations"} if expose else {})


@pytest.mark.parametrize(("place", "ours"), [("QP990001", False), ("QPV@EPCI:E1", True)])
def test_what_the_rates_of_an_open_file_give_is_told_and_those_of_a_set_are_ours(
    tmp_path: Path, place: str, ours: bool
) -> None:
    sums = [
        {"somme": 0, "terme": mesure, "coefficient": sign, "reste": False, "marge": 0.0}
        for mesure, sign in (("alloc", 1.0), ("femmes", -1.0), ("rsa", -1.0))
    ]
    figures = {
        (place, "nb_alloc", NIVEAU): 110.0,
        (place, "part_femmes", NIVEAU): 100 * 40 / 110,
        (place, "taux_rsa", NIVEAU): None,
    }
    rules = ReglesDesSources(sources={"caisse": RegleSource(nature="publique", seuil=5)})
    folder = SmallRelease(figures).write(tmp_path)
    found = audit_release(folder, rules, dictionnaire=DICTIONARY, sommes=sums)
    known = {f"taux_rsa, {place}, 2021"}
    assert {c.nom for c in found.exposes} == (known if ours else set())
    assert {c.nom for c in found.informations} == (set() if ours else known)
