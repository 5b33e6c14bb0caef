"""Every small observatory of France under convention: what its masks let a reader know.

`python -m tests.bench.bench_small_observatories BUILD`: the build database of a national edition.
Exits 1 if anything comes back.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.fixtures.as_if_confidential import SOMMES
from tests.fixtures.small_observatories import (
    SEUILS,
    SMALL,
    VARIANTS,
    judged,
    read_nation,
)


def main() -> None:
    """Print a line per kind of observatory, threshold and variant."""
    if len(sys.argv) < 2:
        sys.exit("un argument : la base de construction d'une édition nationale")
    found = 0
    print("observatoires | seuil | données | primaires | secondaires | exactes | sous le seuil | s")
    for seuil in (*dict.fromkeys(SEUILS.values()), 23):
        nation = read_nation(Path(sys.argv[1]), dict.fromkeys(SEUILS, seuil))
        for kind, most in SMALL.items():
            for variant in VARIANTS:
                start = time.perf_counter()
                seen = [
                    judged(one, nation, SOMMES, variant) for one in nation.observatories(kind, most)
                ]
                out = [ends for j in seen for ends in j.exposees.values()]
                exact = sum(high - low < 1 for low, high in out)
                lost = sum(j.non_protegees for j in seen)
                print(
                    f"{len(seen)} {kind} d'au plus {most} QPV | {seuil} | {variant} | "
                    f"{sum(j.primaires for j in seen)} | {sum(j.secondaires for j in seen)} | "
                    f"{exact} | {len(out) - exact} | {time.perf_counter() - start:.0f}"
                    + (f" ; non protégées : {lost}" if lost else ""),
                    flush=True,
                )
                found += len(out) + lost
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
