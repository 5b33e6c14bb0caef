"""What a fiche promises of its figures, periods and sentences."""

from __future__ import annotations

import pytest

from warehouse.domain import format as f
from warehouse.publication.fiches.textes import CHIFFRES_CLES, STATUTS, motif_par_defaut


@pytest.mark.parametrize(
    ("valeur", "decimales", "attendu"),
    [
        (0.25, 1, "0,3"),
        (-0.25, 1, "−0,3"),
        (2.675, 2, "2,68"),
        (1.005, 2, "1,01"),
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (-2.5, 0, "−3"),
        (46.349999999999994, 1, "46,3"),
        (99.95, 1, "100,0"),
    ],
)
def test_half_is_rounded_away_from_zero(valeur, decimales, attendu):
    assert f.nombre(valeur, decimales) == attendu


@pytest.mark.parametrize(
    ("valeur", "decimales", "attendu"),
    [
        (0.0, 0, "0"),
        (-0.0, 0, "0"),
        (-0.04, 1, "0,0"),
        (-0.4, 0, "0"),
        (0, 1, "0,0"),
    ],
)
def test_zero_is_a_value_and_has_no_sign(valeur, decimales, attendu):
    assert f.nombre(valeur, decimales) == attendu
    assert f.nombre(valeur, decimales, signe=True) == attendu


@pytest.mark.parametrize(
    ("valeur", "attendu"),
    [
        (999, "999"),
        (1000, "1\u202f000"),
        (64844037.0, "64\u202f844\u202f037"),
        (-32500, "−32\u202f500"),
        (1e22, "10\u202f000\u202f000\u202f000\u202f000\u202f000\u202f000\u202f000"),
    ],
)
def test_thousands_are_parted_by_a_narrow_no_break_space(valeur, attendu):
    assert f.nombre(valeur, 0) == attendu


@pytest.mark.parametrize(
    ("valeur", "attendu"), [(12.4, "+12,4"), (-1.1, "−1,1"), (0.04, "0,0"), (0.05, "+0,1")]
)
def test_an_evolution_carries_its_sign(valeur, attendu):
    assert f.nombre(valeur, 1, signe=True) == attendu


def test_a_level_carries_no_plus():
    assert f.nombre(17.9, 1) == "17,9"


@pytest.mark.parametrize("valeur", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_refused(valeur):
    with pytest.raises(ValueError, match="finie"):
        f.nombre(valeur, 1)


def test_a_unit_follows_the_figure_and_a_ratio_has_none():
    assert f.avec_unite("34,1", "%") == "34,1\u202f%"
    assert f.avec_unite("13 400", "€ par an") == "13 400\u202f€ par an"
    assert f.avec_unite("2,2", "ratio") == "2,2"


@pytest.mark.parametrize(
    ("periode", "longue", "courte"),
    [
        ("2019", "2019", "2019"),
        ("2021-12-31", "31 décembre 2021", "31/12/2021"),
        ("2022-01-01", "1er janvier 2022", "01/01/2022"),
        ("2022-T4", "4e trimestre 2022", "T4 2022"),
    ],
)
def test_periods_in_words(periode, longue, courte):
    assert f.periode_longue(periode) == longue
    assert f.periode_courte(periode) == courte


@pytest.mark.parametrize(
    ("debut", "fin", "attendu"),
    [
        ("2011", "2019", "de 2011 à 2019"),
        ("2016-12-31", "2021-12-31", "de 2016 à 2021"),
        ("2020-01-01", "2021-12-31", "du 01/01/2020 au 31/12/2021"),
        ("2016-T4", "2022-T4", "du T4 2016 au T4 2022"),
    ],
)
def test_an_evolution_says_from_when_to_when(debut, fin, attendu):
    assert f.intervalle(debut, fin) == attendu


def test_note_calls_go_on_after_z():
    assert [f.lettre(n) for n in (0, 25, 26, 51, 52)] == ["a", "z", "aa", "az", "ba"]


def test_the_reading_contracts_the_article():
    modele = "{valeur} % des habitants de {territoire} en {periode}."
    attendu = "34,1\u202f% des habitants du quartier Elnon en 2019"
    assert f.phrase_de_lecture(modele, "le quartier Elnon", "34,1", "2019") == attendu
    attendu = "34,1\u202f% des habitants de la CA X en 2019"
    assert f.phrase_de_lecture(modele, "la CA X", "34,1", "2019") == attendu


def test_the_reading_leaves_a_label_s_own_braces_alone():
    assert (
        f.phrase_de_lecture("{territoire} : {valeur}", "le quartier {valeur} {x}", "3", "2019")
        == "le quartier {valeur} {x} : 3"
    )


def test_a_placeholder_without_a_value_stays_visible():
    assert f.phrase_de_lecture("{valeur} {inconnu}", "x", "3", "2019") == "3 {inconnu}"


def test_every_statut_but_diffuse_can_say_why():
    assert all(motif_par_defaut(s) for s in STATUTS)
    assert "inconnu_ici" in motif_par_defaut("inconnu_ici")


def test_key_figures_are_indicators_of_the_dictionary():
    from warehouse.declared.dictionary import load_dictionary

    assert set(CHIFFRES_CLES) <= set(load_dictionary().indicateurs)


def test_words_are_listed_whatever_gives_them():
    for words, told in (([], ""), (["a"], "a"), (["a", "b"], "a et b"), ("abc", "a, b et c")):
        assert f.list_in_words(words) == f.list_in_words(map(str, words)) == told
