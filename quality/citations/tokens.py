"""A figure that bears the token of a cell: the cell decides, where its sentence agrees."""

from __future__ import annotations

from quality.citations.against_cells import AgainstCells
from quality.citations.claims import Claim
from quality.citations.indicators_in_text import IndicatorMatch, fits
from quality.citations.traces import Traced
from warehouse.domain.format import periode_longue
from warehouse.release.jeton import Jeton

_UNITS = {"evolution_pct": "%", "evolution_pts": "points"}
_ABSENT = "jeton d'une case que la publication n'a pas"


def of_token(
    against: AgainstCells, claim: Claim, token: Jeton, publication: str, whole: list[IndicatorMatch]
) -> Traced:
    """What a claim with a token is worth.

    Args:
        publication: of the release at hand, as tokens say it.
        whole: the indicators that the words of the claim name whole.
    """
    cells, here = against.cells, (token.territoire, token.indicateur)
    if token.publication != publication:
        return Traced("ambigu", f"jeton d'une autre publication ({token.publication})", *here)
    indicateur = cells.indicateurs.get(token.indicateur)
    if token.territoire not in cells.territoires or not indicateur:
        return Traced("introuvable", _ABSENT, *here)
    named = [] if claim.lieu_repris else [p.codes for p in claim.lieux if p.codes]
    if named and not any(token.territoire in codes for codes in named):
        who = cells.label(token.territoire)
        return Traced("autre_territoire", f"le jeton est celui de {who}", *here)
    said = [] if claim.periode_reprise else [*claim.periodes, *claim.avant]
    periods = [p for p in (token.periode, token.avec) if p[:4].isdigit()]
    if said and not any(p.among(periods) for p in said):
        when = periode_longue(token.periode)
        return Traced("autre_periode", f"le jeton est celui de {when}", *here)
    if whole and token.indicateur not in {m.code for m in whole}:
        return Traced("ambigu", f"le jeton est celui de « {indicateur.libelle} »", *here)
    if token.grandeur == "ecart":
        return _gap(against, claim, token)
    if token.grandeur:
        return _move(against, claim, token)
    for cell in cells.levels(*here):
        if cell.periode == token.periode:
            if not fits(claim.figure.unite, indicateur.unite):
                return Traced("introuvable", "une autre unité que celle du jeton", *here)
            return against.level(claim.figure, cell)
    return Traced("introuvable", _ABSENT, *here)


def _gap(against: AgainstCells, claim: Claim, token: Jeton) -> Traced:
    for gap in against.cells.gaps(token.territoire, token.indicateur):
        if (gap.reference, gap.periode) == (token.avec, token.periode):
            return against.gap(claim.figure, claim.sens, token.territoire, token.indicateur, gap)
    return Traced("introuvable", _ABSENT, token.territoire, token.indicateur)


def _move(against: AgainstCells, claim: Claim, token: Jeton) -> Traced:
    here = (token.territoire, token.indicateur)
    if claim.figure.unite != _UNITS.get(token.grandeur, claim.figure.unite):
        return Traced("introuvable", f"le jeton est en {_UNITS[token.grandeur]}", *here)
    for move in against.cells.moves(*here):
        if (move.periode, move.comparaison) == (token.periode, token.avec):
            return against.move(claim.figure, claim.sens, *here, move)
    return Traced("introuvable", _ABSENT, *here)
