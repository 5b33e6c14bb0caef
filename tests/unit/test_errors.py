"""A refusal is one paragraph that a person can read, whatever the file held."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from warehouse.base.errors import QpvError


def test_a_quoted_cell_is_cut_and_its_place_told() -> None:
    for cell in (repr("x" * 120_000), f'"{"y" * 500}"', f"« {'z' * 500} »"):
        said = str(QpvError(f"valeur impossible : {cell}", ou="fichier A.csv, ligne 3"))
        assert len(said) < 250 and "…" in said
        assert said.endswith("Où : fichier A.csv, ligne 3.")
    short = str(QpvError("valeur impossible : 'douze'", faire="corriger"))
    assert short == "valeur impossible : 'douze'. À faire : corriger."


def test_what_is_no_cell_is_said_whole() -> None:
    for said in (
        "un fichier d'unités, tel que le producteur le publie, ne peut être compté ; le reprendre "
        "sans passer par un tableur, car l'identifiant y est du texte, d'un bout à l'autre",
        "l'ordre 20 est défini deux fois par 'ages.yml', clé ordre, et par le fichier suivant, qui "
        "vient après dans l'ordre alphabétique du dossier : 'vieux.yml' (clé 'ordre')",
        'une colonne "CODGEO" est attendue dans les quinze premières lignes du fichier donné, et '
        'une seule feuille, celle qui se nomme "Tableau 1" ou bien "(Tableau 2)", ou "QPV"',
        "« A » est lu dans la colonne qui ne tient que des nombres, à la ligne que voici, et puis "
        "encore dans la suivante ; « B » aussi",
    ):
        assert str(QpvError(said)) == f"{said}."
        assert str(QpvError(str(QpvError(said)))) == f"{said}."
    cell = "d'un bout à l'autre " * 20
    assert len(str(QpvError(f"valeur impossible : {cell!r}, ligne 3"))) < 150


def test_the_apostrophes_of_a_sentence_quote_nothing() -> None:
    quoi = "ce n'est pas du texte csv (fichier local, 62 octets, début « code;nom_qp »)"
    faire = "ouvrez-le pour voir ce que c'est, ou prenez-le à la main, avec ce qu'il lui faut"
    said = str(QpvError(quoi, ou="/un/dossier d'extraits/liste.csv", faire=f"{faire} ; {faire}"))
    assert "/un/dossier d'extraits/liste.csv" in said and "…" not in said
    cut = str(QpvError("valeur '=A(1)' de l'en-tête " + repr("l'an " * 50) + ", l'une de 'b'"))
    assert cut.startswith("valeur '=A(1)' de l'en-tête \"l'an l'an") and cut.endswith(
        "l'une de 'b'."
    )
    assert len(cut) < 200


def test_a_step_s_paragraph_is_said_again_as_it_was() -> None:
    parts = {
        "ou": "d'ici " * 80,
        "attendu": repr("x" * 300) + " l'un " * 70,
        "faire": "l'ôter " * 80,
    }
    said = str(QpvError("ce n'est pas cela : " + "mot " * 60, **parts))
    assert 1500 < len(said) <= 2000 and "À faire : l'ôter" in said
    assert str(QpvError(said)) == said


TEXTS = st.one_of(st.none(), st.text(max_size=40), st.text("aé' \n\x00«»", max_size=6000))


@given(st.text(max_size=6000), TEXTS, TEXTS, TEXTS)
def test_a_paragraph_is_one_line_of_two_thousand_characters(quoi, ou, attendu, faire) -> None:
    said = str(QpvError(quoi, ou=ou, attendu=attendu, faire=faire))
    assert len(said) <= 2000 and said.isprintable()


def test_what_happened_keeps_its_share_of_a_long_paragraph() -> None:
    said = str(QpvError("a" * 5000, ou="b" * 5000, attendu="c" * 5000, faire="d" * 5000))
    assert len(said) <= 2000
    assert all(said.count(letter) > 300 for letter in "abcd")
