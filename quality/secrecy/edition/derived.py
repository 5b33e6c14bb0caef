"""Rates and amounts that a source under secrecy gives: hidden with the counts they go with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from quality.secrecy.edition.assembly import RegleEffectif

#: A count below this is none: the share of nobody tells of nobody.
_NOBODY = 0.5
#: A share that is a mesure of its own is in %.
_PERCENT = 100


def hidden_figures(
    figures: Iterable[Mapping],
    counts: Mapping[tuple, tuple[float, bool]],
    termes: Iterable[Mapping],
    facteurs: Mapping[str, float],
    regles: Mapping[str, RegleEffectif],
) -> set[tuple]:
    """(territory, perimeter, mesure, period) of the figures that may not be told.

    A rate is told if each count of its formula is told, and if the part that it gives of a known
    whole, and the rest of it, are none or above the threshold. A share that no formula ties to a
    count is told where it is so of every count of its territory, for any may be its whole, and
    another figure where the base of its territory is large enough; without a base, nobody can say
    how many it speaks of.

    Args:
        figures: rows that are no counts, of blocks that wait for a mask.
        counts: place → (value, is hidden), of every cell.
        termes: terms of the indicators shown; facteurs: indicator → its factor.
        regles: rules by name.
    """
    tied = _tied(termes)
    beside: dict[tuple, list[float]] = {}
    for (territoire, perimetre, _, periode), (value, _) in counts.items():
        beside.setdefault((territoire, perimetre, periode), []).append(value)
    return {
        (f["code_territoire"], f["perimetre"], f["mesure"], f["periode"])
        for f in figures
        if not _may_be_told(f, counts, tied, facteurs, regles[f["regle"]], beside)
    }


def _tied(termes: Iterable[Mapping]) -> dict[str, list[tuple[str, list, list]]]:
    """Figure → (indicator, numerator, denominator) of each formula whose published form it is."""
    sides: dict[str, dict[str, list[tuple[str, float]]]] = {}
    for t in termes:
        side = sides.setdefault(t["code_indicateur"], {"publiee": [], "num": [], "den": []})
        side[t["cote"]].append((t["terme"], t["coefficient"]))
    found: dict[str, list[tuple[str, list, list]]] = {}
    for code, side in sides.items():
        for mesure, _ in side["publiee"]:
            found.setdefault(mesure, []).append((code, side["num"], side["den"]))
    return found


def _may_be_told(
    figure: Mapping,
    counts: Mapping[tuple, tuple[float, bool]],
    tied: Mapping[str, Sequence[tuple[str, list, list]]],
    facteurs: Mapping[str, float],
    regle: RegleEffectif,
    beside: Mapping[tuple, Sequence[float]],
) -> bool:
    def count(mesure: str) -> tuple[float, bool] | None:
        place = (figure["code_territoire"], figure["perimetre"], mesure, figure["periode"])
        return None if mesure == figure["mesure"] else counts.get(place)

    judged = False
    for code, num, den in tied.get(figure["mesure"], ()):
        known = [count(m) for m, _ in [*num, *den]]
        if any(found is not None and found[1] for found in known):
            return False
        whole = [found for m, _ in den if (found := count(m))]
        if not den or len(whole) < len(den):
            continue
        total = sum(c * v for (_, c), (v, _) in zip(den, whole, strict=True))
        part = figure["valeur"] * total / facteurs[code]
        if _few(part, total, regle):
            return False
        judged = True
    if not judged and figure["type"] == "part":
        place = (figure["code_territoire"], figure["perimetre"], figure["periode"])
        share = figure["valeur"] / _PERCENT
        if any(_few(share * total, total, regle) for total in beside.get(place, ()) if total):
            return False
    base = count(regle.base) if regle.base else None
    if base is not None:
        return base[0] >= max(regle.seuil, regle.base_minimale)
    return judged


def _few(part: float, total: float, regle: RegleEffectif) -> bool:
    """Whether a part, the rest of its whole, or the whole is a few."""
    return any(_NOBODY < some < regle.seuil for some in (part, total - part, total))
