"""The same tables masked here and by τ-Argus, in one run: cells, value, verdict, seconds.

`python -m tests.bench.bench_peers [--sdc DIR]`, with the `bench` extra: `pip install -e .[bench]`.
Same primary cells, same ±10 %, same costs; the reader of the tests judges both masks. What
GaussSuppression publishes of its own tables is compared in `bench_secrecy`.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from quality.disclosure.mask.problem import Tableau
from quality.disclosure.mask.suppress import suppress
from tests.bench.tau_argus import MOD, OPT, Cell, tau_argus
from tests.conftest import SDC
from tests.fixtures.crossed_tables import read
from tests.fixtures.reader import unmet
from tests.fixtures.turnover_tables import RANGE, hierarchy, turnover

TABLES = {
    "act_size": ("ACTIVITY", "SIZE"),
    "act_cj": ("ACTIVITY", "CJ"),
    "nuts_size": ("NUTS", "SIZE"),
}
MINUTES = 2


def say(name: str, who: str, tableau: Tableau, secondary: np.ndarray, spent: float) -> None:
    """One line: how many cells, their value, what they cost, which primary cells fall short."""
    masked = secondary | tableau.sensibles
    print(
        f"{name} | {who} | {secondary.sum()} secondaires | "
        f"valeur {tableau.valeurs[secondary].sum() / 1e6:.2f} M | coût "
        f"{tableau.couts[secondary].sum() / 1e6:.3f} M | trouvées par le lecteur : "
        f"{len(unmet(tableau, masked))} | {spent:.1f} s",
        flush=True,
    )


def main() -> None:
    """Print one line per table, cost and method."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sdc", type=Path, default=SDC)
    folder = words.parse_args().sdc
    sums = {
        "ACTIVITY": hierarchy(read(folder / "activity_corr_table.csv"), "A10", "A21", "A88"),
        "NUTS": hierarchy(read(folder / "nuts23_fr_corr_table.csv"), "NUTS2", "NUTS3"),
    }
    for name, axes in TABLES.items():
        for cost in ("valeur", "nombre"):
            tableau = replace(turnover(folder, (name,), cost), contributeurs=np.array(-1))
            codes: list[Cell] = [
                tuple(row[axis] for axis in axes) for row in read(folder / f"turnover_{name}.csv")
            ]
            figures = zip(tableau.valeurs, tableau.couts, tableau.sensibles, strict=True)
            cells = dict(zip(codes, figures, strict=True))
            for method in (OPT, MOD):
                with tempfile.TemporaryDirectory() as scratch:
                    found, spent = tau_argus(
                        Path(scratch) / "t",
                        axes,
                        cells,
                        {axis: sums[axis] for axis in axes if axis in sums},
                        RANGE,
                        method.format(minutes=MINUTES),
                    )
                secondary = np.array([code in found for code in codes])
                say(f"{name}, coût {cost}", f"τ-Argus {method[:3]}", tableau, secondary, spent)
            for method in ("exact", "lp"):
                mask = suppress(tableau, method, delai=60 * MINUTES)
                who = f"ici {method}{'' if mask.methode == method else ' -> ' + mask.methode}"
                say(f"{name}, coût {cost}", who, tableau, mask.secondaires, mask.duree)


if __name__ == "__main__":
    main()
