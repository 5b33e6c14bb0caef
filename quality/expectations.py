"""Great Expectations suites at the two doors: landed files, and tables about to be published."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

STATUTS = (
    "diffuse",
    "secret_producteur",
    "secret_primaire",
    "secret_secondaire",
    "non_diffuse",
    "non_disponible",
    "hors_champ",
    "sans_objet",
)
#: What an evolution may also be; a level never is.
STATUTS_EVOLUTION = (*STATUTS, "non_comparable")
#: Verdicts under which an evolution may bear a figure.
VERDICTS_MONTRES = ("comparable", "comparable_avec_reserve")
#: Bounds that a type of mesure or indicator never leaves; None is unbounded.
BOUNDS: dict[str, tuple[float | None, float | None]] = {
    "effectif": (0, None),
    "effectif_estime": (0, None),
    "montant": (0, None),
    "ratio": (0, None),
    "superficie": (0, None),
    "part": (0, 100),
    "part_signee": (-1000, 1000),
    "ecart": (-100, 100),
}
#: Columns that the two suites judge.
_VALUE = ("code_territoire", "perimetre", "periode", "valeur", "statut")
_LANDED = (*_VALUE, "type", "sha256", "mesure", "millesime")
PUBLISHED = (*_VALUE, "code_indicateur", "source_id")
CODE_TERRITOIRE = (
    r"^(Q[PN]\d{2}[0-9AB]\d{2,3}[A-Z]?|QPV@EPCI:\d{9}|QPV@DEP:\w{2,3}|QPV@FRMETRO"
    r"|LOC:[0-9A-Z][0-9A-Z_-]*|COM:\d[0-9AB]\d{3}|EPCI:\d{9}|DEP:\w{2,3}|FRMETRO)$"
)


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


def check_landing(frame: pd.DataFrame, types: Mapping[str, str]) -> DoorResult:
    """The landing door, for one source's cells.

    Args:
        frame: landed cells (columns of `ingest.landing.MESURES_SCHEMA`).
        types: canonical mesure → registry type.
    """
    gx = import_gx()
    expect = gx.expectations
    suite = [
        expect.ExpectColumnValuesToNotBeNull(column="sha256"),
        expect.ExpectColumnValuesToBeInSet(column="mesure", value_set=sorted(types)),
        expect.ExpectCompoundColumnsToBeUnique(
            column_list=["code_territoire", "perimetre", "mesure", "periode", "millesime"]
        ),
        *_value_expectations(expect, sorted(set(types.values()))),
    ]
    return _validate(_light(frame.rename(columns={"type_mesure": "type"}), _LANDED), suite)


def check_release(frame: pd.DataFrame, types: Mapping[str, str]) -> DoorResult:
    """The publication door, for the rows of fct_indicateur.

    Args:
        frame: fct_indicateur, at least the columns `PUBLISHED`.
        types: indicator code → dictionary type, of the indicators that may be published.
    """
    gx = import_gx()
    expect = gx.expectations
    suite = [
        expect.ExpectTableRowCountToBeBetween(min_value=1),
        expect.ExpectColumnValuesToBeInSet(column="code_indicateur", value_set=sorted(types)),
        expect.ExpectCompoundColumnsToBeUnique(
            column_list=["code_territoire", "perimetre", "code_indicateur", "periode"]
        ),
        expect.ExpectColumnValuesToNotBeNull(column="periode", **_where("statut", "diffuse")),
        expect.ExpectColumnValuesToNotBeNull(column="source_id", **_where("statut", "diffuse")),
        *_value_expectations(expect, sorted(set(types.values()))),
    ]
    typed = frame.assign(type=frame["code_indicateur"].map(types))
    return _validate(_light(typed, (*PUBLISHED, "type")), suite)


def check_evolutions(frame: pd.DataFrame) -> DoorResult:
    """The publication door, for the rows of fct_evolution: no figure without a verdict.

    Args:
        frame: fct_evolution's `statut` and `comparabilite`, and `montre`: it bears a figure.
    """
    expect = import_gx().expectations
    suite = [
        expect.ExpectColumnValuesToBeInSet(column="statut", value_set=list(STATUTS_EVOLUTION)),
        expect.ExpectColumnValuesToBeInSet(
            column="comparabilite", value_set=list(VERDICTS_MONTRES), **_where("statut", "diffuse")
        ),
        expect.ExpectColumnValuesToNotBeNull(column="comparabilite", **_where("statut", "diffuse")),
        expect.ExpectColumnValuesToBeInSet(
            column="montre",
            value_set=[False],
            row_condition='statut!="diffuse"',
            condition_parser="pandas",
        ),
    ]
    return _validate(frame, suite)


def _value_expectations(expect: Any, types: list[str]) -> list[Any]:
    """What holds of any value that travels with a statut: masks kept, bounds respected."""
    found = [
        expect.ExpectColumnValuesToNotBeNull(column="code_territoire"),
        expect.ExpectColumnValuesToMatchRegex(column="code_territoire", regex=CODE_TERRITOIRE),
        expect.ExpectColumnValuesToBeInSet(column="statut", value_set=list(STATUTS)),
        expect.ExpectColumnValuesToNotBeNull(column="valeur", **_where("statut", "diffuse")),
        expect.ExpectColumnValuesToBeNull(
            column="valeur", row_condition='statut!="diffuse"', condition_parser="pandas"
        ),
    ]
    for kind in types:
        low, high = BOUNDS.get(kind, (None, None))
        if low is not None or high is not None:
            found.append(
                expect.ExpectColumnValuesToBeBetween(
                    column="valeur", min_value=low, max_value=high, **_where("type", kind)
                )
            )
    return found


def _where(column: str, value: str) -> dict[str, str]:
    return {"row_condition": f'{column}=="{value}"', "condition_parser": "pandas"}


@lru_cache(maxsize=1)
def import_gx() -> Any:
    """Great Expectations, imported on first use: the import costs about 9 s."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
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


def _light(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Only the judged columns, each text held once: every condition copies the whole frame."""
    return frame[list(columns)].astype({c: "category" for c in columns if c != "valeur"})


def _validate(frame: pd.DataFrame, expectations: list[Any]) -> DoorResult:
    gx = import_gx()
    _, definition = _batch_definition()
    batch = definition.get_batch(batch_parameters={"dataframe": frame})
    result = batch.validate(
        gx.ExpectationSuite(name="porte", expectations=expectations), result_format="SUMMARY"
    )
    failures = [_words(r) for r in result.results if not r.success]
    return DoorResult(attentes=len(result.results), echecs=failures)


def _words(result: Any) -> str:
    """One failed expectation, without the values that made it fail: they may be confidential."""
    config = result.expectation_config
    kwargs = {
        k: v
        for k, v in config.kwargs.items()
        if k not in ("batch_id", "value_set", "condition_parser") and v is not None
    }
    count = (result.result or {}).get("unexpected_count")
    said = ", ".join(f"{k}={v}" for k, v in kwargs.items())
    trouble = (result.exception_info or {}).get("exception_message") if count is None else None
    return f"{config.type} ({said}) : {f'{count} lignes' if count is not None else trouble}"
