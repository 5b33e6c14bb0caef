"""The table of docs/plausibilite.md, written from the rules and never by hand."""

from __future__ import annotations

import re

from quality.plausibility.rules import REGLES
from warehouse.base.layout import REPO

PAGE = REPO / "docs" / "plausibilite.md"
_TABLE = re.compile(r"(<!-- règles.*? -->\n).*?(<!-- /règles -->)", re.DOTALL)
_GRAVITES = {"bloquant": "bloquant", "a_verifier": "à vérifier", "information": "information"}


def render(page: str) -> str:
    """The page with its table of rules as they are: one row per rule."""
    rows = "".join(
        f"| {r.numero} | {r.titre} | {_GRAVITES[r.severite]} | {r.seuil} |\n"
        for r in REGLES.values()
    )
    table = f"| Règle | Dit que | Gravité | Seuil |\n|---|---|---|---|\n{rows}"
    return _TABLE.sub(lambda found: found[1] + table + found[2], page)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
