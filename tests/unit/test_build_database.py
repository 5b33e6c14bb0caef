"""Where a build is made: a file unless a workshop is said, and one that is away told as that."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.defs.dbt_refusals import RESULTS, dbt_refusal
from orchestration.defs.refused_steps import refusable
from orchestration.defs.warehouse_assets import refuse_cluster_in_workshop
from warehouse.base.errors import QpvError
from warehouse.base.layout import DBT_PROJECT
from warehouse.cluster import spark_access
from warehouse.release import build_database
from warehouse.release.build_database import (
    fresh_build,
    is_built,
    open_build,
    workshop_away,
    workshop_of,
    workshops_of_environment,
)

SERVEUR = "postgres:host=h dbname=qpv_atelier"
MARKER = {"catalogue": SERVEUR, "donnees": "s3://a/x/", "schema": "atelier_x", "chiffre": True}


@pytest.fixture(autouse=True)
def unsaid(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (build_database.CATALOGUE, build_database.DONNEES):
        monkeypatch.delenv(name, raising=False)


def test_without_a_word_a_build_is_a_file(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    assert workshops_of_environment() is None and not is_built(database)
    with fresh_build(database, None, "2023") as con:
        con.execute("create table t as select 1 as x")
        assert not database.exists()
    assert is_built(database) and workshop_of(database) is None
    with open_build(database) as con, pytest.raises(duckdb.Error):
        con.execute("insert into t values (2)")


def test_a_build_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with fresh_build(database, None, "2023") as con:
        con.execute("create table t as select 1 as x")
    with pytest.raises(RuntimeError), fresh_build(database, None, "2023"):
        raise RuntimeError
    with open_build(database) as con:
        assert con.execute("from t").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("catalogue", "donnees", "said"),
    [
        (SERVEUR, "", "à moitié : QPV_ATELIER_DONNEES manque"),
        ("", "s3://a/", "à moitié : QPV_ATELIER manque"),
        (f"{SERVEUR} password=secret", "s3://a/", "mot de passe"),
        ("/srv/atelier.ducklake", "/srv/donnees", "est un fichier"),
    ],
)
def test_a_workshop_that_is_badly_said_is_refused(
    catalogue: str, donnees: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(build_database.CATALOGUE, catalogue)
    monkeypatch.setenv(build_database.DONNEES, donnees)
    with pytest.raises(QpvError, match=said) as refused:
        workshops_of_environment()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "server"),
    [
        ("HTTP Error: Unable to connect to URL s3://a/x.parquet", "le stockage S3"),
        ("IO Error: Could not establish connection error for HTTP PUT", "le stockage S3"),
        ("server closed the connection unexpectedly: QP059050 = 12", "le catalogue PostgreSQL"),
        ("FATAL: the database system is shutting down", "le catalogue PostgreSQL"),
        ("Conversion Error: Could not convert string 'QP059050'", None),
        ("Conversion Error: Could not convert string 'https://www.insee.fr'", None),
    ],
)
def test_a_server_that_is_away_is_named_and_no_row_is_told(said: str, server: str | None) -> None:
    told = workshop_away(said)
    assert (told is None) == (server is None)
    if told:
        assert f"{server} ne répond pas" in str(told) and "QP059050" not in str(told)


def test_dbt_that_lost_a_server_says_so_and_no_model(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    (tmp_path / "warehouse.atelier.json").write_text(json.dumps(MARKER))
    failed = {
        "unique_id": "model.qpv.int_masques",
        "status": "error",
        "message": "Runtime Error: server closed the connection unexpectedly",
    }
    (tmp_path / RESULTS).write_text(json.dumps({"results": [failed]}))
    assert "l'atelier s'est arrêté" in str(dbt_refusal(tmp_path, database))
    (tmp_path / "warehouse.atelier.json").unlink()
    assert "dbt refuse : int_masques" in str(dbt_refusal(tmp_path, database))


@pytest.mark.parametrize(
    "said",
    [
        'IO Error: Could not write file "/d/tmp/duckdb_temp_storage.tmp": No space left on device',
        "Out of Memory Error: failed to offload data block of size 64.0 KiB (9.3 GiB used)",
    ],
)
def test_dbt_that_fills_the_machine_says_so_and_sends_nobody_to_a_test(
    tmp_path: Path, said: str
) -> None:
    failed = {"unique_id": "model.qpv.int_ecarts", "status": "error", "message": said}
    (tmp_path / RESULTS).write_text(json.dumps({"results": [failed]}))
    told = str(dbt_refusal(tmp_path, tmp_path / "warehouse.duckdb"))
    assert re.search("le système refuse : « .*(No space left|failed to offload) »", told)
    assert "int_ecarts" in told and "espace disque" in told
    assert "corriger la source" not in told


def test_joins_of_a_workshop_are_made_as_written_by_dbt_too() -> None:
    target = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())["qpv"]["outputs"]["atelier"]
    assert target["config_options"]["disabled_optimizers"] == build_database.AS_WRITTEN


def test_a_cluster_and_a_workshop_are_refused_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(spark_access.GRAPPE, "spark://h:7077")
    refuse_cluster_in_workshop()
    monkeypatch.setenv(build_database.CATALOGUE, SERVEUR)
    monkeypatch.setenv(build_database.DONNEES, "s3://a/x/")
    with pytest.raises(QpvError, match="une grappe et un atelier"):
        refuse_cluster_in_workshop()


def test_a_step_that_lost_a_server_is_one_paragraph(monkeypatch: pytest.MonkeyPatch) -> None:
    @refusable
    def _step() -> None:
        raise duckdb.IOException("HTTP Error: Unable to connect")

    with pytest.raises(duckdb.IOException):
        _step()  # a build in a file has lost no workshop
    monkeypatch.setenv(build_database.CATALOGUE, SERVEUR)
    monkeypatch.setenv(build_database.DONNEES, "s3://a/x/")
    with pytest.raises(Exception, match="le stockage S3 ne répond pas") as refused:
        _step()
    assert type(refused.value).__name__ == "Failure"
