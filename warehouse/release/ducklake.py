"""DuckLake: its extensions, the key of its storage, a catalogue attached. Knows no table."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

from warehouse.base.errors import QpvError
from warehouse.release.connect import texte_sql

#: As every client of S3 names them.
_CLE, _SECRET, _REGION = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"
_SERVEUR = "AWS_ENDPOINT_URL"
_PASSWORD = re.compile(r"\bpass(word|file)?\s*=|://[^/]*:[^/]*@", re.IGNORECASE)
_POSTGRES = "postgres:"
_WHEELS = {
    "ducklake": "duckdb_extension_ducklake",
    "postgres_scanner": "duckdb_extension_postgres_scanner",
    "httpfs": "duckdb_extension_httpfs",
}
#: A build waits for a storage that is away: 0.1 s, then four times longer, two minutes in all.
_PATIENCE = "set global http_retries = 6"
#: Small tables would be rows of the catalogue: in clear in a workshop, in no file of a release.
_IN_FILES = "set global ducklake_default_data_inlining_row_limit = 0"
#: What DuckLake says of a catalogue in which nobody has written yet.
_EMPTY = "creating a new DuckLake is explicitly disabled"


class EmptyLake(QpvError):
    """Nothing was ever sent to this lake."""


@dataclass(frozen=True)
class Lac:
    """A lake: its catalogue, and where its data are. Holds no password.

    `schema`: in which schema of the server's database its catalogue is, the server's own if empty;
    `chiffre`: whether its files are encrypted, with keys that are in the catalogue alone.
    """

    catalogue: str
    donnees: str
    schema: str = ""
    chiffre: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether its catalogue is a server's, and not a file of this machine."""
        return self.catalogue.startswith(_POSTGRES)

    @property
    def is_remote(self) -> bool:
        """Whether its data are on object storage."""
        return self.donnees.startswith("s3://")

    @property
    def of_postgres(self) -> str:
        """The server's database, as PostgreSQL's clients take it."""
        return self.catalogue.removeprefix(_POSTGRES)

    @property
    def options(self) -> dict[str, str | bool]:
        """What its catalogue is attached with."""
        told: dict[str, str | bool] = {"data_path": self.donnees}
        if self.schema:
            told["metadata_schema"] = self.schema
        if self.chiffre:
            told["encrypted"] = True
        return told


def said_in_environment(what: str, catalogue: str, donnees: str) -> Lac | None:
    """The lake that two variables of the environment say; None where neither is there.

    Args:
        what: how people call it, with its article; catalogue, donnees: the names of the variables.

    Raises:
        QpvError: one without the other, or a password where everyone may read it.
    """
    place, data = (os.environ.get(name, "").strip() for name in (catalogue, donnees))
    if not place and not data:
        return None
    if not (place and data):
        missing = donnees if place else catalogue
        raise QpvError(
            f"{what} n'est dit qu'à moitié : {missing} manque",
            attendu=f"{catalogue} (postgres:host=… dbname=…, ou un fichier) et {donnees} (un "
            "dossier, ou s3://seau/préfixe/)",
            faire=f"donner {missing}, ou aucun des deux pour s'en passer",
        )
    if says_password(place):
        raise QpvError(
            f"le catalogue est dit avec un mot de passe ({what})",
            ou=catalogue,
            attendu="host, port, user, dbname et sslmode seulement",
            faire="le mettre dans PGPASSWORD ou ~/.pgpass, que PostgreSQL lit lui-même",
        )
    return Lac(place, data.rstrip("/") + "/")


def says_password(place: str) -> bool:
    """Whether what names a database also says its password: `ps` and logs would show it."""
    return bool(_PASSWORD.search(place))


def prepare(con: duckdb.DuckDBPyConnection, lac: Lac) -> None:
    """Extensions and the key of the storage, in a connection.

    Raises:
        QpvError: the extensions are not installed, or the key is not said.
    """
    _load(con, ["ducklake", *(["postgres_scanner"] if lac.is_shared else [])])
    con.execute(_IN_FILES)
    if lac.is_remote:
        _load(con, ["httpfs"])
        con.execute(_secret())
        if lac.chiffre:
            con.execute(_PATIENCE)


def attach_lake(con: duckdb.DuckDBPyConnection, lac: Lac, name: str, *, read_only: bool) -> None:
    """Attach a lake to a connection under a name.

    Raises:
        EmptyLake: it is read, and nobody has written in it yet.
        QpvError: as `prepare`, or the catalogue or the data are out of reach.
    """
    prepare(con, lac)
    if not lac.is_shared:
        Path(lac.catalogue).parent.mkdir(parents=True, exist_ok=True)
    told = lac.options | ({"read_only": True} if read_only else {})
    options = ", ".join(
        key if value is True else f"{key} {texte_sql(value)}" for key, value in told.items()
    )
    try:
        for attempt in Retrying(
            retry=retry_if_exception(_made_meanwhile),
            stop=stop_after_attempt(3),
            wait=wait_random(0.5, 2),
            reraise=True,
        ):
            with attempt:
                place = texte_sql("ducklake:" + lac.catalogue)
                con.execute(f"attach {place} as {name} ({options})")
    except duckdb.Error as error:
        if _EMPTY in str(error):
            raise EmptyLake(
                "le lac est vide : rien n'y a encore été envoyé",
                ou=lac.catalogue,
                faire="y envoyer une publication par `qpv lac envoyer`",
            ) from error
        raise out_of_reach(lac, error) from error


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
            attendu="la clé du stockage, comme la prend tout client de S3",
            faire="la donner dans l'environnement",
        )
    told = {"key_id": os.environ[_CLE], "secret": os.environ[_SECRET]}
    told["region"] = os.environ.get(_REGION, "us-east-1")
    options = [f"{name} {texte_sql(value)}" for name, value in told.items()]
    if server := os.environ.get(_SERVEUR):
        scheme, _, host = server.rstrip("/").rpartition("://")
        options += [f"endpoint {texte_sql(host)}", "url_style 'path'"]
        options.append(f"use_ssl {str(scheme != 'http').lower()}")
    return f"create or replace secret (type s3, {', '.join(options)})"


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
