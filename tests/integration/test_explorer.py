"""The explorer: complete without a network, hostile words as text; Chromium finds and compares."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
import shapely

from tests.unit.test_fiche_donnees import EDITION, HOSTILE, write_release
from warehouse.carte import write_map
from warehouse.format import nombre
from warehouse.site.build import write_explorer
from warehouse.site.figures import file_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def loaded(path: Path) -> object:
    """What a data file gives the page."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text[text.index("] = ") + 4 : text.rindex(";")])


def rendered(page: Path, query: str = "") -> tuple[str, str]:
    """The page as Chromium ends it, and what its console said."""
    if CHROMIUM is None:
        pytest.skip("Chromium n'est pas installé")
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=6000", "--dump-dom",
         f"file://{page}{query}"],
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    return done.stdout, "\n".join(x for x in done.stderr.splitlines() if "CONSOLE" in x)


def test_it_carries_all_that_it_needs_and_asks_for_nothing_else(sample_release: Path) -> None:
    folder = sample_release / "fiches"
    page = (folder / "explorer.html").read_text(encoding="utf-8")
    asked = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert all((folder / name).is_file() for name in asked if not name.startswith("data:"))
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert 'href="explorer.html"' in (folder / "index.html").read_text(encoding="utf-8")
    for name in ("minisearch", "leaflet"):
        assert (folder / "explorer" / f"{name}.LICENSE").is_file()


def test_every_figure_of_a_territory_is_there_with_its_reason(sample_release: Path) -> None:
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select code_indicateur, periode, valeur, statut, motif from fct_indicateur"
            " where code_territoire = 'QP059058' and statut <> 'non_disponible'"
        ).fetchall()
    shown = loaded(sample_release / "fiches/explorer/t" / f"{file_of('QP059058')}.js")
    told = {(f["i"], f["p"]): (f["v"], f["s"], f["m"]) for f in shown}
    assert {s for _, _, _, s, _ in rows} >= {"diffuse", "secret_producteur"}
    for code, periode, *rest in rows:
        assert told[code, periode] == tuple(rest)


def test_the_map_draws_the_outlines_of_the_release(tmp_path: Path) -> None:
    database = write_release(tmp_path / "qpv.duckdb")
    (tmp_path / "tables").mkdir()
    square = shapely.box(3, 50, 3.01, 50.01)
    with duckdb.connect(str(tmp_path / "build.duckdb")) as con:
        con.execute(
            "create schema geometrie; create table geometrie.contours(code_territoire varchar,"
            " perimetre varchar, libelle varchar, wkb blob, motif varchar)"
        )
        for code in ("QP001001", "QN00900X"):
            con.execute(
                "insert into geometrie.contours values (?, '2015', 'x', ?, null)",
                [code, shapely.to_wkb(square)],
            )
    write_map(tmp_path / "build.duckdb", tmp_path, [])
    page = write_explorer(
        database, tmp_path / "fiches", edition=EDITION, release_id="essai",
        contours=tmp_path / "tables" / "contours.geojson",
    )  # fmt: skip
    [drawn] = loaded(tmp_path / "fiches/explorer/index.js")["contours"]["features"]
    assert drawn["properties"] == {"code": "QP001001"}
    assert shapely.geometry.shape(drawn["geometry"]).equals(square)
    dom, console = rendered(page)
    assert console == ""
    assert "leaflet-container" in dom and 'id="sans-carte" hidden' in dom


def test_only_figures_of_the_period_of_the_edition_stand_side_by_side(tmp_path: Path) -> None:
    """An earlier period in place of a missing one would compare what does not compare."""
    database = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(database)) as con:
        [[code, periode]] = con.sql(
            "select code_indicateur, periode from dim_indicateur"
            " where periode_comparaison is not null limit 1"
        ).fetchall()
        con.execute("delete from dim_indicateur where code_indicateur <> ?", [code])
        con.execute("update dim_indicateur set arrondi = 0")
        con.execute("delete from fct_evolution")
        con.execute("delete from fct_indicateur where code_indicateur = ?", [code])
        for quarter, when, value in (("1", "1999", 86753.0), ("2", periode, 12.0)):
            con.execute(
                "insert into fct_indicateur (code_territoire, type_territoire, perimetre,"
                " code_indicateur, periode, valeur, statut) values"
                " (?, 'qpv', '2015', ?, ?, ?, 'diffuse')",
                [f"QP00100{quarter}", code, when, value],
            )
    page = write_explorer(database, tmp_path / "fiches", edition=EDITION, release_id="essai")
    dom, console = rendered(page, "#QP001001,QP001002")
    assert console == ""
    body = dom[dom.index("<tbody>") : dom.index("</tbody>")]
    first, second = re.findall(r"<button[^>]*>([^<]+)</button>", body)
    assert first == "nd" and second.startswith("12")


def test_chromium_finds_denain_compares_and_keeps_its_console_silent(sample_release: Path) -> None:
    page = sample_release / "fiches" / "explorer.html"
    dom, console = rendered(page, "?q=d%C3%A9nain#QP059050,QPV@EPCI:200042190")
    assert console == ""
    assert "quartier prioritaire · Denain · QP059050" in dom
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        figures = con.sql(
            "select f.valeur, d.arrondi, (f.source_id, f.millesime) in (select (source_id, millesime)"
            " from dim_source where confiance = 'tierce') from fct_indicateur as f"
            " join dim_indicateur as d using (code_indicateur) where f.code_territoire = 'QP059050' and f.statut = 'diffuse'"
            " and f.periode = d.periode and d.theme = 'démographie'"
        ).fetchall()
    body = dom[dom.index("<tbody>") : dom.index("</tbody>")]
    printed = [re.sub(r"\s", "", t) for t in re.findall(r"<button[^>]*>([^<]+)</button>", body)]
    assert len(figures) > 5
    assert any(third for *_, third in figures)
    for value, digits, third in figures:
        assert re.sub(r"\s", "", nombre(value, digits)) + "†" * third in printed


def test_hostile_labels_and_codes_stay_words(tmp_path: Path) -> None:
    database = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(database)) as con:
        con.execute("update dim_territoire set libelle = ?", [HOSTILE])
    page = write_explorer(database, tmp_path / "fiches", edition=EDITION, release_id="essai")
    index = loaded(tmp_path / "fiches/explorer/index.js")
    assert {t["libelle"] for t in index["territoires"]} == {HOSTILE}
    assert file_of("../../x") == "-x"
    dom, console = rendered(page, f"?q={index['territoires'][0]['code_territoire']}")
    assert console == ""
    assert HOSTILE not in dom
    assert "territoire" in dom[dom.index('id="combien"') :][:120]
