"""What a cell of a file of units may hold, as SQL: is it blank, can it be read, its value.

Expressions are over the file under the alias `u`. Knows no source and no millésime.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.attributs import Attribut
from ingest.nomenclatures import Nomenclatures

_DATES = ("DATE", "TIMESTAMP")
_SIGNES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_ENTIERS = (*_SIGNES, *(f"U{kind}" for kind in _SIGNES))
_FLOTTANTS = ("FLOAT", "DOUBLE")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]+(Z|[+-][0-9:]+)?)?"
_ENTIER = "-?[0-9]{1,9}"
_DECIMAL = r"-?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]{1,2})?"
_TYPES = {"date": "date", "entier": "integer", "decimal": "double"}


@dataclass(frozen=True)
class UnitColumn:
    """A declared column as a file has it: its header and DuckDB's type of it."""

    attribut: Attribut
    header: str
    type_sql: str


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def named(header: str) -> str:
    """A header as SQL writes the column of a file."""
    return 'u."' + header.replace('"', '""') + '"'


def cell(header: str, type_sql: str) -> str:
    """The text of a cell, null where it is blank: nothing, or no number in a float."""
    name = named(header)
    if type_sql == "VARCHAR":
        return f"nullif({name}, '')"
    if type_sql in _FLOTTANTS:
        return f"if(isnan({name}), null, {name}::varchar)"
    return f"{name}::varchar"


def filled(column: UnitColumn) -> str:
    """Whether a cell is not blank, without writing it as text; null where it is."""
    name = named(column.header)
    if column.type_sql == "VARCHAR":
        return f"{name} <> ''"
    return f"not isnan({name})" if column.type_sql in _FLOTTANTS else f"{name} is not null"


def _among(text: str, codes: list[str]) -> str:
    """Whether a text is one of a few; a function, unlike `in`, looks at each distinct one once."""
    return f"list_contains([{listed(codes)}], {text})"


def listed(texts: Iterable[str]) -> str:
    """Texts as the inside of an SQL list."""
    return ", ".join(quoted(text) for text in sorted(texts))


def joins(
    columns: list[UnitColumn], lists: Mapping[str, frozenset[str]], known: Nomenclatures
) -> str:
    """The small tables that `holds` looks codes up in, joined to the file."""
    texts = {c.attribut.nom: cell(c.header, c.type_sql) for c in columns}
    found = []
    for nom, text in texts.items():
        attribut = next(c.attribut for c in columns if c.attribut.nom == nom)
        if attribut.qpv and attribut.qpv in lists:
            codes = listed(lists[attribut.qpv])
            found.append(
                f"left join (select unnest([{codes}]) as code) as q_{nom} on q_{nom}.code = {text}"
            )
        if attribut.nomenclature in texts:
            rows = [
                (name, f"{division:02d}")
                for name, one in known.nomenclatures.items()
                for first, last in one.sections.values()
                for division in range(first, last + 1)
            ]
            names, divisions = (", ".join(map(quoted, side)) for side in zip(*rows, strict=True))
            found.append(
                f"left join (select unnest([{names}]) as nomenclature, "
                f"unnest([{divisions}]) as division) as n_{nom} "
                f"on n_{nom}.nomenclature = {texts[attribut.nomenclature]} "
                f"and n_{nom}.division = substr({text}, 1, 2)"
            )
    return " ".join(found)


def holds(
    column: UnitColumn,
    columns: list[UnitColumn],
    lists: Mapping[str, frozenset[str]],
    known: Nomenclatures,
) -> str:
    """Whether a cell that is not blank holds what its attribute declares."""
    a, text = column.attribut, cell(column.header, column.type_sql)
    if a.type:
        return _is_of_type(column, text)
    if a.forme:
        return f"regexp_full_match({text}, {quoted(a.forme)})"
    if a.drapeau:
        return _among(f"upper({text})", a.drapeau.oui + a.drapeau.non)
    if a.qpv:
        also = _among(text, a.codes) if a.codes else "false"
        # No list of that perimeter in this edition: no quarter of it will have a figure either.
        return f"({also} or q_{a.nom}.code is not null)" if a.qpv in lists else "true"
    if a.nomenclature:
        other = next((c for c in columns if c.attribut.nom == a.nomenclature), None)
        if other is None:
            return "false"
        nomenclature = cell(other.header, other.type_sql)
        known_one = _among(nomenclature, list(known.nomenclatures))
        return f"(not {known_one} or n_{a.nom}.division is not null)"
    return _among(text, a.codes)


def _is_of_type(column: UnitColumn, text: str) -> str:
    a, kind = column.attribut, column.type_sql
    if a.type == "date":
        if kind.startswith(_DATES):
            return "true"
        return (
            f"(regexp_full_match({text}, '{_DATE}') "
            f"and try_cast(substr({text}, 1, 10) as date) is not null)"
        )
    native = kind in _ENTIERS or (a.type == "decimal" and kind.startswith((*_FLOTTANTS, "DECIMAL")))
    form = _ENTIER if a.type == "entier" else _DECIMAL
    written = "true" if native else f"regexp_full_match({text}, '{form}')"
    if a.bornes is None:
        return written
    low, high = a.bornes
    number = named(column.header) if native else f"try_cast(replace({text}, ',', '.') as double)"
    return f"({written} and {number} between {low} and {high})"


def value(attribut: Attribut, column: UnitColumn | None) -> str:
    """The value of a cell in the view of its source; null where it is blank, or was tolerated."""
    kind = _TYPES.get(attribut.type or "", "boolean" if attribut.drapeau else "varchar")
    if column is None:
        return f"null::{kind}"
    text = cell(column.header, column.type_sql)
    if attribut.drapeau:
        return _among(f"upper({text})", attribut.drapeau.oui)
    if kind == "varchar":
        return text
    if kind == "date":
        if column.type_sql.startswith(_DATES):
            return f"{named(column.header)}::date"
        read = f"substr({text}, 1, 10)::date"
    elif column.type_sql in (*_ENTIERS, *_FLOTTANTS):
        read = f"if(isnan({named(column.header)}::double), null, {named(column.header)})::{kind}"
    else:
        read = f"replace({text}, ',', '.')::{kind}"
    if attribut.tolerance or attribut.bornes:
        return f"case when {_is_of_type(column, text)} then {read} end"
    return read
