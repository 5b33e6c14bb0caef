"""A figure that bears a token: its sentence must say what the token is of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quality.citations.passages import Passage
from quality.citations.text_check import TextChecker
from warehouse.publication.answers.asked import Asked
from warehouse.release.connect import open_release


@pytest.fixture(scope="module")
def checker(sample_release: Path) -> Iterator[TextChecker]:
    with open_release(sample_release) as con:
        yield TextChecker(con, sample_release.name)


@pytest.fixture(scope="module")
def digest(sample_release: Path) -> str:
    """What tokens of the release end with."""
    return sample_release.name.rsplit("-", 1)[1]


def verdicts(checker: TextChecker, text: str, *titles: str) -> list[str]:
    found = checker.passages([Passage(text, "ligne 1", titles)]).chiffres
    return [one.constat.sort for one in found]


def test_a_token_says_of_which_cell_a_figure_is(checker: TextChecker, digest: str) -> None:
    token = f"[qpv:QP059050/population_municipale/2018#{digest}]"
    assert verdicts(checker, f"On y compte 13 204 {token} habitants.") == ["conforme"]
    assert verdicts(checker, f"On y compte 13 205 {token} habitants.") == ["introuvable"]
    elsewhere = f"Le quartier QP059021 compte 13 204 {token} habitants."
    assert verdicts(checker, elsewhere) == ["autre_territoire"]
    assert verdicts(checker, f"En 2013, on y compte 13 204 {token} habitants.") == ["autre_periode"]
    assert verdicts(checker, f"On y compte 13 204 % {token}.") == ["introuvable"]
    old = token.replace(digest, "0123abcd")
    assert verdicts(checker, f"On y compte 13 204 {old} habitants.") == ["ambigu"]


def test_a_token_that_no_figure_bears_is_told(checker: TextChecker, digest: str) -> None:
    token = f"[qpv:QP059050/population_municipale/2018#{digest}]"
    for text, alone in (
        (f"On y compte 13 204 {token} habitants.", 0),
        (f"On y compte 13 204 habitants {token}.", 0),
        (f"On y compte 13 204 habitants. {token}", 1),
        (f"On y compte 13 204 {token} {token} habitants.", 1),
    ):
        found = checker.passages([Passage(text, "ligne 1")])
        assert found.autres["jeton sans chiffre"] == alone, text


def test_a_token_passes_neither_another_kind_of_figure_nor_a_denial_nor_other_words(
    checker: TextChecker, digest: str
) -> None:
    level = f"[qpv:QP059050/population_municipale/2018#{digest}]"
    for said in (
        "a augmenté de 13 204 {} habitants",
        "a 13 204 {} habitants de plus",
        "ne compte plus 13 204 {} habitants",
        "compte 13 204 {} ménages",
        "compte 13 204 {} chevaux",
        "compte 13 204 chevaux {}",
    ):
        assert verdicts(checker, f"Le quartier {said.format(level)}.") == ["ambigu"], said
    # Foreigners of the quarter: 937 in 2011, 1 228 in 2019.
    move = f"[qpv:QP059050/pop_etrangere/2019/evolution_nb/2011#{digest}]"
    assert verdicts(checker, f"Le nombre d'étrangers a augmenté de 291 {move}.") == ["conforme"]
    assert verdicts(checker, f"Le nombre d'étrangers : +291 {move}.") == ["conforme"]
    assert verdicts(checker, f"Le nombre d'étrangers est de 291 {move}.") == ["ambigu"]
    between = "Le nombre d'étrangers a augmenté de 291 {} entre {} et 2019."
    assert verdicts(checker, between.format(move, 2011)) == ["conforme"]
    assert verdicts(checker, between.format(move, 2013)) == ["ambigu"]
    assert verdicts(checker, f"Le quartier compte 291 {move} étrangers.") == ["ambigu"]


def test_what_comes_before_and_the_token_say_one_place_and_one_period(
    checker: TextChecker, sample_release: Path, digest: str
) -> None:
    with open_release(sample_release) as con:
        value, periode = con.execute(
            "select valeur, periode from fct_indicateur where code_territoire = 'EPCI:200042190'"
            " and code_indicateur = 'population_municipale' and statut = 'diffuse' order by all"
        ).fetchone()  # type: ignore[misc]
    here, there = (
        f"[qpv:{c}/population_municipale/2018#{digest}]" for c in ("QP059050", "QP059021")
    )
    around = f"[qpv:EPCI:200042190/population_municipale/{periode}#{digest}]"
    it = "Il compte {} habitants."
    assert verdicts(checker, it.format(f"13 204 {here}"), "QP059050 en 2018") == ["conforme"]
    assert verdicts(checker, it.format(f"10 744 {there}"), "QP059050 en 2018") == ["ambigu"]
    assert verdicts(checker, it.format(f"13 204 {here}"), "QP059050 en 2013") == ["ambigu"]
    for titles in ((), ("QP059050",)):
        for who, verdict in (("L'EPCI", "conforme"), ("La région", "ambigu")):
            said = f"{who} compte {value:.0f} habitants {around}."
            assert verdicts(checker, said, *titles) == [verdict], (titles, said)
    for both in ("Contrairement au QP059021, le QP059050", "Le QP059021 et le QP059050"):
        said = f"{both} compte 13 204 {here} habitants en 2018."
        [one] = checker.passages([Passage(said, "")]).chiffres
        assert (one.constat.sort, one.constat.detail[:14]) == ("ambigu", "plusieurs lieu")
    two = f"Le QP059050 compte 13 204 {here} habitants en 2018, contre 10 744 {there}."
    assert verdicts(checker, two) == ["conforme", "ambigu"]


def test_a_figure_that_may_be_a_year_is_one_where_it_bears_a_token(
    checker: TextChecker, digest: str
) -> None:
    token = f"[qpv:QP059050/population_municipale/2018#{digest}]"
    for said in (
        "compte 2015 {} habitants",
        "a une population de 2015 {}",
        "compte 2015{} habitants",
    ):
        assert verdicts(checker, f"Le QP059050 {said.format(token)}.") == ["introuvable"], said
    for said in ("en 2018", "entre 2013 et 2018"):
        text = f"Le QP059050 compte 13 204 habitants {said} {token}."
        assert len(verdicts(checker, text)) == 1, said


def test_a_token_passes_no_part_turned_round(
    checker: TextChecker, sample_release: Path, digest: str
) -> None:
    with open_release(sample_release) as con:
        value = con.execute(
            "select round(valeur, 1) from fct_indicateur where code_territoire = 'QP059059' and"
            " code_indicateur = 'part_monoparentales_familles_caf' and periode = '2021-12-31'"
        ).fetchone()[0]  # type: ignore[index]
    token = f"[qpv:QP059059/part_monoparentales_familles_caf/2021-12-31#{digest}]"
    said = "La part des {} parmi les {} du QP059059 est de " + f"{value} % {token}."
    parts = "familles monoparentales", "familles allocataires"
    assert verdicts(checker, said.format(*parts)) == ["conforme"]
    assert verdicts(checker, said.format(*reversed(parts))) == ["ambigu"]


def test_the_token_of_a_gap_is_set_beside_its_own_territory(
    checker: TextChecker, sample_release: Path, digest: str
) -> None:
    with open_release(sample_release) as con:
        place, other, code, periode, gap = con.execute(
            "select code_territoire, code_reference, code_indicateur, periode, ecart from fct_ecart"
            " where code_reference = 'EPCI:200042190' and code_territoire like 'QP0%'"
            " and ecart > 1 and unite_ecart = 'points' order by all limit 1"
        ).fetchone()  # type: ignore[misc]
    token = f"[qpv:{place}/{code}/{periode}/ecart/{other}#{digest}]"
    shown = f"{gap:.1f}".replace(".", ",") + f" points {token}"
    assert verdicts(checker, f"C'est {shown} de plus que dans l'EPCI.") == ["conforme"]
    assert verdicts(checker, f"C'est {shown} de plus que dans le département.") == ["ambigu"]
    assert verdicts(checker, f"{place} : {shown} de plus que DEP:59.") == ["ambigu"]
    assert verdicts(checker, f"{other} : {shown} de plus que {place}.") == ["autre_territoire"]
    assert verdicts(checker, f"Il est de {shown}.") == ["ambigu"]


def test_the_token_of_the_sentence_that_a_release_gives_is_read_after_its_unit(
    checker: TextChecker, sample_release: Path
) -> None:
    asked = Asked(sample_release)
    # Its unit (« personnes ») is no word of its name, and its name compares (« supérieur »).
    for code, periode in (("nb_defm_abc_sup_bac", "2021-12-31"), ("population_municipale", "2018")):
        answer = asked.citation("QP059050", code, periode)
        assert verdicts(checker, answer["phrase"]) == ["conforme"], answer["phrase"]
    asked.close()


def test_a_place_without_any_dated_row_of_a_figure_is_said_so(checker: TextChecker) -> None:
    # The sample has its communes as places, and no row of any figure of theirs.
    found = checker.passages([Passage("On compte 1 203 habitants à COM:59172.", "")]).chiffres
    assert [one.constat.sort for one in found] == ["introuvable"]
    assert "n'a pas ce chiffre de Denain" in found[0].constat.detail
