"""Ready-made queries on a release: `poser(connect(), "chiffres_absents", epci="200042190")`."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import duckdb

from warehouse.dictionary import load_dictionary
from warehouse.errors import QpvError

DOSSIER = Path(__file__).parent / "queries"
_COMMENTAIRE = re.compile(r"--[^\n]*")
_PARAMETRE = re.compile(r"\$([a-z_]+)")


@lru_cache(maxsize=1)
def requetes() -> dict[str, frozenset[str]]:
    """Name of each query → its parameters. The head of its file says what it answers."""
    return {
        path.stem: frozenset(_PARAMETRE.findall(_COMMENTAIRE.sub("", path.read_text("utf-8"))))
        for path in sorted(DOSSIER.glob("*.sql"))
    }


def poser(con: duckdb.DuckDBPyConnection, nom: str, **parametres: str) -> duckdb.DuckDBPyRelation:
    """The answer to a ready-made query, as a relation: `.show()`, `.df()`, `.to_csv(…)`.

    Args:
        con: a release's tables, as `connect` opens them.
        nom: a file of `warehouse/queries`, without its ending.
        parametres: by name, as the head of the file lists them; an indicator by any of its names.

    Raises:
        QpvError: no such query, a parameter that it lacks or that it does not have.
    """
    known = requetes()
    if nom not in known:
        raise QpvError(f"pas de requête {nom!r}", attendu=f"une de : {', '.join(known)}")
    wanted, given = known[nom], set(parametres)
    if wanted != given:
        faults = [f"il manque {name}" for name in sorted(wanted - given)]
        faults += [f"{name} n'en est pas un" for name in sorted(given - wanted)]
        raise QpvError(
            f"paramètres de la requête {nom} : {', '.join(faults)}",
            attendu=", ".join(sorted(wanted)) or "aucun paramètre",
        )
    if "indicateur" in parametres:
        parametres["indicateur"] = load_dictionary().code_de(parametres["indicateur"])
    text = (DOSSIER / f"{nom}.sql").read_text(encoding="utf-8")
    return con.sql(text, params=parametres or None)
