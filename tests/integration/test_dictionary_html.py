"""The dictionary of a release: complete, readable without a screen, and hostile words as text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import escape
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from tests.integration.test_fiches import Page
from warehouse.declared.dictionary import Dictionary
from warehouse.declared.diffusion import Diffusion
from warehouse.declared.table_models import TABLES
from warehouse.publication.dictionary_html import PAGE, write_dictionary
from warehouse.publication.fiches.textes import STATUTS
from warehouse.publication.open_data import Publication

HOSTILE = "<script>alert(1)</script> {{ 7*7 }}"
TEXTS = [
    "libelle",
    "unite",
    "type",
    "definition",
    "theme",
    "rubrique",
    "formule",
    "citation",
    "lecture",
]


@pytest.fixture(scope="module")
def page(sample_release: Path) -> Page:
    return Page(sample_release / PAGE)


def entry(page: Page, code: str) -> str:
    """What the page says of one indicator, as source."""
    return re.split(r'<h3 id="i-', page.source.split(f'<h3 id="i-{code}">')[1])[0]


def test_every_released_indicator_has_its_entry(sample_release: Path, page: Page) -> None:
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        rows = con.sql(
            "select code_indicateur, libelle, definition, formule, citation from dim_indicateur"
        ).fetchall()
    assert {i.removeprefix("i-") for i in page.texts if i.startswith("i-")} == {r[0] for r in rows}
    for code, libelle, *words in rows:
        assert page.texts[f"i-{code}"] == libelle
        said = entry(page, code)
        assert all(escape(w).replace("&#x27;", "&#39;") in said for w in words if w), code


def test_an_entry_says_period_reading_and_forbidden_comparisons(page: Page) -> None:
    said = entry(page, "population_municipale")
    assert "2018, par rapport à 2013" in said
    assert "[territoire] compte [valeur] habitants en [période]" in said
    assert "À ne pas comparer avec" in entry(page, "taux_pauvrete")
    assert "moins elle est favorable" in entry(page, "taux_pauvrete")
    assert "<dt>Sens</dt><dd>neutre" in entry(page, "population_municipale")


def test_an_entry_says_the_year_of_a_population_that_is_not_its_own(page: Page) -> None:
    said = entry(page, "part_population_couverte_caf")
    assert "<dt>Périodes</dt><dd>31 décembre 2021," in said
    assert "<dt>Dénominateur</dt><dd>Population municipale, 2018, par rapport à 2013</dd>" in said
    assert "<dt>Dénominateur</dt>" not in entry(page, "part_monoparentales_menages_caf")


def test_an_entry_says_that_nobody_has_read_its_file(page: Page) -> None:
    told = "<dt>Fichier jamais lu, défini d&#39;après sa documentation</dt>"
    brevet = entry(page, "taux_reussite_brevet")
    assert f"{told}<dd>Depp, diplôme national du brevet dans les QPV</dd>" in brevet
    assert told not in entry(page, "taux_pauvrete")


def test_every_table_column_and_statut_is_there(sample_release: Path, page: Page) -> None:
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        for table in TABLES:
            part = page.source.split(f'id="t-{table}"')[1].split("</table>")[0]
            for name, *_ in con.execute(f"describe {table}").fetchall():
                assert f'<th scope="row"><code>{name}</code></th>' in part, (table, name)
    signs = {row[0]: row[2] for row in page.tables["statuts"][1:]}
    assert set(signs) == set(STATUTS)
    assert signs["secret"] == "s" and signs["non_disponible"] == "nd"
    assert signs["diffuse"] == "la valeur"


def test_the_page_is_readable_without_seeing_it(page: Page) -> None:
    assert page.all("html") == [{"lang": "fr"}]
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table")) == len(TABLES) + 2
    assert all("scope" in th for th in page.all("th"))
    assert "prefers-color-scheme: dark" in page.source
    assert len(page.scripts) == page.source.count("<script") == 1


def test_its_links_lead_somewhere(sample_release: Path, page: Page) -> None:
    links = [a["href"] for a in page.all("a")]
    assert len(links) > 50
    for link in links:
        if link.startswith("#"):
            assert link[1:] in page.texts, link
        else:
            assert (sample_release / link).is_file(), link
    index = (sample_release / "fiches" / "index.html").read_text(encoding="utf-8")
    assert f'href="../{PAGE}"' in index


def test_words_of_a_source_stay_text(tmp_path: Path) -> None:
    words = ", ".join(f"$1 as {name}" for name in TEXTS)
    with duckdb.connect(str(tmp_path / "qpv.duckdb")) as con:
        con.execute(
            f"create table dim_indicateur as select {words}, 'x' as code_indicateur, 1 as arrondi,"
            " 'somme' as agregation, 'neutre' as sens, '2018' as periode,"
            " null as periode_comparaison",
            [HOSTILE],
        )
    day, now = date(2018, 1, 1), datetime.now(UTC)
    about = Publication("2023-X", "2023", HOSTILE, "", now, day, day, [], [], {}, Diffusion())
    said = {"x": HOSTILE}
    write_dictionary(tmp_path, about, Dictionary(rubriques=[]), {"x": [HOSTILE]}, said, said)
    page = Page(tmp_path / PAGE)
    assert page.source.count("<script") == 1 and "alert" not in page.scripts[0]
    assert page.texts["i-x"] == HOSTILE
    assert "default-src 'none'" in page.source
