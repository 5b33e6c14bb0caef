"""Outlines: what is refused, what is repaired, how large they are, what they share."""

from __future__ import annotations

import json
import math
import random
import time
from pathlib import Path

import pytest

from ingest.archive import archive_local
from ingest.contours import outline_tables
from ingest.geometries import GeometryFault, contour, hectares, projection_of
from ingest.landing import LandingReport, land
from ingest.registry import load_registry
from warehouse.base.errors import QpvError

REGISTRY = load_registry()
Anneau = list[list[float]]


def carre(x: float, y: float, cote: float = 0.01, haut: float | None = None) -> Anneau:
    """A closed ring from its south-west corner."""
    up = cote if haut is None else haut
    return [[x, y], [x + cote, y], [x + cote, y + up], [x, y + up], [x, y]]


def polygone(*anneaux: Anneau) -> dict:
    return {"type": "Polygon", "coordinates": list(anneaux)}


def entite(geometry: dict | None, **properties: object) -> dict:
    given = {"code": "P1", "libelle": "Poche", "code_epci": "200042190"} | properties
    kept = {name: value for name, value in given.items() if value is not ...}
    return {"type": "Feature", "properties": kept, "geometry": geometry}


def collection(*entites: dict) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(entites)})


def atterrir(folder: Path, text: str, source_id: str = "perimetres_locaux") -> LandingReport:
    """Land a GeoJSON text as a source's file."""
    source = REGISTRY[source_id]
    [partie] = source.parts_of("2024")
    path = folder / partie.fichiers[-1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    archived = archive_local(path, archive=folder / "archive", attendu="geojson")
    out = folder / source_id / "2024.parquet"
    return land(source, "2024", [(partie, archived)], out=out, codes_qpv=None)


def zone_d_ellipsoide(degres: float, sud: float, nord: float) -> float:
    """Hectares between two parallels over some degrees of longitude: the textbook formula.

    A = b² Δλ / 2 · [sin φ / (1 − e² sin² φ) + atanh(e sin φ) / e], GRS 80 (Snyder, eq. 3-12).
    """
    a, f = 6_378_137.0, 1 / 298.257222101
    b, e = a * (1 - f), math.sqrt(f * (2 - f))

    def q(latitude: float) -> float:
        s = math.sin(math.radians(latitude))
        return s / (1 - (e * s) ** 2) + math.atanh(e * s) / e

    return b * b * math.radians(degres) / 2 * (q(nord) - q(sud)) / 10_000


@pytest.mark.parametrize("sud", [50.3, 43.0, 4.9, -21.1])
def test_the_area_of_a_rectangle_is_the_textbook_one(sud: float) -> None:
    rectangle = contour(json.dumps(polygone(carre(3.4, sud, 0.01, 0.02)))).surface
    wanted = zone_d_ellipsoide(0.01, sud, sud + 0.02)
    assert hectares(rectangle) == pytest.approx(wanted, rel=1e-6)


def test_a_hole_is_taken_off_whatever_its_direction() -> None:
    inner = carre(3.402, 50.302, 0.005)
    whole = zone_d_ellipsoide(0.01, 50.3, 50.31) - zone_d_ellipsoide(0.005, 50.302, 50.307)
    for hole in (inner, inner[::-1]):
        found = contour(json.dumps(polygone(carre(3.4, 50.3), hole))).surface
        assert hectares(found) == pytest.approx(whole, rel=1e-6)


NOEUD = [[3.40, 50.30], [3.41, 50.31], [3.41, 50.30], [3.40, 50.31], [3.40, 50.30]]
LAMBERT = carre(735_000, 7_027_000, 500)
REFUS = {
    "metres": (collection(entite(polygone(LAMBERT))), ["P1", "Lambert 93", "entité 1"]),
    "inversees": (collection(entite(polygone(carre(50.3, 3.4)))), ["P1", "inversées"]),
    "hors de France": (collection(entite(polygone(carre(30, 10)))), ["P1", "hors de"]),
    "point": (collection(entite({"type": "Point", "coordinates": [3, 50]})), ["P1", "Point"]),
    "sans geometrie": (collection(entite(None)), ["P1", "pas de géométrie"]),
    "vide": (collection(entite({"type": "Polygon", "coordinates": []})), ["P1", "polygone"]),
    "illisible": (
        collection(entite({"type": "Polygon", "coordinates": [[[3, 50]]]})),
        ["P1", "illisible"],
    ),
    "noeud": (collection(entite(polygone(NOEUD))), ["P1", "se recoupe"]),
    "sans code": (
        collection(entite(polygone(carre(3, 50)), code=...), entite(polygone(carre(3, 50)))),
        ["clé illisible", "entité 1", "'code'"],
    ),
    "aucun code": (collection(entite(polygone(carre(3, 50)), code=...)), ["'code'"]),
    "code hostile": (
        collection(entite(polygone(carre(3, 50)), code="../../etc")),
        ["'../../etc'", "entité 1", "lettres"],
    ),
    "double": (
        collection(entite(polygone(carre(3, 50))), entite(polygone(carre(4, 50)), code="p1")),
        ["territoire en double : LOC:P1", "entité 2", "entité 1"],
    ),
    "siren": (
        collection(entite(polygone(carre(3, 50)), code_epci="CAPH")),
        ["P1", "'CAPH'", "SIREN"],
    ),
    "pas une collection": (json.dumps(entite(polygone(carre(3, 50)))), ["FeatureCollection"]),
    "aucune entite": (collection(), ["aucune entité"]),
    "sans proprietes": (
        collection(entite(polygone(carre(3, 50))), {"geometry": None, "properties": None}),
        ["entité 2", "properties"],
    ),
    "fichier vide": ("", ["vide"]),
}


@pytest.mark.parametrize("cas", REFUS)
def test_a_bad_outline_is_refused_in_one_paragraph_that_names_it(cas: str, tmp_path: Path) -> None:
    text, said = REFUS[cas]
    with pytest.raises(QpvError) as refused:
        atterrir(tmp_path, text)
    message = str(refused.value)
    assert "perimetres_locaux.geojson" in message and "\n" not in message
    assert [word for word in said if word not in message] == []


def _au_hasard(points: int) -> Anneau:
    rng = random.Random(5)
    return [[3 + rng.random(), 50 + rng.random()] for _ in range(points)]


@pytest.mark.parametrize(
    "ring",
    [_au_hasard(500), carre(3, 50)[:4] * 2_500, carre(3, 50)[:4] * 100_000],
    ids=["random", "corners", "many corners"],
)
def test_a_tangle_is_refused_without_being_mended(ring: Anneau) -> None:
    """Mending took 82 s, 62 s and the machine's memory."""
    start = time.process_time()
    several = [polygone([*ring, ring[0]])["coordinates"], [carre(4, 51)]]
    with pytest.raises(GeometryFault, match="se recoupe en plus de 100 points"):
        contour(json.dumps({"type": "MultiPolygon", "coordinates": several}))
    assert time.process_time() - start < 20


def test_an_outline_of_many_points_is_sound_or_mended_as_a_small_one_is() -> None:
    around = [2 * math.pi * k / 20_000 for k in range(20_000)]
    ring = [[3 + math.cos(a), 50 + math.sin(a)] for a in around]
    assert contour(json.dumps(polygone([*ring, ring[0]]))).reparation is None
    ring[7], ring[8] = ring[8], ring[7]
    assert "réparé" in (contour(json.dumps(polygone([*ring, ring[0]]))).reparation or "")


def test_a_ring_with_one_reading_is_repaired_and_said(tmp_path: Path) -> None:
    """A spike without width: every repair gives the same area."""
    south_west, south_east, north_east, north_west, _ = carre(3.40, 50.30)
    spike = [[3.41, 50.305], [3.42, 50.305], [3.41, 50.305]]
    crossing = [south_west, south_east, *spike, north_east, north_west, south_west]
    report = atterrir(tmp_path, collection(entite(polygone(crossing))))
    assert list(report.contours) == ["LOC:P1"] and "réparé" in report.contours["LOC:P1"]
    tables = outline_tables([], [report.path])
    [area] = tables["superficies"].to_pylist()
    assert area["superficie_ha"] == pytest.approx(zone_d_ellipsoide(0.01, 50.3, 50.31), rel=1e-6)
    assert "réparé" in area["motif"]


def test_an_official_outline_that_cannot_be_used_is_left_aside_and_said(tmp_path: Path) -> None:
    one = {"lib_qp": "Q", "insee_com": "59000", "siren_epci": "200042190"}
    good = entite(polygone(carre(3, 50)), code_qp="QN05901M", **one)
    collapsed = polygone([[3, 50], [3.01, 50], [3, 50], [3, 50]])
    bad = entite(collapsed, code_qp="QN05902M", **one)
    eight = entite(polygone(NOEUD), code_qp="QN05903M", **one)
    for feature in (good, bad, eight):
        for name in ("code", "libelle", "code_epci"):
            del feature["properties"][name]
    report = atterrir(tmp_path, collection(good, bad, eight), "anct_contours")
    assert "laissé de côté" in report.contours["QN05902M"]
    assert "réparé" in report.contours["QN05903M"] and len(report.contours) == 2
    areas = outline_tables([report.path], [])["superficies"].to_pylist()
    assert [a["code_territoire"] for a in areas] == ["QN05901M", "QN05902M", "QN05903M"]
    assert "simplifiés" in areas[0]["motif"] and areas[0]["perimetre"] == "2024"
    assert areas[1]["superficie_ha"] is None and "aucune surface" in areas[1]["motif"]
    half = zone_d_ellipsoide(0.01, 50.3, 50.31) / 2  # two triangles of a quarter each
    assert areas[2]["superficie_ha"] == pytest.approx(half, rel=1e-4)


def test_two_squares_share_a_quarter(tmp_path: Path) -> None:
    """Shifted by half a side both ways; a neighbour that only touches is not there."""
    one = {"lib_qp": "Q", "insee_com": "59000", "siren_epci": "200042190"}
    quarters = [
        entite(polygone(carre(3.405, 50.305)), code_qp="QN05901M", **one),
        entite(polygone(carre(3.39, 50.30)), code_qp="QN05902M", **one),
    ]
    for feature in quarters:
        for name in ("code", "libelle", "code_epci"):
            del feature["properties"][name]
    qpv = atterrir(tmp_path, collection(*quarters), "anct_contours")
    local = atterrir(tmp_path, collection(entite(polygone(carre(3.40, 50.30)))))
    [row] = outline_tables([qpv.path], [local.path])["recouvrements"].to_pylist()
    assert (row["code_perimetre"], row["code_qpv"], row["perimetre"]) == (
        "LOC:P1",
        "QN05901M",
        "2024",
    )
    assert row["part_perimetre"] == pytest.approx(25, abs=0.01)
    assert row["part_qpv"] == pytest.approx(25, abs=0.01)
    wanted = zone_d_ellipsoide(0.005, 50.305, 50.31)
    assert row["superficie_commune_ha"] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    ("x", "y", "epsg"),
    [(3.4, 50.3, 2154), (9.1, 42.1, 2154), (-61.5, 16.2, 5490), (-61.0, 14.6, 5490),
     (-52.3, 4.9, 2972), (55.5, -21.1, 2975), (45.2, -12.8, 4471)],
)  # fmt: skip
def test_each_place_has_its_legal_projection(x: float, y: float, epsg: int) -> None:
    assert projection_of(contour(json.dumps(polygone(carre(x, y)))).surface) == epsg


def test_a_projection_that_no_point_uses_is_refused() -> None:
    with pytest.raises(GeometryFault, match="hors de"):
        projection_of(contour(json.dumps(polygone(carre(-149.5, -17.6)))).surface)
