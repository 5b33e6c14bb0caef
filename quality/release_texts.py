"""The publication door, for words: no text about to leave is one that a converter damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.expectations import DoorResult
from warehouse.base.characters import fault
from warehouse.domain.format import propre

if TYPE_CHECKING:
    import duckdb

#: Beyond so many damaged texts of a column, a paragraph is not read.
_NOMMES = 5


def check_texts(con: duckdb.DuckDBPyConnection) -> DoorResult:
    """Every text of every table: no control character, no lost one, none encoded twice.

    Args:
        con: the draft's database, whose tables all leave.
    """
    columns = con.sql(
        "select table_name, column_name from duckdb_columns()"
        " where data_type = 'VARCHAR' and not internal order by all"
    ).fetchall()
    failures = []
    for table, column in columns:
        texts = con.sql(f'select distinct "{column}" from "{table}" where "{column}" is not null')
        damaged = [
            f"« {propre(t)[:60]} », {said}" for (t,) in texts.fetchall() if (said := fault(t))
        ]
        if damaged:
            more = f", et {len(damaged) - _NOMMES} de plus" if len(damaged) > _NOMMES else ""
            failures.append(f"{table}.{column} : {' ; '.join(damaged[:_NOMMES])}{more}")
    return DoorResult(len(columns), failures)
