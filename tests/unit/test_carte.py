"""The map: outlines that any GIS reads, figures that the release shows, and no masked one."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import shapely

from ingest.geometries import light
from tests.unit.test_fiche_donnees import write_release
from warehouse.publication.carte import write_map

CODES = ("population_municipale", "part_defm", "inconnu")
#: Clockwise, as RFC 7946 does not want it, with a hole.
CARRE = shapely.Polygon(
    [(3, 50), (3, 50.01), (3.01, 50.01), (3.01, 50), (3, 50)],
    [[(3.002, 50.002), (3.004, 50.002), (3.004, 50.004), (3.002, 50.002)]],
)


def test_a_light_outline_is_valid_near_and_oriented() -> None:
    circle = shapely.Point(3.4, 50.3).buffer(0.01, quad_segs=500)
    found = light(circle)
    assert shapely.get_num_coordinates(found) < shapely.get_num_coordinates(circle) / 5
    assert found.is_valid and shapely.hausdorff_distance(found, circle) < 0.00001
    assert shapely.is_ccw(light(CARRE).exterior) and not shapely.is_ccw(CARRE.exterior)
    assert not shapely.is_ccw(light(CARRE).interiors[0])


def test_an_outline_smaller_than_the_step_stays() -> None:
    speck = shapely.box(3, 50, 3.0000001, 50.0000001)
    assert light(speck).area > 0


@pytest.fixture(scope="module")
def carte(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("carte")
    (folder / "tables").mkdir()
    write_release(folder / "qpv.duckdb")
    with duckdb.connect(str(folder / "build.duckdb")) as con:
        con.execute("create schema geometrie")
        con.execute(
            "create table geometrie.contours(code_territoire varchar, perimetre varchar, "
            "libelle varchar, wkb blob, motif varchar)"
        )
        for code, perimetre in (("QP001001", "2015"), ("QP001002", "2015"), ("QN001002", "2024")):
            con.execute(
                "insert into geometrie.contours values (?, ?, 'Contour', ?, null)",
                [code, perimetre, shapely.to_wkb(light(CARRE))],
            )
    assert write_map(folder / "build.duckdb", folder, CODES, "2015") == 2
    return folder / "tables"


def test_features_have_the_figures_of_their_perimeter(carte: Path) -> None:
    content = json.loads((carte / "contours.geojson").read_text("utf-8"))
    assert content["type"] == "FeatureCollection" and "crs" not in content
    first, second = (f["properties"] for f in content["features"])
    assert (first["population_municipale"], first["part_defm"]) == (1000, 12.25)
    assert second["population_municipale"] == 2000 and second["libelle"] == "Elnon"
    assert "inconnu" not in first
    assert first["part_defm_periode"] == "2021-12-31"
    assert first["part_defm_source"] == "insee_a 2022"


def test_a_masked_figure_is_nowhere(carte: Path) -> None:
    """The release by hand holds 77.7 in a masked row: it must not come out."""
    text = (carte / "contours.geojson").read_text("utf-8")
    second = json.loads(text)["features"][1]["properties"]
    assert second["part_defm"] is None and second["part_defm_statut"] == "secret_producteur"
    assert "77.7" not in text
    assert 77.7 not in pq.read_table(carte / "contours.parquet")["part_defm"].to_pylist()


def test_geoparquet_says_what_the_specification_asks(carte: Path) -> None:
    table = pq.read_table(carte / "contours.parquet")
    about = json.loads(table.schema.metadata[b"geo"])
    column = about["columns"][about["primary_column"]]
    assert (about["version"], column["encoding"]) == ("1.1.0", "WKB")
    assert column["geometry_types"] == ["Polygon"]
    assert column["bbox"] == pytest.approx([3, 50, 3.01, 50.01])
    shapes = shapely.from_wkb(table["geometry"].to_pylist())
    features = json.loads((carte / "contours.geojson").read_text("utf-8"))["features"]
    for shape, feature in zip(shapes, features, strict=True):
        assert shape.equals(shapely.geometry.shape(feature["geometry"])) and shape.is_valid


def test_no_outline_no_file(tmp_path: Path) -> None:
    """Nor where all outlines are of another perimeter: they have none of these figures."""
    (tmp_path / "tables").mkdir()
    write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(tmp_path / "build.duckdb")) as con:
        con.execute("create schema geometrie")
        con.execute(
            "create table geometrie.contours(code_territoire varchar, perimetre varchar, "
            "libelle varchar, wkb blob, motif varchar)"
        )
        con.execute(
            "insert into geometrie.contours values ('QN001002', '2024', 'Contour', ?, null)",
            [shapely.to_wkb(light(CARRE))],
        )
    assert write_map(tmp_path / "build.duckdb", tmp_path, CODES, "2015") == 0
    assert not [*(tmp_path / "tables").iterdir()]
