"""Where the lake is, from the environment, and a connection to it. Reads and writes no table."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

from warehouse.base.errors import QpvError
from warehouse.release.connect import texte_sql

#: `postgres:host=… dbname=…`, or the path of a file; the folder or `s3://bucket/prefix/` of data.
CATALOGUE, DONNEES = "QPV_LAC", "QPV_LAC_DONNEES"
#: As every client of S3 names them.
_CLE, _SECRET, _REGION = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"
_SERVEUR = "AWS_ENDPOINT_URL"
#: How the lake is called inside a connection.
NOM = "lac"
_PASSWORD = re.compile(r"\bpass(word|file)?\s*=|://[^/]*:[^/]*@", re.IGNORECASE)
_WHEELS = {
    "ducklake": "duckdb_extension_ducklake",
    "postgres_scanner": "duckdb_extension_postgres_scanner",
    "httpfs": "duckdb_extension_httpfs",
}


#: What DuckLake says of a catalogue in which nobody has written yet.
_EMPTY = "creating a new DuckLake is explicitly disabled"


class EmptyLake(QpvError):
    """Nothing was ever sent to this lake."""


@dataclass(frozen=True)
class Lac:
    """A lake: its catalogue, and where its data are. Holds no password."""

    catalogue: str
    donnees: str

    @property
    def is_shared(self) -> bool:
        """Whether its catalogue is a server's, and not a file of this machine."""
        return self.catalogue.startswith("postgres:")

    @property
    def is_remote(self) -> bool:
        """Whether its data are on object storage."""
        return self.donnees.startswith("s3://")


def lake_of_environment() -> Lac | None:
    """The lake that `QPV_LAC` and `QPV_LAC_DONNEES` say; None where neither is there.

    Raises:
        QpvError: one without the other, or a password where everyone may read it.
    """
    catalogue, donnees = (os.environ.get(name, "").strip() for name in (CATALOGUE, DONNEES))
    if not catalogue and not donnees:
        return None
    if not (catalogue and donnees):
        missing = DONNEES if catalogue else CATALOGUE
        raise QpvError(
            f"le lac n'est dit qu'à moitié : {missing} manque",
            attendu=f"{CATALOGUE} (postgres:host=… dbname=…, ou un fichier) et {DONNEES} (un "
            "dossier, ou s3://seau/préfixe/)",
            faire=f"donner {missing}, ou aucun des deux pour se passer du lac",
        )
    if _PASSWORD.search(catalogue):
        raise QpvError(
            "le catalogue du lac est dit avec un mot de passe",
            ou=CATALOGUE,
            attendu="host, port, user, dbname et sslmode seulement",
            faire="le mettre dans PGPASSWORD ou ~/.pgpass, que PostgreSQL lit lui-même",
        )
    return Lac(catalogue, donnees.rstrip("/") + "/")


def required_lake() -> Lac:
    """As `lake_of_environment`, for what asks for a lake.

    Raises:
        QpvError: none is said.
    """
    lac = lake_of_environment()
    if lac is None:
        raise QpvError(
            "aucun lac n'est dit",
            attendu=f"{CATALOGUE} et {DONNEES} dans l'environnement",
            faire="les donner (docs/lac.md) ; sans lac, `connect()` lit le dossier de données",
        )
    return lac


@contextmanager
def opened(lac: Lac, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which the lake is attached as `lac`, closed at the end.

    Raises:
        QpvError: as `attach`.
    """
    con = attach(lac, read_only=read_only)
    try:
        yield con
    finally:
        con.close()


def attach(lac: Lac, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A new connection in which the lake is attached as `lac`.

    Raises:
        EmptyLake: it is read, and nobody has written in it yet.
        QpvError: the extensions are not installed, or the catalogue or the data are out of reach.
    """
    con = duckdb.connect()
    _load(con, ["ducklake", *(["postgres_scanner"] if lac.is_shared else [])])
    if lac.is_remote:
        _load(con, ["httpfs"])
        con.execute(_secret())
    if not lac.is_shared:
        Path(lac.catalogue).parent.mkdir(parents=True, exist_ok=True)
    options = f"data_path {texte_sql(lac.donnees)}{', read_only' if read_only else ''}"
    try:
        for attempt in Retrying(
            retry=retry_if_exception(_made_meanwhile),
            stop=stop_after_attempt(3),
            wait=wait_random(0.5, 2),
            reraise=True,
        ):
            with attempt:
                con.execute(f"attach {texte_sql('ducklake:' + lac.catalogue)} as {NOM} ({options})")
    except duckdb.Error as error:
        con.close()
        if _EMPTY in str(error):
            raise EmptyLake(
                "le lac est vide : rien n'y a encore été envoyé",
                ou=lac.catalogue,
                faire="y envoyer une publication par `qpv lac envoyer`",
            ) from error
        raise out_of_reach(lac, error) from error
    return con


def _made_meanwhile(error: BaseException) -> bool:
    """Whether two writers made a new lake at once, and this one came second."""
    return "Failed to initialize DuckLake" in str(error) and "already exists" in str(error)


def out_of_reach(lac: Lac, error: Exception) -> QpvError:
    """What DuckDB says of a lake that cannot be read or written, without any password."""
    said = " ".join(str(error).split())[:300]
    for name in (_SECRET, "PGPASSWORD"):
        if hidden := os.environ.get(name):
            said = said.replace(hidden, "…")
    return QpvError(
        f"le lac refuse ou ne répond pas ({type(error).__name__} : {said})",
        ou=f"catalogue {lac.catalogue}, données {lac.donnees}",
        faire="vérifier que le serveur du catalogue et le stockage répondent et que ce compte y a "
        "droit, puis relancer ; les publications de ce dossier de données n'ont pas bougé",
    )


def _secret() -> str:
    """The statement that gives DuckDB the credentials of the storage.

    Raises:
        QpvError: they are not in the environment.
    """
    missing = [name for name in (_CLE, _SECRET) if not os.environ.get(name)]
    if missing:
        raise QpvError(
            f"les données du lac sont sur S3 et {', '.join(missing)} manque",
            ou=DONNEES,
            faire="donner la clé dans l'environnement, comme à tout client de S3",
        )
    told = {"key_id": os.environ[_CLE], "secret": os.environ[_SECRET]}
    told["region"] = os.environ.get(_REGION, "us-east-1")
    options = [f"{name} {texte_sql(value)}" for name, value in told.items()]
    if server := os.environ.get(_SERVEUR):
        scheme, _, host = server.rstrip("/").rpartition("://")
        options += [f"endpoint {texte_sql(host)}", "url_style 'path'"]
        options.append(f"use_ssl {str(scheme != 'http').lower()}")
    return f"create secret (type s3, {', '.join(options)})"


def _load(con: duckdb.DuckDBPyConnection, extensions: list[str]) -> None:
    """Load extensions from their wheels: nothing is fetched.

    Raises:
        QpvError: a wheel is not installed.
    """
    for name in extensions:
        found = find_spec(_WHEELS[name])
        places = found.submodule_search_locations if found else None
        files = [f for place in places or () for f in Path(place).rglob(f"{name}.duckdb_extension")]
        if not files:
            raise QpvError(
                f"l'extension {name} de DuckDB n'est pas installée",
                attendu="les paquets de requirements-lake.lock",
                faire="les installer par `make .venv/.installed-lake`, ou "
                "`pip install --require-hashes -r requirements-lake.lock`",
            )
        con.execute(f"load {texte_sql(files[0])}")
