"""A run that stops on confidential figures says the rule and the place, never a value."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import duckdb
import pyarrow as pa
import pytest
from dagster_dbt import DagsterDbtCliRuntimeError

from ingest.collect import collect
from ingest.extracts_folder import ExtractsFolder
from ingest.landing import land
from ingest.readers import RawTable
from ingest.registry import load_registry
from orchestration.defs import dbt_assets
from orchestration.defs.draft_report import is_public
from orchestration.defs.refused_steps import why_stopped
from orchestration.defs.secrecy_checks import _words as exposed
from quality.disclosure.audit.verdict import Constat
from quality.plausibility.confidential_findings import without_figures
from quality.plausibility.findings import Finding
from quality.secrecy.edition.mask_counts import changes_since, confidential_indicators, mask_counts
from tests.fixtures.planted_secrets import SOURCE, codes, write_extracts, write_registry
from warehouse.base.errors import QpvError
from warehouse.base.layout import SOURCES_DIR, Layout
from warehouse.release.loading import PLAN_SCHEMA, RAPPROCHEMENTS_SCHEMA, SECRETS_SCHEMA

SECRET = "8675309"
FORMES = (SECRET, "8 675 309", "8\u202f675\u202f309")


@pytest.mark.parametrize("acces", ["publique", "convention"])
@pytest.mark.parametrize("cell", [f"{SECRET}x", f"-{SECRET}", f"{SECRET},5"])
def test_an_unreadable_cell_under_agreement_is_placed_but_not_repeated(
    acces: str, cell: str, tmp_path: Path
) -> None:
    extraits = write_extracts(tmp_path / "extraits")
    path = extraits / "REVN_2023.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(SECRET, cell), encoding="utf-8")
    folder = SOURCES_DIR if acces == "publique" else write_registry(tmp_path / "sources")
    source = load_registry(folder)[SOURCE]
    files = collect(source, "2023", archive=tmp_path / "a", extracts=ExtractsFolder(extraits)).files
    with pytest.raises(QpvError) as refused:
        land(source, "2023", files, out=tmp_path / "out.parquet", codes_qpv=frozenset(codes()))
    said = str(refused.value)
    # the fifth quarter is on the sixth row, under its header
    assert "fichier REVN_2023.csv, ligne 6, colonne 'AAAH'" in said
    assert (SECRET in said) is (acces == "publique")


def test_two_rows_of_one_quarter_under_agreement_disagree_without_their_values() -> None:
    raw = RawTable("f.csv", ["A"], [], confidentiel=True)
    assert SECRET not in raw.cell(SECRET)
    assert RawTable("f.csv", ["A"], []).cell(f" {SECRET} ") == f"'{SECRET}'"


def test_a_finding_on_confidential_figures_gives_rule_and_place() -> None:
    phrase = f"il reste 4 pour 1 masquée, {FORMES[2]} − 12."
    places = ["QPV@EPCI:1, part, 2021", "QP059050, nb, 2021"]
    finding = Finding("P04", "bloquant", "QPV@EPCI:1", "part", "2021", "niveau", phrase, places)
    assert without_figures([finding], {"autre"}) == [finding]
    for confidential in ({"part"}, {"nb"}):  # its own indicator, or one that it calls on
        [said] = without_figures([finding], confidential)
        assert said.cle == finding.cle and said.ou == places and said.severite == "bloquant"
        assert "Le total est la somme de ses parties" in said.phrase
        assert "QPV@EPCI:1, part, 2021" in said.phrase
        assert FORMES[2] not in said.phrase and " 4 " not in said.phrase


def test_an_exposed_cell_is_named_without_the_interval_that_exposes_it() -> None:
    constat = Constat(
        "AAH de QP059050", 8_675_309, 8_675_309, "au moins 5", "relations", ("somme",)
    )
    said = exposed(constat)
    assert "AAH de QP059050" in said and "somme" in said
    assert "8.67531e+06" not in said and SECRET not in said


def test_dbt_refuses_by_name_and_its_own_words_stay_behind(tmp_path: Path) -> None:
    results = [
        {
            "unique_id": "test.qpv.parts_bornees.0",
            "status": "fail",
            "failures": 2,
            "message": f"Conversion Error: {SECRET}",
        }
    ]

    class Reglages:
        layout, doors = Layout(tmp_path), tmp_path

    class Dbt:
        def cli(self, *_: object, **__: object):
            told = json.dumps({"results": results})
            (Reglages.layout.dbt_target / "run_results.json").write_text(told, encoding="utf-8")
            raise DagsterDbtCliRuntimeError(f"Conversion Error: {SECRET}")

    run = dbt_assets.dbt_models.op.compute_fn.decorated_fn
    with pytest.raises(dg.Failure, match="parts_bornees") as refused:
        list(run(None, Dbt(), Reglages()))
    assert SECRET not in str(refused.value)
    # What Dagster keeps in its history: the error, its cause, its context unless suppressed.
    assert refused.value.__cause__ is None and refused.value.__suppress_context__


def test_a_dbt_test_that_stops_a_run_is_named_by_its_step() -> None:
    check = SimpleNamespace(passed=False, blocking=True, description=None, check_name="cle_unique")
    step = SimpleNamespace(
        cls_name="QpvError", message="QpvError: dbt refuse : cle_unique (3 lignes)", cause=None,
        to_string=lambda: "",
    )  # fmt: skip
    said = str(why_stopped([check], [step]))
    assert "cle_unique (3 lignes)" in said and "None" not in said


def test_a_door_that_stops_a_run_is_told_by_its_own_words() -> None:
    check = SimpleNamespace(
        passed=False, blocking=True, description="12 contre 13", check_name="porte_sommes",
        asset_key=dg.AssetKey(["entrepot", "landing"]),
    )  # fmt: skip
    said = str(why_stopped([check], []))
    assert said.startswith("la porte porte_sommes refuse : 12 contre 13. Où : entrepot/landing.")


def test_labels_are_verified_on_public_figures_only(monkeypatch: pytest.MonkeyPatch) -> None:
    source = load_registry()[SOURCE]
    path = Path("landing") / SOURCE / "2023.parquet"
    assert is_public(path)
    monkeypatch.setattr(
        "orchestration.defs.draft_report.REGISTRY",
        {SOURCE: source.model_copy(update={"acces": "convention"})},
    )
    assert not is_public(path)


def test_what_is_confidential_in_a_build_follows_terms_and_comparisons() -> None:
    termes = {
        "code_indicateur": ["nb_aah", "part_aah", "part_aah", "nb_rsa", "nb_menages"],
        "terme": ["aah", "aah", "menages", "rsa", "menages"],
    }
    secret = {"source_id": "caf", "bloc": "b", "type": "effectif", "regle": "r", "zeros": "x"}
    secrets = [
        secret | {"mesure": "aah", "acces": "convention", "seuil": 5},
        secret | {"mesure": "menages", "acces": "publique", "seuil": 5},
        # under agreement as well, and not in this edition
        secret | {"mesure": "rsa", "acces": "convention", "seuil": 5, "source_id": "autre"},
    ]
    plan = [{"mesure": m, "source_id": "caf", "bloc": "b"} for m in ("aah", "menages")]
    gap = [{"code_indicateur": "ecart_part", "code_base": "part_aah"}]
    with duckdb.connect() as con:
        con.execute("create schema edition")
        tables = {
            "termes": pa.table(termes),
            "secrets": pa.Table.from_pylist(secrets, schema=SECRETS_SCHEMA),
            "plan": pa.Table.from_pylist(plan, schema=PLAN_SCHEMA),
            "rapprochements": pa.Table.from_pylist(gap, schema=RAPPROCHEMENTS_SCHEMA),
        }
        for name, table in tables.items():
            con.register("given", table)
            con.execute(f"create table edition.{name} as from given")
        assert confidential_indicators(con) == {"nb_aah", "part_aah", "ecart_part"}


def test_masks_are_counted_by_rule_and_type_in_one_number() -> None:
    with duckdb.connect() as con:
        con.execute("create schema intermediate; create schema marts")
        con.execute(
            "create table intermediate.int_masques as select * from (values"
            " ('QP1', '2015', 'r', 'primaire'), ('QP2', '2015', 'r', 'secondaire'),"
            " ('QP3', '2015', 'r', 'publiable'), ('EPCI:1', '', 'r', 'publiable'))"
            " as t(code_territoire, perimetre, regle, etat);"
            "create table marts.dim_territoire as select * from (values ('QP1', '2015', 'qpv'),"
            " ('QP2', '2015', 'qpv'), ('QP3', '2015', 'qpv'), ('EPCI:1', null, 'epci'))"
            " as t(code_territoire, perimetre, type_territoire)"
        )
        names = ("regle", "type_territoire", "jugees", "masquees", "part")
        assert [tuple(row[n] for n in names) for row in mask_counts(con)] == [
            ("r", "epci", 1, 0, 0.0),
            ("r", "qpv", 3, 2, 66.7),
        ]


def test_what_a_mask_changed_since_the_last_release_is_counted(tmp_path: Path) -> None:
    was = ("diffuse", "secret", "diffuse", "secret", "non_diffuse")
    now = ("secret", "diffuse", "diffuse", "secret", "secret")
    for name, statuts in (("ancienne", was), ("nouvelle", now)):
        (tmp_path / name).mkdir()
        with duckdb.connect(str(tmp_path / name / "qpv.duckdb")) as con:
            con.execute(
                "create table fct_indicateur (code_territoire text, perimetre text,"
                " code_indicateur text, periode text, statut text, valeur double)"
            )
            for rank, statut in enumerate(statuts):
                row = [f"QP{rank}", "2015", "nb", "2021", statut]
                con.execute("insert into fct_indicateur values (?, ?, ?, ?, ?, null)", row)
    found = changes_since(tmp_path / "ancienne", tmp_path / "nouvelle")
    assert found == {"masques": 1, "demasques": 1}
