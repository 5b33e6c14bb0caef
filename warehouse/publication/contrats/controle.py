"""A contract held against a release: unknown quarters, indicators, periods. Mends nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from warehouse.base.errors import together
from warehouse.declared.contracts import Contrat, ContratLu
from warehouse.domain.format import premiers
from warehouse.domain.periods import overlap
from warehouse.publication.contrats.mesures import Mesures
from warehouse.release.territory_lookup import close

#: How many codes a refusal suggests, how many periods it lists.
_SUGGERES, _PERIODES = 3, 12


def require_known(contrats: Sequence[ContratLu], mesures: Mesures) -> None:
    """Refuse contracts that name what the release does not know.

    Raises:
        QpvError: every fault of every contract, each with its file, its line and what to write.
    """
    told = [(one, [*_faults(one.contrat, mesures)]) for one in contrats]
    if refused := [one.refusal(faults) for one, faults in told if faults]:
        raise together(refused)


def _faults(contrat: Contrat, mesures: Mesures) -> Iterator[tuple[str, str]]:
    if contrat.siren not in mesures.epci:
        said = f"aucun quartier de cette publication n’est dans l’EPCI {contrat.siren}"
        yield "siren", f"{said} ; écrire le siren d’un EPCI qui a des QPV"
    quarters = {c: t.libelle for c, t in mesures.territoires.items() if t.type == "qpv"}
    mine = {c: quarters[c] for c in quarters if mesures.territoires[c].epci == contrat.siren}
    for perimetre, codes in contrat.perimetres.qpv.items():
        for rank, code in enumerate(codes):
            if perimetre in mesures.perimetres and code not in quarters:
                said = f"quartier inconnu : {code!r} ; {_instead(code, mine or quarters)}"
                yield f"perimetres.qpv.{perimetre}.{rank}", said
    places = {c: t.libelle for c, t in mesures.territoires.items()}
    for key in ("locaux", "veille_active"):
        for rank, code in enumerate(getattr(contrat.perimetres, key)):
            if code not in places:
                said = f"périmètre local inconnu : {code!r}"
                yield f"perimetres.{key}.{rank}", f"{said} ; le donner par --perimetres-locaux"
    for rank, one in enumerate(contrat.objectifs):
        here = f"objectifs.{rank}"
        if one.indicateur is None:
            continue
        if one.indicateur not in mesures.indicateurs:
            known = {code: code for code in mesures.indicateurs}
            said = f"indicateur inconnu : {one.indicateur!r} ; {_instead(one.indicateur, known)}"
            yield f"{here}.indicateur", said
            continue
        if one.territoire and one.territoire not in places:
            said = f"territoire inconnu : {one.territoire!r} ; {_instead(one.territoire, places)}"
            yield f"{here}.territoire", said
        if one.depart and not _is_period(one.depart.periode, one.indicateur, mesures):
            said = f"période inconnue : {one.depart.periode!r}"
            told = premiers(sorted(_periods(one.indicateur, mesures)), _PERIODES)
            yield f"{here}.depart.periode", f"{said} ; écrire une de : {told}"


def _instead(code: str, known: dict[str, str]) -> str:
    found = close(code, {one: one for one in known})[:_SUGGERES]
    if not found:
        return "le dictionnaire et les tables de la publication donnent les codes"
    said = (f"{one} ({known[one]})" if known[one] not in ("", one) else one for one in found)
    return f"écrire {', '.join(said)} ?"


def _is_period(periode: str, indicateur: str, mesures: Mesures) -> bool:
    """Whether a start may be of a period: one of the indicator, or one that it has no figure of.

    A part of France has fewer of them; « 2021 » for the 31/12/2021 is the wrong label of one.
    """
    known = _periods(indicateur, mesures)
    if periode in known:
        return True
    return periode in mesures.periodes and not any(overlap(periode, one) for one in known)


def _periods(indicateur: str, mesures: Mesures) -> Collection[str]:
    """The periods at which the release knows an indicator, else all that it knows."""
    ruled = {p for i, *_, later, earlier in mesures.regles if i == indicateur
             for p in (later, earlier)}  # fmt: skip
    seen = {p.periode for (i, _), points in mesures.points.items() if i == indicateur
            for p in points}  # fmt: skip
    return (ruled | seen) or mesures.periodes
