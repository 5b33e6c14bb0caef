"""Figures of the auditor: what it finds, on which table, in which time.

`python -m tests.bench.bench_audit [PUBLICATION]`: the folder of a release is audited too.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from orchestration.partitions import REGISTRY
from quality.disclosure.audit.verdict import Audit, audit
from quality.secrecy.release.release_attack import audit_release
from quality.secrecy.release.source_rules import ReglesDesSources
from quality.secrecy.tables.reading import Declared
from tests.fixtures.linked_tables import write_linked_tables
from tests.fixtures.made_up_published import made_up_counts
from warehouse.declared.sommes import somme_rows

SOMMES = somme_rows(REGISTRY.sommes)

REPO = Path(__file__).resolve().parents[2]
SDC = REPO.parent / "shared" / "data" / "sdc"


def _say(title: str, found: Audit, start: float) -> None:
    ways = Counter(c.moyen or "tenues" for c in found.constats)
    insiders = sum(bool(c.initie) for c in found.constats)
    print(f"{title} : {time.perf_counter() - start:.1f} s, {found.cases} cases masquées")
    print(f"  {dict(ways)}, dont par un initié : {insiders} ; informations : ", end="")
    print(f"{len(found.informations)} ; contradictions : {len(found.contradictions)}")


def main() -> None:
    """Print what is found and the seconds, building the system included."""
    if SDC.is_dir():
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            relations, rules = write_linked_tables(SDC, Path(folder))
            system, _ = Declared.load(relations, rules).attack([SDC])
            _say("Quatre tableaux liés de l'Insee, masque de τ-Argus", audit(system), start)
    else:
        print("Quatre tableaux liés : tables d'essai absentes (../shared/data/sdc)")
    system = made_up_counts()
    for complet in (True, False):
        start = time.perf_counter()
        found = audit(system, complet=complet)
        what = "tous les intervalles" if complet else "verdicts"
        _say(f"1 600 QPV × 40 effectifs fictifs, {what}", found, start)
    for folder in sys.argv[1:]:
        start = time.perf_counter()
        found = audit_release(Path(folder), ReglesDesSources(), sommes=SOMMES)
        _say(f"Publication {Path(folder).name}", found, start)


if __name__ == "__main__":
    main()
