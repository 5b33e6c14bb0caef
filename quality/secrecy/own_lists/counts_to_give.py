"""Which figures of a list may be given, knowing those given before, and their proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from quality.disclosure.attack.reach import Reach
from quality.disclosure.audit.verdict import Audit
from quality.disclosure.calls import audit
from quality.disclosure.rounding.steady import steady
from quality.secrecy.own_lists.given_counts import GivenCounts, GivenOnce
from quality.secrecy.own_lists.list_counts import Counts, moved
from warehouse.base.errors import QpvError
from warehouse.declared.secret import RegleDesListes
from warehouse.domain.format import list_in_words

ENSEMBLE = "Ensemble"
#: Offsets that are tried for a territory before it is withheld.
_TURNS = 80
#: A list of more than half as many people as another may well be of the same ones.
_HALF = 0.5


@dataclass(frozen=True)
class ToGive:
    """(t, m) figures that may leave, and the verdict of the auditor on them.

    `repris`: the date of the counts that are given again, where too few people changed since.
    `retenus`: territories that are not printed.
    """

    counts: Counts
    printed: np.ndarray
    audit: Audit
    reach: Reach
    repris: str = ""
    retenus: tuple[str, ...] = ()


def counts_to_give(counts: Counts, given: GivenCounts, rule: RegleDesListes) -> ToGive:
    """The figures of a list; what is new in them is added to what was given.

    Raises:
        QpvError: the list was counted on another perimeter, or the auditor finds a cell.
    """
    _refuse_another_perimeter(counts, given, rule)
    same = [g for g in given.donnes if g.counts.perimetre == counts.perimetre]
    near = [(*moved(counts, g.counts), g) for g in same]
    far, pairs, before = min(near, key=lambda one: one[0], default=(rule.renouvellement, {}, None))
    if before is not None and far < rule.renouvellement:
        again = _renamed(before, pairs, counts.colonne)
        return _proved(again, before.printed, before.date, before.retenus, rule)
    _refuse_nearly_the_same(counts, same, rule)
    printed, withheld = _printed(counts, same, given, rule)
    found = _proved(counts, printed, "", withheld, rule)
    given.donnes.append(GivenOnce(date.today().isoformat(), counts, printed, withheld))
    return found


def _printed(
    counts: Counts, same: list[GivenOnce], given: GivenCounts, rule: RegleDesListes
) -> tuple[np.ndarray, tuple[str, ...]]:
    """What to print of each territory, and those that no offset keeps apart from earlier tables."""
    printed, withheld = np.zeros_like(counts.effectifs), []
    for at, place in enumerate(counts.territoires):
        row = counts.effectifs[at : at + 1]
        for turn in range(_TURNS):
            offset = given.offset(counts.perimetre, place, turn, rule.arrondi)
            # Once every offset was tried, categories are added up from the next one on.
            first = turn // (2 * rule.arrondi)
            cut = steady(np.roll(row, -first, axis=1), rule.arrondi, np.array([offset]))
            told = np.roll(cut, first, axis=1)[0]
            if not any(_told_apart(counts, at, told, g, place, rule.arrondi) for g in same):
                printed[at] = told
                break
        else:
            withheld.append(place)
    return printed, tuple(withheld)


def _told_apart(
    counts: Counts, at: int, told: np.ndarray, before: GivenOnce, place: str, base: int
) -> bool:
    """Whether a figure goes from 0 to the base, or back, otherwise than its count did.

    Whoever knew that nobody left (or came) between both would then know a count under the base.
    The total of a territory that has not moved is printed as it was.
    """
    shown = before.told(place)
    if shown is None:
        return False
    true = before.true(place)
    cells = [
        (int(counts.effectifs[at, m]), int(told[m]), true[name], shown[name])
        for m, name in enumerate(counts.modalites)
        if name in shown
    ]
    total, now_printed = int(counts.effectifs[at].sum()), int(told.sum())
    if total == sum(true.values()) and now_printed != sum(shown.values()):
        return True
    cells.append((total, now_printed, sum(true.values()), sum(shown.values())))
    return any(
        (was == 0 and now == base and count <= earlier)
        or (was == base and now == 0 and count >= earlier)
        for count, now, earlier, was in cells
    )


def _renamed(before: GivenOnce, pairs: Mapping[str, str], colonne: str) -> Counts:
    """The counts that were given, under the names that categories have now."""
    names = {old: new for new, old in pairs.items()}
    old = before.counts
    modalites = tuple(names.get(one, one) for one in old.modalites)
    return Counts(old.perimetre, colonne, old.territoires, modalites, old.effectifs)


def _refuse_another_perimeter(counts: Counts, given: GivenCounts, rule: RegleDesListes) -> None:
    for g in given.donnes:
        few, many = sorted((g.counts.total, counts.total))
        alike = many - few < rule.renouvellement or few > _HALF * many
        if g.counts.perimetre != counts.perimetre and alike:
            raise QpvError(
                f"cette liste a déjà donné des comptes sur le périmètre {g.counts.perimetre}, le "
                f"{g.date} : d'un périmètre à l'autre, la différence dirait de petits effectifs",
                ou="--comptes",
                faire=f"compter sur le périmètre {g.counts.perimetre} ; si c'est une autre liste, "
                "donner un autre dossier par --data",
            )


def _refuse_nearly_the_same(
    counts: Counts, same: Sequence[GivenOnce], rule: RegleDesListes
) -> None:
    """Refuse a first count by another column of a list that is nearly one already counted.

    The total of the territory in which somebody came would move, and that of no other.
    """
    for g in same:
        far, _ = moved(counts.whole(), g.counts.whole())
        if 0 < far < rule.renouvellement:
            raise QpvError(
                f"cette liste est, à moins de {rule.renouvellement} personnes près, celle qui a "
                f"été comptée le {g.date} par {g.counts.colonne!r} : par une autre colonne, la "
                "différence dirait qui a changé",
                ou="--comptes",
                faire="compter par cette colonne la liste d'alors ; si c'est une autre liste, "
                "donner un autre dossier par --data",
            )


def _proved(
    counts: Counts,
    printed: np.ndarray,
    repris: str,
    withheld: tuple[str, ...],
    rule: RegleDesListes,
) -> ToGive:
    kept = [at for at, place in enumerate(counts.territoires) if place not in withheld]
    if kept:
        found, reach = audit([*_rows(counts, printed, kept)], relations_of(rule, counts.modalites))
    else:
        raise QpvError("rien n'est donné : aucun territoire ne peut l'être", ou="--comptes")
    if found.exposes:
        names = [one.nom for one in found.exposes[:3]]
        raise QpvError(
            f"rien n'est donné : {len(found.exposes)} compte(s) sortiraient : "
            f"{list_in_words(names)}",
            ou="--comptes",
            faire="regrouper des modalités",
        )
    return ToGive(counts, printed, found, reach, repris, withheld)


def _rows(counts: Counts, printed: np.ndarray, kept: list[int]) -> Iterator[dict[str, object]]:
    for at in kept:
        told = dict(zip(_codes(counts.modalites), printed[at].tolist(), strict=True))
        for name, figure in [*told.items(), (ENSEMBLE, sum(told.values()))]:
            yield {"territoire": counts.territoires[at], "modalite": name, "effectif": figure}


def _codes(modalites: Sequence[str]) -> list[str]:
    """Names that no pattern and no sign of a mask can be taken for, whatever people wrote."""
    return [f"m{at}" for at, _ in enumerate(modalites)]


def relations_of(rule: RegleDesListes, modalites: Sequence[str]) -> dict:
    """What a reader of these counts knows: their rounding, and that categories make the whole."""
    rounded = {"entier": True, "arrondi_a": rule.arrondi, "portee": 1}
    return {
        "tableaux": [
            {
                "fichier": "comptes",
                "dimensions": ["territoire", "modalite"],
                "mesures": {"effectif": rounded},
            }
        ],
        "dimensions": {
            "modalite": {
                "total": ENSEMBLE,
                "sommes": [{"total": ENSEMBLE, "parties": _codes(modalites)}],
            }
        },
        "regles": {"effectif": {"seuil": rule.seuil}},
    }
