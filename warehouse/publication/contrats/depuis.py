"""What changed of a contract's objectives between two releases. Tells no value masked now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from warehouse.declared.contracts import Comite, Contrat
from warehouse.publication.contrats.etats import ChiffreLu, Suivi, said_period
from warehouse.release.promotion import read_manifest


class Changement(NamedTuple):
    """What changed of one objective, in words."""

    libelle: str
    quoi: str


def last_committee(contrat: Contrat, today: date) -> Comite | None:
    """The newest committee that has met."""
    met = [one for one in contrat.comites if one.date <= today]
    return max(met, key=lambda one: one.date) if met else None


def release_then(releases: Sequence[Path], day: date) -> Path | None:
    """The release that readers had on a day: the last one published by its end."""
    until = day.isoformat()
    read = [one for one in releases if str(read_manifest(one)["publiee_le"])[:10] <= until]
    return read[-1] if read else None


def changes(before: Sequence[Suivi], after: Sequence[Suivi]) -> Iterator[Changement]:
    """Objective by objective: its state, new and revised figures, those masked since."""
    known = {one.objectif.code: one for one in before}
    for one in after:
        earlier = known.get(one.objectif.code)
        if earlier is None or one.objectif.comptage:
            continue
        if told := [*_told(earlier, one)]:
            yield Changement(one.objectif.libelle, " ; ".join(told))


def _told(before: Suivi, after: Suivi) -> Iterator[str]:
    if before.etat != after.etat:
        # A state is said of a figure: « ne bouge pas », beside its start, is the figure itself.
        earlier = "désormais" if _judged_what_is_lost(before, after) else f"« {before.etat} », puis"
        yield f"{earlier} « {after.etat} »"
    old = {(p.periode, p.perimetre): p for p in before.points}
    new = {(p.periode, p.perimetre): p for p in after.points}
    if added := [p for key, p in new.items() if key not in old and p.valeur is not None]:
        yield f"nouveau chiffre : {', '.join(said_period(p) for p in added)}"
    both = [(old[key], p) for key, p in new.items() if key in old]
    if revised := [p for was, p in both if _is_revised(was, p)]:
        yield f"chiffre révisé : {', '.join(said_period(p) for p in revised)}"
    if hidden := [p for was, p in both if was.valeur is not None and p.valeur is None]:
        yield f"chiffre désormais masqué : {', '.join(said_period(p) for p in hidden)}"
    if gone := [p for key, p in old.items() if key not in new]:
        yield f"chiffre retiré : {', '.join(said_period(p) for p in gone)}"


def _judged_what_is_lost(before: Suivi, after: Suivi) -> bool:
    """Whether the earlier state came from a figure that is masked now, or gone."""
    if before.etat == "pas de mesure":
        return False
    starts = (after.depart,) if after.depart else ()
    kept = {(p.periode, p.perimetre) for p in after.points if p.valeur is not None}
    # A start that no point of the release says may be printed elsewhere, or hidden since.
    said = kept | {(p.periode, p.perimetre) for p in starts if p.valeur is not None}
    now, start = before.maintenant, before.depart
    return any(
        judged is not None
        and judged.valeur is not None
        and (judged.periode, judged.perimetre) not in known
        for judged, known in ((now, kept), (start, said))
    )


def _is_revised(was: ChiffreLu, now: ChiffreLu) -> bool:
    if was.valeur is None or now.valeur is None:
        return False
    return abs(was.valeur - now.valeur) > 1e-9 * max(abs(was.valeur), abs(now.valeur))
