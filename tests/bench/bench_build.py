"""Whole-process time and memory of the two builds, and their ratio: `make bench`."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from warehouse.declared.dictionary import load_dictionary, load_edition
from warehouse.publication.fiches.render import render_fiches
from warehouse.publication.profils.impression import CommandeDeFeuilles, render_feuilles

REPO = Path(__file__).resolve().parents[2]
EXTRACTS = REPO.parent / "shared" / "data" / "extracts"
QPV = Path(sys.executable).parent / "qpv"


def measure(*words: str) -> tuple[float, float]:
    """(wall seconds, peak resident MiB) of one `qpv` command that must succeed.

    The peak is the largest single process of the run, as the kernel accounts it.
    """
    start = time.perf_counter()
    child = os.spawnv(os.P_NOWAIT, QPV, [str(QPV), *words])
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"qpv {' '.join(words)} a échoué")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def render(release: Path, out: Path) -> tuple[float, float]:
    """Wall seconds of all the sheets of a release, HTML, PDF and CSV; of their annexes in HTML."""
    order = CommandeDeFeuilles(
        release / "qpv.duckdb",
        out,
        load_dictionary(),
        load_edition("2022"),
        release.name,
        None,
        True,
        None,
        "explorer.html",
    )
    start = time.perf_counter()
    render_feuilles(order)
    between = time.perf_counter()
    render_fiches(
        order.db,
        out,
        dictionary=order.dictionary,
        edition=order.edition,
        release_id=order.release_id,
        pdf=False,
    )
    return between - start, time.perf_counter() - between


def main() -> None:
    """Print one line per build and the ratios, then the fiches alone."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        first, _ = measure("build", "--sample", "--data", str(data / "a"))
        again, peak = measure("build", "--sample", "--data", str(data / "a"))
        print(f"échantillon, dossier neuf : {first:.1f} s")
        print(f"échantillon, dossier connu : {again:.1f} s, {peak:.0f} Mio")
        if not EXTRACTS.is_dir():
            print("France entière : extraits absents (../shared/data/extracts)")
            return
        words = ("build", "--edition", "2022", "--extracts", str(EXTRACTS))
        whole, peak = measure(*words, "--data", str(data / "b"))
        release = data / "b" / "releases" / "latest"
        statuts = json.loads((release / "RELEASE.json").read_text(encoding="utf-8"))["statuts"]
        pages = sum(1 for _ in (release / "fiches").glob("*/*.html"))
        print(f"France entière (édition 2022) : {whole:.1f} s, {peak:.0f} Mio")
        print(f"  {sum(statuts.values())} chiffres, {pages} fiches")
        print(f"France entière / échantillon : {whole / again:.2f}")
        sheets, annexes = render(release, data / "fiches")
        print(f"  fiches d'une page, HTML, PDF et CSV : {sheets:.1f} s ; annexes : {annexes:.1f} s")
        one, _ = measure("fiche", "QP059050", "--data", str(data / "b"))
        print(f"  qpv fiche QP059050 : {one:.2f} s")


if __name__ == "__main__":
    main()
