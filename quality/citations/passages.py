"""Passages of a report: a stretch of text, where it stands, the titles above it. Reads no file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from warehouse.base.bounded_files import MO
from warehouse.base.errors import QpvError

#: Characters that are read together.
PIECE = 4000
#: The text of a report is not longer, once out of its file.
LONGEST = 20 * MO
#: Of the name of a line or a column of a table, which each of its cells repeats.
_NAME = 300
#: A word that no indicator has: what is named by a name that was cut stays in doubt.
_CUT = " (nom coupé)"
#: Where a text may be cut: not in « 13 204 ».
_BLANK = re.compile(r"(?<![0-9]) | (?![0-9])")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"»”)]*\s+(?=[A-ZÀ-ÖØ-Þ0-9«“\"])")
_ABBREVIATED = re.compile(r"\b(?:St|Ste|M|Mme|art|cf|env|n|p|av|bd)\.$")


@dataclass(frozen=True)
class Passage:
    """A paragraph or a cell under its names, its place in the document, and the titles above it.

    Its letters are composed: what is found in it is said by its offsets.
    """

    texte: str
    ou: str
    titres: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "texte", _composed(self.texte))
        object.__setattr__(self, "titres", tuple(map(_composed, self.titres)))

    def sentences(self, named: list[tuple[int, int]]) -> list[str]:
        """Its sentences; neither an abbreviation nor a stretch that is `named` ends one."""
        found, at = [], 0
        for end in _SENTENCE.finditer(self.texte):
            inside = any(s < end.end() and end.start() < e for s, e in named)
            if not inside and not _ABBREVIATED.search(self.texte[at : end.start()]):
                found.append(self.texte[at : end.start()])
                at = end.end()
        return [s for s in (*found, self.texte[at:]) if s.strip()]

    def pieces(self) -> Iterator[Passage]:
        """What nobody could read at once, in pieces: no text is worth an hour, nor a title."""
        start = 0
        while len(self.texte) - start > PIECE:
            blanks = [m.start() for m in _BLANK.finditer(self.texte, start + 1, start + PIECE)]
            at = blanks[-1] if blanks else start + PIECE
            yield replace(self, texte=self.texte[start:at])
            start = at
        yield replace(self, texte=self.texte[start:])


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


class Titles:
    """The titles above what is read, each under those of a higher level; none is long."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def above(self, niveau: int | None = None) -> tuple[str, ...]:
        """Those of a passage, or those of a title of this level."""
        return tuple(text for own, text in self._open if niveau is None or own < niveau)

    def add(self, niveau: int, text: str) -> None:
        """A title, which ends those of its level and below."""
        while self._open and self._open[-1][0] >= niveau:
            self._open.pop()
        self._open.append((niveau, text[:PIECE]))


def too_long(name: str, where: str) -> QpvError:
    """The refusal of a report whose text is longer than one reads."""
    return QpvError(
        f"{name} : son texte passe {LONGEST // MO} Mo une fois hors de son fichier",
        ou=where,
        attendu="un rapport à lire, non une archive piégée ou un fichier de données",
    )


def table_passages(
    rows: Sequence[tuple[str, Sequence[str]]], titles: tuple[str, ...]
) -> Iterator[Passage]:
    """Each number of a table: under its names, or alone where no cell repeats it.

    Args:
        rows: where each line stands, and its cells; the first one is the header.
    """
    if not rows:
        return
    where, header = rows[0]
    told: set[int] = set()
    for ou, cells in rows[1:]:
        label, said = _name(cells[0]) if cells else "", False
        for at, (name, cell) in enumerate(zip_longest(header, cells, fillvalue="")):
            if at and _numbered(cell):
                said = True
                told.add(at)
                yield Passage(f"{label} : {_column(name, cell)}", f"{ou}, {_name(name)}", titles)
        if cells and _numbered(cells[0]) and not (said and label == cells[0]):
            yield Passage(cells[0], ou, titles)
    for at, name in enumerate(header):
        if _numbered(name) and not (at in told and _name(name) == name):
            yield Passage(name, where, titles)


def _column(name: str, cell: str) -> str:
    """A cell with the name of its column, and the unit that this name says."""
    short = _name(name)
    unit = next((f" {u}" for u in "%€" if u in short and u not in cell), "")
    plain = " ".join(re.sub(r"[%€]|\(\s*[%€]\s*\)", " ", short).split())
    return f"{plain} : {cell}{unit}"


def _name(text: str) -> str:
    return text if len(text) <= _NAME else text[:_NAME] + _CUT


def _numbered(text: str) -> bool:
    return any(c.isdigit() for c in text)
