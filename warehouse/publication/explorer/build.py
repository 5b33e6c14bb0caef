"""From a release's tables to its explorer: one page, its data, and the libraries it carries."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from warehouse.declared.dictionary import Edition
from warehouse.declared.placing_rules import COORDONNEES, Trait, placing_rules
from warehouse.declared.profile import load_profil
from warehouse.domain.statuts import signe_de
from warehouse.domain.types_territoire import types_territoire
from warehouse.publication.explorer.base_map import BaseMap
from warehouse.publication.explorer.figures import ExplorerTables, comparateurs, file_of, script
from warehouse.publication.explorer.limites import limites_par_indicateur
from warehouse.publication.fiches.textes import CHIFFRES_CLES, STATUTS

HERE = Path(__file__).parent
PAGE = "explorer.html"
#: In the order in which the page runs them: each uses those before it.
SCRIPTS = (
    *("base.js", "fichiers.js", "recherche.js", "choix.js", "partage.js", "tableau.js"),
    *("position.js", "panneau.js", "dessin.js", "serie.js", "depart.js"),
    *("teintes.js", "fond.js", "carte.js", "lieu.js", "papier.js"),
)
ASSETS = "explorer"
#: Metres by which the page's outlines may leave the release's: a metre drawn, a metre rounded.
TRAIT = 2


def write_explorer(
    database: Path,
    out: Path,
    *,
    edition: Edition,
    release_id: str,
    contours: Path | None = None,
    lieux: Path | None = None,
    limites: Iterable[dict] = (),
    classeurs: bool = False,
) -> Path:
    """Write `explorer.html` and `explorer/` under `out`, and return the page.

    Args:
        database: the release's `qpv.duckdb`, opened read-only.
        out: the folder of the fiches, to which the page links.
        contours: the release's outlines of quarters (`carte`).
        lieux: its outlines of communes and EPCI (`lieux`); without either there is no map.
        classeurs: whether the release has workbooks, to which the page then links.
        limites: what rules forbid to set beside each indicator (`qualite/comparabilites.json`).
    """
    assets = out / ASSETS
    (assets / "t").mkdir(parents=True, exist_ok=True)
    tables = ExplorerTables(database)
    try:
        territoires = tables.territoires()
        for t in territoires:
            t["fiche"] = _fiche(t, out)
        for code, figures in tables.files.par_territoire():
            (assets / "t" / f"{file_of(code)}.js").write_text(
                script(code, figures), encoding="utf-8"
            )
        indicateurs, profil = tables.indicateurs(), load_profil()
        drawn = (*CHIFFRES_CLES, *sorted(profil.montres))
        carte = BaseMap(tables, territoires, edition.perimetre, contours, lieux)
        index = {
            "edition": edition.titre,
            "release": release_id,
            "territoires": territoires,
            "indicateurs": indicateurs,
            "sources": tables.sources(),
            "genres": {code: one.court for code, one in types_territoire().items()},
            "statuts": STATUTS,
            "signes": {statut: signe_de(statut) for statut in STATUTS},
            "periodes": tables.periodes(),
            "tailles": tables.files.tailles(),
            "comparateurs": comparateurs(),
            "cles": CHIFFRES_CLES,
            "motifs": tables.motifs(),
            "perimetre": edition.perimetre,
            "classeurs": classeurs,
            "manques": tables.files.manques(),
            "limites": limites_par_indicateur(indicateurs, limites, edition.perimetre),
            "carte": (drawn_map := carte.write(assets, drawn, profil.seuils.base)),
            "limite": _limite(contours) if drawn_map and drawn_map["contours"] else None,
        }
        (assets / "ailleurs.js").write_text(script("ailleurs", tables.d_ailleurs()), "utf-8")
    finally:
        tables.close()
    (assets / "index.js").write_text(script("index", index), encoding="utf-8")
    for path in (HERE / "vendor").iterdir():
        shutil.copy(path, assets / path.name)
    for name in ("explorer.css", *SCRIPTS):
        shutil.copy(HERE / "templates" / name, assets / name)
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
    page = out / PAGE
    text = env.get_template("explorer.html.j2").render(
        edition=edition, release_id=release_id, scripts=SCRIPTS
    )
    page.write_text(text, encoding="utf-8")
    return page


def _limite(contours: Path | None) -> dict | None:
    """Within how many metres of a drawn limit a point is not told, and who then knows."""
    if contours is None:
        return None
    rules = placing_rules()
    features = json.loads(contours.read_text(encoding="utf-8"))["features"]
    reserves = (feature["properties"]["reserve_contour"] or "" for feature in features)
    drawn: Trait = "simplifie" if any("simplifi" in said for said in reserves) else "entier"
    bande = rules.contours[drawn].metres + rules.positions[COORDONNEES].metres + TRAIT
    return {"bande": bande, "site": rules.site_officiel}


def _fiche(territoire: dict, out: Path) -> str | None:
    """The fiche of a territory, if there is one."""
    code = territoire["code_territoire"]
    kind, _, siren = code.rpartition(":")
    folder = {"EPCI": "epci", "QPV@EPCI": "epci", "LOC": "local", "": "qpv"}.get(kind)
    path = f"{folder}/{siren}.html"
    return path if folder and (out / path).is_file() else None
