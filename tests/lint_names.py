"""Verbs are English, domain nouns French: no function starts with a French verb.

`tests/lint_files.py` runs it.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.module_map import REPO, product_files

#: How French infinitives end. Participles and other forms are left: many are nouns too (`passe`).
INFINITIVE = re.compile(r"[a-z]+(er|ir|ire|[dpv]re|[aio]ndre|ttre)")
#: English words, then French nouns, that end so.
OTHERS = {
    "acquire", "after", "alter", "another", "answer", "consider", "cover", "discover", "earlier",
    "enter", "expire", "filter", "former", "gather", "header", "heir", "infer", "later", "layer",
    "never", "number", "offer", "order", "other", "outer", "over", "pair", "per", "perimeter",
    "recover", "refer", "register", "remainder", "remember", "render", "repair", "require",
    "together", "transformer", "trigger", "under", "user",
    "cadre", "dossier", "fichier", "lettre", "premier", "primaire", "propre", "quartier",
    "territoire",
}  # fmt: skip
#: Names that users type: `from warehouse import poser`, `qpv verifier`.
USERS = {"poser", "verifier", "chercher", "localiser"}


def french_verb(name: str) -> str | None:
    """The French infinitive that a function's name starts with, if it does."""
    first = name.strip("_").partition("_")[0]
    known = first in OTHERS or name in USERS
    return first if INFINITIVE.fullmatch(first) and not known else None


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, methods and those within others included."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, kinds)]


def faults() -> list[str]:
    """Each function of the product that starts with a French verb, and where it is."""
    found = []
    for path in product_files(".py"):
        for one in functions(path):
            if verb := french_verb(one.name):
                place = f"{path.relative_to(REPO).as_posix()}:{one.lineno}"
                found.append(f"{place}: {one.name} starts with the French verb « {verb} »")
    return found
