"""From a release's tables to its explorer: one page, its data, and the libraries it carries."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from warehouse.dictionary import Edition
from warehouse.fiches.textes import STATUTS, signe_de
from warehouse.site.figures import Tables, file_of, script

HERE = Path(__file__).parent
PAGE = "explorer.html"
ASSETS = "explorer"


def write_explorer(
    database: Path, out: Path, *, edition: Edition, release_id: str, contours: Path | None = None
) -> Path:
    """Write `explorer.html` and `explorer/` under `out`, and return the page.

    Args:
        database: the release's `qpv.duckdb`, opened read-only.
        out: the folder of the fiches, to which the page links.
        contours: the release's outlines (`warehouse.carte`); without them there is no map.
    """
    assets = out / ASSETS
    (assets / "t").mkdir(parents=True, exist_ok=True)
    tables = Tables(database)
    try:
        territoires = tables.territoires()
        codes = {t["code_territoire"] for t in territoires}
        for t in territoires:
            t["fiche"] = _fiche(t, out)
        for code, figures in tables.par_territoire():
            (assets / "t" / f"{file_of(code)}.js").write_text(
                script(code, figures), encoding="utf-8"
            )
        index = {
            "edition": edition.titre,
            "release": release_id,
            "territoires": territoires,
            "indicateurs": tables.indicateurs(),
            "sources": tables.sources(),
            "statuts": STATUTS,
            "signes": {statut: signe_de(statut) for statut in STATUTS},
            "contours": _outlines(contours, codes),
        }
    finally:
        tables.close()
    (assets / "index.js").write_text(script("index", index), encoding="utf-8")
    for path in (HERE / "vendor").iterdir():
        shutil.copy(path, assets / path.name)
    for name in ("explorer.css", "explorer.js"):
        shutil.copy(HERE / "templates" / name, assets / name)
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
    page = out / PAGE
    text = env.get_template("explorer.html.j2").render(edition=edition, release_id=release_id)
    page.write_text(text, encoding="utf-8")
    return page


def _outlines(geojson: Path | None, codes: set[str]) -> dict | None:
    """The outlines of the quarters among `codes`, each with its code alone; None without any."""
    if geojson is None or not geojson.is_file():
        return None
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": feature["geometry"]}
        for feature in json.loads(geojson.read_text(encoding="utf-8"))["features"]
        if (code := feature["properties"]["code_qpv"]) in codes
    ]
    return {"type": "FeatureCollection", "features": features} if features else None


def _fiche(territoire: dict, out: Path) -> str | None:
    """The fiche of a territory, if there is one."""
    code = territoire["code_territoire"]
    kind, _, siren = code.rpartition(":")
    folder = {"EPCI": "epci", "QPV@EPCI": "epci", "LOC": "local", "": "qpv"}.get(kind)
    path = f"{folder}/{siren}.html"
    return path if folder and (out / path).is_file() else None
