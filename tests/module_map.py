"""`docs/modules.md`: every module and what its docstring says it holds, room by room."""

from __future__ import annotations

import ast
import sys
from itertools import groupby
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
PAGE = REPO / "docs" / "modules.md"
ROOMS = ("ingest", "quality", "warehouse", "orchestration")
_HEAD = """# Modules

Written by `make docs` from the first line of each module's docstring. What the rooms are for: \
[architecture](architecture.md).
"""


def product_files(*suffixes: str) -> list[Path]:
    """Every file of the product with one of these endings, what others wrote left out."""
    found = (path for room in ROOMS for path in sorted((REPO / room).rglob("*")))
    return [p for p in found if p.suffix in suffixes and "vendor" not in p.parts]


def first_line(path: Path) -> str:
    """The first paragraph of a module's docstring, on one line; empty without one."""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(said.partition("\n\n")[0].split()).replace("|", "\\|")


def page() -> str:
    """The page as it must stand."""
    parts = [_HEAD]
    for top in ROOMS:
        files = sorted((REPO / top).rglob("*.py"), key=lambda p: (p.parent, p.name))
        for folder, modules in groupby(files, key=lambda p: p.parent):
            rows = list(modules)
            about = first_line(folder / "__init__.py")
            held = [p for p in rows if p.name != "__init__.py"]
            if not held:
                continue
            parts.append(f"\n## `{folder.relative_to(REPO).as_posix()}/`\n")
            parts += [f"\n{about}\n"] if about else []
            parts.append("\n| module | holds |\n|---|---|\n")
            parts += [
                f"| `{p.name}` | {first_line(p).replace('|', chr(92) + '|')} |\n" for p in held
            ]
    return "".join(parts)


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
