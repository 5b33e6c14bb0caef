"""A figure that bears the token of a cell: the cell decides, where its sentence agrees."""

from __future__ import annotations

from quality.citations.against_cells import AgainstCells
from quality.citations.claims import Claim, Sorte, comparing
from quality.citations.french_words import significant, stem_of
from quality.citations.indicators_in_text import IndicatorMatch, Named, fits
from quality.citations.periods_in_text import PeriodSaid
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
    places: list[str] | str,
) -> Traced:
    """What a claim with a token is worth.

    Args:
        publication: of the release at hand, as tokens say it.
        whole: the indicators that the words of the claim name whole.
        named: the indicator of the token, by its words; None where the release has no such one.
        places: the territories that the claim may be about; a text where it names several.
    """
    cells, here = against.cells, (token.territoire, token.indicateur)
    if token.publication != publication:
        return Traced("ambigu", f"jeton d'une autre publication ({token.publication})", *here)
    indicateur = cells.indicateurs.get(token.indicateur)
    if token.territoire not in cells.territoires or not indicateur or not named:
        return Traced("introuvable", _ABSENT, *here)
    if token.grandeur == "ecart":
        places = next((sorted(p.codes) for p in claim.lieux if p.codes), [])
    absolute = isinstance(places, list) and bool(places) and not claim.lieu_repris
    if absolute and token.territoire not in places:
        who = cells.label(token.territoire)
        return Traced("autre_territoire", f"le jeton est celui de {who}", *here)
    said = [] if claim.periode_reprise else [*claim.periodes, *claim.avant]
    if said and not any(p.among(_periods(token)) for p in said):
        when = periode_longue(token.periode)
        return Traced("autre_periode", f"le jeton est celui de {when}", *here)
    if why := _doubt(against, claim, token, whole, named, places):
        return Traced("ambigu", why, *here)
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


def _periods(token: Jeton) -> list[str]:
    """Those of the cell of a token: of a move, both."""
    return [p for p in (token.periode, token.avec) if p[:4].isdigit()]


def _doubt(
    against: AgainstCells,
    claim: Claim,
    token: Jeton,
    whole: list[IndicatorMatch],
    named: Named,
    places: list[str] | str,
) -> str | None:
    """Why a sentence may say something else than its token; None where it says the same."""
    libelle = against.cells.indicateurs[token.indicateur].libelle
    if isinstance(places, str):
        return places
    if _of_another_place(against, claim, token, places):
        return "ce qui précède parle d'un autre lieu que le jeton"
    if (said := [*claim.periodes, *claim.avant]) and not _of_its_time(claim, token, said):
        return "le jeton est celui d'autres périodes"
    if whole and token.indicateur not in {m.code for m in whole}:
        return f"le jeton est celui de « {libelle} »"
    if strange := _strange(claim, token, named):
        return f"mots étrangers au jeton : {', '.join(strange[:5])}"
    if any(named.turns_round(said) for said in claim.dits):
        return f"la part à l'envers de « {libelle} »"
    if not _of_its_kind(claim, token, libelle):
        return f"le jeton est celui {_SORTES[_sorte(token)]}"
    if token.grandeur == "ecart" and _beside_another(against, claim, token):
        return f"l'écart du jeton est avec {against.cells.label(token.avec)}"
    return None


def _of_another_place(against: AgainstCells, claim: Claim, token: Jeton, places: list[str]) -> bool:
    """Whether a reader takes another place from what comes before; « la région » alone is any."""
    kinds = {p.relatif for p in claim.lieux if p.relatif and token.grandeur != "ecart"}
    if places or not kinds:
        return bool(places) and token.territoire not in places
    return against.cells.territoires[token.territoire].type not in kinds


def _of_its_time(claim: Claim, token: Jeton, said: list[PeriodSaid]) -> bool:
    """Whether the periods said are those of a token: of a move, none but its two."""
    among = [bool(p.among(_periods(token))) for p in said]
    return all(among) if claim.sorte == "evolution" else any(among)


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
    """Whether a sentence sets a gap beside a place that is not that of its token."""
    absolute = [] if claim.lieu_repris else [p.codes for p in claim.lieux if p.codes]
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
