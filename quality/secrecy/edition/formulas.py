"""What readers know of counts: the sums that are declared, the remainders that formulas leave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from warehouse.declared.sommes import sommes_of

#: A linear form over mesures: (mesure, coefficient), sorted.
Forme = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Formules:
    """Linear forms over counts that published indicators let a reader compute.

    Attributes:
        restes: whole minus part of each share: never published, and known when both terms are.
        comptes: counts that are sums or differences of mesures: published under their own name.
        sommes: a total less its parts, and whether that is a rest, or else nothing.
    """

    restes: frozenset[Forme]
    comptes: frozenset[Forme]
    sommes: tuple[tuple[Forme, bool], ...] = ()


def formules(
    termes: Iterable[Mapping],
    effectifs: frozenset[str],
    sommes: Iterable[Mapping] = (),
    *,
    parts: Collection[str],
) -> Formules:
    """The forms of the published indicators whose terms are all counts, and the declared sums.

    Args:
        termes: rows `code_indicateur`, `cote` (`num`, `den` or `publiee`), `terme`, `coefficient`.
        effectifs: mesures under judgement, all counts.
        sommes: rows `somme`, `terme`, `coefficient`, `reste`, `marge`.
        parts: indicators that are shares: children per family are no part of the families.
    """
    sides: dict[str, dict[str, dict[str, float]]] = {}
    for row in termes:
        terms = sides.setdefault(row["code_indicateur"], {}).setdefault(row["cote"], {})
        terms[row["terme"]] = terms.get(row["terme"], 0) + row["coefficient"]
    restes: set[Forme] = set()
    comptes: set[Forme] = set()
    for code, side in sides.items():
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
        if code in parts and any(rest.values()) and _is_part(num, den):
            restes.add(_forme(rest))
    declared = tuple((_forme(somme.forme), somme.reste) for somme in sommes_of(sommes))
    return Formules(frozenset(restes), frozenset(comptes), declared)


def _forme(terms: Mapping[str, float]) -> Forme:
    return tuple(sorted((m, float(c)) for m, c in terms.items() if c))


def _is_part(num: Mapping[str, float], den: Mapping[str, float]) -> bool:
    """Whether whole minus part is a count of people: both are plain sums."""
    return min([*num.values(), *den.values()]) > 0
