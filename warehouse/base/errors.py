"""The one error that a user sees: a plain paragraph, never a traceback."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Characters of a message, of a quoted cell that it repeats, and of a text that is looked at.
_PARAGRAPHE = 2000
_CELL = 80
_LUS = 9000
#: A cell in its quotes; an apostrophe inside a word opens and closes none.
_QUOTED = re.compile(r"(?<!\w)(')((?:[^']|'(?=\w))*+)'(?!\w)|(\")([^\"]*)\"|(« )([^»]*) »")


class QpvError(Exception):
    """Something the data, a check or a file refused. The CLI prints it and exits with 1.

    Args:
        quoi: what happened, one sentence.
        ou: where it happened (file, sheet, row, column).
        attendu: what was expected instead.
        faire: what the user can do about it.
    """

    def __init__(
        self,
        quoi: str,
        *,
        ou: str | None = None,
        attendu: str | None = None,
        faire: str | None = None,
    ) -> None:
        self.quoi = quoi
        self.ou = ou
        self.attendu = attendu
        self.faire = faire
        super().__init__(self.paragraphe())

    def paragraphe(self) -> str:
        """The whole message on one line of at most 2,000 characters, control characters removed."""
        titles = ("", "Où : ", "Attendu : ", "À faire : ")
        texts = (self.quoi, self.ou, self.attendu, self.faire)
        parts = [
            f"{title}{_shown(text)}."
            for title, text in zip(titles, texts, strict=True)
            if text is not None
        ]
        while (over := len(" ".join(parts)) - _PARAGRAPHE) > 0:
            longest = max(range(len(parts)), key=lambda rank: len(parts[rank]))
            kept = max(len(parts[longest]) - over - 2, _PARAGRAPHE // 5)
            parts[longest] = f"{parts[longest][:kept].rstrip()}…."
        return " ".join(parts)


def together(faults: Sequence[QpvError]) -> QpvError:
    """Several faults of one thing as one: the first alone, or all of them, each once."""
    if len(faults) == 1:
        return faults[0]
    said = (f"{f.quoi} (attendu : {f.attendu})" if f.attendu else f.quoi for f in faults)
    return QpvError(
        f"{len(faults)} fautes : {' ; '.join(dict.fromkeys(said))}",
        ou=" ; ".join(dict.fromkeys(f.ou for f in faults if f.ou)) or None,
        faire=" ; ".join(dict.fromkeys(f.faire for f in faults if f.faire)) or None,
    )


def _shown(text: str) -> str:
    """A text as a paragraph holds it, on one line, the cells of a file that it quotes cut short.

    Said again, it is the same: a step's paragraph goes through here once more in its command's.
    """
    if len(text) > _LUS:
        text = f"{text[: _LUS - _CELL]}…{text[-_CELL:]}"
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return _QUOTED.sub(_cut, line).rstrip(". ")


def _cut(found: re.Match[str]) -> str:
    opening, inside = (group for group in found.groups() if group is not None)
    if len(inside) <= _CELL:
        return found[0]
    return f"{opening}{inside[: _CELL - 1]}…{found[0][len(opening) + len(inside) :]}"
