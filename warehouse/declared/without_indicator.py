"""Mesures of which no indicator is made, each with its reason: none is declared for nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from warehouse.base.errors import QpvError
from warehouse.base.layout import SANS_INDICATEUR
from warehouse.base.strict import Strict, load_yaml


def _readable(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"expression régulière illisible : {error}") from None
    return pattern


class Laissees(Strict):
    """Mesures left without indicator: a pattern of their whole name, and why."""

    mesures: Annotated[str, AfterValidator(_readable)]
    raison: str


class SansIndicateur(Strict):
    """The whole list."""

    sans_indicateur: list[Laissees] = Field(min_length=1)


def without_indicator(
    declared: Collection[str], used: Collection[str], path: Path = SANS_INDICATEUR
) -> dict[str, list[str]]:
    """Reason → the mesures that it leaves without indicator, in order.

    Args:
        declared: every mesure of the registry.
        used: those that a formula of the dictionary names.

    Raises:
        QpvError: a mesure that has neither indicator nor reason, a line that leaves nothing.
    """
    left = {mesure for mesure in declared if mesure not in used}
    found: dict[str, list[str]] = {}
    for rank, line in enumerate(load_yaml(path, SansIndicateur).sans_indicateur):
        taken = sorted(m for m in left if re.fullmatch(line.mesures, m))
        if not taken:
            raise QpvError(
                f"aucune mesure sans indicateur n'est {line.mesures!r}",
                ou=f"{path.name}, clé sans_indicateur.{rank}.mesures",
                faire="ôter cette ligne, ou corriger l'expression",
            )
        found[line.raison] = taken
        left -= {*taken}
    if left:
        raise QpvError(
            f"mesures sans indicateur ni raison : {', '.join(sorted(left))}",
            ou=f"dbt_project/dictionary et {path.name}",
            faire="leur faire un indicateur, ou dire pourquoi elles n'en ont pas",
        )
    return found
