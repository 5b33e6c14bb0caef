"""The sentence that opens a rubrique: correct French, and silence where something is missing."""

from __future__ import annotations

import pytest

from warehouse.declared.dictionary import Dictionary
from warehouse.domain.format import nombre
from warehouse.publication.fiches.constats import Redacteur, agree, la_bas, lieu, variation
from warehouse.publication.fiches.data import Donnees, Fait, Periodes
from warehouse.release.published import Territoire

FEMMES = "{valeur} % des demandeurs d'emploi sont des femmes"
ENSEMBLE = Territoire("QPV@EPCI:1", "qpv_epci", "QP de la CA Un", nb_qpv=13)
CA = Territoire("EPCI:1", "epci", "CA Un")
FRANCE = Territoire("FRMETRO", "france", "France métropolitaine")
ELNON = Territoire("QP1", "qpv", "QP Elnon", nb_qpv=1)


def said(
    valeur: float | None,
    ailleurs: dict[str, float | None],
    *,
    motif: str = "",
    motif_la_bas: str = "",
    code: str = "QPV@EPCI:1",
    unite: str = "%",
    kind: str = "part",
    constat: str | None = FEMMES,
    arrondi: int = 1,
    evolution: Fait | None = None,
) -> str:
    """The sentence for one indicator, from a value here and values elsewhere."""

    def fact(value: float | None, reason: str) -> Fait:
        if value is None:
            return Fait("", reason or "masqué")
        return Fait(nombre(value, arrondi), reason, value)

    dictionary = Dictionary.model_validate(
        {"rubriques": [{
            "rubrique": "r", "theme": "t", "question": "?", "ordre": 1,
            "indicateurs": {"i": {
                "libelle": "I", "unite": unite, "type": kind, "arrondi": arrondi, "num": {"m": 1},
                "agregation": "aucune", "sens": "neutre", "definition": "d", "lecture": "l",
                "publier": True,
                "constat": constat}},
            "tableaux": [
                {"id": "t", "titre": "T", "colonnes": [{"indicateur": "i", "titre": "I"}]}],
        }]}
    )  # fmt: skip
    cells = {code: fact(valeur, motif)}
    cells |= {c: fact(v, motif_la_bas) for c, v in ailleurs.items()}
    changes = {code: evolution} if evolution else {}
    data = Donnees(
        {t.code: t for t in (ENSEMBLE, CA, FRANCE, ELNON)}, {}, {},
        {"i": Periodes("", "2021", "2016" if evolution else None)}, [],
        {("i", "niveau"): cells, ("i", "evolution_pct"): changes},
        {("i", "niveau"): Fait("", "absent")},
    )  # fmt: skip
    columns = dictionary.rubriques[0].tableaux[0].colonnes
    return Redacteur(data, dictionary.indicateurs).constat(columns, code, list(ailleurs))


def test_a_share_is_set_beside_that_of_the_epci():
    assert said(46.3, {"EPCI:1": 48.45, "FRMETRO": 51.6}) == (
        "Dans les 13 QPV de la CA Un, 46\u202f% des demandeurs d'emploi sont des femmes,"
        " contre 48\u202f% dans l'EPCI"
    )


def test_a_value_is_rounded_once_half_away_from_zero():
    """46.45 prints 46.5 in the table; twice rounded it would be 47."""
    assert ", 46\u202f% des" in said(46.45, {"EPCI:1": 60})
    assert ", 47\u202f% des" in said(46.5, {"EPCI:1": 60})


@pytest.mark.parametrize(
    ("ici", "la", "fin"),
    [
        (
            46.4,
            45.6,
            "46,4\u202f% des demandeurs d'emploi sont des femmes, contre 45,6\u202f% dans",
        ),
        (46.3, 46.3, "46,3\u202f% des demandeurs d'emploi sont des femmes, comme dans l'EPCI"),
        (7.2, 3.4, "7,2\u202f% des demandeurs d'emploi sont des femmes, contre 3,4\u202f% dans"),
    ],
)
def test_as_few_decimals_as_tell_two_figures_apart(ici, la, fin):
    assert fin in said(ici, {"EPCI:1": la})


def test_a_comparison_that_is_masked_or_to_be_read_with_care_gives_way_to_the_next():
    after = "contre 52\u202f% en France métropolitaine"
    assert said(46.3, {"EPCI:1": None, "FRMETRO": 51.6}).endswith(after)
    alone = said(46.3, {"EPCI:1": 48.4}, motif_la_bas="rupture de série")
    assert alone.endswith("sont des femmes") and "contre" not in alone


def test_nothing_is_said_of_what_is_missing_or_doubtful():
    assert said(None, {"EPCI:1": 48.4}) == ""
    assert said(46.3, {"EPCI:1": 48.4}, motif="rupture de série") == ""
    assert said(46.3, {"EPCI:1": 48.4}, constat=None) == ""
    assert said(46.3, {}, code="DEP:59") == ""


def test_a_figure_of_some_of_the_quarters_is_said_of_those():
    reserve = "calculé sur 12 des 13 QPV : 1 laissé de côté (QP1 Elnon)"
    assert said(47, {}, motif=reserve).startswith("Dans 12 des 13 QPV de la CA Un, 47")
    reserve = "calculé sur 1 des 13 QPV : 12 laissés de côté"
    assert said(47, {}, motif=reserve).startswith("Dans un seul des 13 QPV de la CA Un, 47")


def test_an_amount_says_its_unit_on_both_sides():
    words = said(
        13505.0, {"EPCI:1": 18920.0}, unite="€ par an", kind="montant", arrondi=0,
        constat="le niveau de vie médian est de {valeur} € par an", code="QP1",
    )  # fmt: skip
    assert words == (
        "Dans le quartier Elnon, le niveau de vie médian est de 13\u202f505\u202f€ par an,"
        " contre 18\u202f920\u202f€ dans l'EPCI"
    )


def test_a_count_says_how_it_moved_and_is_set_beside_nothing():
    options = {
        "unite": "habitants", "kind": "effectif", "arrondi": 0,
        "constat": "la population est de {valeur} habitant{s}",
    }  # fmt: skip
    start = "Dans les 13 QPV de la CA Un, la population est de 45\u202f519 habitants"
    moved = said(45519, {"EPCI:1": 158837}, evolution=Fait("−2,4", "", -2.35), **options)
    assert moved == start + ", en baisse de 2,4\u202f% depuis 2016"
    doubtful = said(45519, {}, evolution=Fait("−2,4", "contour changé", -2.35), **options)
    assert doubtful == start
    assert said(1, {}, **options).endswith("la population est de 1 habitant")


@pytest.mark.parametrize(
    ("valeur", "mots"),
    [("0", "0 jeune"), ("1", "1 jeune"), ("1,9", "1,9 jeune"), ("2", "2 jeunes"),
     ("2\u202f327", "2\u202f327 jeunes"), ("\u22122", "\u22122 jeunes")],
)  # fmt: skip
def test_the_plural_starts_at_two(valeur, mots):
    assert agree("{valeur} jeune{s}", valeur) == mots


@pytest.mark.parametrize(
    ("pourcentage", "mots"),
    [(5.25, "en hausse de 5,3\u202f%"), (-0.05, "en baisse de 0,1\u202f%"), (0.049, "stable")],
)
def test_an_evolution_in_words(pourcentage, mots):
    assert variation(pourcentage) == mots


def test_a_place_has_its_preposition():
    other = Territoire("EPCI:2", "epci", "Bordeaux Métropole")
    alone = Territoire("QPV@EPCI:2", "qpv_epci", "QP", nb_qpv=1)
    assert lieu(ELNON, None, "") == "Dans le quartier Elnon"
    assert lieu(alone, other, "") == "Dans le QPV de l'intercommunalité Bordeaux Métropole"
    assert lieu(ENSEMBLE, None, "") == ""
    assert lieu(ELNON, None, "calculé sur 1 des 2 QPV") == ""
    assert la_bas(CA) == "dans l'EPCI"
    assert la_bas(FRANCE) == "en France métropolitaine"
    assert la_bas(ENSEMBLE) == "dans l'ensemble des QPV de l'EPCI"
    metropole = Territoire("QPV@FRMETRO", "qpv_france", "QP de France métropolitaine", nb_qpv=1296)
    assert la_bas(metropole) == "dans l'ensemble des QPV de France métropolitaine"


def test_braces_of_a_label_are_left_as_they_are():
    assert agree("{valeur} % à {autre}", "3") == "3\u202f% à {autre}"
