"""The one error that a user sees: a plain paragraph, never a traceback."""

from __future__ import annotations


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
        """The whole message on one line, control characters removed."""
        parts = [self.quoi.rstrip(". ") + "."]
        if self.ou:
            parts.append(f"Où : {self.ou.rstrip('. ')}.")
        if self.attendu:
            parts.append(f"Attendu : {self.attendu.rstrip('. ')}.")
        if self.faire:
            parts.append(f"À faire : {self.faire.rstrip('. ')}.")
        text = " ".join(parts)
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())
