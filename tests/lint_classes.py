"""Two classes of one name: refused, unless CONTRIBUTING.md lists the name with its reason."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable

from tests.module_map import REPO, product_files

#: The item that lists them, and one name of its list.
_ITEM = re.compile(r"^- A class has a name of its own.*\n(?P<listed>(?:  - .*\n)*)", re.M)
_LISTED = re.compile(r"^  - `(\w+)`: \S", re.M)


def sources() -> dict[str, str]:
    """Path → text of every module of the product."""
    paths = product_files(".py")
    return {path.relative_to(REPO).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def allowed(contributing: str) -> set[str]:
    """The names that may stand twice, each with a reason beside it."""
    found = _ITEM.search(contributing)
    return set(_LISTED.findall(found["listed"])) if found else set()


def twins(modules: dict[str, str]) -> dict[str, list[str]]:
    """Class name → the modules that define it at their top, where there are several."""
    places: dict[str, list[str]] = defaultdict(list)
    for path, text in modules.items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path)
    return {name: paths for name, paths in places.items() if len(paths) > 1}


def said(found: dict[str, list[str]], listed: Iterable[str]) -> list[str]:
    """A line for each twin that is not listed, and for each listed name that is no twin."""
    unsaid = [
        f"class {name} in {' and '.join(paths)}: one name, and CONTRIBUTING.md gives no reason"
        for name, paths in found.items()
        if name not in listed
    ]
    idle = sorted(set(listed) - found.keys())
    return unsaid + [f"CONTRIBUTING.md lists the class {name}, which stands once" for name in idle]


def faults() -> list[str]:
    """What is wrong in this repository."""
    contributing = (REPO / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return said(twins(sources()), allowed(contributing))
