"""Where a cluster is said to be: what is no address, and what is not there, in one paragraph."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from orchestration.defs.dbt_refusals import RESULTS, dbt_refusal
from warehouse.base.errors import QpvError
from warehouse.cluster import spark_access
from warehouse.cluster.patience import PATIENCE, watched
from warehouse.cluster.spark_access import (
    GRAPPE,
    UNITES,
    Grappe,
    session,
    shared_units,
    spark_of_environment,
)


def test_without_a_word_nothing_is_asked_of_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    for said in (None, "", "  "):
        monkeypatch.delenv(GRAPPE, raising=False)
        if said is not None:
            monkeypatch.setenv(GRAPPE, said)
        assert spark_of_environment() is None


def test_masters_are_read_from_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GRAPPE, "spark://a.exemple.fr:7077,b:7078")
    assert spark_of_environment() == Grappe(("a.exemple.fr:7077", "b:7078"))


@pytest.mark.parametrize(
    "said", ["maitre:7077", "spark://maitre", "local[2]", "yarn", "spark://a:7077 x", "spark://:1"]
)
def test_what_is_no_address_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GRAPPE, said)
    with pytest.raises(QpvError, match="dite autrement que par son adresse"):
        spark_of_environment()


def test_units_lie_in_the_data_folder_or_where_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(UNITES, raising=False)
    assert shared_units(tmp_path) == (tmp_path, False)
    monkeypatch.setenv(UNITES, str(tmp_path / "partage"))
    assert shared_units(tmp_path) == (tmp_path / "partage", True)


def test_without_pyspark_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_access, "find_spec", lambda name: None)
    with pytest.raises(QpvError, match=r"requirements-spark\.lock"):
        session(Grappe(("127.0.0.1:1",)), tmp_path / "dit")


@pytest.fixture
def with_pyspark(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(spark_access, "find_spec", lambda name: object())
    return monkeypatch


def _java(folder: Path, version: str) -> str:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize("version", [None, "11.0.2", "1.8.0_392"])
def test_without_its_java_it_is_said_what_to_install(
    version: str | None, tmp_path: Path, with_pyspark: pytest.MonkeyPatch
) -> None:
    with_pyspark.setenv("JAVA_HOME", _java(tmp_path, version) if version else str(tmp_path))
    with pytest.raises(QpvError, match="n'a pas Java 17") as refused:
        session(Grappe(("127.0.0.1:1",)), tmp_path / "dit")
    assert "apt-get install" in str(refused.value)


def test_an_absent_master_is_said_at_once(tmp_path: Path, with_pyspark: pytest.MonkeyPatch) -> None:
    with_pyspark.setenv("JAVA_HOME", _java(tmp_path, "17.0.1"))
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        grappe = Grappe((f"127.0.0.1:{taken.getsockname()[1]}", "nulle-part.invalid:7077"))
        with pytest.raises(QpvError, match="ne répond pas"):
            session(grappe, tmp_path / "dit")


def test_nothing_listens_beyond_loopback_for_a_cluster_on_it() -> None:
    asked = spark_access._settings(Grappe(("127.0.0.1:7077",)))
    assert asked["spark.driver.bindAddress"] == asked["spark.driver.host"] == "127.0.0.1"
    assert "spark.driver.host" not in spark_access._settings(Grappe(("maitre:7077",)))
    assert asked["spark.ui.enabled"] == "false"


def test_what_a_cluster_refuses_is_what_a_run_says(tmp_path: Path) -> None:
    paragraph = str(QpvError("la grappe ne répond pas", ou="spark://a:1", faire="relancer"))
    message = (
        "Runtime Error in model int_sirene__comptes\n  Python model failed:\n  Traceback:\n"
        f'    File "x.py", line 1\n  warehouse.base.errors.QpvError: {paragraph}\n  '
    )
    failed = {"unique_id": "model.qpv.int_sirene__comptes", "status": "error", "failures": None}
    told = {"results": [failed | {"message": message, "compiled_code": "select 1"}]}
    (tmp_path / RESULTS).write_text(json.dumps(told), encoding="utf-8")
    assert str(dbt_refusal(tmp_path, tmp_path / "absent.duckdb")) == paragraph


@pytest.mark.parametrize("said", ["²", "-1", "1.5", "dix"])
def test_a_patience_that_is_no_number_is_refused(
    said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(PATIENCE, said)
    alone = Grappe(("a.exemple.fr:7077",))
    with (
        pytest.raises(QpvError, match="n'est pas un nombre de secondes"),
        watched(MagicMock(), alone, tmp_path / "said"),
    ):
        pass
