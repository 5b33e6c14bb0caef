"""JSON-stat 2.0 of each place, read back by the rules of the standard, beside the release."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import duckdb

Cell = tuple[float | None, str | None]


def read(path: Path) -> dict[tuple[str, ...], Cell]:
    """Every cell by its codes: row-major order of `id`, `value` and `status` by position."""
    said = json.loads(path.read_text(encoding="utf-8"))
    assert (said["version"], said["class"]) == ("2.0", "dataset")
    orders = []
    for name, size in zip(said["id"], said["size"], strict=True):
        category = said["dimension"][name]["category"]
        index = category["index"]
        order = index if isinstance(index, list) else sorted(index, key=index.__getitem__)
        assert len(order) == size == len(set(order)) and set(category["label"]) == set(order)
        orders.append(order)
    assert {dim for dims in said["role"].values() for dim in dims} == set(said["id"])
    every = list(itertools.product(*orders))
    assert {int(at) for at in (*said["value"], *said["status"])} <= set(range(len(every)))
    return {
        codes: (said["value"].get(str(n)), said["status"].get(str(n)))
        for n, codes in enumerate(every)
    }


def test_every_cell_of_every_place_is_a_row_of_the_release(sample_release: Path) -> None:
    folder = sample_release / "fiches"
    collection = json.loads((folder / "jsonstat.json").read_text(encoding="utf-8"))
    assert (collection["version"], collection["class"]) == ("2.0", "collection")
    links = [item["href"] for item in collection["link"]["item"]]
    there = {p.relative_to(folder).as_posix() for p in folder.glob("*/*.json")}
    assert set(links) == there and len(links) == 14
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select code_territoire, code_indicateur, coalesce(periode, 'sans'), valeur, statut"
            " from fct_indicateur where coalesce(perimetre, '') in ('2015', '')"
        ).fetchall()
    known = {(place, figure, period): (v, s) for place, figure, period, v, s in rows}
    shown = masked = 0
    for link in links:
        for codes, (value, status) in read(folder / link).items():
            if status is None:
                assert value is None
                continue
            assert known[codes] == (value, status), (link, codes)
            assert (value is not None) == (status == "diffuse")
            shown, masked = shown + (value is not None), masked + (value is None)
    assert shown > 300 and masked > 10


def test_a_place_has_what_its_table_has_and_says_why_the_rest_is_missing(
    sample_release: Path,
) -> None:
    for path in (sample_release / "fiches").glob("*/*.json"):
        lines = path.with_suffix(".csv").read_text(encoding="utf-8").splitlines()
        cells = [status for _, status in read(path).values() if status]
        assert len(cells) == len(lines) - 1
        said = json.loads(path.read_text(encoding="utf-8"))
        why = said["extension"]["motif"]
        assert all(why[at] for at, status in said["status"].items() if status != "diffuse")


def test_the_collection_is_a_file_of_the_package_and_of_the_catalogue(
    sample_release: Path,
) -> None:
    package = json.loads((sample_release / "datapackage.json").read_text(encoding="utf-8"))
    [one] = [r for r in package["resources"] if r["path"] == "fiches/jsonstat.json"]
    assert one["mediatype"] == "application/json" and "JSON-stat" in one["title"]
    catalogue = (sample_release / "catalogue.jsonld").read_text(encoding="utf-8")
    assert "fiches/jsonstat.json" in catalogue
