"""Where an objective stands: comparability first, then four states; what is masked stays masked."""

from __future__ import annotations

import pytest

from tests.fixtures.contracts import CITED, ENSEMBLE, SIREN, figures, objective, point
from warehouse.declared.contracts import Objectif
from warehouse.publication.contrats.depuis import changes
from warehouse.publication.contrats.etats import (
    AILLEURS,
    SANS_REGLE,
    TU,
    VOILE,
    Suivi,
    follow,
    follow_count,
)
from warehouse.publication.contrats.mesures import LienLu, Mesures, PointLu
from warehouse.release.published import Territoire

ALLOWED = {("2021", "2016"): LienLu("", "")}


def followed(mesures: Mesures, *, opened: bool = False, **changed: object) -> Suivi:
    one = Objectif.model_validate(objective(**changed))
    found = frozenset([("taux", ENSEMBLE)] if opened else ())
    return follow(one, ENSEMBLE, "2015", mesures, found)


def aim(operateur: str, valeur: float | None = None) -> dict:
    told = {"operateur": operateur, "annee": 2030, "source": CITED}
    return told if valeur is None else told | {"valeur": valeur}


@pytest.mark.parametrize(
    ("now", "cible", "state", "arrow"),
    [
        (38.0, aim("baisse"), "en chemin", "▼"),
        (42.0, aim("baisse"), "s’éloigne", "▲"),
        (42.0, aim("hausse"), "en chemin", "▲"),
        (38.0, aim("hausse"), "s’éloigne", "▼"),
        (40.04, aim("baisse"), "ne bouge pas", "="),  # 40,0 and 40,0 as printed
        (38.0, aim("au_plus", 35), "en chemin", "▼"),
        (34.96, aim("au_plus", 35), "atteint", "▼"),  # 35,0 as printed
        (45.0, aim("au_plus", 35), "s’éloigne", "▲"),
        (45.0, aim("au_moins", 45), "atteint", "▲"),
        (44.9, aim("au_moins", 45), "en chemin", "▲"),
        (40.0, aim("au_moins", 39), "atteint", "="),
    ],
)
def test_two_figures_that_may_be_compared_have_a_state_and_an_arrow(
    now: float, cible: dict, state: str, arrow: str
) -> None:
    mesures = figures(point("2016", 40.0), point("2021", now), links=ALLOWED)
    told = followed(mesures, cible=cible)
    assert (told.comparaison, told.etat, told.fleche) == ("permise", state, arrow)


@pytest.mark.parametrize(
    ("link", "why"),
    [(LienLu("la définition a changé", ""), "la définition a changé"), (None, SANS_REGLE)],
)
def test_a_forbidden_comparison_says_so_and_shows_no_arrow(link: LienLu | None, why: str) -> None:
    links = {("2021", "2016"): link} if link else None
    told = followed(
        figures(point("2016", 40.0), point("2021", 30.0), links=links), cible=aim("au_plus", 35)
    )
    assert (told.comparaison, told.raison) == ("interdite", why)
    assert (told.etat, told.fleche) == ("pas de mesure", "")
    assert told.depart and told.maintenant  # both are shown, apart


def test_a_reserve_goes_with_the_state() -> None:
    links = {("2021", "2016"): LienLu("", "fichier dégradé")}
    told = followed(figures(point("2016", 40.0), point("2021", 30.0), links=links))
    assert (told.comparaison, told.raison) == ("avec réserve", "fichier dégradé")
    assert told.etat == "en chemin"


def test_figures_of_two_perimeters_are_not_compared() -> None:
    mesures = figures(point("2016", 40.0), point("2021", 30.0), links=ALLOWED)
    depart = {"periode": "2016", "valeur": 40, "perimetre": "2024", "source": CITED}
    told = followed(mesures, depart=depart)
    assert told.comparaison == "interdite" and "périmètre 2024" in told.raison
    assert (told.etat, told.fleche) == ("pas de mesure", "")


def test_nothing_newer_than_the_start_is_no_measure() -> None:
    told = followed(figures(point("2016", 40.0)))
    assert (told.etat, told.comparaison) == ("pas de mesure", "sans objet")
    assert told.raison == "aucun chiffre plus récent que le départ"


def test_a_masked_figure_is_said_and_an_older_one_does_not_stand_for_it() -> None:
    points = (point("2016", 40.0), point("2018", 39.0), point("2021", None, "secret"))
    told = followed(figures(*points, links=ALLOWED), cible=aim("au_plus", 90))
    assert told.etat == "pas de mesure" and told.raison.startswith("chiffre masqué")
    assert told.maintenant and told.maintenant.valeur is None and told.maintenant.signe == "s"


@pytest.mark.parametrize("statut", ["secret", "secret_producteur", "non_diffuse"])
def test_a_start_that_the_release_masks_is_not_shown_because_a_contract_prints_it(
    statut: str,
) -> None:
    mesures = figures(point("2016", None, statut), point("2021", 30.0), links=ALLOWED)
    told = followed(mesures, depart={"periode": "2016", "valeur": 7771, "source": CITED})
    assert told.etat == "pas de mesure" and "masqué" in told.raison
    assert told.depart and told.depart.valeur is None and told.imprime is None


@pytest.mark.parametrize("own", [(), (point("2016", None, "non_disponible"),)])
def test_a_start_that_would_give_back_a_masked_quarter_is_hidden(own: tuple[PointLu, ...]) -> None:
    mesures = figures(*own, point("2021", 30.0), links=ALLOWED)
    mesures.voiles.add((("taux", ENSEMBLE), "2016"))
    told = followed(mesures, depart={"periode": "2016", "valeur": 7771, "source": CITED})
    assert told.depart and told.depart.valeur is None and told.depart.note == VOILE
    assert (told.etat, told.fleche) == ("pas de mesure", "")


@pytest.mark.parametrize("perimetre", ["2015", "2024"])
@pytest.mark.parametrize("said", ["2016", "2016-12-31", "2016-T4", "2015-2016", "2016-2017"])
def test_a_mask_holds_under_whatever_period_of_the_same_days(perimetre: str, said: str) -> None:
    mesures = figures(
        point("2016", None, "secret", perimetre=perimetre), point("2021", 30.0), links=ALLOWED
    )
    depart = {"periode": said, "valeur": 7771, "source": CITED, "perimetre": "2015"}
    told = followed(mesures, depart=depart)
    assert told.depart and told.depart.valeur is None and told.depart.signe == "s"
    assert (told.imprime, told.etat) == (None, "pas de mesure")
    assert "départ masqué" in told.raison
    # A mask of other days hides nothing.
    away = figures(point("2018", None, "secret"), point("2021", 30.0), links=ALLOWED)
    other = followed(away, depart=depart)
    assert other.depart and other.depart.valeur == 7771


def test_another_figure_of_days_that_are_masked_is_not_said_beside_that_of_the_release() -> None:
    points = (point("2016", 47.0), point("2016", None, "secret", perimetre="2024"))
    told = followed(
        figures(*points, point("2021", 45.0), links=ALLOWED),
        depart={"periode": "2016", "valeur": 46.3, "source": CITED},
    )
    assert told.imprime is None and told.depart and told.depart.valeur == 47.0


def test_a_veiled_set_is_so_under_whatever_period_of_the_same_days() -> None:
    mesures = figures(point("2021", 30.0), links=ALLOWED)
    mesures.voiles.add((("taux", ENSEMBLE), "2016-12-31"))
    told = followed(mesures, depart={"periode": "2016", "valeur": 7771, "source": CITED})
    assert told.depart and told.depart.valeur is None and told.depart.note == VOILE


def test_another_start_than_that_of_a_partial_set_is_not_said_again() -> None:
    mesures = figures(point("2016", 47.0), point("2021", 45.0), links=ALLOWED)
    mesures.voiles.add((("taux", ENSEMBLE), "2016"))
    told = followed(mesures, depart={"periode": "2016", "valeur": 46.3, "source": CITED})
    assert told.imprime is None and told.depart and told.depart.note == TU
    assert (told.depart.valeur, told.etat) == (47.0, "en chemin")


def test_a_start_printed_otherwise_is_judged_on_the_figure_of_the_release() -> None:
    mesures = figures(point("2016", 40.0), point("2021", 41.0), links=ALLOWED)
    told = followed(mesures, depart={"periode": "2016", "valeur": 46.3, "source": CITED})
    assert told.depart and told.depart.valeur == 40.0 and told.imprime == 46.3
    assert told.etat == "s’éloigne"  # 46,3, then 41,0, would be on its way


def test_a_start_that_the_release_does_not_have_bears_a_reserve() -> None:
    mesures = figures(point("2021", 41.0), links=ALLOWED)
    told = followed(mesures, depart={"periode": "2016", "valeur": 46.3, "source": CITED})
    assert (told.comparaison, told.raison, told.etat) == ("avec réserve", AILLEURS, "en chemin")


def test_a_figure_under_an_open_finding_has_no_state() -> None:
    mesures = figures(point("2016", 40.0), point("2021", 30.0), links=ALLOWED)
    assert followed(mesures, opened=True).etat == "pas de mesure"


def test_without_a_start_only_a_bound_that_is_reached_is_told() -> None:
    mesures = figures(point("2021", 30.0))
    assert followed(mesures, depart=None, cible=aim("au_plus", 35)).etat == "atteint"
    assert followed(mesures, depart=None, cible=aim("au_plus", 25)).etat == "pas de mesure"
    assert followed(mesures, depart=None, cible=aim("baisse")).etat == "pas de mesure"


def counted(values: list[tuple[str, float]], cible: dict) -> Suivi:
    seen = [{"periode": p, "valeur": v, "source": CITED} for p, v in values]
    told = objective(
        indicateur=None,
        comptage={"liste": "apprentis", "unite": "%", "releves": seen},
        depart={"periode": "2023", "valeur": 10, "source": CITED},
        cible=cible,
    )
    return follow_count(Objectif.model_validate(told))


def test_a_counted_list_goes_from_its_start_to_its_last_count() -> None:
    assert counted([], aim("au_moins", 15)).etat == "pas de mesure"
    assert counted([("2025", 12), ("2024", 9)], aim("au_moins", 15)).etat == "en chemin"
    assert counted([("2024", 12), ("2025", 9)], aim("au_moins", 15)).etat == "s’éloigne"
    assert counted([("2024", 12), ("2025", 15)], aim("au_moins", 15)).etat == "atteint"


def test_changes_since_a_committee_tell_states_and_periods_and_no_masked_value() -> None:
    before = followed(figures(point("2016", 40.0), point("2018", 7771.0)))
    points = (point("2016", 41.0), point("2018", None, "secret"), point("2021", 30.0))
    after = followed(figures(*points, links=ALLOWED))
    [told] = changes([before], [after])
    assert "« pas de mesure », puis « en chemin »" in told.quoi
    assert "nouveau chiffre : 2021" in told.quoi
    assert "chiffre révisé : 2016" in told.quoi
    assert "chiffre désormais masqué : 2018" in told.quoi
    assert "7771" not in told.quoi
    assert [*changes([after], [after])] == []


def told_of(before: Suivi, after: Suivi) -> str:
    """What changed of an objective; nothing where nothing did."""
    return " ".join(one.quoi for one in changes([before], [after]))


@pytest.mark.parametrize("lost", ["2016", "2021"])
@pytest.mark.parametrize("gone", [True, False])
def test_a_state_that_came_from_a_figure_masked_since_is_not_told(lost: str, gone: bool) -> None:
    start, now = point("2016", 40.0), point("2021", 40.0)
    before = followed(figures(start, now, links=ALLOWED))
    assert before.etat == "ne bouge pas"
    masked = [] if gone else [point(lost, None, "secret")]
    kept = [one for one in (start, now) if one.periode != lost]
    said = told_of(before, followed(figures(*kept, *masked, links=ALLOWED)))
    assert "désormais « pas de mesure »" in said
    assert "ne bouge pas" not in said and "40" not in said


def test_a_state_whose_start_is_hidden_since_is_not_told() -> None:
    depart = {"periode": "2016", "valeur": 40, "source": CITED}
    seen = figures(point("2021", 40.0), links=ALLOWED)
    before = followed(seen, depart=depart)
    assert before.etat == "ne bouge pas"
    seen.voiles.add((("taux", ENSEMBLE), "2016"))
    said = told_of(before, followed(seen, depart=depart))
    assert "désormais « pas de mesure »" in said and "ne bouge pas" not in said


def test_a_state_whose_figures_still_stand_is_told() -> None:
    start, between = point("2016", 40.0), point("2018", 40.0)
    links = ALLOWED | {("2018", "2016"): LienLu("", "")}
    before = followed(figures(start, between, links=links))
    after = followed(figures(start, between, point("2021", 30.0), links=links))
    assert "« ne bouge pas », puis « en chemin »" in told_of(before, after)


@pytest.mark.parametrize(("code", "perimetre", "relation"), [
    ("QN05950M", "2024", "M"), ("QN05951N", "2024", "N"), ("QP059050", "2015", ""),
])  # fmt: skip
def test_what_rules_say_of_a_quarter_is_that_of_its_relation(
    code: str, perimetre: str, relation: str
) -> None:
    mesures = figures()
    mesures.territoires[code] = Territoire(code, "qpv", code, code, perimetre, epci=SIREN)
    told = {one: LienLu(f"règle de {one!r}", "") for one in ("", "M", "N")}
    for letter, link in told.items():
        mesures.regles["taux", "qpv", letter, "2021", "2016"] = link
    assert mesures.lien(("taux", code), "2021", "2016") == told[relation]
