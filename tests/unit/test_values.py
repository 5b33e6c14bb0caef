"""A cell is the number that the producer printed, a statut, or a refusal; never a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values import CellError, ColumnReading, parse_cell

NBSP, THIN_NBSP, THIN = "\u00a0", "\u202f", "\u2009"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("0", "effectif", 0),
        ("1345", "effectif", 1345),
        ("1 345", "effectif", 1345),
        (f"1{NBSP}345", "effectif", 1345),
        (f"5{THIN_NBSP}019{THIN_NBSP}573", "effectif", 5019573),
        (f"1{THIN}345", "effectif", 1345),
        ("6056.0", "effectif", 6056),
        ("54,2", "part", 54.2),
        ("54.2", "part", 54.2),
        ("100", "part", 100),
        (f"14{NBSP}976,7", "montant", 14976.7),
        ("5,57", "montant", 5.57),
        ("4,567", "ratio", 4.567),
        ("-9,4", "part_signee", -9.4),
        ("-0.55", "indice", -0.55),
        ("42786020,25", "effectif_estime", 42786020.25),
        (f" {NBSP} 1,0\t", "ratio", 1.0),
        ("−9,4", "part_signee", -9.4),
        ("1.234,5", "montant", 1234.5),
        ("1,234.5", "montant", 1234.5),
        ("1,234,567", "effectif", 1234567),
        ("46,3 %", "part", 46.3),
        (f"46.3{NBSP}%", "part", 46.3),
    ],
)
def test_numbers_as_the_producers_print_them(text: str, kind: str, value: float) -> None:
    assert parse_cell(text, ColumnReading(kind)) == (value, "diffuse", None)


@pytest.mark.parametrize("text", ["", "   ", NBSP, THIN_NBSP, ".", "  . "])
def test_a_blank_is_not_zero(text: str) -> None:
    assert parse_cell(text, ColumnReading("effectif")) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "statut"),
    [
        ("nd", "non_disponible"),
        (" ND ", "non_disponible"),
        ("ns", "secret_producteur"),
        ("s", "secret_producteur"),
        ("c", "secret_producteur"),
    ],
)
def test_a_word_has_its_statut_and_says_why(text: str, statut: str) -> None:
    value, found, motif = parse_cell(text, ColumnReading("part"))
    assert (value, found) == (None, statut)
    assert text.strip().lower() in motif


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("12,5", "effectif", "effectif entier"),
        ("-3", "effectif", "positive"),
        ("-0,1", "part", "positive"),
        ("-12", "montant", "positive"),
        ("100,1", "part", "entre 0 et 100"),
        ("200,1", "part_signee", "entre -100 et 200"),
        ("1,000", "effectif", "ambiguïté"),
        ("12.345", "montant", "ambiguïté"),
        ("12 3", "effectif", "un nombre"),
        ("1 2345", "effectif", "un nombre"),
        ("1e3", "montant", "un nombre"),
        ("nan", "montant", "un nombre"),
        ("#REF!", "part", "un nombre"),
        ("١٢", "effectif", "un nombre"),
        ("douze", "effectif", "un nombre"),
        ("-", "effectif", "un nombre"),
    ],
)
def test_anything_else_is_refused_saying_what_was_expected(
    text: str, kind: str, expected: str
) -> None:
    with pytest.raises(CellError) as refused:
        parse_cell(text, ColumnReading(kind))
    assert expected in refused.value.attendu


def test_minus_zero_is_zero() -> None:
    value, _, _ = parse_cell("-0", ColumnReading("effectif"))
    assert str(value) == "0.0"


@given(st.integers(0, 10**12), st.sampled_from(["", " ", NBSP, THIN_NBSP, THIN]))
def test_every_count_survives_its_thousands_separator(number: int, separator: str) -> None:
    text = f"{number:,}".replace(",", separator)
    assert parse_cell(text, ColumnReading("effectif"))[0] == number


@given(st.decimals(0, 100, places=1), st.sampled_from([",", "."]))
def test_every_share_survives_its_decimal_mark(share, mark: str) -> None:
    assert parse_cell(str(share).replace(".", mark), ColumnReading("part"))[0] == float(share)
