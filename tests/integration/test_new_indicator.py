"""Adding an indicator on known mesures: lines in one YAML, and every product shows it."""

from __future__ import annotations

import csv
import difflib
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from ingest.nomenclatures import nomenclature_rows
from tests.fixtures.micro_warehouse import dbt
from tests.integration.test_fiches import Page
from warehouse.base.layout import DICTIONARY_DIR, SAMPLE_DIR, Layout
from warehouse.declared.dictionary import Dictionary, load_dictionary, load_edition
from warehouse.declared.table_models import TABLES
from warehouse.publication.dictionary_page import render
from warehouse.publication.export import export_tables
from warehouse.publication.fiches.render import render_fiches
from warehouse.release.loading import declared_tables

#: The declared tables that an indicator is told in.
TOLD = ("indicateurs", "termes", "periodes_indicateurs", "termes_par_periode")
RUBRIQUE, CODE = "chomage", "part_defm_abc_essai"
INDICATEUR = f"""\
  {CODE}:
    libelle: "Part d'essai"
    unite: "%"
    type: part
    arrondi: 1
    num: {{ft_defm_abc: 1, ft_defm_abc_femmes: -1}}
    den: {{ft_defm_abc: 1}}
    facteur: 100
    agregation: rapport
    sens: neutre
    definition: "Demandeurs d'emploi qui ne sont pas des femmes, en % de l'ensemble."
    lecture: "{{valeur}} % des demandeurs d'emploi de {{territoire}} en sont au {{periode}}."
    publier: true
"""
COLONNE = f'      - {{indicateur: {CODE}, titre: "Titre d\'essai (%)"}}\n'
SHOWN_AFTER = '      - {indicateur: nb_defm_abc, titre: "Demandeurs d\'emploi A, B, C"}\n'


@dataclass
class Built:
    """What came out with the added indicator: tables, fiches, the dictionary that made them."""

    release: Path
    dictionary: Dictionary
    folder: Path

    def rows(self, query: str) -> list[tuple]:
        with duckdb.connect(str(self.release / "qpv.duckdb"), read_only=True) as con:
            return con.execute(query).fetchall()


@pytest.fixture(scope="module")
def built(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sample's landed figures, with a dictionary in which one file has more lines."""
    home = tmp_path_factory.mktemp("indicateur")
    folder = shutil.copytree(DICTIONARY_DIR, home / "dictionary")
    path = folder / f"{RUBRIQUE}.yml"
    text = path.read_text(encoding="utf-8")
    assert text.count("tableaux:\n") == text.count(SHOWN_AFTER) == 1
    text = text.replace("tableaux:\n", f"{INDICATEUR}tableaux:\n")
    path.write_text(text.replace(SHOWN_AFTER, SHOWN_AFTER + COLONNE), encoding="utf-8")

    dictionary, edition = load_dictionary(folder), load_edition("2023")
    layout, release = Layout(home / "data"), home / "release"
    layout.build.mkdir(parents=True)
    release.mkdir()
    shutil.copy(Layout(sample_data).warehouse_db, layout.warehouse_db)
    with duckdb.connect(str(layout.warehouse_db), read_only=True) as con:
        plan = con.sql("from edition.plan").to_arrow_table().to_pylist()
    declared = declared_tables(
        dictionary,
        edition,
        plan=plan,
        fichiers=[],
        comparabilites=[],
        ensembles_complets=[],
        secrets=[],
        sommes=[],
        publications=[],
        nomenclatures=nomenclature_rows(),
    )
    with duckdb.connect(str(layout.warehouse_db)) as con:
        for name in TOLD:
            con.register("declared", declared[name])
            con.execute(f"create or replace table edition.{name} as from declared")
    downstream = [f"stg_edition__{name}+" for name in TOLD]
    dbt(layout, "build", "--select", *downstream, "--exclude", "resource_type:unit_test")
    export_tables(layout.warehouse_db, release, dict.fromkeys(TABLES, ("", {})))
    render_fiches(
        release / "qpv.duckdb",
        release / "fiches",
        dictionary=dictionary,
        edition=edition,
        release_id="essai",
        pdf=False,
    )
    return Built(release, dictionary, folder)


@pytest.fixture(scope="module")
def counted() -> dict[str, tuple[float, float | None]]:
    """QPV → job seekers and women among them, as the sample's file prints them."""
    with (SAMPLE_DIR / "IPRO_2022.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    read = {r["CODGEO"]: (float(r["ABC"]), float(r["ABC_F"]) if r["ABC_F"] else None) for r in rows}
    assert len(read) == 13 and sum(women is None for _, women in read.values()) == 1
    return read


def test_the_change_is_added_lines_of_one_file(built: Built) -> None:
    assert {p.name for p in built.folder.iterdir()} == {p.name for p in DICTIONARY_DIR.iterdir()}
    changed = {}
    for path in sorted(DICTIONARY_DIR.iterdir()):
        before = path.read_text(encoding="utf-8").splitlines()
        after = (built.folder / path.name).read_text(encoding="utf-8").splitlines()
        diff = difflib.unified_diff(before, after, lineterm="", n=0)
        lines = [d for d in diff if d[0] in "+-" and d[:3] not in ("+++", "---")]
        if lines:
            changed[path.name] = lines
    assert list(changed) == [f"{RUBRIQUE}.yml"]
    assert all(line[0] == "+" for line in changed[f"{RUBRIQUE}.yml"])


def test_the_marts_hold_it_with_its_masks_and_its_recomposition(
    built: Built, counted: dict[str, tuple[float, float | None]]
) -> None:
    rows = built.rows(
        "select code_territoire, valeur, statut, motif, periode, source_id from fct_indicateur "
        f"where code_indicateur = '{CODE}' and en_avant"
    )
    found = {code: rest for code, *rest in rows}
    for code, (everyone, women) in counted.items():
        value, statut, motif, periode, source = found[code]
        assert (periode, source) == ("2021-12-31", "insee_ipro")
        if women is None:
            assert (value, statut) == (None, "secret_producteur") and motif
        else:
            assert (statut, value) == ("diffuse", pytest.approx(100 * (1 - women / everyone)))
    known = [both for both in counted.values() if both[1] is not None]
    everyone, women = (sum(side) for side in zip(*known, strict=True))
    value, _, motif, *_ = found["QPV@EPCI:200042190"]
    assert value == pytest.approx(100 * (1 - women / everyone))
    assert "12 des 13 QPV" in motif


def test_the_dimension_and_the_open_files_describe_it(built: Built) -> None:
    described = built.rows(
        f"select libelle, unite, formule from dim_indicateur where code_indicateur = '{CODE}'"
    )
    formula = "100 × (ft_defm_abc - ft_defm_abc_femmes) / ft_defm_abc"
    assert described == [("Part d'essai", "%", formula)]
    for table in ("fct_indicateur", "dim_indicateur"):
        assert CODE in (built.release / "tables" / f"{table}.csv").read_text(encoding="utf-8")


def test_the_fiche_shows_it_where_its_line_says(
    built: Built, counted: dict[str, tuple[float, float | None]]
) -> None:
    page = Page(built.release / "fiches" / "annexes" / "epci" / "200042190.html")
    header, *rows = page.tables["defm_annuel"]
    titles = [" ".join(cell.split()) for cell in header]
    assert [t.rpartition(" (%) ")[0] for t in titles[3:5]] == ["Titre d'essai", "Femmes"]
    plain = [["".join(cell.split()).rstrip("†") for cell in row] for row in rows]  # † third party
    printed = {(row[2], row[3]) for row in plain}
    for everyone, women in counted.values():
        if women is not None:
            share = f"{100 * (1 - women / everyone):.1f}".replace(".", ",")
            assert (f"{everyone:.0f}", share) in printed


def test_the_dictionary_page_has_its_entry(built: Built) -> None:
    before, after = (render(d, {}, {}, {}, {}) for d in (load_dictionary(), built.dictionary))
    assert CODE not in before
    assert f"### Part d'essai\n\n`{CODE}` · part, en %, 1 décimale(s)" in after
