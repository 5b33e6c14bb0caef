"""A row is given the height of one line only where its texts surely hold on one."""

from __future__ import annotations

import json

import typst

from warehouse.publication.fiches.pdf import largeur

#: What labels and figures are written with; anything else must be left unmeasured.
LATIN = [chr(c) for c in [*range(0x21, 0x7F), *range(0xA1, 0x180), *map(ord, "–—‘’…€−†")]]
MEASURE = b"""
#set text(font: "Libertinus Serif", size: 100pt, number-width: "tabular", lang: "fr")
#let width(c, weight) = measure(text(weight: weight, c)).width / 100pt
#context [#metadata(json(bytes(sys.inputs.texts)).map(c =>
  calc.max(width(c, "regular"), width(c, "bold")))) <widths>]
"""


def widths(texts: list[str]) -> list[float]:
    inputs = {"texts": json.dumps(texts)}
    options = {"ignore_system_fonts": True, "sys_inputs": inputs}
    return json.loads(typst.query(MEASURE, "<widths>", field="value", one=True, **options))


def test_no_text_is_wider_than_its_bound():
    printed = [c for c in LATIN if c.isprintable()]
    texts = [c * 20 for c in printed] + ["QP de la CA du Grand Dax", "4\u202f829\u202f250", "Œuvre"]
    for text, width in zip(texts, widths(texts), strict=True):
        assert width <= largeur(text), text


def test_a_bound_is_close_enough_to_serve():
    texts = ["QP de France métropolitaine", "Saint-Denis - La Plaine", "1\u202f234,5"]
    for text, width in zip(texts, widths(texts), strict=True):
        assert largeur(text) < 1.6 * width, text


def test_what_another_font_would_draw_has_no_bound():
    for text in ("東京", "مدينة", "Ω", "a\u0301"):
        assert largeur(text) > 100, text
