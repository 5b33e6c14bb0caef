"""The SQL of DuckDB, as Spark writes it: the text stays one. Runs nothing."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import SqlglotError

from warehouse.base.errors import QpvError

#: Relations are told apart by schema and name.
Relation = tuple[str, str]


def parsed(query: str) -> exp.Query:
    """A query of DuckDB as a tree; of a view, the query that it stands for."""
    try:
        tree = parse_one(query, read="duckdb")
    except SqlglotError as error:
        raise _not_portable(query, error) from error
    found = tree.expression if isinstance(tree, exp.Create) else tree
    assert isinstance(found, exp.Query)
    return found


def relations(tree: exp.Query) -> set[Relation]:
    """What a query reads; names without a schema are its own."""
    return {(t.db, t.name) for t in tree.find_all(exp.Table) if t.db}


def spark_sql(tree: exp.Query, name_of: Callable[[Relation], str]) -> str:
    """A query as Spark runs it, each relation under the name that it has there.

    Raises:
        QpvError: it says something that Spark's SQL has no word for.
    """

    def _renamed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Table) and node.db:
            if not node.alias:  # its columns may be said by its name
                node.set("alias", exp.TableAlias(this=exp.to_identifier(node.name)))
            node.set("this", exp.to_identifier(name_of((node.db, node.name))))
            node.set("db", None)
            node.set("catalog", None)
        if isinstance(node, exp.CTE):
            node.set("materialized", None)  # an order to DuckDB's planner
        if isinstance(node, exp.Anonymous) and node.name.lower() == "count_star":
            return exp.Count(this=exp.Star())  # as DuckDB keeps it in a view
        if isinstance(node, exp.Div) and not isinstance(node.expression, exp.Literal):
            # What divides by nothing is no number, and no error, in both.
            divisor = exp.Nullif(this=node.expression, expression=exp.Literal.number(0))
            node.set("expression", divisor)
        return node

    made = tree.copy().transform(_renamed)
    for node in made.walk():
        by_name = isinstance(node, exp.SetOperation) and node.args.get("by_name")
        replaced = isinstance(node, exp.Star) and node.args.get("replace")
        if by_name or replaced:
            raise _not_portable(node.sql("duckdb"), None)
    try:
        return made.sql("spark", comments=False, unsupported_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        raise _not_portable(tree.sql("duckdb"), error) from error


def _not_portable(query: str, error: Exception | None) -> QpvError:
    said = f" ({' '.join(str(error).split())[:200]})" if error else ""
    return QpvError(
        f"un modèle qui lit les unités n'est pas dit en SQL que Spark comprend{said}",
        ou=" ".join(query.split())[:300],
        attendu="le SQL de DuckDB sans `union by name`, `* replace` ni ce que Spark n'a pas",
        faire="l'écrire autrement dans dbt_project/models/intermediate/unites",
    )
