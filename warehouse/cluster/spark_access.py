"""Where the cluster is, from the environment, and a session on it. Counts nothing."""

from __future__ import annotations

import atexit
import logging
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.base.errors import QpvError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: `spark://host:port`, several hosts with commas; the folder of units that the workers see too.
GRAPPE, UNITES = "QPV_SPARK", "QPV_SPARK_UNITES"
#: The first Java that this Spark runs on.
JAVA = 17
#: Seconds after which a master that does not answer is absent.
_ANSWER = 5
_MASTER = re.compile(r"spark://([^\s,:/]+:\d+)((?:,[^\s,:/]+:\d+)*)")
#: They print on the terminal what an error holds already, rows among it.
_REPEATING = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
_LOOPBACK = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Grappe:
    """A cluster: its masters, one or several, as `host:port`."""

    masters: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"spark://{','.join(self.masters)}"


def spark_of_environment() -> Grappe | None:
    """The cluster that `QPV_SPARK` says; None where it says none.

    Raises:
        QpvError: it is no address of a Spark cluster.
    """
    said = os.environ.get(GRAPPE, "").strip()
    if not said:
        return None
    found = _MASTER.fullmatch(said)
    if found is None:
        raise QpvError(
            f"la grappe est dite autrement que par son adresse : {said!r}",
            ou=GRAPPE,
            attendu="spark://machine:7077, ou plusieurs maîtres séparés par des virgules",
            faire="donner l'adresse que le maître de la grappe affiche, ou ne rien donner pour "
            "compter sur cette machine",
        )
    return Grappe(tuple(found[0].removeprefix("spark://").split(",")))


def shared_units(own: Path) -> tuple[Path, bool]:
    """Where units lie for workers to read them, and whether it is a folder shared with others.

    Args:
        own: the folder's place in the data folder, where no other is said.
    """
    said = os.environ.get(UNITES, "").strip()
    return (Path(said).expanduser().absolute(), True) if said else (own, False)


def session(grappe: Grappe, said: Path) -> SparkSession:
    """The session of this process on the cluster, opened if it is not, ended with the process.

    Args:
        said: a file for what Spark writes beside.

    Raises:
        QpvError: pyspark or Java is not installed, no master answers, or the cluster refuses.
    """
    _require_pyspark()
    _require_java()
    _require_master(grappe)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(grappe.url).appName("qpv")
    for name, value in _settings(grappe).items():
        builder = builder.config(name, value)
    try:
        with _stderr_in(said):
            made = builder.getOrCreate()
    except Exception as error:  # Py4J's, Spark's or the system's: each has classes of its own
        raise refused(grappe, error, said) from error
    for name in _REPEATING:
        logging.getLogger(name).disabled = True
    atexit.register(made.stop)
    return made


def refused(grappe: Grappe, error: BaseException, said: Path) -> QpvError:
    """What stopped on the cluster: only the kind of its error, its words may hold a row."""
    return QpvError(
        f"la grappe n'a pas compté les unités ({type(error).__name__})",
        ou=f"{grappe.url} ; ce que Spark en dit : {said}",
        faire="vérifier sur la page du maître que des nœuds répondent, que leur Spark est de la "
        "version de cette machine et qu'ils lisent le dossier des unités, puis relancer : les mois "
        "déjà comptés ne le seront plus ; la publication précédente reste en place",
    )


def _settings(grappe: Grappe) -> dict[str, str]:
    """What a session asks, beside the `spark-defaults.conf` of whoever has one."""
    asked = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    if all(master.rpartition(":")[0] in _LOOPBACK for master in grappe.masters):
        # Nothing listens beyond loopback for a cluster that is on it.
        asked |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return asked


def _require_pyspark() -> None:
    if find_spec("pyspark") is None:
        raise QpvError(
            "une grappe est dite et pyspark n'est pas installé",
            ou=GRAPPE,
            attendu="les paquets de requirements-spark.lock",
            faire="les installer par `make .venv/.installed-spark`, ou "
            "`pip install --require-hashes -r requirements-spark.lock` ; sans QPV_SPARK, les "
            "unités se comptent sur cette machine",
        )


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    try:
        done = subprocess.run(
            [program or "java", "-version"], capture_output=True, text=True, check=False
        )
        found = re.search(r'version "(\d+)', done.stderr + done.stdout)
    except OSError:
        found = None
    if found is None or int(found[1]) < JAVA:
        has = f"Java {found[1]}" if found else "pas de Java"
        raise QpvError(
            f"une grappe est dite et cette machine n'a pas Java {JAVA} ({has})",
            ou=f"JAVA_HOME={home}" if home else "le PATH",
            attendu=f"Java {JAVA} ou plus, celui de la distribution",
            faire="l'installer (Debian : `apt-get install openjdk-17-jre-headless`) ; sans "
            "QPV_SPARK, les unités se comptent sur cette machine",
        )


def _require_master(grappe: Grappe) -> None:
    """Ask each master's port: Spark itself would try for minutes, in a hundred lines."""
    said = []
    for master in grappe.masters:
        host, _, port = master.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=_ANSWER):
                return
        except (OSError, OverflowError) as error:
            said.append(f"{master} : {type(error).__name__}")
    raise QpvError(
        "le maître de la grappe ne répond pas",
        ou=f"{grappe.url} ({' ; '.join(said)})",
        faire="vérifier l'adresse et que la grappe est en marche, puis relancer ; ou ôter "
        "QPV_SPARK pour compter sur cette machine ; la publication précédente reste en place",
    )


@contextmanager
def _stderr_in(said: Path) -> Iterator[None]:
    """What a process that is started meanwhile says goes to a file: Java keeps what it is given."""
    said.parent.mkdir(parents=True, exist_ok=True)
    kept = os.dup(2)
    with said.open("ab") as written:
        os.dup2(written.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
