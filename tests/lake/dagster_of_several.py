"""Dagster as `deploy/` runs it: the commands of its units, its instance in a real PostgreSQL."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

import requests

from tests.conftest import REPO
from tests.lake.servers import HOST, PostgreSQL, Server, free_port

UNITS = REPO / "deploy" / "systemd"
#: Where the units say that the checkout is.
INSTALLED = "/opt/qpv"
BASE = "dagster"
_LAUNCH = """mutation ($how: ExecutionParams!) { launchRun(executionParams: $how) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
_RUNS = "{ runsOrError { ... on Runs { results { runId status startTime endTime } } } }"
_HEALTH = "{ instance { daemonHealth { allDaemonStatuses { daemonType healthy } } } }"
_REPOSITORY = {"repositoryLocationName": "qpv", "repositoryName": "__repository__"}


def command_of(unit: str, environment: dict[str, str], key: str = "ExecStart") -> list[str]:
    """What a unit starts, here: its checkout is this one, its variables are those given."""
    [line] = re.findall(rf"^{key}=(.+)$", (UNITS / unit).read_text(), re.M)
    return shlex.split(Template(line.replace(INSTALLED, str(REPO))).substitute(environment))


class _Part(Server):
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        folder.mkdir()
        super().__init__(folder)
        self.environment = environment

    def start(self, unit: str, answers: Callable[[], bool]) -> None:
        words = ["env", *(f"{name}={value}" for name, value in self.environment.items())]
        self.run([*words, *command_of(unit, self.environment)], answers)


class Dagster:
    """Code, daemon and pages; none of them holds anything that is not in PostgreSQL."""

    def __init__(self, folder: Path, catalogue: PostgreSQL, data: Path) -> None:
        self.web, home = free_port(), folder / "dagster"
        home.mkdir()
        (home / "dagster.yaml").symlink_to(REPO / "deploy" / "dagster.yaml")
        self.environment = {
            "DAGSTER_HOME": str(home),
            "QPV_DAGSTER": f"postgresql+psycopg2://qpv@{HOST}:{catalogue.port}/{BASE}",
            "QPV_CODE_HOTE": HOST,
            "QPV_CODE_PORT": str(free_port()),
            "QPV_WEB_PORT": str(self.web),
            "QPV_DATA": str(data),
            "PGPASSWORD": catalogue.password,
        }
        self._parts = {
            name: _Part(folder / name, self.environment) for name in ("code", "daemon", "web")
        }

    def start(self) -> None:
        self._parts["code"].start("qpv-code.service", self._has_code)
        self._parts["web"].start("qpv-web.service", self._has_pages)

    def start_queue(self) -> None:
        self._parts["daemon"].start("qpv-daemon.service", self._has_a_queue)

    def _has_code(self) -> bool:
        port = self.environment["QPV_CODE_PORT"]
        words = [Path(sys.executable).parent / "dagster", "api", "grpc-health-check"]
        done = subprocess.run([*words, "-h", HOST, "-p", port], capture_output=True, check=False)
        return done.returncode == 0

    def _has_pages(self) -> bool:
        try:
            return requests.get(f"http://{HOST}:{self.web}/server_info", timeout=5).ok
        except requests.RequestException:
            return False

    def _has_a_queue(self) -> bool:
        told = self.ask(_HEALTH)["instance"]["daemonHealth"]["allDaemonStatuses"]
        return any(one["daemonType"] == "QUEUED_RUN_COORDINATOR" and one["healthy"] for one in told)

    def stop(self) -> None:
        for part in reversed(self._parts.values()):
            part.stop()

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        told = requests.post(
            f"http://{HOST}:{self.web}/graphql",
            json={"query": query, "variables": variables},
            timeout=60,
        ).json()
        assert "errors" not in told, told
        return told["data"]

    def launch(self, selector: dict[str, Any], config: dict[str, Any], tags: dict[str, str]) -> str:
        how = {
            "selector": {**_REPOSITORY, **selector},
            "runConfigData": config,
            "executionMetadata": {"tags": [{"key": k, "value": v} for k, v in tags.items()]},
        }
        done = self.ask(_LAUNCH, how=how)["launchRun"]
        assert done["__typename"] == "LaunchRunSuccess", done
        return done["run"]["runId"]

    def runs(self) -> dict[str, dict[str, Any]]:
        return {one["runId"]: one for one in self.ask(_RUNS)["runsOrError"]["results"]}

    def ended(self, names: list[str], patience: int) -> dict[str, dict[str, Any]]:
        """The runs, once none of them moves any more."""
        until = time.monotonic() + patience
        while True:
            found = self.runs()
            if all(found[name]["status"] in ("SUCCESS", "FAILURE", "CANCELED") for name in names):
                return found
            assert time.monotonic() < until, found
            time.sleep(0.5)
