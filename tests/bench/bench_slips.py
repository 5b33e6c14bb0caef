"""Every single slip of small observatories: one hidden figure is printed again, is it refused?

`python -m tests.bench.bench_slips BUILD RELEASE [ONE_IN]`: the build database and the folder of one
national release; one observatory in ONE_IN (20). Exits 1 if a slip passes that tells something.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from pathlib import Path

from tests.fixtures.observatory_release import NationalTables
from tests.fixtures.slips import KINDS, Tally
from tests.fixtures.small_observatories import SEUILS, SMALL, read_nation
from tests.fixtures.tried_slips import try_slips

PERIODS = ("niveau", "comparaison")
#: Slips that passed, of those named.
NAMED = 10


def main() -> None:
    """Print a line per kind of observatory and kind of slip."""
    if len(sys.argv) < 3:
        sys.exit("deux arguments : la base de construction, le dossier de la publication")
    build, release = Path(sys.argv[1]), Path(sys.argv[2])
    one_in = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    nation = read_nation(build, SEUILS, PERIODS)
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        tables = NationalTables(release, nation, Path(folder))
        for kind, most in SMALL.items():
            start = time.perf_counter()
            chosen = [*itertools.islice(nation.observatories(kind, most), 0, None, one_in)]
            total = {genre: Tally() for genre in KINDS}
            for one in chosen:
                for genre, found in try_slips(one, nation, tables, Path(folder)).items():
                    total[genre] += found
            seconds = time.perf_counter() - start
            print(f"{len(chosen)} {kind} d'au plus {most} QPV, {seconds:.0f} s")
            print("  figure | remontrées | refusées | qui disent une primaire | passées")
            for genre, t in total.items():
                print(f"  {genre} | {t.essayes} | {t.refuses} | {t.parlants} | {len(t.manques)}")
                for name in t.manques[:NAMED]:
                    print(f"    {name}")
                missed += len(t.manques)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
