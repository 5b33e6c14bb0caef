"""The one error of the library: a plain paragraph, in the French of those who publish tables."""

from __future__ import annotations

from collections.abc import Collection


class DisclosureError(ValueError):
    """Tables, relations or rules that cannot be used.

    Args:
        quoi: what happened, one sentence.
        ou: where it happened.
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
        self.quoi, self.ou, self.attendu, self.faire = quoi, ou, attendu, faire
        titles = ("", "Où : ", "Attendu : ", "À faire : ")
        texts = (quoi, ou, attendu, faire)
        parts = (f"{a}{b.rstrip('. ')}." for a, b in zip(titles, texts, strict=True) if b)
        super().__init__(" ".join(parts))


class DeclaredFault(ValueError):
    """A declared value that another one contradicts; `cle` is the path of its key."""

    def __init__(self, cle: str, message: str) -> None:
        super().__init__(message)
        self.cle = cle


def in_words(names: Collection[str]) -> str:
    """a, b et c."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} et {last}" if first else last
