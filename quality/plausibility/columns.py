"""One printed column under what the map says of it: its numbers, its missing cells, in words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from quality.printed_tables import Rows, column_habit, printed_number
from warehouse.base.errors import QpvError
from warehouse.base.numbers import (
    Ambigu,
    Ecriture,
    Number,
    bare,
    from_fraction,
    look_like_fractions,
)
from warehouse.declared.dictionary import Indicateur
from warehouse.domain.format import premiers

#: Signs that everyone reads as a missing figure; any other one is told.
_USUAL = ("", ".", "nd", "-")
_SAID = 5


def printed_column(
    path: Path,
    rows: Rows,
    name: str,
    indicateur: Indicateur,
    grandeur: str,
    ecriture: Ecriture | None,
    told: list[str],
) -> list[tuple[int, str, str | None]]:
    """(line, territory, number as Python writes it) of each row; None for what is missing.

    Args:
        ecriture: how the column writes its shares, where the map says it.
        told: receives what was read as missing besides the usual signs.

    Raises:
        QpvError: a cell that is no number and no sign, a % where there is no share, shares that
            are all between 0 and 1 and of which the map says nothing.
    """
    habit, ambigu = column_habit(rows, name), _ambigu(indicateur, grandeur)
    found: list[tuple[int, str, Number | None]] = []
    words: Counter[str] = Counter()
    for line, row in rows:
        where = f"{path}, ligne {line}, {name}"
        number = printed_number(row[name], where, habit, ambigu, "nd, - ou rien s'il manque")
        if number and number.percent and not _in_percent(indicateur, grandeur):
            raise QpvError(
                f"un pourcentage : {row[name].strip()!r:.60}",
                ou=where,
                attendu=f"un chiffre en {indicateur.unite}, comme la carte le dit de la colonne",
                faire="corriger la carte, ou la colonne",
            )
        if number is None and bare(row[name]).lower() not in _USUAL:
            words[bare(row[name])[:30]] += 1
        found.append((line, row["territoire"].strip(), number))
    if words:
        listed = premiers([f"« {word} » ({count})" for word, count in words.most_common()], _SAID)
        told.append(f"{path.name}, colonne {name} : pris pour des chiffres absents : {listed}")
    if _in_percent(indicateur, grandeur):
        found = [(line, code, _share(n, ecriture)) for line, code, n in found]
        if not ecriture and look_like_fractions(n for _, _, n in found if n):
            raise QpvError(
                "des parts toutes entre 0 et 1 : 0,463 peut être 46,3 % ou 0,463 %",
                ou=f"{path}, colonne {name}",
                attendu="des parts en %, de 0 à 100",
                faire="écrire les parts en %, ou dire dans une colonne `ecriture` de la carte "
                "`fraction` si 0,463 est 46,3 %, `pourcent` sinon",
            )
    return [(line, code, n.text if n else None) for line, code, n in found]


def _share(number: Number | None, ecriture: Ecriture | None) -> Number | None:
    return from_fraction(number) if number and ecriture == "fraction" else number


def _in_percent(indicateur: Indicateur, grandeur: str) -> bool:
    return grandeur == "evolution_pct" or indicateur.unite in ("%", "points")


def _ambigu(indicateur: Indicateur, grandeur: str) -> Ambigu:
    if indicateur.type == "effectif" and grandeur in ("niveau", "evolution_nb"):
        return "entier"
    return "decimal" if grandeur == "niveau" and indicateur.type in ("part", "ratio") else "refus"
