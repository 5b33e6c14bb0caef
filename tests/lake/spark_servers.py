"""A Spark cluster on loopback: a master and its workers, each stopped by its own process id."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import requests

from tests.lake.servers import HOST, Server, free_port


def _spark_class() -> str:
    import pyspark

    return str(Path(pyspark.__file__).parent / "bin" / "spark-class")


class Master(Server):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port, self._page = free_port(), free_port()

    @property
    def url(self) -> str:
        return f"spark://{HOST}:{self.port}"

    def start(self) -> None:
        words = [_spark_class(), "org.apache.spark.deploy.master.Master", "--host", HOST]
        words += ["--port", str(self.port), "--webui-port", str(self._page)]
        self.run(words, lambda: self.state() is not None)

    def state(self) -> dict | None:
        """What the master's page says of its workers and of who uses them."""
        try:
            return requests.get(f"http://{HOST}:{self._page}/json/", timeout=5).json()
        except (requests.RequestException, ValueError):
            return None

    def alive(self) -> int:
        """How many workers answer it."""
        said = self.state() or {"workers": []}
        return sum(worker["state"] == "ALIVE" for worker in said["workers"])

    def is_asked(self) -> bool:
        """Whether an application holds cores."""
        said = self.state() or {"coresused": 0}
        return int(said["coresused"]) > 0


class Worker(Server):
    def __init__(self, folder: Path, master: Master) -> None:
        super().__init__(folder)
        self._master = master

    def start(self) -> None:
        before = self._master.alive()
        words = [_spark_class(), "org.apache.spark.deploy.worker.Worker", "--host", HOST]
        words += ["--cores", "1", "--memory", "1g", "--webui-port", str(free_port())]
        words += ["--work-dir", str(self.folder / "work"), self._master.url]
        self.run(words, lambda: self._master.alive() > before)

    def kill(self) -> None:
        """As a machine that falls: the worker and what it had started, at once."""
        assert self._process is not None
        asked = ["ps", "-o", "pid=", "--ppid", str(self._process.pid)]
        below = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
        for pid in (self._process.pid, *map(int, below)):
            os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
