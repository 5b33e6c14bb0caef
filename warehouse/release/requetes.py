"""Ready-made queries on a release: `poser(connect(), "chiffres_absents", epci="200042190")`."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import duckdb

from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import load_dictionary
from warehouse.domain.types_territoire import types_territoire
from warehouse.release.territory_lookup import FORMES, close, find_code, suggestion

DOSSIER = Path(__file__).parent / "queries"
_COMMENTAIRE = re.compile(r"--[^\n]*")
_PARAMETRE = re.compile(r"\$([a-z_]+)")
#: Parameters that are the code of a territory of the type of that name.
_TERRITOIRES = ("epci", "departement", "qpv")
#: Parameter → the table, column and label that its values come from.
_COLONNES = {
    "commune": ("pont_qpv_commune", "code_commune", "libelle_commune"),
    "indicateur": ("dim_indicateur", "code_indicateur", "libelle"),
}


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
        nom: a file of `warehouse/release/queries`, without its ending.
        parametres: by name, as the head of the file lists them; an indicator by any of its names.

    Raises:
        QpvError: no such query, a parameter that it lacks or that it does not have, a territory
            or an indicator that the release does not know.
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
    values = {name: _as_written(con, name, value) for name, value in parametres.items()}
    text = (DOSSIER / f"{nom}.sql").read_text(encoding="utf-8")
    return con.sql(text, params=values or None)


def _as_written(con: duckdb.DuckDBPyConnection, name: str, value: str) -> str:
    """A parameter as the release writes it: an unknown one would give no row, without a word."""
    if name in _TERRITOIRES:
        prefix = types_territoire()[name].prefixe
        found = find_code(con, value if ":" in value or name == "qpv" else f"{prefix}{value}")
        if not found.startswith(prefix):
            raise QpvError(f"{found} n'est pas un territoire de la sorte {name!r}", attendu=FORMES)
        return found if name == "qpv" else found.removeprefix(prefix)
    if name in _COLONNES:
        table, column, label = _COLONNES[name]
        wanted = value.strip()
        rows = con.execute(f"select distinct {column}, {label} from {table} order by 1").fetchall()
        known = dict(rows)
        for code in (wanted, wanted.lower(), wanted.upper()):
            if code in known:
                return code
        if name == "indicateur" and (code := load_dictionary().code_de(wanted.lower())) in known:
            return code
        near = [*close(wanted, known), *close(wanted, {code: code for code in known})]
        raise QpvError(
            f"{name} inconnu dans cette publication : {value!r}",
            faire=suggestion({code: known[code] for code in dict.fromkeys(near)}, table),
        )
    return value
