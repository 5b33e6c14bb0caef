"""`python -m tests.equal_releases AVANT APRÈS`: two releases say the same, whatever made them.

Every table row for row, and the words of ten fiches; what a run alone bears (its id, its day) is
left aside. Prints what differs; exit 1 if anything does.
"""

from __future__ import annotations

import difflib
import html
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

#: Fiches that are compared, taken evenly among those of both releases.
FICHES = 10
#: Differing lines of a fiche that are printed.
_SHOWN = 6
_RUN = re.compile(r"\d{4}-\d{8}T\d+Z-[0-9a-f]{8}|\d{1,2}(?:er)? \w+ \d{4}")


def differences(before: Path, after: Path) -> Iterator[str]:
    """What one release says and not the other, in words."""
    tables = {folder: {p.stem for p in (folder / "tables").glob("*.parquet")} for folder in
              (before, after)}  # fmt: skip
    for name in sorted(tables[before] ^ tables[after]):
        yield f"table {name} : dans une seule des deux"
    with duckdb.connect() as con:
        for name in sorted(tables[before] & tables[after]):
            old, new = (_rows(con, folder / f"tables/{name}.parquet") for folder in (before, after))
            for one, other, word in ((old, new, "de moins"), (new, old, "de plus")):
                [[rows]] = con.sql(
                    f"select count(*) from (({one}) except all ({other}))"
                ).fetchall()
                if rows:
                    yield f"table {name} : {rows} lignes {word}"
    pages = [{p.relative_to(f) for p in (f / "fiches").rglob("*.html")} for f in (before, after)]
    both = sorted(pages[0] & pages[1])
    if pages[0] != pages[1]:
        yield f"fiches : {len(pages[0] ^ pages[1])} dans une seule des deux"
    for page in both[:: max(1, len(both) // FICHES)][:FICHES]:
        lines = list(difflib.unified_diff(words(before / page), words(after / page), n=0))
        yield from (f"{page} : {line}" for line in lines[2 : 2 + _SHOWN])


def _rows(con: duckdb.DuckDBPyConnection, table: Path) -> str:
    """A query for the rows of a table, to 12 digits: a sum in another order differs in the 16th."""
    columns = con.read_parquet(str(table))
    kept = (
        f'format(\'{{:.12e}}\', "{name}") as "{name}"' if kind == "DOUBLE" else f'"{name}"'
        for name, kind in zip(columns.columns, columns.types, strict=True)
    )
    return f"select {', '.join(kept)} from '{table}'"


def words(page: Path) -> list[str]:
    """What a page says, a line an element, without what its run alone bears."""
    text = re.sub(r"<(script|style).*?</\1>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    said = html.unescape(re.sub(r"<[^>]+>", "\n", text))
    return [_RUN.sub("…", line.strip()) for line in said.splitlines() if line.strip()]


def main() -> int:
    """Compare the two folders that are named."""
    before, after = (Path(word) for word in sys.argv[1:])
    found = list(differences(before, after))
    print("\n".join(found) or "les deux publications disent la même chose")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
