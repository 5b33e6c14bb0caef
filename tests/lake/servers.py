"""Real servers on loopback, each of its own folder and port, stopped by its own process id."""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import requests
from requests import Response

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

    def cut(self) -> None:
        """Stop at once, whoever is connected."""
        words = [*self._as, _postgres("pg_ctl"), "stop", "-m", "fast", "-D"]
        subprocess.run([*words, str(self.folder / "base")], check=True, capture_output=True)
        self.stop()

    def ask(
        self, query: str, base: str = "postgres", check: bool = True, who: str = "qpv"
    ) -> subprocess.CompletedProcess[str]:
        return self.client("psql", who, "-d", base, "-qAtc", query, check=check)

    def client(
        self, program: str, who: str, *words: str, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """A program of PostgreSQL as one of the accounts, which all have one password."""
        place = [_postgres(program), "-h", HOST, "-p", str(self.port), "-U", who]
        if program == "psql":
            place += ["-v", "ON_ERROR_STOP=1"]
        return subprocess.run(
            [*place, *words],
            capture_output=True,
            text=True,
            check=check,
            env={**os.environ, "PGPASSWORD": self.password},
        )


class SeaweedFS(Server):
    """Object storage that speaks S3: two buckets, an administrator, a reader of one of them."""

    SEAU, ATELIER = "lac", "atelier"

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
        self.run(words, self._makes_buckets)

    def _makes_buckets(self) -> bool:
        """A bucket is a folder of the filer."""
        buckets = f"http://{HOST}:{self._filer}/buckets"
        try:
            made = {
                requests.post(f"{buckets}/{name}/", timeout=5).status_code
                for name in (self.SEAU, self.ATELIER)
            }
            there = requests.get(f"http://{HOST}:{self.port}/", timeout=5)
        except requests.RequestException:
            return False
        return made <= {200, 201, 409} and there.status_code in (200, 403)

    def call(self, method: str, path: str, who: str | None = "qpv", query: str = "") -> Response:
        """A call of S3 signed by one of the accounts (AWS Signature 4), or by nobody."""
        now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        host, scope = f"{HOST}:{self.port}", f"{now[:8]}/us-east-1/s3/aws4_request"
        empty = sha256(b"").hexdigest()
        headers = {"host": host, "x-amz-content-sha256": empty, "x-amz-date": now}
        if who:
            key, secret = self.keys[who]
            names = ";".join(headers)
            told = "".join(f"{name}:{value}\n" for name, value in headers.items())
            request = f"{method}\n{path}\n{query}\n{told}\n{names}\n{empty}"
            asked = sha256(request.encode()).hexdigest()
            signed = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{asked}"
            stamp = f"AWS4{secret}".encode()
            for part in (*scope.split("/"), signed):
                stamp = hmac.digest(stamp, part.encode(), "sha256")
            headers["authorization"] = (
                f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, "
                f"Signature={stamp.hex()}"
            )
        place = f"http://{host}{path}" + (f"?{query}" if query else "")
        return requests.request(method, place, headers=headers, timeout=30)

    def files(self, bucket: str, prefix: str, who: str | None = "qpv") -> list[str]:
        """The objects of a bucket below a prefix, as S3 lists them to an account."""
        query = f"list-type=2&max-keys=1000&prefix={quote(prefix, safe='')}"
        told = self.call("GET", f"/{bucket}/", who, query)
        told.raise_for_status()
        return re.findall("<Key>([^<]+)</Key>", told.text)

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
