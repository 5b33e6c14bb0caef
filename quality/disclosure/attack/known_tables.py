"""What a reader of declared tables has in hand, told or not by the clear ones what to keep."""

from __future__ import annotations

from ..audit.system import System
from ..tables.declared import Relations
from ..tables.table_cells import Rules, Tables
from .protections import with_requirements
from .reach import Reach
from .table_attack import Hierarchies, TableSystem


def system_of_tables(
    tables: Tables,
    relations: Relations,
    rules: Rules,
    hierarchies: Hierarchies,
    ou: str,
    clear: Tables | None = None,
) -> tuple[System, Reach]:
    """The system that a reader of these tables has in hand, and how far it reaches.

    Args:
        ou: where the relations stand, for messages.
        clear: the same tables before their mask: what must be kept, never what a reader knows.

    Raises:
        DisclosureError: a relation that meets no cell.
    """
    if clear is not None:
        tables = with_requirements(tables, clear, rules)
    build = TableSystem(relations, rules, tables, hierarchies, ou)
    system = build.system()
    return system, build.reach(system)
