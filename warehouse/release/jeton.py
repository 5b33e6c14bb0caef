"""The token of a figure: `[qpv:QP059050/taux_pauvrete/2018#d7f3b2c7]`, which says of which cell of
which release a printed figure is. Reads and writes the text of it, and looks nothing up."""

from __future__ import annotations

import re
from typing import NamedTuple

JETON = re.compile(
    r"\[qpv:(?P<territoire>[A-Za-z0-9_@:-]{1,60})/(?P<indicateur>[a-z0-9_]{1,80})"
    r"/(?P<periode>[0-9T-]{4,10})(?:/(?P<grandeur>[a-z_]{1,20})/(?P<avec>[A-Za-z0-9_@:-]{1,60}))?"
    r"#(?P<publication>[0-9a-f]{4,64})\]"
)


class Jeton(NamedTuple):
    """Of which cell a figure is; `grandeur` and `avec`: of a move, its kind and earlier period; of
    a gap (`ecart`), the territory that it is set beside."""

    territoire: str
    indicateur: str
    periode: str
    publication: str
    grandeur: str = ""
    avec: str = ""

    def __str__(self) -> str:
        more = f"/{self.grandeur}/{self.avec}" if self.grandeur else ""
        cell = f"{self.territoire}/{self.indicateur}/{self.periode}{more}"
        return f"[qpv:{cell}#{self.publication}]"


def read_jeton(text: str) -> Jeton | None:
    """The token of a text that is one, or None."""
    m = JETON.fullmatch(text)
    return m and Jeton(
        m["territoire"], m["indicateur"], m["periode"], m["publication"],
        m["grandeur"] or "", m["avec"] or "",
    )  # fmt: skip


def publication_of(release_id: str) -> str:
    """What a token says of a release: the digest that ends its identifier."""
    return release_id.rsplit("-", 1)[-1]
