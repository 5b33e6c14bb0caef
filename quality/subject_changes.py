"""Is a figure about communes about the same ones at both dates? One verdict per quarter (C09).

A file says which communes its figures are about, by their names, in the geography of a year. A
figure printed again is about what it was about when it was first printed: a later file may give
it under the new name of a commune that has merged since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from quality.geographies import Geographies, name_key
from warehouse.domain.periods import in_words

REGLE = "C09"
DOCUMENT = (
    "Insee, code officiel géographique et composition communale des intercommunalités ; "
    "noms de communes du fichier"
)
_UNPROVED = "rien ne prouve que ce sont les mêmes communes aux deux dates"
_SILENT = "le fichier ne dit pas de quelles communes il s'agit"


class Said(NamedTuple):
    """The communes of a quarter as a file names them, in the geography of a year."""

    liste: str
    geographie: str


@dataclass(frozen=True)
class Held:
    """What one millésime holds of a period: lists of communes, and the figure that betrays them."""

    millesime: str
    said: Mapping[str, Said]
    temoins: Mapping[str, float]


@dataclass(frozen=True)
class Side:
    """One end of an evolution: the millésime that gives it, among those that hold its period."""

    periode: str
    millesime: str
    held: Sequence[Held]
    _news: dict[int, set[tuple[frozenset[str], float]]] = field(default_factory=dict)

    def territories(self) -> set[str]:
        """The quarters of which the millésime in use has a figure."""
        return {code for h in self.held if h.millesime == self.millesime for code in h.temoins}

    def subject(self, code: str) -> Said | None:
        """The communes of a quarter's figure: those of the first file that has the same figure.

        A later list stands where, in its own file, another quarter has the same list with the same
        figure, new there: the figure is that list's.
        """
        files = sorted(self.held, key=lambda h: h.millesime)
        at = next((i for i, h in enumerate(files) if h.millesime == self.millesime), None)
        if at is None:
            return None
        figure, found = files[at].temoins.get(code), None
        for index in range(at, -1, -1):
            if index < at and (figure is None or files[index].temoins.get(code) != figure):
                break
            if said := files[index].said.get(code):
                found = said
                if (frozenset(_keys(said)), figure) in self._new(index):
                    break
        later = (h.said.get(code) for h in files[at:] if h.temoins.get(code) == figure)
        return found or next(filter(None, later), None)

    def own(self, code: str) -> Said | None:
        """The communes that the millésime in use names, or those of its figure."""
        own = next((h.said.get(code) for h in self.held if h.millesime == self.millesime), None)
        return own or self.subject(code)

    def _new(self, index: int) -> set[tuple[frozenset[str], float]]:
        """(list, figure) of the quarters whose figure a file gives for the first time."""
        if index not in self._news:
            files = sorted(self.held, key=lambda h: h.millesime)
            before = files[index - 1].temoins if index else {}
            self._news[index] = {
                (frozenset(_keys(said)), figure)
                for code, said in files[index].said.items()
                if (figure := files[index].temoins.get(code)) is not None
                and code in before
                and before[code] != figure
            }
        return self._news[index]


def verdicts(niveau: Side, base: Side, geographies: Geographies) -> Iterator[tuple[str, str]]:
    """(quarter, why its figures at both ends cannot be set side by side), where they cannot."""
    span = f"{in_words(base.periode)} et {in_words(niveau.periode)}"
    for code in sorted(niveau.territories() & base.territories()):
        if reason := difference(code, base.subject(code), niveau.subject(code), geographies):
            yield code, f"{span} : {reason}"


def listed(side: Side, geographies: Geographies) -> Iterator[tuple[str, str, str]]:
    """(quarter, commune, name as printed) of the figures in use; the commune is its code, or its
    name where no list gives its code."""
    for code in sorted(side.territories()):
        if (said := side.own(code)) is None:
            continue
        year = geographies.year_for(said.geographie)
        for name in names(said.liste):
            known = geographies.code(name, _departement(code), year) if year else None
            yield code, known or name_key(name), name


def difference(
    code: str, before: Said | None, after: Said | None, geographies: Geographies
) -> str | None:
    """Why two lists of communes are not, or not surely, the same ones; None where they are.

    Args:
        code: the quarter, whose département tells homonyms apart.
    """
    if before is None or after is None:
        return f"{_SILENT} : {_UNPROVED}"
    if before.geographie > after.geographie:
        return (
            "les communes du chiffre antérieur sont d'une année plus récente que celles du niveau"
        )
    if before.geographie == after.geographie:
        same = _keys(before) == _keys(after)
        return None if same else _changed(before, after, [])
    start, end = (geographies.year_for(one.geographie) for one in (before, after))
    if start is None or end is None or not geographies.knows_mergers:
        missing = " et ".join(
            one.geographie for one, y in ((before, start), (after, end)) if y is None
        )
        what = f"la liste des communes de {missing}" if missing else "la liste des fusions"
        return f"{what} manque : {_UNPROVED}"
    found = []
    for one, year in ((before, start), (after, end)):
        codes = {n: geographies.code(n, _departement(code), year) for n in names(one.liste)}
        if unknown := [n for n, c in codes.items() if c is None]:
            return (
                f"« {', '.join(unknown)} » n'est pas le nom d'une seule commune de {year} : "
                f"{_UNPROVED}"
            )
        found.append({c for c in codes.values() if c})
    made = {p for c in found[1] for p in geographies.made_of(c, start, end)}
    if made != found[0]:
        return _changed(before, after, geographies.names(made - found[0], start))
    if lost := geographies.lost_near(made, start, end):
        s = "s" if len(lost) > 1 else ""
        return (
            f"{', '.join(lost)} : commune{s} de la même intercommunalité, disparue{s} entre "
            f"{start} et {end} sans que le code officiel géographique dise dans laquelle ; "
            f"{_UNPROVED}"
        )
    return None


def names(liste: str) -> list[str]:
    """The names of a list, as the file prints them but for blanks."""
    return [" ".join(n.split()) for n in liste.split(",") if n.strip()]


def spread(
    reasons: Mapping[tuple[str, str, str], Mapping[str, str]],
    mesures_of: Mapping[str, Iterable[str]],
) -> list[dict]:
    """One row per quarter × indicator × pair of periods at which a mesure of its formula cannot be
    compared.

    Args:
        reasons: (mesure, later period, earlier one) → quarter → why.
        mesures_of: indicator → the mesures of its formula.
    """
    spans = dict.fromkeys((later, earlier) for _, later, earlier in reasons)
    rows = []
    for indicateur, mesures in mesures_of.items():
        for later, earlier in spans:
            refused: dict[str, str] = {}
            for mesure in mesures:
                refused = dict(reasons.get((mesure, later, earlier), {})) | refused
            rows += [
                {
                    "code_territoire": code,
                    "code_indicateur": indicateur,
                    "periode": later,
                    "periode_comparaison": earlier,
                    "motif": motif,
                    "regle": REGLE,
                    "document": DOCUMENT,
                }
                for code, motif in sorted(refused.items())
            ]
    return rows


def _keys(said: Said) -> set[str]:
    return {name_key(n) for n in names(said.liste)}


def _departement(code: str) -> str:
    """`59` of QP059050, `2B` of QP02B001, `971` of QP971013."""
    return code[2:5].removeprefix("0")


def _changed(before: Said, after: Said, more: list[str]) -> str:
    then, now = ", ".join(names(before.liste)), ", ".join(names(after.liste))
    taken = f", qui compte aussi {', '.join(more)}" if then == now and more else ""
    return (
        f"ce chiffre ne porte pas sur les mêmes communes : {then} (communes de "
        f"{before.geographie}), puis {now}{taken} (communes de {after.geographie})"
    )
