"""What the HTML fiches promise, on a small release written by hand."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from tests.unit.test_fiche_donnees import (
    DICTIONNAIRE,
    EDITION,
    HOSTILE,
    RESERVE,
    SCRIPT,
    SECRET,
    write_release,
)
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import load_dictionary
from warehouse.publication.attendus import Attendu
from warehouse.publication.fiches.render import render_fiches


class Page(HTMLParser):
    """What a browser would see: tags, links, scripts, tables, texts by id."""

    VOID = frozenset({"meta", "br", "link", "img", "input", "hr"})

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.source = path.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.texts: dict[str, str] = {}
        self.headings: list[tuple[int, str]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._open: list[tuple[str, dict[str, str]]] = []
        self._section = ""
        self.feed(self.source)
        self.close()
        assert not self._open, f"éléments non fermés : {self._open}"

    def handle_starttag(self, tag, attrs):
        values = {k: v or "" for k, v in attrs}
        self.tags.append((tag, values))
        if tag not in self.VOID:
            self._open.append((tag, values))
        if "id" in values:
            assert values["id"] not in self.texts, f"id double : {values['id']}"
            self.texts[values["id"]] = ""
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append((int(tag[1]), ""))
        if tag == "script":
            self.scripts.append("")
        if tag == "table":
            self._section = next(
                v["aria-labelledby"] for t, v in reversed(self._open) if t == "section"
            ).removeprefix("t-")
            self.tables[self._section] = []
        elif tag == "tr":
            self.tables[self._section].append([])
        elif tag in ("td", "th"):
            self.tables[self._section][-1].append("")

    def handle_endtag(self, tag):
        if tag == "p" and self._open[-1][0] != "p":
            return
        assert self._open.pop()[0] == tag, f"</{tag}> mal placé"

    def handle_data(self, data):
        for tag, values in self._open:
            if "id" in values:
                self.texts[values["id"]] += data
            if tag in ("td", "th"):
                self.tables[self._section][-1][-1] += data
            if tag in ("h1", "h2", "h3", "h4"):
                level, text = self.headings[-1]
                self.headings[-1] = (level, text + data)
            if tag == "script":
                self.scripts[-1] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [values for t, values in self.tags if t == tag]

    def rows(self, table: str) -> dict[str, list[str]]:
        """Territory → cells of one exhibit, in order."""
        return {row[0].rstrip("*"): row[1:] for row in self.tables[table][1:]}


def render(db: Path, out: Path, **options) -> list[Path]:
    options = {"dictionary": DICTIONNAIRE, "edition": EDITION, "release_id": "r-20260131"} | options
    return render_fiches(db, out, **options)


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    return write_release(tmp_path_factory.mktemp("release") / "qpv.duckdb")


@pytest.fixture(scope="module")
def out(db, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("fiches")
    render(db, folder)
    return folder


@pytest.fixture(scope="module")
def pages(out) -> dict[str, Page]:
    return {p.relative_to(out).as_posix(): Page(p) for p in sorted(out.rglob("*.html"))}


@pytest.fixture(scope="module")
def epci(pages) -> Page:
    return pages["annexes/epci/200000001.html"]


def test_one_page_per_epci_and_per_quarter_of_the_perimeter(pages):
    assert sorted(pages) == [
        "annexes/epci/200000001.html",
        "annexes/epci/200000002.html",
        "annexes/qpv/QP001001.html",
        "annexes/qpv/QP001002.html",
        "annexes/qpv/QP001003.html",
        "index.html",
    ]


def test_a_label_is_text_and_never_markup(pages):
    hostile = pages["annexes/qpv/QP001001.html"]
    assert hostile.headings[0] == (1, HOSTILE)
    for name, page in pages.items():
        assert SCRIPT not in page.source, name
        assert not [a for _, values in page.tags for a in values if a.startswith("on")], name
        assert all("alert" not in script for script in page.scripts), name
    assert "{{ 7*7 }}" in pages["annexes/epci/200000001.html"].source


def test_the_policy_allows_only_the_page_s_own_script(epci, pages):
    policy = next(m["content"] for m in epci.all("meta") if "http-equiv" in m)
    digest = b64encode(sha256(epci.scripts[0].encode()).digest()).decode()
    assert policy.startswith("default-src 'none'")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert all(len(page.scripts) <= 1 for page in pages.values())


def test_nothing_is_asked_of_the_outside(pages):
    for name, page in pages.items():
        for tag, values in page.tags:
            for attribute in ("src", "href", "data", "srcset", "poster"):
                if tag != "a" and attribute in values:
                    pytest.fail(f"{name} : <{tag} {attribute}={values[attribute]}>")
        assert not re.search(r"url\(|@import", page.source), name


def test_a_link_leads_to_a_page_that_exists_or_to_a_producer(out, pages):
    for name, page in pages.items():
        for href in (a["href"] for a in page.all("a")):
            if href.startswith("#"):
                assert href[1:] in page.texts, f"{name} : {href}"
            elif href.endswith("dictionnaire.html"):
                # Written with the release, beside the folder of the fiches.
                assert ((out / name).parent / href).resolve().parent == out.parent.resolve()
            elif not href.startswith("https://"):
                target = ((out / name).parent / href).resolve().relative_to(out.resolve())
                # The one-page sheets are written by another module, beside their annexes.
                assert any((out / folder / target).is_file() for folder in ("", "annexes")), (
                    f"{name} : {href}"
                )
    assert "../../annexes/qpv/QP001003.html" in [
        a["href"] for a in pages["annexes/epci/200000002.html"].all("a")
    ]
    assert "https://www.insee.fr/a" in [
        a["href"] for a in pages["annexes/qpv/QP001001.html"].all("a")
    ]


def test_quarters_come_first_in_descending_order_then_sets_then_comparisons(epci):
    assert list(epci.rows("defm")) == [
        "Arenberg",
        HOSTILE,
        "Elnon",
        "QP de la CA Un",
        "France métropolitaine",
    ]
    assert list(epci.rows("population"))[:3] == ["Arenberg", "Elnon", HOSTILE]
    bodies = [b["class"] for b in epci.all("tbody")]
    assert bodies[:3] == ["quartiers", "ensembles", "comparaisons"]
    assert "tri décroissant sur «\xa0Part (%)\xa0»" in _text(epci)


def _text(page: Page) -> str:
    body = re.sub(r"<(style|script)>.*?</\1>", "", page.source, flags=re.S)
    return re.sub(r"<[^>]+>", "", body).replace("&nbsp;", "\xa0")


def test_a_masked_value_shows_nd_and_its_reason_never_the_value(epci, pages):
    part, count = epci.rows("defm")["Elnon"]
    assert part == count and part.startswith("nd")
    letter = part.removeprefix("nd")
    links = [a for a in epci.all("a") if a.get("class") == "nd" and a["href"] == f"#n-{letter}"]
    assert [a["title"] for a in links[:2]] == [SECRET, SECRET]
    assert epci.texts[f"n-{letter}"].split(maxsplit=1) == [letter, SECRET + "."]
    assert all("77,7" not in p.source and "77.7" not in p.source for p in pages.values())


def test_each_reason_of_a_page_is_said_once_whatever_its_tables(pages):
    for page in pages.values():
        notes = {i: t for i, t in page.texts.items() if i.startswith("n-")}
        reasons = [t.split(maxsplit=1)[1] for t in notes.values()]
        assert len(reasons) == len(set(reasons))
        called = {a["href"] for a in page.all("a") if a.get("href", "").startswith("#n-")}
        assert called == {f"#{i}" for i in notes}
        printed = _text(page).partition("Pas dans cette fiche")[0]
        assert not [r for r in reasons if r in printed]


def test_a_value_to_read_with_care_has_a_call_and_names_the_quarter_left_out(epci):
    part, count = epci.rows("defm")["QP de la CA Un"]
    assert part.startswith("40,1†")  # third-party, and to be read with a note
    expected = RESERVE.replace("QP001002", "QP001002 Elnon")
    assert epci.texts[f"n-{part.removeprefix('40,1†')}"].endswith(expected + ".")
    assert expected in [a.get("title") for a in epci.all("a")]
    assert count.startswith("nd")


def test_zero_is_shown_as_zero(epci):
    assert epci.rows("defm")[HOSTILE] == ["12,3", "0"]


def test_figures_of_another_perimeter_are_not_shown(pages):
    for page in pages.values():
        assert "999" not in _text(page) and "888" not in _text(page)
        assert "Quartier de 2024" not in page.source


def test_an_evolution_has_its_sign_and_says_from_when_to_when(epci):
    assert epci.rows("population")["Arenberg"][1:] == ["+150", "+5,3"]
    assert epci.rows("population")["QP de la CA Un"][1:] == ["−100", "−1,6"]
    assert epci.rows("population")["Elnon"][1] == "0"
    assert epci.rows("population")["Elnon"][2].startswith("nd")
    head = epci.tables["population"][0]
    assert "habitants" in head[1] and "2018" in head[1]
    assert "de 2013 à 2018" in head[2] and "de 2013 à 2018" in head[3]


def test_an_exhibit_without_figures_is_not_drawn_and_the_end_says_why(epci, db, tmp_path):
    assert "revenus" not in epci.tables and "t-revenus" not in epci.texts
    [line] = re.findall(r'<p class="manque">(.*?)</p>', epci.source)
    assert "Niveau de vie médian" in line
    assert "filo.csv" not in line, "les fichiers sont nommés au rapport de qualité"
    assert "raison de la France" not in line, "les raisons sont celles des quartiers"
    due = Attendu("Insee", "annuel, en septembre", date(2027, 9, 1))
    render(db, tmp_path, codes=["200000001"], attendus={"revenu_median": due})
    again = Page(tmp_path / "annexes" / "epci" / "200000001.html").source
    assert "Insee, annuel, en septembre : prochaine publication le 1er septembre 2027" in again


def test_a_column_or_a_comparison_without_figures_is_named_below(epci):
    assert len(epci.tables["defm"][0]) == 3
    text = _text(epci)
    assert re.search(r"Sans aucune valeur : «\xa0Revenu \(€\)\xa0»[\w, ]+\.", text)
    assert re.search(r"Sans valeur dans ce tableau : .*«\xa0Ain\xa0»", text)


def test_the_reading_comes_from_the_first_row_with_a_figure(pages):
    assert (
        "Lecture :</i> 46,3\u202f% des demandeurs du quartier Arenberg au 31 décembre 2021."
        in pages["annexes/epci/200000001.html"].source
    )
    # Elnon's share is masked: its own fiche reads the next row.
    assert (
        "Lecture :</i> 40,1\u202f% des demandeurs de l&#39;ensemble «\xa0QP de la CA Un\xa0»"
        in pages["annexes/qpv/QP001002.html"].source
    )


def test_the_source_line_cites_and_points_to_the_files(epci):
    assert "Insee, une base, 31 décembre 2021." in epci.source
    assert "Insee, une base, 2013 et 2018." in epci.source
    assert "(source tierce)" in epci.source


def test_the_sources_of_what_is_shown_stand_at_the_end(epci):
    read = epci.texts["source-1"]
    assert "a.csv 0123456789ab" in read and "0123456789abc" not in read
    assert "(périodes : 2018 et 31 décembre 2021)" in read  # of what is shown, not of the file
    third = epci.texts["source-2"]
    assert "Source tierce" in third and "Observatoire" in third
    assert "javascript:" not in epci.source
    assert "filo.csv" not in epci.texts["sources"]


def test_definitions_are_those_of_the_figures_shown(epci):
    assert "Définition de Part." in epci.source
    assert "Définition de Niveau de vie." not in epci.source


def test_key_figures_are_only_diffuse_ones(pages):
    assert "Demandeurs" not in _key_figures(pages["annexes/qpv/QP001002.html"])
    cards = _key_figures(pages["annexes/qpv/QP001003.html"])
    assert "3\u202f000 habitants" in cards and "232 personnes" in cards
    assert "158\u202f837 habitants" in cards


def _key_figures(page: Page) -> str:
    block = re.search(r'<section class="cles".*?</section>', page.source, re.S)
    return re.sub(r"<[^>]+>", "", block[0]) if block else ""


def test_a_quarter_in_two_epci_is_in_both_fiches_and_said_so(pages):
    for name in (
        "annexes/epci/200000001.html",
        "annexes/epci/200000002.html",
        "annexes/qpv/QP001003.html",
    ):
        page = pages[name]
        assert "Arenberg" in page.rows("population")
        assert "la CA Un et la CC Deux" in page.texts["partages"]
    assert "partages" not in pages["annexes/qpv/QP001002.html"].texts
    rows = pages["annexes/qpv/QP001003.html"].rows("defm")
    assert list(rows) == ["Arenberg", "QP de la CA Un", "France métropolitaine"]


def test_a_fiche_says_of_whom_the_list_names_the_first_commune_only(epci, pages):
    said = "La liste lue ne donne que la première commune"
    assert f"{said} du quartier" in pages["annexes/qpv/QP001002.html"].source
    assert f"{said} de «\xa0Elnon\xa0»" in epci.source
    assert said not in pages["annexes/qpv/QP001003.html"].source


def test_a_fiche_says_what_it_is(epci):
    text = _text(epci)
    assert epci.headings[0] == (1, "CA Un")
    for words in ("3 quartiers prioritaires", "QPV 2015", "r-20260131", "31 janvier 2026"):
        assert words in text, words


def test_pages_are_accessible(pages):
    for name, page in pages.items():
        assert page.all("html") == [{"lang": "fr"}]
        levels = [level for level, _ in page.headings]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels)), name
        assert len(page.all("caption")) == len(page.all("table"))
        assert all(th.get("scope") in ("col", "row") for th in page.all("th"))
        assert page.all("a")[0]["href"] == "#contenu" and "contenu" in page.texts


def test_only_a_table_of_several_quarters_can_be_sorted(pages):
    sorted_on = [th for th in pages["annexes/epci/200000001.html"].all("th") if "aria-sort" in th]
    assert [th["aria-sort"] for th in sorted_on] == ["descending", "descending"]
    assert not [th for th in pages["annexes/qpv/QP001001.html"].all("th") if "aria-sort" in th]


def test_the_index_lists_epci_by_departement(pages):
    assert pages["index.html"].headings[1][1] == "Ain (01)"
    assert [h[1].split("  ")[0][:7] for h in pages["index.html"].headings[2:]] == [
        "CA Un 3",
        "CC Deux",
    ]


def test_codes_limit_the_pages_and_links_lead_only_to_them(db, tmp_path):
    calls = []
    written = render(
        db, tmp_path, codes=["QP001002"], progress=lambda done, total: calls.append((done, total))
    )
    assert written == [tmp_path / "index.html", tmp_path / "annexes" / "qpv" / "QP001002.html"]
    assert calls == [(1, 1)]
    links = [a["href"] for a in Page(tmp_path / "index.html").all("a")]
    assert [href for href in links if not href.startswith("#")] == ["qpv/QP001002.html"]


@pytest.mark.parametrize("code", ["../QP001001", "QP059999", "", "qp001001", "QN00101M"])
def test_an_unknown_code_is_refused(db, tmp_path, code):
    with pytest.raises(QpvError):
        render(db, tmp_path / "out", codes=[code])
    assert not list(tmp_path.iterdir())


def test_a_code_that_cannot_name_a_file_is_refused(tmp_path):
    db = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(db)) as link:
        link.execute("update pont_qpv_epci set code_epci = '../../x' where rang = 2")
    with pytest.raises(QpvError, match="nommer un fichier"):
        render(db, tmp_path / "a" / "out")


def test_the_project_s_dictionary_draws(db, tmp_path):
    render(db, tmp_path, dictionary=load_dictionary())
    page = Page(tmp_path / "annexes" / "epci" / "200000001.html")
    assert "Combien d&#39;habitants dans les quartiers\u202f?" in page.source
