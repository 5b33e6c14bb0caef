"""No text is read as another number: what is printed comes back, or is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.base.numbers import (
    UNKNOWN,
    Habit,
    NotANumber,
    Number,
    from_fraction,
    habit_of,
    is_number,
    look_like_fractions,
    read_number,
)

NBSP, THIN_NBSP, THIN, FIGURE = "\u00a0", "\u202f", "\u2009", "\u2007"
SEPARATORS = ["", " ", NBSP, THIN_NBSP, THIN, FIGURE, ",", "."]


def printed(thousandths: int, decimals: int, thousands: str, mark: str) -> str:
    """A number of thousandths, with so many decimals, as a spreadsheet prints it."""
    whole, rest = divmod(abs(thousandths), 1000)
    grouped = f"{whole:,}".replace(",", thousands)
    fraction = f"{mark}{rest:03d}"[: decimals + 1] if decimals else ""
    return ("-" if thousandths < 0 else "") + grouped + fraction


def exact(thousandths: int, decimals: int) -> float:
    """The number that `printed` shows: cut, not rounded."""
    kept = abs(thousandths) // 10 ** (3 - decimals)
    return (-1 if thousandths < 0 else 1) * kept / 10**decimals + 0.0


conventions = st.tuples(
    st.integers(0, 3), st.sampled_from(SEPARATORS), st.sampled_from([",", "."])
).filter(lambda c: c[1] != c[2])


@given(
    st.lists(st.integers(-(10**10), 10**10), min_size=1, max_size=8),
    conventions,
    st.sampled_from(["entier", "refus"]),
)
def test_a_column_in_one_convention_comes_back_or_is_refused(numbers, convention, ambigu) -> None:
    decimals, thousands, mark = convention
    cells = [printed(n, decimals, thousands, mark) for n in numbers]
    habit = habit_of(cells)
    for cell, number in zip(cells, numbers, strict=True):
        try:
            read = read_number(cell, habit, ambigu)
        except NotANumber:
            continue
        assert read.value == exact(number, decimals), (cells, cell)


@given(
    st.lists(st.integers(0, 999_999), min_size=1, max_size=8),
    st.integers(0, 3),
    st.sampled_from([",", "."]),
)
def test_shares_and_ratios_always_come_back(numbers, decimals, mark) -> None:
    """Below 1000, whatever else the column shows."""
    cells = [printed(n, decimals, " ", mark) for n in numbers]
    habit = habit_of(cells)
    found = [read_number(cell, habit, "decimal").value for cell in cells]
    assert found == [exact(n, decimals) for n in numbers]


@given(st.text(alphabet="0123456789.,'  \u00a0\u202f-−+%*()eErE#/x²ᵃ", max_size=14))
def test_a_number_is_its_digits_in_their_order(text: str) -> None:
    """No digit is lost, added or moved, and the sign stays: whatever the text."""
    try:
        number = read_number(text)
    except NotANumber as refused:
        assert refused.quoi and refused.attendu and refused.faire
        return
    digits = [c for c in text if c in "0123456789"]
    assert [c for c in number.text if c.isdigit()] == digits
    assert number.text.startswith("-") == ("-" in text or "−" in text)
    assert number.percent == text.strip().endswith("%")
    assert not any(c in text for c in "*()eE#/x²ᵃ'")


@pytest.mark.parametrize(
    ("column", "habit"),
    [
        (["1,731", "385", "12,004"], Habit(whole=",")),
        (["1,731", "1,234,567"], Habit(thousands=frozenset(","))),
        (["1,731", "385.5"], Habit(decimal=frozenset("."))),
        (["1,731.5", "2,004"], Habit(frozenset("."), frozenset(","))),
        (["1,731", "46,3"], Habit(decimal=frozenset(","))),
        (["1,731", "0,123"], Habit(decimal=frozenset(","))),
        (["1,731", "1 234,567"], Habit(decimal=frozenset(","))),
        (["1,731", "1731", "385"], UNKNOWN),
        (["1,731", "2.004", "385"], UNKNOWN),
        (["1,731", "2,004"], UNKNOWN),
        (["345,000", "12,000"], UNKNOWN),
        (["1731", "385", "46,3"], UNKNOWN),
    ],
)
def test_what_a_column_shows(column: list[str], habit: Habit) -> None:
    assert habit_of(column) == habit


@pytest.mark.parametrize(
    ("column", "ambigu", "value"),
    [
        (["1,731", "385"], "entier", 1731),
        (["1.731", "385", "nd", ""], "entier", 1731),
        (["1,731", "385"], "refus", None),
        (["1,731", "385"], "decimal", 1.731),
        (["1,731", "2,004"], "entier", None),
        (["1,731", "1731"], "entier", None),
        (["1,731", "1,234,567"], "refus", 1731),
        (["1,731", "1.234.567"], "refus", 1.731),
        (["1,731", "46,3"], "refus", 1.731),
        (["1,731", "46.3"], "refus", None),
        (["1,731", "46,3", "1,234,567"], "refus", None),
        (["1,731 %", "46,3 %"], "refus", 1.731),
    ],
)
def test_the_column_decides_or_nobody_does(column, ambigu, value) -> None:
    habit = habit_of(column)
    if value is not None:
        assert read_number(column[0], habit, ambigu).value == value
        return
    with pytest.raises(NotANumber, match="peut en être deux"):
        read_number(column[0], habit, ambigu)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1731", Number("1731", False)),
        (f"{NBSP}1{THIN_NBSP}731 \u200b", Number("1731", False)),
        (f"1{FIGURE}731{NBSP}%", Number("1731", True)),
        ("−9,40", Number("-9.40", False)),
        ("+3", Number("3", False)),
        ("1.234.567,8", Number("1234567.8", False)),
        ("46,3%", Number("46.3", True)),
        ("0,463", Number("0.463", False)),
        ("-0", Number("-0", False)),
    ],
)
def test_accepted_forms(text: str, number: Number) -> None:
    assert read_number(text) == number
    assert is_number(text)
    assert str(read_number("-0").value) == "0.0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#N/A", "erreur de tableur"),
        ("#DIV/0!", "erreur de tableur"),
        ("#REF!", "erreur de tableur"),
        ("#VALEUR!", "erreur de tableur"),
        ("#NOM?", "erreur de tableur"),
        ("Err:502", "erreur de tableur"),
        ("1 731 (1)", "renvoi de note"),
        ("1731*", "renvoi de note"),
        ("1731ᵃ", "renvoi de note"),
        ("1731²", "renvoi de note"),
        ("385 r", "renvoi de note"),
        ("385p", "renvoi de note"),
        ("46,3 % (e)", "renvoi de note"),
        ("1731[2]", "renvoi de note"),
        ("12 3", "espaces"),
        ("1 2345", "espaces"),
        ("1  731", "espaces"),
        ("0 123", "espaces"),
        ("46 ,3", "espaces"),
        ("<5", "seuil"),
        ("≥ 95 %", "seuil"),
        ("///", "signe"),
        ("-", "signe"),
        ("n.d.", "signe"),
        ("NC", "signe"),
        ("…", "signe"),
        ("voir la note", "mot"),
        ("True", "vrai ou faux"),
        ("VRAI", "vrai ou faux"),
        ("2021-12-31 00:00:00", "date"),
        ("31/12/2021", "date"),
        ("1,07E+04", "scientifique"),
        ("15 760 €", "pas un nombre"),
        ("1'731", "pas un nombre"),
        ("١٢", "pas un nombre"),
        ("1,23,456", "pas un nombre"),
        ("(5)", "pas un nombre"),
        ("5%%", "pas un nombre"),
        ("9" * 400, "pas un nombre"),
    ],
)
def test_what_is_no_number_is_called_by_its_name(text: str, said: str) -> None:
    with pytest.raises(NotANumber, match=said) as refused:
        read_number(text)
    assert not is_number(text)
    assert refused.value.est_signe == (said in ("seuil", "signe", "mot"))
    assert "au registre" not in refused.value.faire


@pytest.mark.parametrize(
    ("shares", "suspect"),
    [
        (["0,463", "0,386", "0"], True),
        (["-0,463", "0,39"], True),
        (["0,463", "1"], True),
        (["0,463", "38,6"], False),
        (["0,463"], False),
        (["0,3", "0,8"], False),
        (["0,463 %", "0,386 %"], False),
        (["0", "0"], False),
        ([], False),
    ],
)
def test_a_column_of_fractions_is_seen_as_a_whole(shares: list[str], suspect: bool) -> None:
    assert look_like_fractions(map(read_number, shares)) is suspect


@given(st.integers(0, 1000))
def test_a_fraction_becomes_its_percentage_exactly(thousandths: int) -> None:
    number = from_fraction(read_number(printed(thousandths, 3, " ", ","), UNKNOWN, "decimal"))
    assert number.value == thousandths / 10
    assert from_fraction(number) == number
