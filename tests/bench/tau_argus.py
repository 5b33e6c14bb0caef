"""τ-Argus run live (`pytauargus`, the `bench` extra) on one table: secondary cells, seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path

Cell = tuple[str, ...]
#: OPT: time in minutes. MOD: the same, then its singleton options and the frequency bounds, off.
OPT, MOD = "OPT(1,{minutes})", "MOD(1,{minutes},0,0,0)"


def tau_argus(
    folder: Path,
    axes: Sequence[str],
    cells: Mapping[Cell, tuple[float, float, bool]],
    hierarchies: Mapping[str, Sequence[tuple[str, Sequence[str]]]],
    share: float,
    method: str,
) -> tuple[set[Cell], float]:
    """(secondary cells, seconds). `cells`: codes → (value, cost, whether it is primary).

    `share`: of the value, asked on each side of a primary cell. Total code: Total.
    """
    from pytauargus.engine import run_batch
    from pytauargus.result import TableResult

    folder.mkdir()
    lines = [
        ";".join([*codes, f"{v:.4f}", f"{cost:.4f}", "U" if primary else "S", *_levels(v, share)])
        for codes, (v, cost, primary) in cells.items()
    ]
    (folder / "t.tab").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = ['<SEPARATOR> ";"', '<SAFE> "S"', '<UNSAFE> "U"', '<PROTECT> "P"']
    for axis in axes:
        told += [axis, "<RECODEABLE>", '<TOTCODE> "Total"']
        if axis in hierarchies:
            text = "\n".join(_indented(dict(hierarchies[axis]), "Total", 0)) + "\n"
            (folder / f"{axis}.hrc").write_text(text, encoding="utf-8")
            told += ["<HIERARCHICAL>", f'<HIERCODELIST> "{axis}.hrc"', '<HIERLEADSTRING> "@"']
    told += ["VALUE", "<NUMERIC>", "<DECIMALS> 4", "PRICE", "<NUMERIC> <COST>", "<DECIMALS> 4"]
    told += ["STATE", "<STATUS>", "LOW", "<NUMERIC> <LOWERPL>", "<DECIMALS> 4"]
    told += ["HIGH", "<NUMERIC> <UPPERPL>", "<DECIMALS> 4"]
    (folder / "t.rda").write_text("\n".join(told) + "\n", encoding="utf-8")
    named = "".join(f'"{axis}"' for axis in axes)
    batch = [
        '<OPENTABLEDATA> "t.tab"',
        '<OPENMETADATA> "t.rda"',
        f'<SPECIFYTABLE> {named}|"VALUE"||"PRICE"',
        "<SAFETYRULE>",
        "<READTABLE> 1",
        f"<SUPPRESS> {method}",
        '<WRITETABLE> (1,5,"SO+","out.tab")',
    ]
    (folder / "t.arb").write_text("\n".join(batch) + "\n", encoding="utf-8")
    start = time.perf_counter()
    with chdir(folder):  # its solvers leave their logs where they run
        run_batch("t.arb")
    spent = time.perf_counter() - start
    result = TableResult(
        path=str(folder / "out.tab"), exp_vars=[*axes], response="VALUE", is_freq=False
    )
    states = zip(result.rows, result.status(), strict=True)
    return {tuple(row[a] for a in axes) for row, state in states if state == "M"}, spent


def _levels(value: float, share: float) -> tuple[str, str]:
    return f"{share * value:.4f}", f"{share * value:.4f}"


def _indented(children: Mapping[str, Sequence[str]], parent: str, depth: int) -> list[str]:
    lines = []
    for child in children.get(parent, ()):
        lines += ["@" * depth + child, *_indented(children, child, depth + 1)]
    return lines
