"""A figure that bears the token of a cell: the cell decides, where its sentence agrees."""

from __future__ import annotations

from quality.citations.against_cells import AgainstCells
from quality.citations.claims import Claim, Sorte, comparing
from quality.citations.french_words import significant, stem_of
from quality.citations.indicators_in_text import IndicatorMatch, Named, fits
from quality.citations.traces import Traced
from warehouse.domain.format import periode_longue
from warehouse.release.jeton import Jeton

_UNITS = {"evolution_pct": "%", "evolution_pts": "points"}
_SORTES: dict[Sorte, str] = {
    "niveau": "d'un niveau", "evolution": "d'une évolution", "ecart": "d'un écart"
}  # fmt: skip
_ABSENT = "jeton d'une case que la publication n'a pas"


def of_token(
    against: AgainstCells,
    claim: Claim,
    token: Jeton,
    publication: str,
    whole: list[IndicatorMatch],
    named: Named | None,
) -> Traced:
    """What a claim with a token is worth.

    Args:
        publication: of the release at hand, as tokens say it.
        whole: the indicators that the words of the claim name whole.
        named: the indicator of the token, by its words; None where the release has no such one.
    """
    cells, here = against.cells, (token.territoire, token.indicateur)
    if token.publication != publication:
        return Traced("ambigu", f"jeton d'une autre publication ({token.publication})", *here)
    indicateur = cells.indicateurs.get(token.indicateur)
    if token.territoire not in cells.territoires or not indicateur or not named:
        return Traced("introuvable", _ABSENT, *here)
    places = [] if claim.lieu_repris else [p.codes for p in claim.lieux if p.codes]
    if places and not any(token.territoire in codes for codes in places):
        who = cells.label(token.territoire)
        return Traced("autre_territoire", f"le jeton est celui de {who}", *here)
    said = [] if claim.periode_reprise else [*claim.periodes, *claim.avant]
    periods = [p for p in (token.periode, token.avec) if p[:4].isdigit()]
    if said and not any(p.among(periods) for p in said):
        when = periode_longue(token.periode)
        return Traced("autre_periode", f"le jeton est celui de {when}", *here)
    if whole and token.indicateur not in {m.code for m in whole}:
        return Traced("ambigu", f"le jeton est celui de « {indicateur.libelle} »", *here)
    if strange := _strange(claim, token, named):
        return Traced("ambigu", f"mots étrangers au jeton : {', '.join(strange[:5])}", *here)
    if not _of_its_kind(claim, token, indicateur.libelle):
        return Traced("ambigu", f"le jeton est celui {_SORTES[_sorte(token)]}", *here)
    if token.grandeur == "ecart":
        if _beside_another(against, claim, token):
            who = cells.label(token.avec)
            return Traced("ambigu", f"l'écart du jeton est avec {who}", *here)
        return _gap(against, claim, token)
    if token.grandeur:
        return _move(against, claim, token)
    for cell in cells.levels(*here):
        if cell.periode == token.periode:
            if not fits(claim.figure.unite, indicateur.unite):
                return Traced("introuvable", "une autre unité que celle du jeton", *here)
            return against.level(claim.figure, cell)
    return Traced("introuvable", _ABSENT, *here)


def _strange(claim: Claim, token: Jeton, named: Named) -> list[str]:
    """The words of a claim that are not of the indicator of its token: `niee`, « ménages »."""
    own = named.lexique | significant(named.unite)
    if token.grandeur == "ecart":
        own |= {"ecart", *(stem_of(p.relatif) for p in claim.lieux if p.relatif)}
    each = [said.mots - own for said in claim.dits]
    fewest = min(each, key=len, default=frozenset[str]())
    return sorted(fewest)


def _sorte(token: Jeton) -> Sorte:
    if token.grandeur == "ecart":
        return "ecart"
    return "evolution" if token.grandeur else "niveau"


def _of_its_kind(claim: Claim, token: Jeton, libelle: str) -> bool:
    """Whether a sentence says a level of a level, a move of a move, a gap of a gap.

    A level may have a name that compares (« supérieur au bac »); what is no level may be said by
    its sign alone (« +2,1 points »), a gap by its noun.
    """
    wanted = _sorte(token)
    if claim.sorte == wanted:
        return True
    if wanted == "niveau":
        return comparing(claim.phrase) <= comparing(libelle)
    noun = wanted == "ecart" and any("ecart" in said.mots for said in claim.dits)
    return claim.sorte == "niveau" and (claim.figure.signe or noun)


def _beside_another(against: AgainstCells, claim: Claim, token: Jeton) -> bool:
    """Whether a sentence sets a gap beside a place that is not that of its token, or turns it."""
    absolute = [] if claim.lieu_repris else [p.codes for p in claim.lieux if p.codes]
    if absolute and token.territoire not in absolute[0]:
        return True
    beside = against.cells.territoires.get(token.avec)
    kinds = {p.relatif for p in claim.lieux if p.relatif}
    if any(token.avec not in codes for codes in absolute[1:]):
        return True
    return not kinds <= {beside.type if beside else ""}


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
