"""dbt's own unit tests, which a build leaves out and CI runs."""

from __future__ import annotations

from pathlib import Path

from orchestration.defs.dbt_assets import dbt_environment
from tests.fixtures import forked_qpv
from warehouse.base.layout import DBT_PROJECT


def test_dbt_unit_tests_pass(sample_data: Path, tmp_path: Path) -> None:
    command = ["--log-level-file", "none", "test", "--select", "test_type:unit"]
    command += ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    done = forked_qpv.run_dbt(
        *command,
        *("--target-path", str(tmp_path / "target")),
        said=tmp_path / "messages",
        environment=dbt_environment(sample_data / "build" / "warehouse.duckdb"),
    )
    assert done.returncode == 0, done.stderr
    assert "PASS=43 " in done.stderr
