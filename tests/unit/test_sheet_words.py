"""The French of sheets: number, article, elision, ordinals, apostrophes, dates."""

from __future__ import annotations

from decimal import Decimal

import pytest

from warehouse.declared.profile import LigneDeclaree
from warehouse.publication.profils import mots
from warehouse.publication.profils.impression import _exposants


@pytest.mark.parametrize(
    ("rank", "kind", "said"),
    [(1, "m", "1er"), (1, "f", "1re"), (2, "m", "2e"), (1204, "f", "1\u202f204e")],
)
def test_ordinals(rank: int, kind: str, said: str) -> None:
    assert mots.ordinal(rank, kind) == said


def test_letters_of_ordinals_are_raised_and_nothing_else() -> None:
    assert (
        _exposants("1er, 224e et <2e>")
        == "1<sup>er</sup>, 224<sup>e</sup> et &lt;2<sup>e</sup>&gt;"
    )
    assert _exposants("QP059050 2018 5 euros") == "QP059050 2018 5 euros"


@pytest.mark.parametrize(
    ("town", "said"),
    [
        ("Denain", "à Denain"),
        ("Le Havre", "au Havre"),
        ("Les Mureaux", "aux Mureaux"),
        ("La Courneuve", "à La Courneuve"),
        ("L'Haÿ-les-Roses", "à L'Haÿ-les-Roses"),
        ("Lens", "à Lens"),
    ],
)
def test_in_a_town(town: str, said: str) -> None:
    assert mots.dans_la_ville(town) == said


@pytest.mark.parametrize(
    ("period", "at", "since", "beside"),
    [
        ("2018", "en 2018", "depuis 2018", "à 2018"),
        ("2021-12-31", "fin 2021", "depuis fin 2021", "à fin 2021"),
        ("2021-01-01", "au 1er janvier 2021", "depuis le 1er janvier 2021", "au 1er janvier 2021"),
        ("2022-T4", "au 4e trimestre 2022", "depuis le 4e trimestre 2022", "au 4e trimestre 2022"),
    ],
)
def test_dates(period: str, at: str, since: str, beside: str) -> None:
    said = (mots.en_date(period), mots.depuis(period), mots.a_la_date(period))
    assert said == (at, since, beside)


def test_the_plural_starts_at_two_points() -> None:
    assert mots.points(Decimal("1.9")) == "1,9\xa0point"
    assert mots.points(Decimal("-2.0")) == "2,0\xa0points"


def test_the_unfavourable_end_follows_the_meaning_and_agrees() -> None:
    rate = LigneDeclaree(indicateur="a", place=1, nom="taux", genre="m")
    share = LigneDeclaree(indicateur="b", place=1, nom="part", genre="f")
    assert mots.extreme(rate, "defavorable", defavorable=True) == "le plus élevé"
    assert mots.extreme(share, "defavorable", defavorable=True) == "la plus élevée"
    assert mots.extreme(rate, "favorable", defavorable=True) == "le plus bas"
    assert mots.extreme(share, "favorable", defavorable=True) == "la plus basse"
    assert mots.extreme(share, "favorable", defavorable=False) == "la plus élevée"


def test_a_label_inside_a_sentence() -> None:
    assert mots.minuscule("Taux de pauvreté") == "taux de pauvreté"
    assert mots.minuscule("IDT") == "IDT"
