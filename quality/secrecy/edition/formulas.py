"""What the dictionary's formulas say of counts: the sums they are, what remainders they leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

#: A linear form over mesures: (mesure, coefficient), sorted.
Forme = tuple[tuple[str, float], ...]
#: Longest list of parts tried as a partition of a whole; a list of ages has 7.
_LONGEST = 8
#: Territories below which a sum of two may be a coincidence.
_ENOUGH = 5


@dataclass(frozen=True)
class Formules:
    """Linear forms over counts that published indicators let a reader compute.

    Attributes:
        restes: whole minus part of each share: never published, and known when both terms are.
        comptes: counts that are sums or differences of mesures: published under their own name.
        parts: whole mesure → mesures that a share says to be a part of it.
    """

    restes: frozenset[Forme]
    comptes: frozenset[Forme]
    parts: dict[str, frozenset[str]]


def formules(termes: Iterable[Mapping], effectifs: frozenset[str]) -> Formules:
    """The forms of the published indicators whose terms are all counts.

    Args:
        termes: rows `code_indicateur`, `cote` (`num`, `den` or `publiee`), `terme`, `coefficient`.
        effectifs: mesures under judgement, all counts.
    """
    sides: dict[str, dict[str, dict[str, float]]] = {}
    for row in termes:
        terms = sides.setdefault(row["code_indicateur"], {}).setdefault(row["cote"], {})
        terms[row["terme"]] = terms.get(row["terme"], 0) + row["coefficient"]
    restes: set[Forme] = set()
    comptes: set[Forme] = set()
    parts: dict[str, set[str]] = {}
    for side in sides.values():
        num, den = side.get("num", {}), side.get("den", {})
        if not num or not effectifs.issuperset([*num, *den]):
            continue
        if len(num) > 1:
            comptes.add(_forme(num))
        if not den:
            continue
        if len(den) > 1:
            comptes.add(_forme(den))
        rest = {m: den.get(m, 0) - num.get(m, 0) for m in [*den, *num]}
        if any(rest.values()) and _is_part(num, den):
            restes.add(_forme(rest))
        if len(den) == 1 and len(num) == 1:
            (whole,), (part,) = den, num
            if whole != part:
                parts.setdefault(whole, set()).add(part)
    return Formules(
        frozenset(restes), frozenset(comptes), {w: frozenset(p) for w, p in parts.items()}
    )


def partitions(
    parts: Mapping[str, frozenset[str]], valeurs: Mapping[str, np.ndarray]
) -> list[tuple[str, tuple[str, ...]]]:
    """(whole, parts) for each smallest list of parts that adds up to its whole, in all territories.

    Only where they add up: people of French nationality and foreigners do in some files, not in
    all. At least two territories must tell, with a whole above 0.

    Args:
        parts: whole → candidates.
        valeurs: mesure → one value per territory, NaN where unknown.
    """
    found = []
    for whole in sorted(parts):
        total = valeurs.get(whole)
        names = sorted(p for p in parts[whole] if p in valeurs)
        if total is None or len(names) < 2:
            continue
        matrix = np.stack([valeurs[n] for n in names])
        lists: list[tuple[int, ...]] = []
        _search(matrix, total, (), 0, np.zeros(total.size), lists)
        smallest = [a for a in lists if not any(set(b) < set(a) for b in lists)]
        found += [(whole, tuple(names[i] for i in chosen)) for chosen in smallest]
    return found


def sommes_de_deux(valeurs: Mapping[str, np.ndarray]) -> list[tuple[str, tuple[str, ...]]]:
    """(whole, two parts) wherever two mesures of one block add up to a third, in all territories.

    Women and men of each age: the dictionary has the shares of each sex, and needs no word for
    their sum, which every reader knows. At least five territories must have the three.
    """
    names = sorted(valeurs)
    if len(names) < 3:
        return []
    matrix = np.stack([valeurs[n] for n in names])
    whole_rows = ~np.isnan(matrix).any(axis=0)
    matrix = matrix[:, whole_rows]
    if matrix.shape[1] < _ENOUGH:
        return []
    # Integer weights: equal sums are equal to the last bit, and the check below is exact.
    weights = np.random.default_rng(0).integers(1, 1 << 20, matrix.shape[1])
    prints = (np.rint(matrix).astype(np.int64) * weights).sum(axis=1)
    wholes = {int(p): i for i, p in enumerate(prints) if p}
    found: list[tuple[str, tuple[str, ...]]] = []
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            whole = wholes.get(int(prints[i] + prints[j]))
            if whole is None or whole in (i, j) or not (prints[i] and prints[j]):
                continue
            if np.allclose(matrix[i] + matrix[j], matrix[whole], atol=0.5):
                found.append((names[whole], (names[i], names[j])))
    return found


def _search(
    matrix: np.ndarray,
    total: np.ndarray,
    chosen: tuple[int, ...],
    start: int,
    sums: np.ndarray,
    found: list[tuple[int, ...]],
) -> None:
    """Depth first, leaving a branch as soon as one territory exceeds its whole."""
    known = ~np.isnan(sums + total) & (total > 0)
    if len(chosen) > 1 and known.sum() > 1 and np.allclose(sums[known], total[known], atol=0.5):
        found.append(chosen)
        return
    if len(chosen) == _LONGEST or (known & (sums > total + 0.5)).any():
        return
    for i in range(start, matrix.shape[0]):
        _search(matrix, total, (*chosen, i), i + 1, sums + matrix[i], found)


def _forme(terms: Mapping[str, float]) -> Forme:
    return tuple(sorted((m, float(c)) for m, c in terms.items() if c))


def _is_part(num: Mapping[str, float], den: Mapping[str, float]) -> bool:
    """Whether whole minus part is a count of people: both are plain sums."""
    return min([*num.values(), *den.values()]) > 0
