"""Which communes a figure is about, and whether they are the same at both dates."""

from __future__ import annotations

import pytest

from quality.geographies import Commune, Geographies
from quality.subject_changes import Held, Said, Side, difference, verdicts

CA, CC, SUD = "200040251", "247900798", "249100157"
#: Real communes, and what became of them by 2021.
ANCIENNES = [
    Commune("79329", "Thouars", "79", CC),
    Commune("79178", "Missé", "79", CC),
    Commune("69019", "Belleville", "69", ""),
    Commune("69211", "Saint-Jean-d'Ardières", "69", ""),
    Commune("91228", "Évry", "91", SUD),
    Commune("91182", "Courcouronnes", "91", SUD),
    Commune("91521", "Ris-Orangis", "91", SUD),
    Commune("93070", "Saint-Ouen", "93", ""),
    Commune("59178", "Douai", "59", ""),
    Commune("95018", "Argenteuil", "95", ""),
    Commune("25056", "Besançon", "25", CA),
    Commune("25021", "Arguel", "25", CA),
    Commune("93066", "Saint-Denis", "93", "S"),
    Commune("97411", "Saint-Denis", "974", "R"),
    Commune("93060", "La Courneuve", "93", "S"),
]
NOUVELLES = [
    Commune("79329", "Thouars", "79", CC),
    Commune("69019", "Belleville-en-Beaujolais", "69", ""),
    Commune("91228", "Évry-Courcouronnes", "91", SUD),
    Commune("91521", "Ris-Orangis", "91", SUD),
    Commune("93070", "Saint-Ouen-sur-Seine", "93", ""),
    *(c for c in ANCIENNES if c.code in ("59178", "95018", "25056", "93066", "97411", "93060")),
]
DELEGUEES = {"79178": "79329", "69211": "69019", "69019": "69019"}
GEO = Geographies({"2015": ANCIENNES, "2021": NOUVELLES}, DELEGUEES)


def why(code: str, before: str, after: str, *, geo: Geographies = GEO, start: str = "2014") -> str:
    return difference(code, Said(before, start), Said(after, "2021"), geo) or ""


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("QP059050", "Douai", "Douai"),
        ("QP095003", "Argenteuil ,  Douai", "Douai, ARGENTEUIL"),
        ("QP093044", "Saint-Ouen", "Saint-Ouen-sur-Seine"),
        ("QP091017", "Courcouronnes, Évry", "Évry-Courcouronnes"),
        ("QP079004", "Missé, Thouars", "Thouars"),
        ("QP974001", "Saint-Denis", "Saint-Denis"),
        ("QP075015", "Paris 19e  Arrondissement", "Paris 19e Arrondissement"),
    ],
)
def test_the_same_communes_under_other_names_are_the_same(code, before, after) -> None:
    assert why(code, before, after) == ""


@pytest.mark.parametrize(
    ("code", "before", "after", "said"),
    [
        ("QP079004", "Thouars", "Thouars", "puis Thouars, qui compte aussi Missé"),
        ("QP069009", "Belleville", "Belleville-en-Beaujolais", "puis Belleville-en-Beaujolais"),
        ("QP091018", "Évry", "Évry-Courcouronnes", "Évry (communes de 2014), puis Évry-Courcour"),
        ("QP095005", "Douai, Argenteuil", "Argenteuil", "Douai, Argenteuil (communes de 2014)"),
        ("QP075015", "Paris 19e Arrondissement",
         "Paris 18e Arrondissement, Paris 19e Arrondissement", "puis Paris 18e Arrondissement"),
    ],
)  # fmt: skip
def test_other_communes_are_told_apart_with_their_names(code, before, after, said) -> None:
    reason = why(code, before, after)
    assert reason.startswith("ce chiffre ne porte pas sur les mêmes communes") and said in reason


@pytest.mark.parametrize(
    ("code", "before", "after", "said"),
    [
        ("QP025002", "Besançon", "Besançon", "Arguel : commune de la même intercommunalité"),
        (
            "QP059050",
            "Atlantis",
            "Douai",
            "« Atlantis » n'est pas le nom d'une seule commune de 2015",
        ),
        (
            "QP059050",
            "Saint-Denis",
            "Douai",
            "« Saint-Denis » n'est pas le nom d'une seule commune",
        ),
    ],
)
def test_what_cannot_be_proved_is_not_compared(code, before, after, said) -> None:
    reason = why(code, before, after)
    assert said in reason and "rien ne prouve" in reason


@pytest.mark.parametrize(
    ("geo", "said"),
    [
        (Geographies({"2015": ANCIENNES}, DELEGUEES), "la liste des communes de 2021 manque"),
        (Geographies({}, DELEGUEES), "la liste des communes de 2014 et 2021 manque"),
        (Geographies({"2015": ANCIENNES, "2021": NOUVELLES}, {}), "la liste des fusions manque"),
    ],
)
def test_without_the_lists_of_communes_nothing_is_proved(geo: Geographies, said: str) -> None:
    reason = why("QP059050", "Douai", "Douai", geo=geo)
    assert said in reason and "rien ne prouve" in reason
    # In one geography, names are enough.
    assert why("QP059050", "Douai", "Douai", geo=geo, start="2021") == ""
    assert "mêmes communes" in why("QP059050", "Douai", "Lille", geo=geo, start="2021")


def held(millesime: str, annee: str | None, **quarters: tuple[str, float]) -> Held:
    said = {code: Said(liste, annee) for code, (liste, _) in quarters.items() if annee}
    return Held(millesime, said, {code: figure for code, (_, figure) in quarters.items()})


def test_a_figure_printed_again_is_about_what_it_was_first_about() -> None:
    old = held(
        "2017", "2014", A=("Belleville", 8123), B=("Évry", 53237), C=("Courcouronnes, Évry", 66703)
    )
    late = held("2020", "2019", A=("Belleville-en-Beaujolais", 8123),
                B=("Évry-Courcouronnes", 66703), C=("Évry-Courcouronnes", 66703))  # fmt: skip
    side = Side("2013", "2020", [late, old])
    # The name changed and not the figure; both did; the figure is the one that B has anew.
    assert side.subject("A") == Said("Belleville", "2014")
    assert side.subject("B") == Said("Évry-Courcouronnes", "2019")
    assert side.subject("C") == Said("Évry-Courcouronnes", "2019")
    assert Side("2013", "2017", [late, old]).subject("B") == Said("Évry", "2014")


def test_a_file_without_names_borrows_those_of_another_with_the_same_figure() -> None:
    silent = held("2021", None, A=("", 34203), B=("", 500))
    named = held("2022", "2021", A=("Denain, Douchy-les-Mines, Lourches", 34203), B=("Douai", 501))
    side = Side("2018", "2021", [silent, named])
    assert side.subject("A") == Said("Denain, Douchy-les-Mines, Lourches", "2021")
    assert side.subject("B") is None
    base = Side("2013", "2020", [held("2020", "2021", A=("Denain", 20549), B=("Douai", 499))])
    refused = dict(verdicts(side, base, GEO))
    assert "Denain (communes de 2021), puis Denain, Douchy-les-Mines" in refused["A"]
    assert refused["B"].startswith("2013 et 2018 : le fichier ne dit pas de quelles communes")


def test_a_quarter_without_a_figure_at_one_end_is_not_judged() -> None:
    niveau = Side("2018", "2022", [held("2022", "2021", A=("Douai", 1), B=("Douai", 1))])
    base = Side("2013", "2017", [held("2017", "2014", B=("Argenteuil", 2))])
    assert [code for code, _ in verdicts(niveau, base, GEO)] == ["B"]
