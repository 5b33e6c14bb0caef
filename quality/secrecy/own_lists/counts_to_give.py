"""Which figures of a list may be given, knowing those given before, and their proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter

import numpy as np

from quality.disclosure.attack.reach import Reach
from quality.disclosure.audit.verdict import Audit
from quality.disclosure.calls import audit
from quality.disclosure.rounding.steady import steady
from quality.secrecy.own_lists.given_counts import GivenCounts, GivenOnce
from quality.secrecy.own_lists.list_counts import Counts, label, moved
from quality.secrecy.own_lists.nested_categories import ENSEMBLE as TOTAL
from quality.secrecy.own_lists.nested_categories import Key, Nest, Pairs, nests_of, pairs_of
from quality.secrecy.own_lists.side_by_side import bounds_of, is_proved, ordered_in, tightened
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


#: A header → of each row that is counted, its cell in that column; None if there is none.
Columns = Callable[[str], Sequence[str | None] | None]


def counts_to_give(
    counts: Counts, given: GivenCounts, rule: RegleDesListes, columns: Columns
) -> ToGive:
    """The figures of a list; what is new in them is added to what was given.

    Raises:
        QpvError: the list was counted otherwise, so that the difference would tell people apart,
            or the auditor finds a cell.
    """
    _refuse_another_perimeter(counts, given, rule)
    same = [g for g in given.donnes if g.counts.perimetre == counts.perimetre]
    far = [(g.counts.colonne != counts.colonne, moved(counts, g.counts), g) for g in same]
    near = [one for one in far if one[1] < rule.renouvellement]
    if near:
        # Under its own column and names: of two categories as large, nothing says which is which.
        *_, before = min(near, key=itemgetter(0, 1))
        return _proved(before.counts, before.printed, before.date, before.retenus, rule)
    _refuse_other_metres(counts, same, rule)
    _refuse_nearly_the_same(counts, same, rule)
    nests = _nests(counts, same, columns)
    printed, withheld = _printed(counts, same, nests, given, rule)
    found = _proved(counts, printed, "", withheld, rule)
    given.donnes.append(GivenOnce(date.today().isoformat(), counts, printed, withheld))
    return found


def _nests(counts: Counts, same: Sequence[GivenOnce], columns: Columns) -> list[Nest]:
    """What holds between the categories of earlier tables, and those of the new one, the last.

    Raises:
        QpvError: a table is of the same list, by a column that is not there as it was.
    """
    tables = [*(g.counts for g in same), counts]
    for g in same:
        _refuse_a_lost_column(counts, g, columns)

    @cache
    def pairs(one: str, other: str) -> Pairs | None:
        here, there = columns(one), columns(other)
        return None if here is None or there is None else pairs_of(here, there)

    def between(one: int, other: int) -> Pairs:
        """In a column that is gone, readers set side by side what has one name."""
        found = pairs(tables[one].colonne, tables[other].colonne)
        names = {*tables[one].modalites} & {*tables[other].modalites}
        return {(name, name) for name in names} if found is None else found

    return [*nests_of([table.modalites for table in tables], between)]


def _refuse_a_lost_column(counts: Counts, before: GivenOnce, columns: Columns) -> None:
    if moved(counts.whole(), before.counts.whole()):
        return  # other people came or left
    there = columns(before.counts.colonne)
    if there is None or {label(one) for one in {*there}} != {*before.counts.modalites}:
        raise QpvError(
            f"cette liste a été comptée le {before.date} par {before.counts.colonne!r}, une "
            "colonne qu'elle n'a plus telle quelle : rien ne dit quelles modalités d'alors sont "
            "dans celles de maintenant, et la différence dirait de petits effectifs",
            ou="--comptes",
            faire="remettre dans la liste la colonne d'alors, et nommer autrement celle qui "
            "regroupe ou découpe ses modalités ; si c'est une autre liste, donner un autre "
            "dossier par --data",
        )


def _printed(
    counts: Counts,
    same: Sequence[GivenOnce],
    nests: Sequence[Nest],
    given: GivenCounts,
    rule: RegleDesListes,
) -> tuple[np.ndarray, tuple[str, ...]]:
    """What to print of each territory, and those that no offset keeps apart from earlier tables.

    The total of a territory that has not moved is printed as it was.
    """
    printed, withheld = np.zeros_like(counts.effectifs), []
    base, new = rule.arrondi, len(same)
    for at, place in enumerate(counts.territoires):
        row = counts.effectifs[at : at + 1]
        told = {rank: said for rank, g in enumerate(same) if (said := g.told(place)) is not None}
        true = {rank: same[rank].true(place) for rank in told}
        true[new] = dict(zip(counts.modalites, row[0].tolist(), strict=True))
        known = _by_key(true)
        totals = {sum(told[rank].values()) for rank in told
                  if known[rank, TOTAL] == known[new, TOTAL]}  # fmt: skip
        ordered = [*ordered_in(nests, known, {*true})]
        late = [one for one in ordered if new in (one.whole[0], one.parts[0][0])]
        before = tightened(bounds_of(_by_key(told), base), [*{*ordered} - {*late}], base)
        for turn in range(_TURNS):
            offset = given.offset(counts.perimetre, place, turn, base)
            # Once every offset was tried, categories are added up from the next one on.
            first = turn // (2 * base)
            cut = steady(np.roll(row, -first, axis=1), base, np.array([offset]))
            now = np.roll(cut, first, axis=1)[0]
            if totals - {int(now.sum())}:
                continue
            figures = _by_key({new: dict(zip(counts.modalites, now.tolist(), strict=True))})
            found = tightened(before | bounds_of(figures, base), late, base)
            if any(found[key] != before[key] for key in before):
                found = tightened(found, ordered, base)
            if not is_proved(found, base):
                printed[at] = now
                break
        else:
            withheld.append(place)
    return printed, tuple(withheld)


def _by_key(tables: Mapping[int, Mapping[str, int]]) -> dict[Key, int]:
    """The figures of tables by rank and category, and their totals."""
    found = {(rank, name): said for rank, row in tables.items() for name, said in row.items()}
    return found | {(rank, TOTAL): sum(row.values()) for rank, row in tables.items()}


def _refuse_another_perimeter(counts: Counts, given: GivenCounts, rule: RegleDesListes) -> None:
    for g in given.donnes:
        if g.counts.perimetre != counts.perimetre and _is_alike(g.counts, counts, rule):
            raise QpvError(
                f"cette liste a déjà donné des comptes sur le périmètre {g.counts.perimetre}, le "
                f"{g.date} : d'un périmètre à l'autre, la différence dirait de petits effectifs",
                ou="--comptes",
                faire=f"compter sur le périmètre {g.counts.perimetre} ; si c'est une autre liste, "
                "donner un autre dossier par --data",
            )


def _refuse_other_metres(counts: Counts, same: Sequence[GivenOnce], rule: RegleDesListes) -> None:
    """Who is near a quarter is part of who is in none, or near it at more metres."""
    for g in same:
        if g.counts.metres != counts.metres and _is_alike(g.counts, counts, rule):
            raise QpvError(
                f"cette liste a déjà donné des comptes {said_metres(g.counts.metres)}, le {g.date}"
                f" : {said_metres(counts.metres)}, la différence dirait de petits effectifs",
                ou="--a-moins-de",
                faire=f"compter comme alors, {said_metres(g.counts.metres)} ; si c'est une autre "
                "liste, donner un autre dossier par --data",
            )


def said_metres(metres: float | None) -> str:
    """The distance at which a list was counted, in words."""
    return "sans --a-moins-de" if metres is None else f"à moins de {metres:g} m"


def _is_alike(one: Counts, other: Counts, rule: RegleDesListes) -> bool:
    """Whether two lists may well be of the same people: nearly as many, or over half as many."""
    few, many = sorted((one.total, other.total))
    return many - few < rule.renouvellement or few > _HALF * many


def _refuse_nearly_the_same(
    counts: Counts, same: Sequence[GivenOnce], rule: RegleDesListes
) -> None:
    """Refuse a first count by another column of a list that is nearly one already counted.

    The total of the territory in which somebody came would move, and that of no other.
    """
    for g in same:
        if 0 < moved(counts.whole(), g.counts.whole()) < rule.renouvellement:
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
