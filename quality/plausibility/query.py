"""What every rule needs: rows with names, the label of an indicator, a finding of its rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    regle: str,
    *,
    territoire: str,
    indicateur: str,
    periode: str,
    grandeur: str,
    phrase: str,
    ou: Sequence[str],
    severite: Severite | None = None,
) -> Finding:
    """A finding of a rule, at the rule's severity unless said otherwise."""
    return Finding(
        regle,
        severite or REGLES[regle].severite,
        territoire,
        indicateur,
        periode,
        grandeur,
        phrase.rstrip(". ") + ".",
        list(dict.fromkeys(ou)),
    )
