"""The explorer: complete without a network, hostile words as text; Chromium finds and compares."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
from playwright.sync_api import Browser, Page, expect

from tests.browser import PHONE, opened
from tests.unit.test_fiche_donnees import EDITION, HOSTILE, write_release
from warehouse.domain.format import nombre
from warehouse.publication.explorer.build import write_explorer
from warehouse.publication.explorer.figures import file_of


def loaded(path: Path) -> object:
    """What a data file gives the page."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text[text.index("] = ") + 4 : text.rindex(";")])


def buttons(page: Page) -> list[str]:
    """The figures that the table shows, without their spaces."""
    expect(page.locator("#tableau")).to_be_visible()
    return [re.sub(r"\s", "", t) for t in page.locator("#tableau tbody button").all_inner_texts()]


def panel(page: Page, name: str) -> str:
    """What opens behind the figure whose accessible name starts so."""
    page.get_by_role("button", name=re.compile("^" + re.escape(name))).click()
    return page.locator("#panneau").inner_text()


def test_it_carries_all_that_it_needs_and_asks_for_nothing_else(sample_release: Path) -> None:
    folder = sample_release / "fiches"
    page = (folder / "explorer.html").read_text(encoding="utf-8")
    asked = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert all((folder / name).is_file() for name in asked if not name.startswith("data:"))
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert 'href="explorer.html"' in (folder / "index.html").read_text(encoding="utf-8")
    for name in ("minisearch", "leaflet"):
        assert (folder / "explorer" / f"{name}.LICENSE").is_file()


def points(folder: Path, code: str) -> dict[tuple[str, str | None], tuple]:
    """(indicator, period) of each point of a territory's file → value, statut, reason."""
    index = loaded(folder / "index.js")
    statuts, periods = list(index["statuts"]), [p for p, _ in index["periodes"]]
    found = {}
    for rank, rows in loaded(folder / "t" / f"{file_of(code)}.js")["f"].items():
        for row in rows:
            p, v, _, _, s, m = (row + [None] * 5)[:6]
            found[index["indicateurs"][int(rank)]["code"], None if p is None else periods[p]] = (
                v,
                statuts[s or 0],
                None if m is None else index["motifs"][m],
            )
    return found


def test_every_figure_of_a_territory_is_there_with_its_reason(sample_release: Path) -> None:
    """At every period, and nothing else: no number stands beside a statut that masks it."""
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select code_indicateur, periode, valeur, statut, motif from fct_indicateur"
            " where code_territoire = 'QP059058' and statut <> 'non_disponible'"
        ).fetchall()
    told = points(sample_release / "fiches/explorer", "QP059058")
    assert {s for _, _, _, s, _ in rows} >= {"diffuse", "secret_producteur"}
    assert {(code, periode): tuple(rest) for code, periode, *rest in rows} == {
        key: said for key, said in told.items() if said[1] != "non_disponible"
    }
    assert all((value is None) == (statut != "diffuse") for value, statut, _ in told.values())


def test_what_no_file_holds_says_why(sample_release: Path) -> None:
    """The reason that most share is told once, the others with their figure: none is lost."""
    folder = sample_release / "fiches/explorer"
    index = loaded(folder / "index.js")
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select code_territoire, type_territoire, code_indicateur, periode, motif"
            " from fct_indicateur where statut = 'non_disponible'"
        ).fetchall()
    told = {code: points(folder, code) for code in {row[0] for row in rows}}
    ranks = {i["code"]: str(rank) for rank, i in enumerate(index["indicateurs"])}
    numbers = {p: str(rank) for rank, (p, _) in enumerate(index["periodes"])} | {None: ""}
    assert len(rows) > 3000
    assert len({motif for *_, motif in rows}) > 5
    for code, kind, indicateur, periode, motif in rows:
        own = told[code].get((indicateur, periode))
        if own is None:
            shared = index["manques"][kind][ranks[indicateur]][numbers[periode]]
            assert index["motifs"][shared] == motif
        else:
            assert own == (None, "non_disponible", motif)
    assert len(set(index["motifs"])) == len(index["motifs"])


def test_only_figures_of_the_period_of_the_edition_stand_side_by_side(
    tmp_path: Path, browser: Browser
) -> None:
    """An earlier period in place of a missing one would compare what does not compare."""
    database = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(database)) as con:
        [[code, periode, avant]] = con.sql(
            "select code_indicateur, periode, periode_comparaison from dim_indicateur"
            " where periode_comparaison is not null limit 1"
        ).fetchall()
        con.execute("delete from dim_indicateur where code_indicateur <> ?", [code])
        con.execute("update dim_indicateur set arrondi = 0")
        con.execute("delete from fct_evolution")
        con.execute("delete from fct_indicateur where code_indicateur = ?", [code])
        for quarter, when, value in (("1", avant, 86753.0), ("2", periode, 12.0)):
            con.execute(
                "insert into fct_indicateur (code_territoire, type_territoire, perimetre,"
                " code_indicateur, periode, valeur, statut, en_avant) values"
                " (?, 'qpv', '2015', ?, ?, ?, 'diffuse', ?)",
                [f"QP00100{quarter}", code, when, value, when == periode],
            )
    page = write_explorer(database, tmp_path / "fiches", edition=EDITION, release_id="essai")
    with opened(browser, page, "#QP001001,QP001002") as tab:
        assert buttons(tab) == ["nd", "12"]


def test_chromium_finds_denain_and_compares_its_figures(
    sample_release: Path, browser: Browser
) -> None:
    page = sample_release / "fiches" / "explorer.html"
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        figures = con.sql(
            "select f.valeur, d.arrondi, (f.source_id, f.millesime) in ("
            " select (source_id, millesime) from dim_source where confiance = 'tierce')"
            " from fct_indicateur as f"
            " join dim_indicateur as d using (code_indicateur) where f.code_territoire = 'QP059050'"
            " and f.statut = 'diffuse' and f.periode = d.periode and d.theme = 'démographie'"
        ).fetchall()
    assert len(figures) > 5
    assert any(third for *_, third in figures)
    with opened(browser, page, width=PHONE) as tab:
        tab.fill("#cherche", "DENAIN")
        expect(tab.locator("#resultats li").first).to_contain_text("Denain · QP059050")
        tab.keyboard.press("Enter")
        printed = buttons(tab)
        expect(tab.locator("#annonce")).to_contain_text("ajouté")
        assert tab.evaluate("document.documentElement.scrollWidth") == PHONE
    for value, digits, third in figures:
        assert re.sub(r"\s", "", nombre(value, digits)) + "†" * third in printed


def test_an_earlier_code_finds_the_quarter_that_overlaps_it(
    tmp_path: Path, browser: Browser
) -> None:
    database = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(database)) as con:
        con.execute("insert into passage_qpv values ('QP001002', 'QZ009999', 'MODIFIE', 'modifie')")
    page = write_explorer(database, tmp_path / "fiches", edition=EDITION, release_id="essai")
    with opened(browser, page) as tab:
        tab.fill("#cherche", "qz009999")
        expect(tab.locator("#resultats li")).to_have_count(1)
        expect(tab.locator("#resultats li")).to_contain_text("QP001002 · recouvre QZ009999")


def test_a_dead_code_says_what_it_was_and_what_stands_here(
    tmp_path: Path, browser: Browser
) -> None:
    database = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(database)) as con:
        con.execute(
            "insert into dim_territoire (code_territoire, type_territoire, libelle, libelle_long,"
            " perimetre) values ('QN00901M', 'qpv', 'Le Pré', 'Le Pré (Foix)', '2024'),"
            " ('QN00902M', 'qpv', 'Le Bois', 'Le Bois (Foix)', '2024'),"
            " ('COM:01004', 'commune', 'Ambérieu', 'Ambérieu', '');"
            "insert into fct_indicateur (code_territoire, type_territoire, perimetre,"
            " code_indicateur, periode, valeur, statut, en_avant) values ('COM:01004', 'commune',"
            " '', 'population_municipale', '2018', 14000, 'diffuse', true);"
            "insert into passage_qpv values ('QN00901M', 'QP001002', 'MODIFIE', 'modifie')"
        )
    page = write_explorer(database, tmp_path / "fiches", edition=EDITION, release_id="essai")
    said = {
        "qn00901m": "QN00901M, Le Pré (Foix), est un quartier du périmètre 2024 ; cette publication"
        " porte sur le périmètre 2015. D’après les tables de passage lues, lui correspond ici :"
        " QP001002.",
        "QN00902M": "Les tables de passage lues ne lui donnent pas de correspondant ici.",
        "QN99999Z": "QN99999Z n’est le code d’aucun quartier des listes lues.",
        "01004": "01004 est lu comme le code Insee d",
        "01500": "01500 n’est le code Insee d’aucune commune de cette publication",
    }
    with opened(browser, page) as tab:
        for code, words in said.items():
            tab.fill("#cherche", code)
            expect(tab.locator("#dit:visible")).to_contain_text(words)
            found = {"qn00901m": "QP001002", "01004": "COM:01004"}.get(code)
            expect(tab.locator("#resultats li")).to_have_count(1 if found else 0)
            if found:
                expect(tab.locator("#resultats li")).to_contain_text(found)
        expect(tab.locator("#dit")).to_contain_text("codes postaux")
        tab.fill("#cherche", "elnon")
        expect(tab.locator("#dit")).to_be_hidden()


def test_a_chosen_place_leads_to_its_sheet_its_annex_its_workbook_and_its_figures(
    sample_release: Path, browser: Browser
) -> None:
    folder = sample_release / "fiches"
    with opened(browser, folder / "explorer.html", "#QP059050,QPV@EPCI:200042190") as tab:
        expect(tab.locator("#choisis li")).to_have_count(2)
        for links in (li.locator("a") for li in tab.locator("#choisis li").all()):
            assert links.all_inner_texts() == ["Fiche", "Annexe", "CSV", "Classeur"]
            for link in links.all():
                assert (folder / link.get_attribute("href")).is_file()
        there = tab.locator("#definition").get_attribute("href").partition("#")[2]
    book = (sample_release / "dictionnaire.html").read_text(encoding="utf-8")
    assert f'id="{there}"' in book and 'href="fiches/explorer.html"' in book


def test_a_figure_opens_what_stands_behind_it(sample_release: Path, browser: Browser) -> None:
    """Published: 1,061 women among 2,374 job seekers in Denain; masked: those of Elnon."""
    page = sample_release / "fiches" / "explorer.html"
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        label, motif = con.sql(
            "select d.libelle, f.motif from fct_indicateur as f"
            " join dim_indicateur as d using (code_indicateur)"
            " where f.code_territoire = 'QP059050' and f.statut = 'non_disponible'"
            " and d.theme = 'emploi et chômage' and f.periode is not distinct from d.periode"
            " order by d.code_indicateur limit 1"
        ).fetchone()
    with opened(browser, page, "#QP059050,QP059058") as tab:
        tab.select_option("#theme", "emploi et chômage")
        told = panel(tab, "Part des femmes, Denain")
        assert "44,7" in told
        assert "100 × ft_defm_abc_femmes / ft_defm_abc" in told
        assert re.search(r"ft_defm_abc, Demandeurs d.emploi .* : 2\s374\spersonnes", told)
        assert "IPRO_2022.csv (sha256" in told and "millésime 2022" in told
        assert "un chiffre du périmètre 2024 : ce sont d'autres populations" in told
        assert "[règle C05]" in told
        tab.keyboard.press("Escape")
        expect(tab.locator("#panneau")).to_be_hidden()
        elnon = "Saint-Amand-les-Eaux - Elnon (Saint-Amand-les-Eaux)"
        masked = panel(tab, f"Part des femmes, {elnon} : nd")
        assert "Pourquoi il manque" in masked and "le producteur" in masked
        tab.keyboard.press("Escape")
        tab.check("#manques")
        absent = panel(tab, f"{label}, Denain")
        assert f"Pourquoi il manque\n{motif}" in absent


def test_hostile_labels_and_codes_stay_words(tmp_path: Path, browser: Browser) -> None:
    database = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(database)) as con:
        con.execute("update dim_territoire set libelle = ?", [HOSTILE])
        con.execute("update fct_indicateur set motif = ?", [HOSTILE])
        con.execute(
            "update dim_source set titre = $1, fichier = $1, page = 'javascript:alert(1)'",
            [HOSTILE],
        )
    page = write_explorer(database, tmp_path / "fiches", edition=EDITION, release_id="essai")
    index = loaded(tmp_path / "fiches/explorer/index.js")
    assert {t["libelle"] for t in index["territoires"]} == {HOSTILE}
    assert file_of("../../x") == "-x"
    with opened(browser, page, "?q=QP001002#QP001002") as tab:
        expect(tab.locator("#resultats li")).to_have_count(1)
        tab.locator("#tableau tbody button").first.click()
        expect(tab.locator("#panneau")).to_contain_text(HOSTILE)
        assert tab.locator("main script, dialog script, a[href^=javascript]").count() == 0
