"""Masks of the classic test tables and of a made-up table of the real size: cells, value, seconds.

`python -m tests.bench.bench_secrecy [--sdc DIR] [--only WORD]`. Every mask is put to the reader of
the tests, a program per cell that shares no code with the engine. Of the largest table, a sample.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from quality.disclosure.mask.problem import Masque, Tableau
from quality.disclosure.mask.suppress import suppress
from tests.conftest import SDC
from tests.fixtures.made_up_counts import made_up_counts
from tests.fixtures.made_up_cube import made_up_cube
from tests.fixtures.municipal_tables import Z3, Z3_LINKED, elimination, intervals
from tests.fixtures.reader import Reader, unmet
from tests.fixtures.turnover_tables import turnover

FOUR = ("act_size", "act_cj", "nuts_size", "nuts_cj")
LIMIT = 60.0  #: seconds for the exact method
SAMPLE = 400  #: sensitive cells of the made-up table that are put to the reader


def instances(folder: Path) -> Iterator[tuple[str, Tableau, str]]:
    """(name, tableau, method), smallest first."""
    if folder.is_dir():
        for name, paths in (("z3", Z3), ("z3 lié", Z3_LINKED)):
            for shown in (True, False):
                word = "zéros montrés" if shown else "zéros protégés"
                yield f"{name}, {word}", elimination(folder, "z3", paths, shown), "gauss"
            for width in (1, 2):
                yield f"{name}, largeur {width}", intervals(folder, paths, True, width), "lp"
            yield f"{name}, zéros protégés ±1", intervals(folder, paths, False), "lp"
        for cost in ("valeur", "nombre"):
            for names in ((table,) for table in FOUR):
                tableau = replace(turnover(folder, names, cost), contributeurs=np.array(-1))
                yield f"{names[0]}, coût {cost}", tableau, "lp"
                yield f"{names[0]}, coût {cost}", tableau, "exact"
        four = turnover(folder, FOUR)
        yield "quatre tables liées", replace(four, contributeurs=np.array(-1)), "lp"
        yield "quatre tables liées, contributeurs seuls", four, "lp"
    yield "effectifs inventés", made_up_counts(), "lp"
    for size in ("petit", "moyen", "grand"):
        yield f"cube inventé, {size}", made_up_cube(size), "lp"


def short(tableau: Tableau, mask: Masque, method: str) -> str:
    """How many sensitive cells the reader finds short of what is asked, or pinned to a value."""
    if method == "gauss":
        reader = Reader(replace(tableau, bas=np.full(tableau.valeurs.size, -1e7)), mask.masquees)
        ends = [reader.interval(int(i)) for i in np.flatnonzero(tableau.sensibles)]
        return str(sum(high - low < 1e-6 for low, high in ends))
    if tableau.valeurs.size < 10_000:
        return str(len(unmet(tableau, mask.masquees)))
    rng = np.random.default_rng(0)
    chosen = rng.choice(np.flatnonzero(tableau.sensibles), SAMPLE, replace=False)
    return f"{len(unmet(tableau, mask.masquees, cells=chosen))} de {SAMPLE}"


def exposed(tableau: Tableau, mask: Masque) -> str:
    """Sensitive cells that one of the single contributors computes exactly."""
    alone = np.flatnonzero(mask.masquees & (tableau.contributeurs == 1))
    if not alone.size or tableau.valeurs.size > 10_000:
        return ""
    found = set()
    for insider in alone:
        reader = Reader(tableau, mask.masquees, (int(insider),))
        same = tableau.valeurs == tableau.valeurs[insider]
        # ±10 % of an amount of 0 asks for nothing.
        asked = tableau.sensibles & (tableau.protection_haute + tableau.largeur > 0)
        for i in np.flatnonzero(asked & ~same):
            low, high = reader.interval(int(i))
            if high - low < 1e-6 * tableau.valeurs[i]:
                found.add(int(i))
    return f" | à un contributeur seul : {len(found)}"


def steps(mask: Masque) -> str:
    """What each step of the engine took."""
    return ", ".join(f"{step} {seconds:.1f}" for step, seconds in mask.durees.items())


def main() -> None:
    """Print one line per instance and method."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sdc", type=Path, default=SDC)
    words.add_argument("--only", default="", help="instances whose name holds this word")
    asked = words.parse_args()
    for name, tableau, method in instances(asked.sdc):
        if asked.only not in name:
            continue
        start = time.process_time()
        mask = suppress(tableau, method, delai=LIMIT)
        spent = time.process_time() - start
        primary = int((mask.masquees & ~mask.secondaires).sum())
        print(
            f"{name} | {method} -> {mask.methode}{' (optimal)' if mask.optimal else ''}"
            f" | {primary} primaires, {mask.secondaires.sum()} secondaires"
            f" ({mask.secondaires.sum() / primary:.2f}), {mask.masquees.sum()} masquées"
            f" | valeur secondaire {tableau.valeurs[mask.secondaires].sum():.6g}"
            f" | non protégées : {mask.non_protegees.size}"
            f" | trouvées par le lecteur : {short(tableau, mask, method)}"
            f"{exposed(tableau, mask)} | {spent:.1f} s de calcul, {mask.duree:.1f} s à la montre"
            f" ({steps(mask)})",
            flush=True,
        )


if __name__ == "__main__":
    main()
