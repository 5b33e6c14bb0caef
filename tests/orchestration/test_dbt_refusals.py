"""A test of dbt that refuses names place, indicator and period of what is public, no value."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.defs.dbt_refusals import dbt_refusal
from warehouse.release.loading import PLAN_SCHEMA, RAPPROCHEMENTS_SCHEMA, SECRETS_SCHEMA

FIGURE = 8675309.5


def built(folder: Path) -> Path:
    """A build whose `part_aah` is made of figures under agreement, `part_ppat` of public ones."""
    secret = {"source_id": "caf", "bloc": "b", "type": "effectif", "regle": "r", "zeros": "x"}
    acces = {"aah": "convention", "ppat": "publique"}
    tables = {
        "termes": pa.table(
            {"code_indicateur": ["part_aah", "part_ppat"], "terme": ["aah", "ppat"]}
        ),
        "secrets": pa.Table.from_pylist(
            [secret | {"mesure": m, "acces": a, "seuil": 5} for m, a in acces.items()],
            schema=SECRETS_SCHEMA,
        ),
        "plan": pa.Table.from_pylist(
            [{"mesure": m, "source_id": "caf", "bloc": "b"} for m in acces], schema=PLAN_SCHEMA
        ),
        "rapprochements": pa.Table.from_pylist([], schema=RAPPROCHEMENTS_SCHEMA),
    }
    path = folder / "w.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema edition")
        for name, content in tables.items():
            con.register("given", content)
            con.execute(f"create table edition.{name} as from given")
        con.execute(
            "create table fct as select * from (values"
            f" ('QP974044', 'part_ppat', '2014', {FIGURE}),"
            f" ('QP059050', 'part_aah', '2014', {FIGURE}))"
            " as t(code_territoire, code_indicateur, periode, valeur)"
        )
        con.execute("create table mesures as select code_territoire,"
                    " replace(code_indicateur, 'part_', '') as mesure, valeur, null as motif"
                    " from fct")  # fmt: skip
    return path


def said(folder: Path, query: str, **more: object) -> str:
    result = {"unique_id": "test.qpv.parts_bornees.0", "status": "fail", "failures": 2}
    results = [result | {"compiled_code": query} | more]
    (folder / "run_results.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    text = str(dbt_refusal(folder, built(folder)))
    (folder / "w.duckdb").unlink()
    assert str(FIGURE) not in text and "QP059050" not in text and "part_aah" not in text
    return text


def test_the_rows_of_public_figures_are_named(tmp_path: Path) -> None:
    place = "parts_bornees (2 lignes : territoire QP974044, indicateur part_ppat, période 2014)"
    assert place in said(tmp_path, "\nselect *\nfrom fct as f\nwhere valeur > 100\n")
    mesures = said(tmp_path, "select valeur, mesure, code_territoire from mesures")
    assert "(2 lignes : territoire QP974044, mesure ppat)" in mesures
    missing = "\n    \n\nselect motif\nfrom mesures\nwhere motif is null\n\n"
    assert "territoire QP974044, mesure ppat" in said(tmp_path, missing)


def test_a_blank_that_a_contract_refuses_names_its_column_and_its_rows(tmp_path: Path) -> None:
    with duckdb.connect() as con, pytest.raises(duckdb.ConstraintException) as refused:
        con.execute("create table fct__dbt_tmp (motif varchar not null)")
        con.execute("insert into fct__dbt_tmp values (null)")
    failed = {"status": "error", "failures": None, "message": f"Runtime Error\n  {refused.value}"}
    model = "\nselect code_territoire, mesure, motif from mesures\n"
    told = said(tmp_path, model, **failed)
    assert "(colonne motif vide : territoire QP974044, mesure ppat)" in told
    assert "(colonne motif vide)" in said(tmp_path, "", **failed)


def test_what_names_no_territory_or_cannot_be_asked_stays_a_name(tmp_path: Path) -> None:
    for query in ("select valeur as code_indicateur from fct", "select * from parti", ""):
        assert "parts_bornees (2 lignes). Où" in said(tmp_path, query)
    assert "parts_bornees. Où" in said(tmp_path, "", failures=None, status="error")
    assert "(1 ligne :" in said(tmp_path, "select * from fct limit 1", failures=1)


def test_a_long_list_is_cut_and_counted(tmp_path: Path) -> None:
    rows = "select 'QP' || r as code_territoire, 'part_ppat' as code_indicateur from range(9) t(r)"
    assert "; territoire QP4, indicateur part_ppat ; et 4 de plus)" in said(tmp_path, rows)
