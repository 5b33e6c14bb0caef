"""Great Expectations suites at the two doors: landed files, and tables about to be published."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from quality.profiles import Profil, profil
from warehouse.base.memory import kept
from warehouse.declared.bornes import Bornes, in_words
from warehouse.domain.statuts import statuts_of_evolutions, statuts_of_levels
from warehouse.domain.types_territoire import code_pattern

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

#: Verdicts under which an evolution may bear a figure.
VERDICTS_MONTRES = ("comparable", "comparable_avec_reserve")


@dataclass(frozen=True)
class DoorResult:
    """What a suite found: number of expectations, and each failure in words."""

    attentes: int
    echecs: list[str]

    @property
    def passe(self) -> bool:
        return not self.echecs

    def __add__(self, other: DoorResult) -> DoorResult:
        return DoorResult(self.attentes + other.attentes, [*self.echecs, *other.echecs])


def check_landing(
    con: duckdb.DuckDBPyConnection, table: str, limites: Mapping[str, Bornes]
) -> DoorResult:
    """The landing door, for one source's cells.

    Args:
        con: where the table can be read.
        table: landed cells (columns of `ingest.landing.MESURES_SCHEMA`).
        limites: canonical mesure → between which values it lies.
    """
    key = ("code_territoire", "perimetre", "mesure", "periode", "millesime")
    expect = import_gx().expectations
    traced = [expect.ExpectColumnValuesToBeInSet(column="sans_sha256", value_set=[0])]
    return _judge(profil(con, table, "mesure", key, limites), limites, traced)


def check_release(
    con: duckdb.DuckDBPyConnection, table: str, limites: Mapping[str, Bornes]
) -> DoorResult:
    """The publication door, for the rows of fct_indicateur.

    Args:
        con: where the table can be read.
        table: fct_indicateur.
        limites: indicator code → between which values it lies, of those that may be published.
    """
    key = ("code_territoire", "perimetre", "code_indicateur", "periode")
    expect = import_gx().expectations
    traced = [
        expect.ExpectColumnValuesToBeInSet(column=f"sans_{column}", value_set=[0], **_DIFFUSE)
        for column in ("periode", "source_id")
    ]
    seen = profil(con, table, "code_indicateur", key, limites)
    rows = [expect.ExpectColumnValuesToBeBetween(column="lignes", min_value=1)]
    return _validate(seen.cles, rows) + _judge(seen, limites, traced)


def check_evolutions(frame: pd.DataFrame) -> DoorResult:
    """The publication door, for the rows of fct_evolution: no figure without a verdict.

    Args:
        frame: per `code_indicateur`, `statut`, `comparabilite` and `montre` (it bears a figure).
    """
    expect = import_gx().expectations
    suite = [
        expect.ExpectColumnValuesToBeInSet(
            column="statut", value_set=list(statuts_of_evolutions())
        ),
        expect.ExpectColumnValuesToBeInSet(
            column="comparabilite", value_set=list(VERDICTS_MONTRES), **_DIFFUSE
        ),
        expect.ExpectColumnValuesToNotBeNull(column="comparabilite", **_DIFFUSE),
        expect.ExpectColumnValuesToBeInSet(column="montre", value_set=[False], **_TU),
    ]
    return _validate(frame.rename(columns={"code_indicateur": "code"}), suite, _GROUPE)


def _judge(seen: Profil, limites: Mapping[str, Bornes], traced: list[Any]) -> DoorResult:
    """What holds of any table of figures: known codes, masks kept, bounds respected."""
    expect = import_gx().expectations
    groupes = [
        expect.ExpectColumnValuesToBeInSet(column="code", value_set=sorted(limites)),
        expect.ExpectColumnValuesToBeInSet(column="statut", value_set=list(statuts_of_levels())),
        expect.ExpectColumnValuesToBeInSet(column="sans_valeur", value_set=[0], **_DIFFUSE),
        expect.ExpectColumnValuesToBeInSet(column="avec_valeur", value_set=[0], **_TU),
        *traced,
    ]
    present = set(seen.groupes["bornes"])  # an expectation on no row costs as much
    for bornes in sorted({b for b in limites.values() if in_words(b) in present}, key=in_words):
        low, high = bornes
        for column, name, bound in (("minimum", "min_value", low), ("maximum", "max_value", high)):
            if bound is not None:
                groupes.append(
                    expect.ExpectColumnValuesToBeBetween(
                        column=column, **{name: bound}, **_where(f'bornes=="{in_words(bornes)}"')
                    )
                )
    codes = [
        expect.ExpectColumnValuesToNotBeNull(column="code_territoire"),
        expect.ExpectColumnValuesToMatchRegex(column="code_territoire", regex=code_pattern()),
    ]
    keys = [expect.ExpectColumnPairValuesToBeEqual(column_A="lignes", column_B="cles")]
    return (
        _validate(seen.groupes, groupes, _GROUPE)
        + _validate(seen.territoires, codes)
        + _validate(seen.cles, keys)
    )


def _where(condition: str) -> dict[str, str]:
    return {"row_condition": condition, "condition_parser": "pandas"}


#: Rows that bear a figure, and rows that must not.
_DIFFUSE = _where('statut=="diffuse"')
_TU = _where('statut!="diffuse"')
#: Columns that name a group in a failure; never those of its values.
_GROUPE = ("code", "statut")
#: Beyond so many groups, a failure is not read.
_NOMMES = 5


@lru_cache(maxsize=1)
def import_gx() -> Any:
    """Great Expectations, imported on first use: the import costs about 9 s."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with kept():
        import great_expectations

    return great_expectations


@lru_cache(maxsize=1)
def _batch_definition() -> tuple[Any, Any]:
    import logging

    gx = import_gx()
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("portes").add_dataframe_asset("cellules")
    return context, asset.add_batch_definition_whole_dataframe("tout")


def _validate(
    frame: pd.DataFrame, expectations: list[Any], named: tuple[str, ...] = ()
) -> DoorResult:
    _, definition = _batch_definition()
    batch = definition.get_batch(batch_parameters={"dataframe": frame})
    suite = import_gx().ExpectationSuite
    # Whether each holds, first: what a failure names costs as much again, and few fail.
    held = batch.validate(
        suite(name="porte", expectations=expectations), result_format="BOOLEAN_ONLY"
    ).results
    broken = [r.expectation_config.to_domain_obj() for r in held if not r.success]
    failures: list[str] = []
    if broken:
        wanted: dict[str, Any] = {"result_format": "SUMMARY"}
        if named:
            wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": list(named)}
        told = batch.validate(suite(name="porte", expectations=broken), result_format=wanted)
        failures = [_words(r, named) for r in told.results]
    return DoorResult(attentes=len(expectations), echecs=failures)


def _words(result: Any, named: tuple[str, ...]) -> str:
    """One failed expectation, without the values that made it fail: they may be confidential."""
    config = result.expectation_config
    kwargs = {
        k: v
        for k, v in config.kwargs.items()
        if k not in ("batch_id", "value_set", "condition_parser") and v is not None
    }
    found = result.result or {}
    count = found.get("unexpected_count")
    said = ", ".join(f"{k}={v}" for k, v in kwargs.items())
    if count is None:
        trouble = (result.exception_info or {}).get("exception_message")
        return f"{config.type} ({said}) : {trouble}"
    groups = [
        " ".join(str(where[name]) for name in named)
        for where in found.get("unexpected_index_list") or ()
    ]
    more = f", et {len(groups) - _NOMMES} de plus" if len(groups) > _NOMMES else ""
    where = f" : {', '.join(groups[:_NOMMES])}{more}" if groups else ""
    return f"{config.type} ({said}), {count} en faute{where}"
