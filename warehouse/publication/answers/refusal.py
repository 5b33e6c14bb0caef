"""An answer as data: release, statut, motif and verdict first; a refusal names its rule."""

from __future__ import annotations

from typing import Any

Answer = dict[str, Any]
#: What is asked is longer than no code and no name.
_LONGEST = 200


class Refusal(Exception):
    """What is not answered: under which rule, and why in words."""

    def __init__(self, regle: str, phrase: str, statut: str | None = None, **rest: Any) -> None:
        super().__init__(phrase)
        self.regle, self.phrase, self.statut, self.rest = regle, phrase, statut, rest

    @property
    def dite(self) -> dict[str, str]:
        """Its rule, in data and in words."""
        return {"code": self.regle, "phrase": self.phrase}


def given(
    publication: str, statut: str | None, motif: str | None, verdict: str = "donne", **rest: Any
) -> Answer:
    """What is answered, in the order in which it is to be read; a list has no statut of its own."""
    head = {"publication": publication, "statut": statut, "motif": motif, "verdict": verdict}
    return head | rest


def refused(publication: str, refusal: Refusal) -> Answer:
    """What is not, with its rule in data and in words."""
    head = given(publication, refusal.statut, refusal.phrase, "refuse")
    return head | {"regle": refusal.dite} | refusal.rest


def plain(asked: str, what: str) -> str:
    """What a client gave, if it may be a code or a name.

    Raises:
        Refusal: empty, too long, or with characters that nobody types.
    """
    text = asked.strip()
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise Refusal("demande", f"{what} illisible : un code ou un nom de 1 à {_LONGEST} signes")
    return text
