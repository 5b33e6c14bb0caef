"""10,000 points put at known distances from the limits of real quarters, and what is said of them.

Distances are computed here, on the plane that touches the ellipsoid at each point, from the raw
degrees of the file: no projection, no index and no code of the product.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod

from tests.conftest import EXTRACTS_PLUS, invoke_qpv

CONTOURS = EXTRACTS_PLUS / "geo/anct_2024/QP2024_France_Hexagonale_Outre_Mer_WGS84.geojson"
POINTS, BANDE, PROCHE = 10_000, 15, 300
#: One quarter in so many, of all France, overseas included.
ONE_IN = 11
A, E2 = 6_378_137.0, 0.006_694_380_022_9


def on_the_plane(shape: np.ndarray, lon: float, lat: float) -> np.ndarray:
    """Degrees as metres from a point, for what is near it."""
    sine = np.sin(np.radians(lat)) ** 2
    east = A / np.sqrt(1 - E2 * sine) * np.cos(np.radians(lat))
    north = A * (1 - E2) / (1 - E2 * sine) ** 1.5
    return np.radians(shape - (lon, lat)) * (east, north)


@pytest.fixture(scope="module")
def quarters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some real quarters, as their producer wrote them."""
    if not CONTOURS.is_file():
        pytest.skip("the real outlines (../shared/extracts_plus) are not here")
    content = json.loads(CONTOURS.read_text("utf-8"))
    sound = [f for f in content["features"] if f["geometry"]]
    kept = [f for f in sound if shapely.from_geojson(json.dumps(f["geometry"])).is_valid]
    content["features"] = kept[::ONE_IN]
    path = tmp_path_factory.mktemp("points") / "quartiers.geojson"
    path.write_text(json.dumps(content), "utf-8")
    return path


def made_up(shapes: list[shapely.Geometry]) -> np.ndarray:
    """(n, 2) degrees: each point is some metres off a side of a quarter, on either hand of it."""
    rng, geod = np.random.default_rng(19), Geod(ellps="GRS80")
    found = []
    while len(found) < POINTS:
        shape = shapes[rng.integers(len(shapes))]
        corners = shapely.get_coordinates(shapely.get_exterior_ring(shapely.get_parts(shape)[0]))
        at = rng.integers(len(corners) - 1)
        (x1, y1), (x2, y2) = corners[at], corners[at + 1]
        if (x1, y1) == (x2, y2):
            continue
        where = rng.random()
        lon, lat = x1 + where * (x2 - x1), y1 + where * (y2 - y1)
        along, _, _ = geod.inv(x1, y1, x2, y2)
        off = rng.choice([0, 5, 12, 14.5, 15.5, 18, 40, 120, 290, 310, 600]) * rng.choice([-1, 1])
        lon, lat, _ = geod.fwd(lon, lat, along + 90, off)
        found.append((lon, lat))
    return np.round(np.array(found), 7)


def test_no_point_beyond_the_band_is_said_wrong(quarters: Path, tmp_path: Path) -> None:
    features = json.loads(quarters.read_text("utf-8"))["features"]
    shapes = [shapely.from_geojson(json.dumps(f["geometry"])) for f in features]
    codes = [f["properties"]["code_qp"] for f in features]
    points = made_up(shapes)
    liste = tmp_path / "liste.csv"
    with liste.open("w", encoding="utf-8") as out:
        out.write("n;lon;lat\n")
        out.writelines(f"{n};{x};{y}\n" for n, (x, y) in enumerate(points.tolist()))
    words = ["--contours", str(quarters), "--a-moins-de", str(PROCHE)]
    code, said = invoke_qpv("localiser", str(liste), *words, "--data", str(tmp_path / "data"))
    assert code == 0, said
    with (tmp_path / "liste_localisee.csv").open(encoding="utf-8") as content:
        rows = list(csv.DictReader(content, delimiter=";"))
    tree = shapely.STRtree(shapes)
    told = dict.fromkeys(("dans", "hors", "incertain"), 0)
    for (lon, lat), row in zip(points.tolist(), rows, strict=True):
        near = tree.query(shapely.box(lon - 0.03, lat - 0.03, lon + 0.03, lat + 0.03))
        origin = shapely.Point(0, 0)
        plane = {
            int(n): shapely.transform(shapes[n], lambda at: on_the_plane(at, lon, lat))  # noqa: B023
            for n in near
        }
        away = {n: shapely.distance(origin, shape.boundary) for n, shape in plane.items()}
        nearest = min(away, key=lambda n: away[n])
        metres = away[nearest]
        holder = next((n for n, shape in plane.items() if shape.contains(origin)), None)
        # Legal projections stretch what they measure by a part in a thousand at most.
        slack = 0.05 + 0.002 * metres
        answer = row["qpv_2024"]
        told[answer] += 1
        if metres > BANDE + slack:
            assert answer == ("hors" if holder is None else "dans"), (lon, lat, metres)
        if metres < BANDE - slack:
            assert answer == "incertain", (lon, lat, metres)
        if metres < 990:
            assert abs(float(row["qpv_2024_limite_m"]) - metres) <= 0.5 + slack
        if answer == "dans":
            assert row["qpv_2024_code"] == codes[holder]
        close = row["qpv_2024_a_moins_de_300m"]
        if holder is not None and metres > BANDE + slack:
            assert close == "oui"
        if holder is None and metres > PROCHE + BANDE + slack:
            assert close == "non"
        if holder is None and metres < PROCHE - BANDE - slack:
            assert close == "oui"
        if holder is None and abs(metres - PROCHE) < BANDE - slack:
            assert close == "incertain"
    assert min(told.values()) > 1000, told
