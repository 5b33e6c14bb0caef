"""dbt's own unit tests, which a build leaves out and CI runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from orchestration.dbt_assets import DBT, dbt_environment
from warehouse.layout import DBT_PROJECT


def test_dbt_unit_tests_pass(sample_data: Path, tmp_path: Path) -> None:
    command = [DBT, "test", "--select", "test_type:unit", "--project-dir", str(DBT_PROJECT)]
    command += ["--profiles-dir", str(DBT_PROJECT), "--target-path", str(tmp_path / "target")]
    database = sample_data / "build" / "warehouse.duckdb"
    done = subprocess.run(
        [*command, "--log-path", str(tmp_path)],
        env={**os.environ, **dbt_environment(database)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "PASS=11 " in done.stdout
