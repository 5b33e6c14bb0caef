"""What every rule needs: rows with names, the label of an indicator, a finding of its rule."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import duckdb

from quality.plausibility.findings import Finding
from quality.plausibility.rules import REGLES, Severite


def rows(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[Any]:
    """The rows of a query, columns as attributes."""
    result = con.execute(query)
    names = [column for column, *_ in result.description]
    for values in result.fetchall():
        yield SimpleNamespace(**dict(zip(names, values, strict=True)))


def name(con: duckdb.DuckDBPyConnection, indicateur: str) -> str:
    """The indicator's label in the dictionary."""
    query = "select libelle from definition where indicateur = ?"
    found = con.execute(query, [indicateur]).fetchone()
    return found[0] if found else indicateur


def finding(
    con: duckdb.DuckDBPyConnection,
    regle: str,
    row: Any,
    texte: str,
    *,
    sujet: str | None = None,
    severite: Severite | None = None,
) -> Finding:
    """A finding of a rule on a row that names a figure, at the rule's severity unless said.

    Args:
        row: `territoire`, `indicateur`, `periode`, `ou`, and `grandeur` unless it is a level.
        texte: the arithmetic, after the subject.
        sujet: how the sentence begins; the territory and the indicator's label unless said.
    """
    if sujet is None:
        sujet = f"{row.territoire}, {name(con, row.indicateur)} : "
    return Finding(
        regle,
        severite or REGLES[regle].severite,
        row.territoire,
        row.indicateur,
        row.periode,
        getattr(row, "grandeur", "niveau"),
        f"{sujet}{texte}".rstrip(". ") + ".",
        list(dict.fromkeys(row.ou)),
    )
