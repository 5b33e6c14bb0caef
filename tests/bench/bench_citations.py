"""How many made-up sentences about a release are traced, and how many untrue ones pass.

.venv/bin/python -m tests.bench.bench_citations data/releases/latest [SEED] [MANY]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from quality.citations.passages import Passage
from quality.citations.text_check import TextChecker
from tests.fixtures.untrue_sentences import Liar
from warehouse.release.connect import open_release


def main() -> None:
    release = Path(sys.argv[1]).resolve()
    seed, many = (int(word) for word in (*sys.argv[2:4], *("1", "150")[len(sys.argv) - 2 :]))
    with open_release(release) as con:
        liar = Liar(con, seed)
        told = [*liar.true_ones(many), *liar.untrue_ones(many)]
        checker = TextChecker(con, release.name)
        start = time.process_time()
        said: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
        for one in told:
            found = checker.passages([Passage(one.phrase, "")]).chiffres
            sorts = sorted({c.constat.sort for c in found}) or ["rien"]
            said[one.vraie][" et ".join(sorts)] += 1
            if not one.vraie and {*sorts} <= {"conforme", "arrondi"}:
                print(f"untrue and passed ({one.faute}): {one.phrase}")
        spent = time.process_time() - start
    for true, counts in said.items():
        print(f"{'true' if true else 'untrue'}: {counts.total()} sentences, {dict(counts)}")
    print(f"{spent:.1f} s of processor, {1000 * spent / len(told):.0f} ms a sentence")


if __name__ == "__main__":
    main()
