"""The explorer's map: quarters where they are, figures in colour, what is missing counted apart."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest
import shapely
from playwright.sync_api import Browser, Page, expect
from pyproj import Geod

from tests.browser import PHONE, opened
from tests.integration.test_explorer import loaded
from tests.integration.test_explorer_series import saved
from tests.unit.test_fiche_donnees import EDITION, write_release
from warehouse.publication.carte import write_map
from warehouse.publication.explorer.build import write_explorer

#: The small release has two rates of poverty, and one that its producer masks, left in its row.
MASKED = "77.7"
SQUARE = shapely.box(3, 50, 3.01, 50.01)
COMMUNE = shapely.box(4, 47, 4.1, 47.1)
EPCI = shapely.box(4, 47, 4.6, 47.4)
SVG = "{http://www.w3.org/2000/svg}"


def coloured(folder: Path) -> Path:
    """The small release with a rate of poverty, a move of it, and a commune."""
    database = write_release(folder / "qpv.duckdb")
    with duckdb.connect(str(database)) as con:
        for table in ("fct_indicateur", "dim_indicateur"):
            con.execute(
                f"update {table} set code_indicateur = 'taux_pauvrete'"
                " where code_indicateur = 'part_defm'"
            )
        con.execute(
            "update dim_indicateur set unite = '%', type = 'part', sens = 'defavorable',"
            " periode_comparaison = '2016-12-31' where code_indicateur = 'taux_pauvrete'"
        )
        con.execute(
            "insert into dim_territoire (code_territoire, type_territoire, libelle, libelle_long,"
            " perimetre) values ('COM:01004', 'commune', 'Ambérieu', 'Ambérieu', '')"
        )
        con.execute(
            "insert into fct_indicateur (code_territoire, type_territoire, perimetre,"
            " code_indicateur, periode, valeur, statut, en_avant) values ('COM:01004', 'commune',"
            " '', 'population_municipale', '2018', 14000, 'diffuse', true)"
        )
        con.execute(
            "update dim_territoire set codes_communes = '01004', code_departement = '01'"
            " where type_territoire = 'qpv'"
        )
        for code, pts in (("QP001001", -2.5), ("QP001003", 4.0)):
            con.execute(
                "insert into fct_evolution values (?, 'qpv', '2015', 'taux_pauvrete',"
                " '2021-12-31', '2016-12-31', null, null, ?, 'diffuse', null, 'comparable', true)",
                [code, pts],
            )
    return database


def drawn(folder: Path, *, contours: bool = True, lieux: bool = True) -> Path:
    """Its explorer, with three outlines of quarters and one of an unknown one."""
    database = coloured(folder)
    (folder / "tables").mkdir()
    with duckdb.connect(str(folder / "build.duckdb")) as con:
        con.execute(
            "create schema geometrie; create table geometrie.contours(code_territoire varchar,"
            " perimetre varchar, libelle varchar, wkb blob, motif varchar)"
        )
        named = ["QP001001", "QP001002", "QP001003", "QN00900X"] if contours else []
        for n, code in enumerate(named):
            shape = shapely.to_wkb(SQUARE if n == 0 else shapely.box(3 + n, 50, 3.01 + n, 50.01))
            con.execute(
                "insert into geometrie.contours values (?, '2015', 'x', ?, null)", [code, shape]
            )
    write_map(folder / "build.duckdb", folder, ["taux_pauvrete"], "2015")
    if lieux:
        places = {"COM:01004": COMMUNE, "EPCI:200000001": EPCI}
        features = [
            {"properties": {"code_territoire": code}, "geometry": json.loads(shapely.to_geojson(g))}
            for code, g in places.items()
        ]
        (folder / "tables/lieux.geojson").write_text(json.dumps({"features": features}), "utf-8")
    return write_explorer(
        database, folder / "fiches", edition=EDITION, release_id="essai",
        contours=folder / "tables/contours.geojson", lieux=folder / "tables/lieux.geojson",
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn(tmp_path_factory.mktemp("carte"))


@pytest.fixture(scope="module")
def in_communes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its perimeter has no outline: quarters stand in their communes."""
    return drawn(tmp_path_factory.mktemp("communes"), contours=False)


def at_rest(tab: Page, state: str | None = None) -> Page:
    """Once the map is drawn, of that state; its places come after the rest."""
    wanted = "[data-peinte]" if state is None else f'[data-peinte="{state}"]'
    expect(tab.locator(f"body{wanted}")).to_have_count(1)
    for _ in range(100):
        if tab.evaluate("lieuxDessines.size") == 2:
            break
        tab.wait_for_timeout(50)
    return tab


def told(page: Path, name: str) -> object:
    return loaded(page.parent / "explorer" / f"{name}.js")


def points(flat: list[int], step: int) -> list[tuple[float, float]]:
    x = y = 0
    found = []
    for dx, dy in zip(flat[::2], flat[1::2], strict=True):
        x, y = x + dx, y + dy
        found.append((x / step, y / step))
    return found


def test_outlines_are_those_of_the_release(page: Path, browser: Browser) -> None:
    territoires = told(page, "index")["territoires"]
    quarters = [territoires[n]["code_territoire"] for n, _, _ in told(page, "quartiers")]
    assert quarters == ["QP001001", "QP001002", "QP001003"]
    contours = told(page, "contours")
    assert shapely.Polygon(points(contours["0"][0][0], 100_000)).equals(SQUARE)
    with opened(browser, page) as tab:
        at_rest(tab)
        expect(tab.locator("#carte.leaflet-container canvas").first).to_be_visible()
        expect(tab.locator("#sans-carte")).to_be_hidden()
        expect(tab.locator("#sans-contours")).to_be_hidden()
        tab.fill("#cherche", "QP001002")
        tab.keyboard.press("Enter")  # the map goes there
        tab.get_by_role("button", name="Retirer Elnon").click()
        expect(tab.locator("#choisis li")).to_have_count(0)


def test_a_click_on_a_quarter_chooses_it(page: Path, browser: Browser) -> None:
    with opened(browser, page, "#&vue=50.005,4.005,12") as tab:
        at_rest(tab).locator("#carte").click()  # its middle
        expect(tab.locator("#choisis li")).to_have_text("Elnon ×")


def test_it_colours_what_is_diffused_and_counts_the_rest(page: Path, browser: Browser) -> None:
    """A masked value never left: no file of the explorer holds it."""
    files = sorted((page.parent / "explorer").rglob("*.js"))
    assert not [f.name for f in files if MASKED in f.read_text("utf-8")]
    with opened(browser, page, "#&carte=taux_pauvrete") as tab:
        legend = at_rest(tab).locator("#legende li").all_inner_texts()
        assert "31/12/2021" in tab.locator("#carte-titre").inner_text()
    assert "sans chiffre : 1 quartier" in legend
    assert sum(int(re.search(r"(\d+) quartier", text)[1]) for text in legend) == 3


def test_a_move_is_in_points_since_its_period(page: Path, browser: Browser) -> None:
    with opened(browser, page, "#&carte=taux_pauvrete&mesure=mouvement") as tab:
        title = at_rest(tab).locator("#carte-titre").inner_text()
        assert "évolution, en points, de 31/12/2016 à 31/12/2021" in title
        legend = tab.locator("#legende li").all_inner_texts()
        got = list(csv.DictReader(io.StringIO(saved(tab, "Télécharger les chiffres de la carte"))))
    assert [text.split(" :")[0] for text in legend] == [
        "de −2,5 à −2,5", "de +4,0 à +4,0", "sans chiffre",
    ]  # fmt: skip
    assert {r["code_territoire"]: r["valeur"] for r in got} == {
        "QP001001": "-2.5", "QP001002": "", "QP001003": "4",
    }  # fmt: skip
    assert {(r["periode"], r["depuis"]) for r in got} == {("2021-12-31", "2016-12-31")}


def test_what_is_drawn_is_downloaded(page: Path, browser: Browser) -> None:
    with opened(browser, page, "#&carte=taux_pauvrete&vue=50,4,8") as tab:
        rows = list(
            csv.DictReader(io.StringIO(saved(at_rest(tab), "Télécharger les chiffres de la carte")))
        )
        drawing = ElementTree.fromstring(saved(tab, "Télécharger le dessin de la carte"))
    assert {r["code_territoire"]: (r["valeur"], r["statut"]) for r in rows} == {
        "QP001001": ("12.25", "diffuse"),
        "QP001002": ("", "secret_producteur"),
        "QP001003": ("46.3", "diffuse"),
    }
    marks = {m.get("data-code"): m.get("fill") for m in drawing.iter() if m.get("data-code")}
    assert set(marks) == {"QP001001", "QP001002", "QP001003"}
    assert marks["QP001002"] == "none" and "none" not in (marks["QP001001"], marks["QP001003"])


def test_without_outlines_a_quarter_stands_in_its_commune_and_it_is_said(
    in_communes: Path, browser: Browser
) -> None:
    spots = [shapely.Point(x, y) for _, x, y in told(in_communes, "quartiers")]
    assert len(set(spots)) == 3 and all(COMMUNE.contains(spot) for spot in spots)
    with opened(browser, in_communes, "#EPCI:200000001") as tab:
        expect(at_rest(tab).locator("#sans-contours")).to_contain_text("non à sa place exacte")
        west, south, east, north = EPCI.bounds
        seen = tab.evaluate("carte.getBounds().toBBoxString()")
        left, bottom, right, top = map(float, seen.split(","))
        assert left < west < east < right and bottom < south < north < top
        assert right - left < 12 * (east - west)


def test_no_outline_at_all_no_map(tmp_path: Path, browser: Browser) -> None:
    page = drawn(tmp_path, contours=False, lieux=False)
    assert told(page, "index")["carte"] is None
    assert not (page.parent / "explorer/quartiers.js").exists()
    with opened(browser, page) as tab:
        expect(tab.locator("#sans-carte")).to_be_visible()
        expect(tab.locator("#avec-carte")).to_be_hidden()


#: Views, each as the address says it.
STATES = (
    "#QP001001",
    "#QP001001,QP001003&theme=essai",
    "#QP001001&serie=taux_pauvrete",
    "#EPCI:200000001&manques=1",
    "#&carte=taux_pauvrete",
    "#&carte=taux_pauvrete&mesure=mouvement",
    "#&carte=population_municipale&periode=2018",
    "#&carte=aucun",
    "#QP001003&carte=taux_pauvrete&vue=50.005,4.005,12",
    "#QP001002&seul=carte",
)


def view(tab: Page) -> dict[str, object]:
    """What a reader sees of the state, and not the address itself."""
    return tab.evaluate(
        """() => ({
            choisis: [...document.querySelectorAll("#choisis li")].map((li) => li.innerText),
            serie: un("bloc-serie").hidden ? "" : un("serie").value,
            manques: un("manques").checked,
            couleur: un("couleur").value, mesure: un("mesure").value, periode: un("periode").value,
            titre: un("carte-titre").innerText, seul: document.body.dataset.seul,
            ou: [carte.getCenter().lat.toFixed(1), carte.getCenter().lng.toFixed(1)],
            zoom: carte.getZoom(),
        })"""
    )


def test_the_address_restores_ten_states_and_back_returns(page: Path, browser: Browser) -> None:
    with opened(browser, page) as tab:
        at_rest(tab)
        seen = []
        for state in STATES:
            tab.evaluate("(state) => { location.hash = state; }", state)
            seen.append(view(at_rest(tab, state)))
        assert len({json.dumps(one) for one in seen}) == len(STATES)
        for state, before in [*zip(STATES, seen, strict=True)][-2::-1]:
            tab.go_back()
            assert view(at_rest(tab, state)) == before, state
    for state, expected in zip(STATES[4:], seen[4:], strict=True):
        with opened(browser, page, state) as tab:
            assert view(at_rest(tab, state)) == expected, state


def test_a_reader_s_move_is_in_the_address(page: Path, browser: Browser) -> None:
    with opened(browser, page, "#QP001001") as tab:
        at_rest(tab).get_by_role("button", name="Réduire").click()
        expect(tab).to_have_url(re.compile("vue="))
        there = view(tab)
        tab.reload()
        assert view(at_rest(tab)) == there


@pytest.mark.parametrize("alone", ["carte", "chiffres", "serie"])
def test_an_exhibit_alone_is_bare_and_leads_back(page: Path, browser: Browser, alone: str) -> None:
    with opened(browser, page, "#QP001001&serie=population_municipale") as tab:
        at_rest(tab)
        tab.locator(f"[data-integrer={alone}] summary").click()
        code = tab.locator(f"[data-integrer={alone}] textarea").input_value()
    address = re.search(r'src="([^"]+)"', code)[1].replace("&amp;", "&")
    assert "&seul=" in address and address.startswith("file:")
    with opened(browser, page, "#" + address.split("#")[1], width=PHONE) as tab:
        expect(tab.locator("main > section:visible")).to_have_count(1)
        expect(tab.locator(f"#bloc-{alone}")).to_be_visible()
        expect(tab.locator("header")).to_be_hidden()
        expect(tab.locator("#origine")).to_contain_text("essai")
        assert "seul" not in tab.locator("#retour").get_attribute("href")
        assert tab.evaluate("document.documentElement.scrollWidth") == PHONE


def test_a_code_that_is_not_there_is_said(page: Path, browser: Browser) -> None:
    with opened(browser, page, "#QP001001,QP999999") as tab:
        expect(tab.locator("#perdus")).to_contain_text(
            "non montré ici. QP999999 n’est le code d’au"
        )
        tab.evaluate("location.hash = '#QP001001'")
        expect(tab.locator("#perdus")).to_be_hidden()


def test_on_paper_the_map_is_a_drawing_and_what_is_clicked_is_not_there(
    page: Path, browser: Browser
) -> None:
    """A print cut the map at the foot of its page, with its buttons and without its colours."""
    with opened(browser, page, "#QP001001&carte=taux_pauvrete&serie=population_municipale") as tab:
        at_rest(tab)
        tab.emulate_media(media="print")
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        drawing = tab.locator("#carte-imprimee img")
        expect(drawing).to_be_visible()
        assert drawing.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }")
        for hidden in ("#carte", "#legende", "#bloc-chercher", "[data-integrer=carte]"):
            expect(tab.locator(hidden)).to_be_hidden()
        expect(tab.locator("#bloc-carte button:visible")).to_have_count(0)
        tab.emulate_media(media="screen")
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(tab.locator("#carte")).to_be_visible()
        expect(drawing).to_have_count(0)


#: Longitude and latitude, and what is said of them: metres are those of a geodesic (pyproj).
POINTS_DITS = {
    "3.005, 50.005": "dans",
    "3.0001 50.005": "à vérifier",
    "2.9999; 50.005": "à vérifier",
    "3.02, 50.005": "hors quartier",
    "3,005 50,005": "dans",
    "50.005, 3.005": "hors quartier, à plus de 50 km",
    "ici": "Ce n’est pas un point",
}


def test_a_point_is_in_out_or_to_be_checked(page: Path, browser: Browser) -> None:
    with opened(browser, page) as tab:
        at_rest(tab)
        for said, wanted in POINTS_DITS.items():
            tab.locator("#point").fill(said)
            tab.locator("#point").press("Enter")
            expect(tab.locator("#reponse")).to_contain_text(wanted)
        tab.locator("#point").fill("3.02, 50.005")
        tab.locator("#point").press("Enter")
        away = Geod(ellps="GRS80").line_length([3.01, 3.02], [50.005, 50.005])
        expect(tab.locator("#reponse")).to_contain_text(f"est à {round(away)}\u00a0m")
        tab.locator("#point").fill("2.9999, 50.005")
        tab.locator("#point").press("Enter")
        link = tab.locator("#reponse-suite a")
        expect(link).to_have_attribute("href", "https://sig.ville.gouv.fr")
        tab.locator("#reponse-suite button").click()
        assert tab.evaluate("choisis") == ["QP001001"]


def test_without_outlines_no_point_is_asked(in_communes: Path, browser: Browser) -> None:
    with opened(browser, in_communes) as tab:
        at_rest(tab)
        expect(tab.locator("#bloc-lieu")).to_be_hidden()
