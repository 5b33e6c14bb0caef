"""Real servers on loopback, each of its own folder and port, stopped by its own process id."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import requests

HOST = "127.0.0.1"
_PATIENCE = 60


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return found.getsockname()[1]


class Server:
    """A process that answers, or says in its own words why it does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = folder / "dit.txt"
        self._process: subprocess.Popen | None = None

    def run(self, words: Sequence[str], answers: Callable[[], bool]) -> None:
        with self.said.open("ab") as said:
            self._process = subprocess.Popen(words, stdout=said, stderr=said, cwd=self.folder)
        until = time.monotonic() + _PATIENCE
        while not answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise AssertionError(self.said.read_text(encoding="utf-8", errors="replace"))
            time.sleep(0.2)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


class PostgreSQL(Server):
    """A cluster with one administrator, `qpv`; its programs refuse to be run by root."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port, self.password = free_port(), secrets.token_hex(8)
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        written = folder / "mot-de-passe"
        written.write_text(self.password)
        if self._as:
            for path in (folder, written):
                shutil.chown(path, "postgres")
        words = [*self._as, _postgres("initdb"), "-D", str(folder / "base"), "-U", "qpv"]
        words += ["-A", "scram-sha-256", f"--pwfile={written}"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        words = [*self._as, _postgres("postgres"), "-D", str(self.folder / "base")]
        words += ["-p", str(self.port), "-k", str(self.folder), "-c", f"listen_addresses={HOST}"]
        self.run(words, lambda: self.ask("select 1", check=False).returncode == 0)

    def ask(
        self, query: str, base: str = "postgres", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        words = [_postgres("psql"), "-h", HOST, "-p", str(self.port), "-U", "qpv", "-d", base]
        environment = {**os.environ, "PGPASSWORD": self.password}
        return subprocess.run(
            [*words, "-v", "ON_ERROR_STOP=1", "-qAtc", query],
            capture_output=True,
            text=True,
            check=check,
            env=environment,
        )


class SeaweedFS(Server):
    """Object storage that speaks S3, with an administrator and a reader of one bucket."""

    SEAU = "lac"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port, self._filer = free_port(), free_port()
        self.keys = {name: (name, secrets.token_hex(8)) for name in ("qpv", "lecteur")}
        can = {
            "qpv": ["Admin", "Read", "Write", "List", "Tagging"],
            "lecteur": [f"Read:{self.SEAU}", f"List:{self.SEAU}"],
        }
        identities = [
            {
                "name": name,
                "credentials": [{"accessKey": key, "secretKey": secret}],
                "actions": can[name],
            }
            for name, (key, secret) in self.keys.items()
        ]
        (folder / "s3.json").write_text(json.dumps({"identities": identities}))
        (folder / "donnees").mkdir()

    def start(self) -> None:
        weed = str(Path(sys.executable).parent / "weed")
        ports = {"master": free_port(), "volume": free_port(), "filer": self._filer}
        words = [weed, "server", "-dir=donnees", f"-ip={HOST}", f"-ip.bind={HOST}", "-filer", "-s3"]
        words += [f"-{name}.port={port}" for name, port in ports.items()]
        words += [f"-s3.port={self.port}", "-s3.config=s3.json"]
        words += [f"-{name}.port.grpc={free_port()}" for name in (*ports, "s3")]
        words += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false"]
        words += ["-master.volumeSizeLimitMB=64", "-volume.max=20", "-master.telemetry=false"]
        self.run(words, self._makes_a_bucket)

    def _makes_a_bucket(self) -> bool:
        """A bucket is a folder of the filer."""
        try:
            made = requests.post(f"http://{HOST}:{self._filer}/buckets/{self.SEAU}/", timeout=5)
            there = requests.get(f"http://{HOST}:{self.port}/", timeout=5)
        except requests.RequestException:
            return False
        return made.status_code in (200, 201, 409) and there.status_code in (200, 403)

    def environment(self, who: str = "qpv") -> dict[str, str]:
        key, secret = self.keys[who]
        return {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_ENDPOINT_URL": f"http://{HOST}:{self.port}",
        }


def _postgres(program: str) -> str:
    """A program of the distribution's PostgreSQL, the newest one installed."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    found = str(places[-1]) if places else shutil.which(program)
    assert found, f"{program} n'est pas là : apt-get install postgresql"
    return found
