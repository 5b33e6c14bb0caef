"""What dbt refused, in words: the test, and which public figures it stopped on. No rule here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb

from orchestration.defs.refused_steps import MACHINE, machine_refusal
from quality.secrecy.edition.mask_counts import confidential_indicators
from warehouse.base.errors import QpvError
from warehouse.release.build_database import is_built, open_build, workshop_away, workshop_of

#: What dbt writes of a run that it could end.
RESULTS = "run_results.json"
#: Columns that say where a row stands; no other one of a failing row is ever told.
_PLACES = {
    "code_territoire": "territoire",
    "code_qpv": "QPV",
    "code_indicateur": "indicateur",
    "mesure": "mesure",
    "periode": "période",
    "source_id": "source",
    "millesime": "millésime",
}
#: Beyond so many rows of a test, a paragraph is not read.
_NOMMES = 5
#: What DuckDB says of a column that a contract wants filled; it tells no row.
_BLANK = re.compile(r"NOT NULL constraint failed: \w+\.(\w+)")
#: A paragraph of ours, at the end of what Python says of a model counted on a cluster.
_OURS = re.compile(r"^\s*(?:\w+\.)*QpvError: (.+)$", re.MULTILINE)
#: dbt's own test of missing values selects the empty column alone.
_NOT_NULL = re.compile(r"\s*select (\w+)\s+(from \S+\s+where \1 is null)\s*", re.IGNORECASE)


def dbt_refusal(target: Path, warehouse: Path) -> QpvError:
    """What dbt refused, by model and test, and where; never a value, nor a place under secrecy.

    Args:
        target: dbt's folder of the build, with its `run_results.json`.
        warehouse: the build database, in which the failing rows are asked for again.
    """
    results = target / RESULTS
    if workshop_of(warehouse) and (away := _away(results, warehouse)):
        return away
    if not results.is_file():
        return QpvError(
            "dbt s'est arrêté avant de rendre compte",
            ou=str(target),
            faire="vérifier la mémoire, l'espace disque et qu'aucun programme ne l'a arrêté, puis "
            "relancer ; la publication précédente reste en place",
        )
    failed = []
    for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
        if result["status"] in ("fail", "error"):
            told = result.get("message") or ""
            if own := _OURS.search(told):
                return QpvError(own[1])  # what a cluster refuses is said whole already
            if result["status"] == "error" and (words := MACHINE.findall(told)):
                name = result["unique_id"].split(".")[2]
                return machine_refusal(f"« {' : '.join(dict.fromkeys(words))} », pendant {name}")
            failed.append(_said(result, warehouse))
    return QpvError(
        f"dbt refuse : {', '.join(failed) or 'voir le journal'}",
        ou=f"entrepôt de construction ; détail dans {results}",
        faire="lire le test nommé dans dbt_project, corriger la source ou le modèle, relancer",
    )


def _away(results: Path, warehouse: Path) -> QpvError | None:
    """A server of the workshop that stopped dbt; None where dbt itself refuses."""
    if not results.is_file():
        try:
            open_build(warehouse).close()
        except QpvError as error:
            return error
        return QpvError(
            "l'atelier s'est arrêté avant que dbt ne rende compte : le catalogue PostgreSQL ou le "
            "stockage S3 a sans doute été coupé, et répond de nouveau",
            ou=str(results.parent),
            faire="relancer `qpv build`, qui reprend un atelier neuf ; si cela revient, vérifier "
            "la mémoire et l'espace disque ; les publications n'ont pas bougé",
        )
    for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
        if result["status"] == "error" and (away := workshop_away(result["message"] or "")):
            return away
    return None


def _said(result: dict, warehouse: Path) -> str:
    name, count = result["unique_id"].split(".")[2], result.get("failures")
    query = result.get("compiled_code") or ""
    if blank := _BLANK.search(result.get("message") or ""):
        said = f"colonne {blank[1]} vide"
        query = f"select * from ({query}) where {blank[1]} is null" if query else ""
    elif count:
        said = f"{count} ligne{'s' if count > 1 else ''}"
    else:
        return name
    places = _places(query, warehouse)
    return f"{name} ({said}{' : ' if places else ''}{' ; '.join(places)})"


def _places(query: str, warehouse: Path) -> list[str]:
    """Where the rows of a test stand, of those that no confidential figure is behind."""
    if not (query.strip() and is_built(warehouse)):
        return []
    if found := _NOT_NULL.fullmatch(query):
        query = f"select * {found[2]}"
    try:
        with open_build(warehouse) as con:
            rows = con.sql(query)
            named = [c for c in _PLACES if c in rows.columns]
            if not {"code_territoire", "code_qpv"} & set(named):
                return []
            hidden = confidential_indicators(con) | _confidential_mesures(con)
            kept = [
                row
                for row in rows.project(", ".join(named)).distinct().order("all").fetchall()
                if not hidden & set(row)
            ]
    except (duckdb.Error, QpvError):
        return []  # its words may hold a row; the test's name is told in any case
    said = [
        ", ".join(f"{_PLACES[c]} {v}" for c, v in zip(named, row, strict=True) if v is not None)
        for row in kept[:_NOMMES]
    ]
    return said + ([f"et {len(kept) - _NOMMES} de plus"] if len(kept) > _NOMMES else [])


def _confidential_mesures(con: duckdb.DuckDBPyConnection) -> set[str]:
    found = con.sql("select distinct mesure from edition.secrets where acces <> 'publique'")
    return {mesure for (mesure,) in found.fetchall()}
