"""Every observatory of France under convention: what its masks let a reader know.

`python -m tests.bench.bench_small_observatories BUILD [RELEASE]`: the build database of a national
edition; with the folder of its release, the audit of the house judges too, on the figures as they
are. Exits 1 if anything comes back.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from quality.secrecy.release.release_attack import audit_release
from tests.fixtures.as_if_confidential import SOMMES
from tests.fixtures.observatory_release import NationalTables, rules
from tests.fixtures.small_observatories import (
    SEUILS,
    SMALL,
    VARIANTS,
    Nation,
    judged,
    read_nation,
)
from warehouse.declared.dictionary import load_dictionary


def main() -> None:
    """Print a line per kind of observatory, threshold and variant."""
    if len(sys.argv) < 2:
        sys.exit("un argument : la base de construction d'une édition nationale")
    build, found = Path(sys.argv[1]), 0
    print("observatoires | seuil | données | primaires | secondaires | exactes | sous le seuil | s")
    for seuil in (*dict.fromkeys(SEUILS.values()), 23):
        nation = read_nation(build, dict.fromkeys(SEUILS, seuil))
        for kind in SMALL:
            for variant in VARIANTS:
                start = time.perf_counter()
                seen = [judged(one, nation, SOMMES, variant) for one in nation.observatories(kind)]
                out = [ends for j in seen for ends in j.exposees.values()]
                exact = sum(high - low < 1 for low, high in out)
                lost = sum(j.non_protegees for j in seen)
                print(
                    f"{len(seen)} {kind} | {seuil} | {variant} | "
                    f"{sum(j.primaires for j in seen)} | {sum(j.secondaires for j in seen)} | "
                    f"{exact} | {len(out) - exact} | {time.perf_counter() - start:.0f}"
                    + (f" ; non protégées : {lost}" if lost else ""),
                    flush=True,
                )
                found += len(out) + lost
    if len(sys.argv) > 2:
        nation = read_nation(build, SEUILS, ("niveau", "comparaison"))
        for line, exposed in _audited(nation, Path(sys.argv[2])):
            print(line, flush=True)
            found += exposed
    sys.exit(1 if found else 0)


def _audited(nation: Nation, release: Path) -> Iterator[tuple[str, int]]:
    """A line per kind of observatory: what the audit of the house finds of their releases."""
    dictionary, asked = load_dictionary(), rules(nation)
    with tempfile.TemporaryDirectory() as folder:
        tables = NationalTables(release, nation, Path(folder))
        for kind in SMALL:
            start, cells, exposed, named = time.perf_counter(), 0, 0, []
            for one in nation.observatories(kind):
                states = judged(one, nation, SOMMES, "telles").etats
                draft = tables.write(one, states, Path(folder) / "brouillon")
                found = audit_release(draft, asked, dictionnaire=dictionary, sommes=SOMMES)
                (draft / "qpv.duckdb").unlink()
                cells, exposed = cells + found.cases, exposed + len(found.exposes)
                named += [f"  {one.nom} : {c.nom} ({c.moyen})" for c in found.exposes]
            seconds = time.perf_counter() - start
            line = (
                f"{kind} par l'audit : {cells} cases masquées, {exposed} exposées, {seconds:.0f} s"
            )
            yield "\n".join([line, *named]), exposed


if __name__ == "__main__":
    main()
