"""What a chart promises: marks where the numbers are, nothing for what is missing, text as text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary, Tableau
from warehouse.publication.fiches.charts import (
    TELEPHONE,
    Graphique,
    Trace,
    draw,
    narrow_svg,
    svg,
)
from warehouse.publication.fiches.data import Donnees, Fait, Periodes
from warehouse.publication.fiches.illustrations import Illustrateur
from warehouse.publication.fiches.tableaux import Atelier, Cadre, Rang
from warehouse.release.published import Territoire

NS = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\" onload='x' & <b>"


def bars(*traces: Trace, **options) -> Graphique:
    return Graphique("x", "barres", "Titre", "Description", "%", list(traces), **options)


def drawn(chart: Graphique) -> ElementTree.Element:
    return ElementTree.fromstring(svg(chart, draw(chart)))


def texts(root: ElementTree.Element) -> list[str]:
    return [t.text for t in root.iter(f"{NS}text")]


def test_bars_are_as_long_as_their_numbers_and_start_from_zero():
    root = drawn(
        bars(
            Trace("A", "quartiers", (50,), "50"),
            Trace("B", "quartiers", (25,), "25"),
            Trace("C", "comparaisons", (-10,), "-10"),
            Trace("D", "ensembles", (0,), "0"),
        )
    )
    rects = [{k: float(r.get(k)) for k in ("x", "width")} for r in root.iter(f"{NS}rect")]
    a, b, c, d = rects
    assert a["width"] == pytest.approx(2 * b["width"], abs=0.2)
    assert c["width"] == pytest.approx(0.2 * a["width"], abs=0.2)
    zero = a["x"]
    assert b["x"] == zero and c["x"] + c["width"] == pytest.approx(zero, abs=0.1)
    assert (d["x"], d["width"]) == (zero, 0)


def test_on_a_phone_a_label_stands_over_its_bar_and_nothing_is_cut():
    chart = bars(
        *(Trace(f"Quartier au nom assez long pour un téléphone {n}", "quartiers", (n,), f"{n}")
          for n in (50, 25, 12)),
        Trace("Ensemble", "ensembles", (30,), "30"),
        Trace("France", "comparaisons", (20,), "20"),
        repere=("France métropolitaine", 20),
    )  # fmt: skip
    found = draw(chart, TELEPHONE)
    letter = 5.4
    for word in found.mots:
        start = word.x - (letter * len(word.texte) / 2 if word.ancre == "middle" else 0)
        assert start >= 0 or word.ancre == "middle", word
        assert start + letter * len(word.texte) <= found.largeur, word
        assert 0 < word.y < found.hauteur
    rects = ElementTree.fromstring(narrow_svg(chart, found)).iter(f"{NS}rect")
    tops = [float(r.get("y")) for r in rects]
    labels = [word.y for word in found.mots if len(word.texte) > 3 and word.taille == 11]
    assert len(tops) == len(labels) == 5
    assert all(over < top < over + 12 for over, top in zip(labels, tops, strict=True))


def test_groups_differ_without_colour():
    """Black on white: dark fill, lighter fill with a darker outline, white with an outline."""

    def luminance(colour: str) -> float:
        r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    root = drawn(
        bars(*(Trace(g, g, (1,), "1") for g in ("quartiers", "ensembles", "comparaisons")))
    )
    fills = [luminance(r.get("fill")) for r in root.iter(f"{NS}rect")]
    assert fills[1] - fills[0] > 0.25 and fills[2] - fills[1] > 0.25


def test_a_period_that_is_missing_has_no_mark():
    root = drawn(
        Graphique(
            "x", "periodes", "T", "D", "%",
            [Trace("A", "quartiers", (10, 20), "10 → 20"),
             Trace("B", "quartiers", (None, 15), "15")],
            legendes=("2016", "2021"),
        )
    )  # fmt: skip
    discs = [c for c in root.iter(f"{NS}circle") if c.get("cy")]
    assert len(discs) == 1 and len(list(root.iter(f"{NS}rect"))) == 2
    assert {"2016", "2021"} <= set(texts(root))


def test_two_periods_that_differ_by_the_noise_of_doubles_are_drawn():
    traces = [Trace("A", "quartiers", (0.1 + 0.2, 0.3), "0,3 → 0,3")]
    root = drawn(Graphique("x", "periodes", "T", "D", "%", traces, legendes=("2016", "2021")))
    assert "0,3 → 0,3" in texts(root)


def test_a_range_goes_from_low_to_high_with_its_middle_marked():
    root = drawn(
        Graphique(
            "x", "etendues", "T", "D", "€",
            [Trace("A", "quartiers", (0, 5000, 20000), "5 000")], legendes=("", "Médiane", ""),
        )
    )  # fmt: skip
    bar = next(root.iter(f"{NS}rect"))
    start, width = float(bar.get("x")), float(bar.get("width"))
    marks = [re.match(r"M([\d.]+) ", p.get("d")) for p in root.iter(f"{NS}path")]
    at = [float(m[1]) for m in marks if m]
    assert any(x == pytest.approx(start + width / 4, abs=0.2) for x in at)


def test_a_label_is_text_and_a_drawing_has_no_script_and_no_style():
    chart = bars(Trace(HOSTILE, "quartiers", (1,), HOSTILE), repere=(HOSTILE, 0.5))
    chart.id, chart.titre, chart.description = HOSTILE, HOSTILE, HOSTILE
    root = drawn(chart)
    assert {e.tag.removeprefix(NS) for e in root.iter()} <= {
        "svg", "title", "desc", "g", "path", "text", "rect", "circle",
    }  # fmt: skip
    names = {name for e in root.iter() for name in e.attrib}
    assert not [n for n in names if n.startswith("on") or n in ("style", "href")]
    assert HOSTILE in texts(root) and root.find(f"{NS}title").text == HOSTILE


def test_a_reader_who_does_not_see_it_has_its_title_and_description():
    root = drawn(bars(Trace("A", "quartiers", (1,), "1")))
    named = root.get("aria-labelledby").split()
    assert root.get("role") == "img"
    assert [root.find(f"{NS}title").get("id"), root.find(f"{NS}desc").get("id")] == named


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0, 60), ["0", "20", "40", "60"]),
        ((1.2, 0.5), ["0,0", "0,5", "1,0", "1,5"]),
        ((13204, 1190), ["0", "5\u202f000", "10\u202f000", "15\u202f000"]),
        ((-198, -31), ["\u2212200", "\u2212150", "\u2212100", "\u221250", "0"]),
    ],
)
def test_graduations_are_round_numbers_that_cover_the_figures(values, expected):
    root = drawn(bars(*(Trace("A", "quartiers", (v,), "") for v in values)))
    shown = [t for t in texts(root) if t and re.fullmatch(r"[\u2212\d,\u202f]+", t)]
    assert shown == expected


# What gets a chart.

RUBRIQUE = {
    "rubrique": "r", "theme": "t", "question": "?", "ordre": 1,
    "indicateurs": {
        code: {
            "libelle": code, "unite": unit, "type": kind, "arrondi": 0, "num": {"m": 1},
            "agregation": "aucune", "sens": "neutre", "definition": "d", "lecture": "l",
            "publier": True,
        }
        for code, unit, kind in (("part", "%", "part"), ("nb", "personnes", "effectif"))
    },
    "tableaux": [
        {"id": "part", "titre": "T", "colonnes": [
            {"indicateur": "part", "titre": "Part"},
            {"indicateur": "part", "titre": "É", "grandeur": "evolution_pts"}]},
        {"id": "nb", "titre": "T", "colonnes": [{"indicateur": "nb", "titre": "N"}]},
    ],
}  # fmt: skip
MASQUE = Fait("", "case laissée vide par le producteur")


def illustrate(table: str, cells: dict[str, float | None], earlier: dict[str, float] | None = None):
    """The chart of one exhibit for four quarters A to D, a set and France."""
    kinds = dict.fromkeys("ABCD", "qpv") | {"E": "qpv_epci", "F": "france"}
    known = {c: Territoire(c, kind, f"Nom {c}") for c, kind in kinds.items()}
    dictionary = Dictionary.model_validate({"rubriques": [RUBRIQUE]})
    facts = {c: MASQUE if v is None else Fait(f"{v:g}", "", v) for c, v in cells.items()}
    before = {c: Fait(f"{v:g}", "", v) for c, v in (earlier or {}).items()}
    none = Fait("", "absent")
    columns = [
        (code, g) for code in ("part", "nb") for g in ("niveau", "comparaison", "evolution_pts")
    ]
    data = Donnees(
        known, {}, {}, {code: Periodes("", "2021", "2016") for code in ("part", "nb")}, [],
        {c: {"niveau": facts, "comparaison": before}.get(c[1], {}) for c in columns},
        dict.fromkeys(columns, none),
    )  # fmt: skip
    cadre = Cadre([Rang(known[c]) for c in "ABCD"], [Rang(known["E"])], [Rang(known["F"])])
    exhibit = next(t for t in dictionary.rubriques[0].tableaux if t.id == table)
    view = Atelier(data, dictionary).vue(exhibit, cadre)
    return Illustrateur(data, dictionary.indicateurs).graphique(exhibit, view, cadre)


def test_what_is_masked_is_named_with_its_reason_and_never_drawn_as_zero():
    chart = illustrate("part", {"A": 0, "B": None, "C": 5, "D": 9, "E": 4, "F": 8})
    assert [t.libelle[-1] for t in chart.traces] == ["D", "C", "A", "E", "F"]
    assert chart.absents == [("«\xa0Nom B\xa0»", ["a"])]
    assert chart.genre == "barres" and chart.repere == ("Nom F", 8)
    assert "Nom B" not in chart.description and "Nom A : 0" in chart.description


def test_a_count_is_drawn_among_quarters_only():
    chart = illustrate("nb", {"A": 10, "B": 20, "C": 5, "D": 9, "E": 44, "F": 65000000})
    assert [t.libelle[-1] for t in chart.traces] == ["B", "A", "D", "C"] and chart.repere is None
    chart = illustrate("nb", {"A": 10, "B": 20, "C": 5, "D": None, "E": 44, "F": None})
    assert [names for names, _ in chart.absents] == ["«\xa0Nom D\xa0»"]


def test_two_periods_are_drawn_where_most_have_both():
    cells = {"A": 10, "B": 20, "C": 5, "D": None, "E": 44, "F": 6}
    chart = illustrate("part", cells, {"A": 8, "B": 25, "E": 40, "F": 6})
    assert chart.genre == "periodes" and chart.legendes == ("2016", "2021")
    assert [t.valeurs for t in chart.traces][:3] == [(25, 20), (8, 10), (None, 5)]
    assert chart.traces[0].texte == "25 → 20"
    assert illustrate("part", cells, {"A": 8}).genre == "barres"


def test_too_little_is_not_drawn():
    assert illustrate("part", {"A": 1, "F": 2}) is None
    assert illustrate("part", dict.fromkeys("ABCD")) is None
    assert illustrate("part", {"A": None, "E": 1, "F": 2}) is None


def test_a_range_of_what_the_exhibit_does_not_show_is_refused():
    columns = [{"indicateur": "part", "titre": "Part"}]
    with pytest.raises((QpvError, ValueError), match="colonne du tableau"):
        Tableau(id="t", titre="T", colonnes=columns, etendue=["bas", "part", "haut"])
