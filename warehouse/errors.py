"""The one error that a user sees: a plain paragraph, never a traceback."""

from __future__ import annotations

import re

#: Characters of a quoted cell that a message repeats.
_CELL = 80
_QUOTED = re.compile(rf"'[^']{{{_CELL},}}'|\"[^\"]{{{_CELL},}}\"|« [^»]{{{_CELL},}} »")


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
        parts = [f"{_said(self.quoi, 900)}."]
        for title, text, most in (
            ("Où", self.ou, 450),
            ("Attendu", self.attendu, 300),
            ("À faire", self.faire, 300),
        ):
            if text:
                parts.append(f"{title} : {_said(text, most)}.")
        return " ".join(parts)


def _said(text: str, most: int) -> str:
    """A text as a paragraph holds it: cells of a file cut short, then the whole of it."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    shown = _QUOTED.sub(lambda found: f"{found[0][:_CELL]}…{found[0][-1]}", shown).rstrip(". ")
    return shown if len(shown) <= most else f"{shown[: most - 1].rstrip()}…"
