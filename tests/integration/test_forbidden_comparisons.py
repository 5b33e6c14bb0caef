"""A comparison that a rule forbids appears nowhere, and each place says why."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from ingest.nomenclatures import nomenclature_rows
from ingest.plan import plan_rows, supplies
from ingest.registry import load_registry
from orchestration.defs.draft_report import comparability
from quality.verdicts import blocs_refuses, limites, verdicts
from tests.fixtures.micro_warehouse import dbt
from tests.integration.test_explain import block, said
from tests.integration.test_fiches import Page
from warehouse.base.layout import SOURCES_DIR, Layout
from warehouse.declared.dictionary import Edition, load_dictionary, load_edition
from warehouse.declared.indicator_periods import indicator_periods
from warehouse.declared.table_models import TABLES
from warehouse.publication.explain.kept_verdicts import FICHIER
from warehouse.publication.export import export_tables
from warehouse.publication.fiches.render import render_fiches
from warehouse.release.loading import declared_tables
from warehouse.release.promotion import write_json

#: block of the published fiche → (its earlier period, the forbidden one that takes its place).
#: The declared tables that say of periods.
DATED = (
    "plan",
    "comparabilites",
    "periodes_indicateurs",
    "termes_par_periode",
    "bases_par_periode",
)
RELABELLED = {
    "rp": ("2011", "2018"),
    "caf": ("2016-12-31", "2015-12-31"),
    "cnam": ("2020-01-01", "2021-01-01"),
    "synthese": ("2011", "2018"),
}
#: indicator → words of the reason.
FORBIDDEN = {
    "pop_etrangere": "moins de 5 ans",
    "nb_couverts_c2s": "moins de 2 ans",
    "nb_allocataires_minima_sociaux": "prime d'activité",
    "idt": "moins de 5 ans",
}


@pytest.fixture(scope="module")
def data(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, each earlier figure said to be of a period that a rule forbids."""
    home = tmp_path_factory.mktemp("interdites")
    folder = shutil.copytree(SOURCES_DIR, home / "sources")
    path = folder / "fiche_publiee.yml"
    text = path.read_text(encoding="utf-8")
    for bloc, (before, after) in RELABELLED.items():
        line = next(x for x in text.splitlines() if x.startswith(f'      {bloc}: ["{before}"'))
        text = text.replace(line, line.replace(before, after))
    path.write_text(text, encoding="utf-8")
    registry, dictionary = load_registry(folder), load_dictionary()
    published = load_edition("2023").model_dump()
    for bloc in published["blocs"]:
        name = bloc["bloc"].partition(".")[2]
        own = bloc["bloc"].startswith("fiche_publiee") and name in RELABELLED
        bloc["comparaison"] = RELABELLED[name][1] if own else None
    published["blocs"] = [b for b in published["blocs"] if b["periode"] or b["comparaison"]]
    edition = Edition(**published)

    given = supplies(edition, registry)
    layout = Layout(home / "data")
    layout.build.mkdir(parents=True)
    release = layout.releases / "essai"
    release.mkdir(parents=True)
    layout.latest.symlink_to("essai")
    shutil.copy(Layout(sample_data).warehouse_db, layout.warehouse_db)
    plan = plan_rows(edition, registry, {})
    declared = declared_tables(
        dictionary,
        edition,
        plan=plan,
        fichiers=[],
        comparabilites=verdicts(dictionary, edition, given, indicator_periods(dictionary, plan)),
        ensembles_complets=[],
        secrets=[],
        sommes=[],
        publications=[],
        nomenclatures=nomenclature_rows(),
    )
    with duckdb.connect(str(layout.warehouse_db)) as con:
        for name in DATED:
            con.register("declared", declared[name])
            con.execute(f"create or replace table edition.{name} as from declared")
        for bloc, (before, after) in RELABELLED.items():
            con.execute(
                "update landing.mesures set periode = ? where source_id = 'fiche_publiee'"
                " and bloc = ? and periode = ?",
                [after, bloc, before],
            )
    dbt(
        layout,
        "build",
        "--select",
        "stg_edition__plan+",
        "stg_edition__comparabilites+",
        "stg_registre__mesures+",
        "--exclude",
        "resource_type:unit_test",
    )
    export_tables(layout.warehouse_db, release, dict.fromkeys(TABLES, ("", {})))
    render_fiches(
        release / "qpv.duckdb",
        release / "fiches",
        dictionary=dictionary,
        edition=edition,
        release_id="essai",
        pdf=False,
        codes=["200042190"],
    )
    (release / "qualite").mkdir()
    write_json(release / FICHIER, comparability(layout, limites(dictionary, given)))
    manifest = {"release_id": "essai", "edition": "2023", "titre": "Essai", "perimetre": "2015"}
    write_json(release / "RELEASE.json", {**manifest, "fichiers": []})
    refused = [bloc for bloc, _ in blocs_refuses(given)]
    (home / "refuses.json").write_text(json.dumps(refused), encoding="utf-8")
    return home / "data"


def rows(data: Path, query: str, *values: object) -> list[tuple]:
    with duckdb.connect(str(data / "releases/latest/qpv.duckdb"), read_only=True) as con:
        return con.execute(query, values).fetchall()


@pytest.mark.parametrize(("code", "reason"), FORBIDDEN.items())
def test_no_table_bears_the_figure_and_its_row_says_why(data: Path, code: str, reason: str) -> None:
    both_ends = rows(
        data,
        "select code_territoire from fct_indicateur where code_indicateur = ?"
        " and valeur is not null and type_territoire = 'qpv' group by 1 having count(*) = 2",
        code,
    )
    assert both_ends, "the two ends are published: only the rule stands between them"
    said_of = rows(
        data,
        "select statut, comparabilite, motif, coalesce(evolution_nb, evolution_pct, evolution_pts)"
        " from fct_evolution where code_indicateur = ? and list_contains(?, code_territoire)",
        code,
        [c for (c,) in both_ends],
    )
    assert len(said_of) == len(both_ends)
    for statut, comparabilite, motif, figure in said_of:
        assert (statut, comparabilite, figure) == ("non_comparable", "non_comparable", None)
        assert reason in motif


def test_what_no_rule_forbids_is_still_there(sample_data: Path) -> None:
    figures = "select count(*) from fct_evolution where statut = 'diffuse' and code_indicateur = ?"
    for code in FORBIDDEN:
        assert rows(sample_data, figures, code)[0][0] > 0


@pytest.mark.parametrize("code", ["nb_couverts_c2s", "nb_allocataires_minima_sociaux", "idt"])
def test_the_fiche_shows_the_reason_and_no_figure(data: Path, code: str) -> None:
    page = Page(data / "releases/latest/fiches/annexes/epci/200042190.html")
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.source)).replace("&#39;", "'")
    assert FORBIDDEN[code] in words
    table = {"nb_couverts_c2s": "c2s", "idt": "idt"}.get(code, "minima_sociaux")
    header = page.tables[table][0]
    assert not [h for h in header if "volution" in h or "comparaison" in h], header


@pytest.mark.parametrize(("code", "reason"), FORBIDDEN.items())
def test_explain_says_the_rule_and_its_document(data: Path, code: str, reason: str) -> None:
    compared = block(said(data, "QP059050", code), "Comparaison de cette édition")
    assert "évolution :" not in compared
    assert "verdict : non comparable" in compared
    assert reason in compared
    assert re.search(r"règle : C0\d", compared) and "document : " in compared


def test_the_build_names_the_blocks_that_are_refused_whole(data: Path) -> None:
    refused = set(json.loads((data.parent / "refuses.json").read_text(encoding="utf-8")))
    assert refused == {"fiche_publiee.rp", "fiche_publiee.cnam", "fiche_publiee.synthese"}
