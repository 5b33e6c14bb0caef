"""Codes of an earlier list of QPV that producers still write: known to landing, told to dbt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from warehouse.base.strict import Strict

if TYPE_CHECKING:
    from ingest.registry import Registry


class AnciensCodes(Strict):
    """The codes that a list no longer holds, those that stand in their place, and where it is."""

    territoire: str
    codes: list[str] = Field(min_length=1)
    remplaces_par: list[str] = Field(min_length=1)


def former_codes(
    registry: Registry, lists: list[tuple[str, str]], perimetre: str
) -> frozenset[str]:
    """Every former code of a perimeter that these lists (source, millésime) declare."""
    return frozenset(
        code
        for source_id, millesime in lists
        if registry[source_id].perimetre_of(millesime) == perimetre
        for former in registry[source_id].millesimes[millesime].anciens_codes
        for code in former.codes
    )


def former_rows(registry: Registry, lists: list[tuple[str, str]]) -> Iterator[dict]:
    """One row per code, former or standing in its place (`nature`), by group of such codes.

    `motif`: why a figure of the code is missing where a source follows the other list.
    """
    groups = [
        (registry[source_id].perimetre_of(millesime), former)
        for source_id, millesime in lists
        for former in registry[source_id].millesimes[millesime].anciens_codes
    ]
    for groupe, (perimetre, former) in enumerate(groups):
        common = {"perimetre": perimetre, "groupe": groupe, "territoire": former.territoire}
        count, first = len(former.codes), former.codes[0]
        kept = f"le producteur suit encore la liste précédente ({former.territoire}) : ses "
        kept += f"chiffres y sont donnés sous {count} anciens codes ({first}…)"
        left = f"ancien code ({former.territoire}) : cette source suit la liste en vigueur"
        for nature, codes, motif in (
            ("ancien", former.codes, left),
            ("remplacant", former.remplaces_par, kept),
        ):
            for code in codes:
                yield common | {"code_qpv": code, "nature": nature, "motif": motif}
