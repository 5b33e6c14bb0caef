"""What a sheet draws: where a place lies, a figure on its band, labels that stay apart."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import shapely

from warehouse.publication.profils.bandes import LARGEUR, draw_bande, draw_courbe
from warehouse.publication.profils.courbes import HAUTEUR, Serie, draw_serie
from warehouse.publication.profils.faits import Bande, Point
from warehouse.publication.profils.situation import draw_situation

_BAND = Bande(100, 10.0, 20.0, 30.0, 40.0, 50.0)


def xs(svg: str, mark: str) -> list[float]:
    return [float(x) for x in re.findall(mark, svg)]


def test_a_dot_lies_on_its_band_where_its_figure_is() -> None:
    svg = draw_bande(_BAND, [(30.0, "")], [("commune", 10.0), ("qpv_epci", 5.0)], "")
    assert xs(svg, r'circle cx="([\d.]+)"') == [LARGEUR / 2]  # the middle of 10 to 50
    assert xs(svg, r'<path d="M([\d.]+) 9l') == [7]  # the commune's mark at the lowest
    assert "5.0" not in svg  # a set of quarters has no mark, and does not stretch the scale


def test_a_comparator_beyond_the_quarters_stretches_the_scale() -> None:
    svg = draw_bande(_BAND, [(10.0, "")], [("france", 90.0)], "")
    assert xs(svg, r'<path d="M([\d.]+) 1v24') == [LARGEUR - 7]


def test_what_is_not_ranked_is_empty_and_equal_figures_are_drawn() -> None:
    assert 'fill="#FFFFFF"' in draw_bande(_BAND, [(30.0, "")], [], "")
    assert 'fill="#FFFFFF"' not in draw_bande(_BAND, [(30.0, "defavorable")], [], "")
    flat = Bande(10, 5.0, 5.0, 5.0, 5.0, 5.0)
    assert "nan" not in draw_bande(flat, [(5.0, "")], [], "")


def test_hostile_words_stay_words() -> None:
    said = '"><script>alert(1)</script>'
    svg = draw_bande(_BAND, [(30.0, "")], [], said)
    assert ElementTree.fromstring(svg).attrib["aria-label"] == said
    curve = draw_serie("t", said, [Serie("", said, points(1, 2), said)], "2001", "")
    texts = ElementTree.fromstring(curve.svg).iter("{http://www.w3.org/2000/svg}text")
    assert any(said in (t.text or "") for t in texts)


def points(*values: float) -> list[Point]:
    return [
        Point(str(2000 + n), date(2000 + n, 1, 1), v, str(1999 + n) if n else None, None, "", None)
        for n, v in enumerate(values)
    ]


def test_a_small_move_is_not_drawn_as_a_large_one() -> None:
    ys = xs(draw_courbe(points(50.0, 50.5), "2001", ""), r'cy="([\d.]+)"')
    wide = xs(draw_courbe(points(50.0, 70.0), "2001", ""), r'cy="([\d.]+)"')
    assert abs(ys[0] - ys[1]) < 3 < abs(wide[0] - wide[1])


def test_names_beside_lines_do_not_collide() -> None:
    lines = [Serie("", "a", points(1, 2), "2"), *(
        Serie("epci", str(n), points(1, 2 + n / 1000), "2") for n in range(3)
    )]  # fmt: skip
    names = sorted(m.y for m in draw_serie("t", "d", lines, "2001", "").mots[:4])
    assert all(b - a >= 11 for a, b in pairwise(names))
    assert names[0] > 0 and names[-1] < HAUTEUR


def test_a_place_lies_in_france_or_is_its_island() -> None:
    assert draw_situation(["59"], ["Nord"]).count("<path") == 2
    assert draw_situation(["59", "62"], ["Nord", "Pas-de-Calais"]).count("<path") == 3
    assert "<circle" in draw_situation(["75"], ["Paris"])  # too small to be seen as it is
    assert draw_situation(["974"], ["La Réunion"]).count("<path") == 1
    assert draw_situation(["978"], ["Saint-Martin"]) == "" == draw_situation([], [])
    assert 'aria-label="Carte : Nord (59)"' in draw_situation(["59"], ["Nord (59)"])


def test_every_departement_is_drawn_inside_its_france() -> None:
    codes = [f"{n:02}" for n in range(1, 96) if n != 20] + ["2A", "2B"]
    for code in [*codes, "971", "972", "973", "974", "976"]:
        svg = draw_situation([code], [code])
        width = float(re.findall(r'viewBox="-2 -2 ([\d.]+)', svg)[0])
        drawn = [float(x) for x in re.findall(r"[ML]([\d.-]+) ", svg)]
        assert svg and min(drawn) >= -2 and max(drawn) <= width - 2


@pytest.mark.parametrize(
    ("departement", "place"),
    [("29", (-4.0, 48.3)), ("59", (3.4, 50.3)), ("974", (55.5, -21.1)), ("2A", (8.9, 41.8))],
)
def test_a_quarter_is_a_dot_inside_its_departement(
    departement: str, place: tuple[float, float]
) -> None:
    """Places well inside each, by any atlas."""
    svg = draw_situation([departement], ["x"], [place])
    (x, y) = (float(re.findall(rf'{name}="([\d.]+)"', svg)[-1]) for name in ("cx", "cy"))
    shapes = re.findall(r'<path d="([^"]+)" fill="#1F5C99"', svg)
    rings = [ring for path in shapes for ring in path.split("z") if ring]
    corners = [[tuple(map(float, p.split())) for p in ring[1:].split("L")] for ring in rings]
    assert any(shapely.Polygon(ring).contains(shapely.Point(x, y)) for ring in corners)


def test_a_quarter_that_is_nowhere_on_the_drawing_is_no_dot() -> None:
    assert draw_situation(["59"], ["Nord"], [(55.5, -21.1)]) == draw_situation(["59"], ["Nord"])
