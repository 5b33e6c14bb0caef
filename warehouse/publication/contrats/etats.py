"""Where an objective stands, by rule: the verdict of comparability first. Reads nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from warehouse.declared.contracts import Cible, Objectif
from warehouse.domain import format as f
from warehouse.domain.periods import bounds, in_words, overlap
from warehouse.domain.statuts import DIFFUSE, sens_de, signe_de
from warehouse.publication.contrats.mesures import Figure, Mesures, PointLu

Etat = Literal["atteint", "en chemin", "s’éloigne", "ne bouge pas", "pas de mesure"]
ETATS: tuple[Etat, ...] = ("atteint", "en chemin", "s’éloigne", "ne bouge pas", "pas de mesure")
#: What is said first: may the two figures be compared?
Comparaison = Literal["permise", "avec réserve", "interdite", "sans objet"]

SANS_REGLE = "aucune règle ne dit si ces deux périodes se comparent"
AILLEURS = "départ imprimé ailleurs : seule la règle des périodes a pu être vérifiée"
VOILE = "un de ses quartiers y est masqué, que ce chiffre pourrait rendre"
TU = "le document cité imprime un autre chiffre, qui pourrait rendre un quartier masqué"
#: What a file that does not cover a territory leaves: no figure, and no secret.
_ABSENTS = frozenset({"non_disponible", "hors_champ", "sans_objet"})


@dataclass(frozen=True)
class ChiffreLu:
    """A figure as a page prints it; without a value, `signe` stands in its place.

    `ailleurs`: the release does not have it, a cited document prints it.
    """

    periode: str
    fin: date
    perimetre: str
    valeur: float | None
    note: str = ""
    signe: str = ""
    tierce: bool = False
    ailleurs: bool = False


@dataclass(frozen=True)
class Suivi:
    """Where an objective stands. `fleche`: which way the figure went; empty where it is not said.

    `imprime`: the start that the contract prints, where the release has another one.
    """

    objectif: Objectif
    etat: Etat
    comparaison: Comparaison
    raison: str
    depart: ChiffreLu | None
    maintenant: ChiffreLu | None
    fleche: Literal["", "▲", "▼", "="] = ""
    imprime: float | None = None
    points: tuple[ChiffreLu, ...] = ()


def follow(
    objectif: Objectif,
    territoire: str,
    perimetre: str,
    mesures: Mesures,
    ouverts: Collection[Figure],
) -> Suivi:
    """Where an objective on an indicator of a release stands.

    Args:
        territoire: what it is about.
        perimetre: that of the contract's quarters.
        ouverts: figures under an open plausibility finding.
    """
    assert objectif.indicateur
    figure = (objectif.indicateur, territoire)
    how = mesures.indicateurs[objectif.indicateur]
    found = mesures.points.get(figure, [])
    said = [p for p in found if p.statut not in _ABSENTS]
    depart, imprime, hidden = _start(objectif, found, territoire, perimetre, mesures, how.arrondi)
    none = Suivi(objectif, "pas de mesure", "sans objet", "", depart, None, imprime=imprime)
    if not said:
        reason = found[-1].motif if found else ""
        words = "aucun chiffre publié de cet indicateur pour ce territoire"
        return replace(none, raison=f"{words} : {reason}" if reason else words)
    latest = _told(said[-1])
    points = tuple(_told(p) for p in said)
    none = replace(none, maintenant=latest, points=points)
    if latest.valeur is None:
        return replace(none, raison=f"chiffre masqué : {latest.note}")
    if hidden:
        return replace(none, raison=f"départ masqué dans cette publication : {hidden}")
    if figure in ouverts:
        return replace(none, raison="un constat de plausibilité est ouvert sur ce chiffre")
    if depart is None or depart.valeur is None:
        return _without_start(none, objectif.cible, how.arrondi, bool(objectif.depart))
    if depart.perimetre != latest.perimetre:
        reason = f"quartiers du périmètre {depart.perimetre}, puis du périmètre {latest.perimetre}"
        return replace(none, comparaison="interdite", raison=f"{reason} : ce ne sont pas les mêmes")
    if latest.fin <= depart.fin:
        return replace(none, raison="aucun chiffre plus récent que le départ")
    link = mesures.lien(figure, latest.periode, depart.periode)
    if link is None or link.refus:
        return replace(none, comparaison="interdite", raison=link.refus if link else SANS_REGLE)
    judged = _judged(none, objectif.cible, how.arrondi)
    reserves = [AILLEURS] * depart.ailleurs + [link.reserve] * bool(link.reserve)
    if reserves:
        return replace(judged, comparaison="avec réserve", raison=" ; ".join(reserves))
    return replace(judged, comparaison="permise")


def follow_count(objectif: Objectif) -> Suivi:
    """Where an objective on a list stands, which the contract's team counts itself."""
    counted = objectif.comptage
    assert counted
    points = sorted(
        (ChiffreLu(r.periode, bounds(r.periode)[1], "", r.valeur) for r in counted.releves),
        key=lambda one: one.fin,
    )
    start = objectif.depart
    depart = None
    if start and start.valeur is not None:
        depart = ChiffreLu(start.periode, bounds(start.periode)[1], "", start.valeur)
    none = Suivi(objectif, "pas de mesure", "sans objet", "", depart, None, points=tuple(points))
    if not points:
        return replace(none, raison="aucun comptage de cette liste n’est déclaré")
    none = replace(none, maintenant=points[-1])
    if depart is None:
        return _without_start(none, objectif.cible, counted.arrondi, said=False)
    if points[-1].fin <= depart.fin:
        return replace(none, raison="aucun comptage plus récent que le départ")
    return replace(_judged(none, objectif.cible, counted.arrondi), comparaison="permise")


def _told(point: PointLu) -> ChiffreLu:
    """A point with its value, or with why there is none: its value is not kept."""
    note = f.typographie(point.motif.rstrip(". "))
    if point.statut == DIFFUSE:
        said = (point.periode, point.fin, point.perimetre, point.valeur)
        return ChiffreLu(*said, note, tierce=point.tierce)
    reason = note or sens_de(point.statut).rstrip(".")
    sign = signe_de(point.statut)
    return ChiffreLu(point.periode, point.fin, point.perimetre, None, reason, sign)


def _start(
    objectif: Objectif,
    found: list[PointLu],
    territoire: str,
    perimetre: str,
    mesures: Mesures,
    arrondi: int,
) -> tuple[ChiffreLu | None, float | None, str]:
    """The start, what the contract prints where that differs, and why it must be hidden.

    The release's own figure goes first: what it masks is not shown because a contract prints it,
    under whatever period of the same days and whatever perimeter.
    """
    start = objectif.depart
    if start is None:
        return None, None, ""
    about = mesures.territoires.get(territoire)
    of_quarters = bool(about and about.perimetre)
    wanted = (start.perimetre or perimetre) if of_quarters else ""
    same = (p for p in found if p.periode == start.periode and p.perimetre == wanted)
    own = next(same, None)
    hidden = [p for p in found if _is_masked(p) and overlap(p.periode, start.periode)]
    figure = (objectif.indicateur or "", territoire)
    veiled = bool(hidden) or any(
        one == figure and overlap(periode, start.periode) for one, periode in mesures.voiles
    )
    if own and own.statut not in _ABSENTS:
        told = _told(own)
        if told.valeur is None:
            return told, None, told.note
        other = start.valeur is not None and (
            _rounded(told.valeur, arrondi) != _rounded(start.valeur, arrondi)
        )
        if other and veiled:
            note = " ; ".join(filter(None, (told.note, TU)))
            return replace(told, note=note), None, ""
        return told, start.valeur if other else None, ""
    end = bounds(start.periode)[1]
    bare = ChiffreLu(start.periode, end, wanted, None, "", "nd")
    if start.valeur is None:
        reason = own.motif if own else "cette publication n’a pas ce chiffre"
        return replace(bare, note=reason), None, ""
    if hidden:
        told = _told(hidden[0])
        return replace(bare, note=told.note, signe=told.signe), None, told.note
    if veiled:
        return replace(bare, note=VOILE), None, VOILE
    note = "imprimé par le document cité ; cette publication ne l’a pas"
    return replace(bare, valeur=start.valeur, note=note, signe="", ailleurs=True), None, ""


def _is_masked(point: PointLu) -> bool:
    return point.statut != DIFFUSE and point.statut not in _ABSENTS


def _without_start(none: Suivi, cible: Cible, arrondi: int, said: bool) -> Suivi:
    """Without a start, a bound is reached or nothing is said."""
    now = none.maintenant
    assert now and now.valeur is not None
    if cible.valeur is not None and _reaches(cible, now.valeur, arrondi):
        return replace(none, etat="atteint", raison="lu sur le seul chiffre d’aujourd’hui")
    words = "le départ n’a pas de chiffre" if said else "sans départ, rien ne dit le chemin"
    return replace(none, raison=words)


def _judged(none: Suivi, cible: Cible, arrondi: int) -> Suivi:
    """The state of two figures that may be compared, as they are printed."""
    start, now = none.depart, none.maintenant
    assert start and now and start.valeur is not None and now.valeur is not None
    move = _rounded(now.valeur, arrondi) - _rounded(start.valeur, arrondi)
    arrow: Literal["▲", "▼", "="] = "=" if move == 0 else ("▲" if move > 0 else "▼")
    if cible.valeur is not None and _reaches(cible, now.valeur, arrondi):
        return replace(none, etat="atteint", fleche=arrow)
    if move == 0:
        return replace(none, etat="ne bouge pas", fleche=arrow)
    up = cible.operateur in ("au_moins", "hausse")
    state: Etat = "en chemin" if (move > 0) == up else "s’éloigne"
    return replace(none, etat=state, fleche=arrow)


def _reaches(cible: Cible, valeur: float, arrondi: int) -> bool:
    assert cible.valeur is not None
    now, aim = _rounded(valeur, arrondi), _rounded(cible.valeur, arrondi)
    return now >= aim if cible.operateur == "au_moins" else now <= aim


def _rounded(valeur: float, arrondi: int) -> float:
    return float(f.arrondi(valeur, arrondi))


def said_period(mesure: ChiffreLu) -> str:
    """The period of a figure, as a page prints it."""
    return in_words(mesure.periode)
