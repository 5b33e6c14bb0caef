"""A refusal is one paragraph that a person can read, whatever the file held."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import QpvError


def test_a_quoted_cell_is_cut_and_its_place_told() -> None:
    for cell in (repr("x" * 120_000), f'"{"y" * 500}"', f"« {'z' * 500} »"):
        said = str(QpvError(f"valeur impossible : {cell}", ou="fichier A.csv, ligne 3"))
        assert len(said) < 250 and "…" in said
        assert said.endswith("Où : fichier A.csv, ligne 3.")
    short = str(QpvError("valeur impossible : 'douze'", faire="corriger"))
    assert short == "valeur impossible : 'douze'. À faire : corriger."


TEXTS = st.one_of(st.none(), st.text(max_size=40), st.text("aé' \n\x00«»", max_size=6000))


@given(st.text(max_size=6000), TEXTS, TEXTS, TEXTS)
def test_a_paragraph_is_one_line_of_two_thousand_characters(quoi, ou, attendu, faire) -> None:
    said = str(QpvError(quoi, ou=ou, attendu=attendu, faire=faire))
    assert len(said) <= 2000 and said.isprintable()


def test_what_happened_keeps_its_share_of_a_long_paragraph() -> None:
    said = str(QpvError("a" * 5000, ou="b" * 5000, attendu="c" * 5000, faire="d" * 5000))
    assert len(said) <= 2000
    assert all(said.count(letter) > 300 for letter in "abcd")
