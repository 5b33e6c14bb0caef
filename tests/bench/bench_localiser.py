"""A million coordinates placed by `qpv localiser`: seconds of the wall and of the processor.

    python -m tests.bench.bench_localiser CONTOURS.geojson [ROWS]

Points lie around the quarters of the file, one in three within 300 m of a limit: the worst a
national list can be. The limits of a list of one place alone are nearer in memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

TOOLS = Path(sys.executable).parent


def made_up_rows(contours: Path, rows: int) -> np.ndarray:
    """(rows, 2) longitudes and latitudes around a corner of each quarter."""
    features = json.loads(contours.read_text("utf-8"))["features"]
    starts = []
    for feature in features:
        at = feature["geometry"] and feature["geometry"]["coordinates"]
        while at and isinstance(at[0], list):
            at = at[0]
        if at:
            starts.append(at)
    rng = np.random.default_rng(19)
    around = rng.normal(0, 0.006, (rows, 2))
    return np.array(starts)[rng.integers(len(starts), size=rows)] + around


def main() -> None:
    """Write the list, place it, print what it took."""
    contours = Path(sys.argv[1])
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        points = made_up_rows(contours, rows)
        ages = np.array(["15-24", "25-54", "55 et plus"])[np.arange(rows) % 3]
        with (folder / "liste.csv").open("w", encoding="utf-8") as out:
            out.write("numero;lon;lat;age\n")
            out.writelines(
                f"{at};{x:.6f};{y:.6f};{age}\n"
                for at, ((x, y), age) in enumerate(zip(points.tolist(), ages, strict=True))
            )
        words = [str(TOOLS / "qpv"), "localiser", str(folder / "liste.csv")]
        words += ["--contours", str(contours), "--a-moins-de", "300"]
        words += ["--data", str(folder / "data")]
        begun = time.perf_counter()
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        wall = time.perf_counter() - begun
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(done.stdout or done.stderr, end="")
        print(
            f"{rows} lignes : {wall:.1f} s, processeur {used.ru_utime + used.ru_stime:.1f} s, "
            f"mémoire au plus {used.ru_maxrss / 1e6:.2f} Go"
        )


if __name__ == "__main__":
    main()
