"""What a sheet may say, rule by rule, on figures written by hand."""

from __future__ import annotations

import dataclasses

import pytest

from tests.fixtures.small_recueil import (
    EMPLOI,
    ICI,
    PAUVRETE,
    PEUPLE,
    SIREN,
    mouvement,
    niveau,
    plume,
    small_recueil,
)
from warehouse.declared.dictionary import load_dictionary
from warehouse.declared.profile import load_profil
from warehouse.publication.profils.bandes import joined
from warehouse.publication.profils.composition import Compositeur
from warehouse.publication.profils.faits import EcartSuivi, Position, Recueil


def flat(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")


def level(recueil: Recueil) -> str:
    said = plume(recueil).niveau(ICI)
    return flat(said.texte) if said else ""


def alike(recueil: Recueil) -> str:
    said = plume(recueil).semblance(ICI)
    return flat(said.texte) if said else ""


def move(recueil: Recueil) -> str:
    said = plume(recueil).mouvement(ICI)
    return flat(said.texte) if said else ""


def test_every_declared_indicator_is_published() -> None:
    known = load_dictionary().indicateurs
    profil = load_profil()
    assert all(known[code].publier for code in profil.montres)
    assert all(known[x.indicateur].constat for x in profil.lignes if x.niveau)
    assert all(known[x.indicateur].sens != "neutre" for x in profil.lignes if x.niveau)


def test_a_level_stands_beside_its_town_and_france_with_its_rank() -> None:
    assert level(small_recueil()) == (
        "En 2018, 52,9 % des habitants vivent sous le seuil de pauvreté, contre 20,0 % au Quesnoy"
        " et 14,5 % en France métropolitaine : 224e taux de pauvreté le plus élevé des"
        " 1 347 quartiers où il est connu."
    )


def test_the_level_that_stands_out_goes_before_the_first_declared() -> None:
    recueil = small_recueil()
    recueil.niveaux[EMPLOI, ICI] = niveau(34.4)
    recueil.positions[EMPLOI, ICI] = Position(1, 1309, 1, "defavorable", None, None, None, "")
    recueil.positions[PAUVRETE, ICI] = Position(600, 1347, 3, "", None, None, None, "")
    said = level(recueil)
    assert said.startswith("En 2018, 34,4 % des habitants de 15 à 64 ans ont un emploi")
    assert said.endswith(
        ": le taux d’emploi des 15-64 ans le plus bas des 1 309 quartiers où il est connu."
    )
    recueil.positions[EMPLOI, ICI] = Position(700, 1309, 3, "", None, None, None, "")
    assert "seuil de pauvreté" in level(recueil)


def test_a_level_of_the_best_fifth_gets_no_rank_from_the_worst() -> None:
    recueil = small_recueil()
    recueil.positions[PAUVRETE, ICI] = Position(1300, 1347, 5, "favorable", None, None, None, "")
    assert level(recueil).endswith(
        ": parmi le cinquième des 1 347 quartiers où il est le plus bas."
    )


@pytest.mark.parametrize("spoilt", ["reserve", "open", "masked"])
def test_no_sentence_under_a_reserve_an_open_finding_or_a_mask(spoilt: str) -> None:
    recueil = small_recueil()
    if spoilt == "reserve":
        recueil.niveaux[PAUVRETE, ICI] = niveau(52.9, "à lire avec prudence (NOTE 1)")
    elif spoilt == "masked":
        recueil.niveaux[PAUVRETE, ICI] = niveau(None, "secret")
    else:
        recueil = dataclasses.replace(recueil, ouverts=frozenset({(PAUVRETE, ICI)}))
    assert level(recueil) == "" and move(recueil) == ""


@pytest.mark.parametrize(("known", "said"), [(1270, True), (1232, True), (1231, False)])
def test_a_set_stands_beside_from_95_percent_of_its_parts_and_says_so(
    known: int, said: bool
) -> None:
    recueil = small_recueil()
    for code in ("COM:59001", "FRMETRO"):
        del recueil.niveaux[PAUVRETE, code]
    motif = f"calculé sur {known} des 1296 QPV : {1296 - known} laissés de côté"
    recueil.niveaux[PAUVRETE, "QPV@FRMETRO"] = niveau(44.0, motif)
    beside = (
        f"contre 44,0 % dans les QPV de France métropolitaine (calculé sur {known:_} des 1_296)"
    ).replace("_", " ")
    assert (beside in level(recueil)) == said


def test_a_comparator_of_another_period_or_under_a_finding_is_not_one() -> None:
    recueil = small_recueil()
    recueil.niveaux[PAUVRETE, "COM:59001"] = niveau(20.0)._replace(periode="2017")
    recueil = dataclasses.replace(recueil, ouverts=frozenset({(PAUVRETE, "FRMETRO")}))
    assert "contre" not in level(recueil) and "224e" in level(recueil)


def test_overseas_stands_beside_nothing_metropolitan() -> None:
    recueil = small_recueil()
    here = dataclasses.replace(recueil.territoires[ICI], est_metropole=False)
    recueil.territoires[ICI] = here
    assert "contre 20,0 % au Quesnoy :" in level(recueil)


def test_a_rate_moves_in_points_beside_how_others_moved() -> None:
    assert move(small_recueil()) == (
        "Depuis 2013, le taux de pauvreté a augmenté de 6,0 points, de 46,9 % à 52,9 %, l’une des"
        " évolutions les plus défavorables (dernier cinquième des 1 291 quartiers comparés)."
    )


def test_a_rank_of_a_move_since_another_period_is_not_said() -> None:
    recueil = small_recueil()
    found = recueil.positions[PAUVRETE, ICI]
    recueil.positions[PAUVRETE, ICI] = found._replace(depuis="2016")
    assert move(recueil).endswith("de 46,9 % à 52,9 %.")


@pytest.mark.parametrize("statut", ["non_comparable", "secret_producteur", "non_disponible"])
def test_nothing_moves_across_a_break(statut: str) -> None:
    recueil = small_recueil()
    broken = mouvement(6.0)._replace(statut=statut)
    recueil.mouvements[PAUVRETE, ICI] = broken
    assert move(recueil) == ""


@pytest.mark.parametrize(("base", "said"), [(99, False), (100, True)])
def test_a_count_moves_by_no_percentage_on_a_base_under_100(base: float, said: bool) -> None:
    recueil = small_recueil()
    recueil.mouvements.clear()
    recueil.mouvements[PEUPLE, ICI] = mouvement(pct=180.0, avant=base)
    assert ("180" in move(recueil)) == said


def test_the_move_said_is_the_most_unusual_one() -> None:
    recueil = small_recueil()
    recueil.mouvements[PEUPLE, ICI] = mouvement(pct=13.0, avant=1770)
    assert "pauvreté" in move(recueil)  # 6 of 5 usual, before 13 of 12
    recueil.usages[PAUVRETE, "2013"] = 6.0
    assert "population a augmenté de 13,0 %, de 1 770 à 2 000 habitants" in move(recueil)


def test_less_than_a_point_is_no_move() -> None:
    recueil = small_recueil()
    recueil.mouvements[PAUVRETE, ICI] = mouvement(0.94, avant=51.96)
    assert move(recueil) == ""
    recueil.mouvements[PAUVRETE, ICI] = mouvement(-0.95, avant=53.85)
    assert "a baissé de 1,0 point," in move(recueil)


def test_the_gap_is_that_to_the_nearest_place_and_under_no_finding() -> None:
    recueil = small_recueil()
    assert plume(recueil).ecart(ICI) is None
    recueil.ecarts[PAUVRETE, ICI] = [
        EcartSuivi("FRMETRO", "2018", 38.4, "points", "2013", 32.4, "se_creuse", ""),
        EcartSuivi("COM:59001", "2018", 32.9, "points", "2013", 33.0, "stable", "à lire"),
    ]
    said = plume(recueil).ecart(ICI)
    assert (
        said
        and said.reserve == "à lire"
        and flat(said.texte)
        == (
            "L’écart de taux de pauvreté avec Le Quesnoy est stable : +32,9 points en 2018,"
            " après +33,0 points en 2013."
        )
    )
    hidden = dataclasses.replace(recueil, ouverts=frozenset({(PAUVRETE, "COM:59001")}))
    said = plume(hidden).ecart(ICI)
    assert said and "avec la France métropolitaine se creuse" in said.texte
    recueil.niveaux[PAUVRETE, ICI] = niveau(52.9, "à lire avec prudence (NOTE 1)")
    assert plume(recueil).ecart(ICI) is None


def test_a_third_party_figure_is_said_to_be_one() -> None:
    recueil = small_recueil()
    recueil.niveaux[PAUVRETE, ICI] = niveau(52.9, tierce=True)
    assert level(recueil).endswith("(source tierce).")
    assert move(recueil).endswith("(source tierce).")


def test_likeness_names_the_nearest_and_where_most_are() -> None:
    recueil = small_recueil()
    assert plume(recueil).semblance(ICI) is None
    recueil.semblables[ICI] = [("QP059002", 18)] + [("QP059003", 17)] * 4
    assert alike(recueil) == (
        "Sur 18 indicateurs, il ressemble d’abord à « Quartier 2 (Lille) » et"
        " « Quartier 3 (Lille) » ; parmi les 5 plus proches, 5 du Nord."
    )
    recueil.semblables[ICI] = recueil.semblables[ICI][:4]
    assert "parmi" not in alike(recueil)


def test_an_epci_says_the_range_of_its_quarters() -> None:
    recueil = small_recueil()
    recueil.niveaux[PAUVRETE, f"EPCI:{SIREN}"] = niveau(18.0)
    sheet = composer(recueil).epci(SIREN)
    first, *others = (flat(text) for text, _ in sheet.phrases)
    assert first == (
        "En 2018, le taux de pauvreté va, dans 2 des 4 quartiers, de 30,0 % (Quartier 2) à 52,9 %"
        " (Quartier 1), contre 18,0 % dans la CA Un et 14,5 % en France métropolitaine."
    )
    assert others == [
        "Pour le taux de pauvreté, sur 1 quartier, un est dans le cinquième des 1 347 QPV où il"
        " est le plus élevé et aucun n’est dans le cinquième où il est le plus bas."
    ]
    assert [q.cellules[1][0] for q in sheet.quartiers] == ["52,9", "30,0", "nd", "nd"]


def composer(recueil: Recueil) -> Compositeur:
    return Compositeur(recueil, load_profil(), load_dictionary(), lambda code: None)


def test_a_masked_figure_is_in_no_part_of_a_sheet() -> None:
    recueil = small_recueil()
    recueil.niveaux[PAUVRETE, ICI] = niveau(None, "moins de 11 personnes")._replace(valeur=None)
    del recueil.mouvements[PAUVRETE, ICI], recueil.series[PAUVRETE, ICI]
    sheet = composer(recueil).qpv(ICI)
    assert "taux_pauvrete" not in [x.indicateur for x in sheet.lignes]
    [(_what, why, _), *_] = [m for m in sheet.manque if "pauvreté" in m[0]]
    assert "masqué avant publication" in why and "52,9" not in str(sheet)


def test_a_line_joins_only_what_the_release_allows() -> None:
    points = small_recueil().series[PAUVRETE, ICI]
    assert joined(points, "2018") == [("2013", "2018")]
    assert joined(points[1:], "2018") == []  # what it is joined to is not drawn
    sheet = composer(small_recueil()).qpv(ICI)
    [curve] = sheet.series
    assert curve.marques.count("<path") == 2  # the axis, and one link of two
    assert ("point vide, que rien ne relie : aucune règle ne couvre ces deux périodes") in [
        flat(reason) for _, reason in sheet.notes
    ]


def test_sources_are_those_of_what_is_shown() -> None:
    recueil = small_recueil()
    recueil.fichiers["insee_b", "2020"] = recueil.fichiers["insee_a", "2022"]
    [source] = composer(recueil).qpv(ICI).sources
    assert (source.numero, source.millesimes) == (1, "2022")
    other = niveau(1500)._replace(source=("insee_b", "2020"))
    recueil.niveaux[PEUPLE, "QP059003"] = other  # a cell of the EPCI's table
    assert [s.millesimes for s in composer(recueil).epci(SIREN).sources] == ["2022", "2020"]
