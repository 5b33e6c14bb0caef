"""The explorer's series: joined only where allowed, nothing masked, the view in the address."""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import DESK, PHONE, opened
from tests.unit.test_fiche_donnees import EDITION, HOSTILE, write_release
from warehouse.publication.explorer.build import write_explorer

MASKED = 77.7
RULE = "2013 et 2014 : moins de 2 ans entre les deux périodes"
RESERVE = "2014 et 2016 : la production a été réorganisée"
OWN = "d'autres communes aux deux dates"
#: Period → value of QP001001; 2017 is masked, with its value left in the row.
POINTS = {"2013": 50.0, "2014": 51.0, "2016": 49.5, "2017": None, "2018": 48.0, "2021": 47.0}
#: (earlier, later) → verdict, what is said. 2018 and 2021: no rule.
VERDICTS = {
    ("2013", "2014"): ("non_comparable", RULE),
    ("2013", "2016"): ("comparable", None),
    ("2014", "2016"): ("comparable_avec_reserve", RESERVE),
    ("2016", "2018"): ("comparable", None),
    ("2014", "2018"): ("comparable", None),
    ("2013", "2018"): ("non_comparable", RULE),
}
#: Which links the drawing may have: the nearest earlier point that may be compared.
LINKS = {("2014", "2016"), ("2014", "2018")}


def with_series(path: Path) -> Path:
    """The small release, with a rate of six periods beside a commune, an EPCI and France."""
    write_release(path)
    with duckdb.connect(str(path)) as con:
        con.execute("update dim_indicateur set unite = '%', type = 'part', theme = 'essai'")
        con.execute(
            "update dim_indicateur set periode = '2018' where code_indicateur = 'part_defm'"
        )
        con.execute("delete from fct_indicateur where code_indicateur = 'part_defm'")
        con.execute(
            "insert into dim_territoire (code_territoire, type_territoire, libelle, libelle_long,"
            " perimetre) values ('COM:01004', 'commune', 'Ambérieu', 'Ambérieu', '')"
        )
        # Nearly equal at their end: their labels would cover one another.
        beside = {"COM:01004": 47.2, "EPCI:200000001": 47.1, "DEP:01": 46.9, "FRMETRO": 20.0}
        for code, end in {"QP001001": 47.0, **beside}.items():
            kind = con.execute(
                "select type_territoire, perimetre from dim_territoire where code_territoire = ?",
                [code],
            ).fetchone()
            for period, value in POINTS.items():
                masked = value is None
                con.execute(
                    "insert into fct_indicateur values (?, ?, ?, 'part_defm', ?, null, null, ?, ?,"
                    " ?, 'insee_a', '2022', ?)",
                    [
                        *(code, *kind, period, MASKED if masked else value + end - 47.0),
                        "secret_producteur" if masked else "diffuse",
                        "secret statistique" if masked else None,
                        period == "2018",
                    ],
                )
        for period in POINTS:
            con.execute(
                "insert into dim_periode values ($1, ($1 || '-01-01')::date,"
                " ($1 || '-12-31')::date, $1)",
                [period],
            )
        for (before, after), (verdict, why) in VERDICTS.items():
            con.executemany(
                "insert into dim_comparabilite values ('part_defm', ?, '', ?, ?, ?, ?)",
                [
                    (kind, after, before, verdict, why)
                    for kind in ("qpv", "commune", "epci", "departement", "france")
                ],
            )
        # A rule allows it; what is said of this figure itself does not.
        con.execute(
            "insert into fct_evolution values ('QP001001', 'qpv', '2015', 'part_defm', '2018',"
            " '2016', null, null, null, 'non_comparable', ?, 'non_comparable', false)",
            [OWN],
        )
        for reference, code in (
            ("commune", "COM:01004"),
            ("epci", "EPCI:200000001"),
            ("departement", "DEP:01"),
            ("france", "FRMETRO"),
        ):
            con.execute(
                "insert into fct_ecart values ('QP001001', 'qpv', '2015', 'part_defm', ?, ?,"
                " '2018', 48.0, 45.5, 2.5, 'points', '2014', 4.5, -2.0, 'se_resserre', null,"
                " true, true)",
                [reference, code],
            )
        con.execute(
            "insert into fct_position values ('QP001001', '2015', 'part_defm', '2018', 48.0, 1,"
            " 1347, 1, 'moins de 2 000 habitants', 3, 210, 1, 8, 21, 2, 'defavorable', '2014', 12,"
            " 1291, 'mieux')"
        )
        con.execute(
            "insert into pont_qpv_semblable values ('QP001001', '2015', 'QP001002', 1, 0, 12)"
        )
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("series")
    database = with_series(folder / "qpv.duckdb")
    return write_explorer(database, folder / "fiches", edition=EDITION, release_id="essai")


VIEW = "#QP001001&serie=part_defm"


def drawn(tab: Page) -> set[tuple[str, str]]:
    """The links of the territory's own series, once it is drawn and stays."""
    expect(tab.locator("#series svg .point").first).to_be_visible()
    links = tab.locator("#series svg .lien:not(.autre)")
    expect(links).to_have_count(len(LINKS))
    pairs = links.evaluate_all("ls => ls.map(l => [l.dataset.de, l.dataset.a])")
    return {(de, a) for de, a in pairs}


def test_points_are_joined_only_where_the_release_allows_it(page: Path, browser: Browser) -> None:
    with opened(browser, page, VIEW) as tab:
        assert drawn(tab) == LINKS
        assert tab.locator("#series svg .point:not(.autre)").count() == 5
        notes = tab.locator(".notes").inner_text()
        beside = tab.locator("#series svg .lien.autre")
        # Of what stands beside, nothing is said but the rules: 2016 and 2018 are joined.
        assert beside.count() == 4 * 2
    assert "non reliés (2013 et 2014) : moins de 2 ans entre les deux périodes" in notes
    assert OWN in notes and "aucune règle ne dit si" in notes
    assert "nd, secret du producteur (2017) : secret statistique" in notes
    assert "avec réserve (2014 et 2016) : la production a été réorganisée" in notes


def test_a_period_put_forward_that_no_figure_has_is_said_missing(
    tmp_path: Path, browser: Browser
) -> None:
    database = with_series(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(database)) as con:
        con.execute("update dim_indicateur set periode = '2019'")
    page = write_explorer(database, tmp_path / "fiches", edition=EDITION, release_id="essai")
    with opened(browser, page, VIEW) as tab:
        assert drawn(tab) == LINKS
        assert "nd, non disponible (2019)" in tab.locator(".notes").inner_text()


def test_no_masked_value_is_in_any_file_of_the_explorer(page: Path, browser: Browser) -> None:
    texts = [p.read_text(encoding="utf-8") for p in (page.parent / "explorer").rglob("*.js")]
    assert len(texts) > 10
    assert not [text for text in texts if re.search(rf"\b{MASKED}\b|\b{MASKED + 0.2}\b", text)]
    with opened(browser, page, VIEW) as tab:
        tab.locator("figure summary").click()
        row = tab.locator(".points tr", has_text="2017").first
        expect(row).to_contain_text("nd : secret du producteur")
        expect(row).to_contain_text("secret statistique")


@pytest.mark.parametrize(("width", "dark"), [(DESK, False), (PHONE, True)])
def test_labels_do_not_cover_one_another_nor_leave_the_drawing(
    page: Path, browser: Browser, width: int, dark: bool
) -> None:
    with opened(browser, page, VIEW, width=width, dark=dark) as tab:
        drawn(tab)
        labels = tab.locator("#series svg .etiquette")
        boxes = [labels.nth(n).bounding_box() for n in range(labels.count())]
        frame = tab.locator("#series svg").bounding_box()
        assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert len(boxes) == 5
    boxes.sort(key=lambda box: box["y"])
    for upper, lower in pairwise(boxes):
        assert upper["y"] + upper["height"] <= lower["y"] + 2
    assert all(box["x"] + box["width"] <= frame["x"] + frame["width"] for box in boxes)


def saved(tab: Page, name: str) -> str:
    with tab.expect_download() as started:
        tab.get_by_role("button", name=re.compile(name)).first.click()
    return Path(started.value.path()).read_text(encoding="utf-8")


def test_what_is_shown_is_what_is_downloaded(page: Path, browser: Browser) -> None:
    with opened(browser, page, VIEW) as tab:
        drawn(tab)
        rows = [*csv.DictReader(io.StringIO(saved(tab, "CSV")))]
        svg = ElementTree.fromstring(saved(tab, "SVG"))
    own = {r["periode"]: r for r in rows if r["code_territoire"] == "QP001001"}
    assert {p: r["valeur"] for p, r in own.items()} == {
        p: "" if v is None else f"{v:g}" for p, v in POINTS.items()
    }
    assert own["2017"]["statut"] == "secret_producteur" and own["2017"]["motif"]
    assert own["2018"]["comparable_depuis"] == "2014"
    assert own["2018"]["pourquoi_non_relie"] == OWN
    assert all(r["source"] and r["publication"] == "essai" for r in rows)
    assert {r["territoire"] for r in rows} >= {"Ambérieu", "CA Un", "France métropolitaine"}
    assert own["2018"]["territoire"] == HOSTILE  # its own words, and no markup of the page's
    texts = " ".join("".join(node.itertext()) for node in svg)
    assert "Publication essai" in texts and "secret statistique" in texts
    assert {(n.get("data-de"), n.get("data-a")) for n in svg if n.get("class") == "lien"} == LINKS
    assert not re.search(r"var\(", ElementTree.tostring(svg, encoding="unicode"))


def test_the_address_holds_the_view_and_back_returns(page: Path, browser: Browser) -> None:
    with opened(browser, page, "#QP001002") as tab:
        expect(tab.locator("#choisis li")).to_have_count(1)
        tab.fill("#cherche", "01004")  # a commune by its Insee code
        expect(tab.locator("#resultats li")).to_have_count(1)
        expect(tab.locator("#resultats")).to_contain_text("Ambérieu")
        tab.keyboard.press("Enter")
        expect(tab.locator("#choisis li")).to_have_count(2)
        tab.get_by_role("link", name="Série : part_defm").press("Enter")
        expect(tab.locator("#t-serie")).to_be_focused()
        assert tab.evaluate("location.hash") == "#QP001002,COM:01004&serie=part_defm"
        tab.go_back()
        tab.go_back()
        expect(tab.locator("#choisis li")).to_have_count(1)
        assert tab.evaluate("location.hash") == "#QP001002"
        tab.evaluate("location.hash = 'QP001001,QP999999&serie=part_defm'")
        expect(tab.locator("#choisis li")).to_have_count(1)
        expect(tab.locator("#perdus")).to_contain_text("QP999999")
        assert drawn(tab) == LINKS


def test_periods_are_said_as_french_says_them(page: Path, browser: Browser) -> None:
    with opened(browser, page, VIEW) as tab:
        assert tab.evaluate("['2018', '2021-12-31', '2022-01-01', '2021-2022'].map(quand)") == [
            *("en 2018", "fin 2021", "au 01/01/2022", "en 2021-2022")
        ]
        assert tab.evaluate("['2013', '2016-12-31', '2016-01-01'].map(depuisQuand)") == [
            *("depuis 2013", "depuis fin 2016", "depuis le 01/01/2016")
        ]


def test_gaps_rank_and_similar_quarters_are_said(page: Path, browser: Browser) -> None:
    with opened(browser, page, VIEW) as tab:
        tab.get_by_role("button", name=re.compile("^part_defm, ")).click()
        told = re.sub(r"[\u00a0\u202f]", " ", tab.locator("#panneau").inner_text())
        assert "Écart avec sa commune (Ambérieu) : +2,5 points en 2018" in told
        assert "il se resserre depuis 2014 (+4,5 points)" in told
        assert "1er sur 1 347 quartiers de France, le 1er étant le moins favorable" in told
        assert "8e sur 21 parmi ceux qui lui ressemblent, lui compris" in told
        assert "il a mieux évolué que les autres : 12e sur 1 291" in told
        tab.keyboard.press("Escape")
        tab.get_by_role("button", name=re.compile("^Quartiers semblables")).click()
        tab.get_by_role("button", name="Comparer Elnon").click()
        expect(tab.locator("#choisis li")).to_have_count(2)


def test_hostile_words_stay_words_in_drawings_notes_and_files(
    tmp_path: Path, browser: Browser
) -> None:
    database = with_series(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(database)) as con:
        con.execute("update dim_territoire set libelle = $1, libelle_long = '=' || $1", [HOSTILE])
        con.execute("update dim_indicateur set libelle = $1, citation = $1", [HOSTILE])
        con.execute("update dim_comparabilite set motif = ?", [HOSTILE])
        con.execute("update dim_source set titre = '@' || ?", [HOSTILE])
    page = write_explorer(database, tmp_path / "fiches", edition=EDITION, release_id="essai")
    with opened(browser, page, VIEW) as tab:
        drawn(tab)
        expect(tab.locator(".notes")).to_contain_text(HOSTILE)
        tab.locator("figure summary").click()
        assert tab.locator("main script, main [onmouseover]").count() == 0
        rows = [*csv.DictReader(io.StringIO(saved(tab, "CSV")))]
        svg = ElementTree.fromstring(saved(tab, "SVG"))
    assert {r["territoire"] for r in rows} == {"'=" + HOSTILE}
    assert {r["source"] for r in rows} == {"'@" + HOSTILE + ", 2022"}
    assert not [n for n in svg.iter() if n.tag.endswith("script") or "onmouseover" in n.attrib]
