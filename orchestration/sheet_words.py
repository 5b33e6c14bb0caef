"""What sheets are told that no table of a release holds: open findings, what is due when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from warehouse.publication.attendus import Attendu
from warehouse.publication.profils.faits import Cle


def ouverts(findings: Mapping[str, list[dict]]) -> frozenset[Cle]:
    """Indicator and territory of the figures that a finding leaves doubtful."""
    return frozenset(
        (f["indicateur"], f["territoire"])
        for f in findings["ouverts"]
        if f["severite"] != "information"
    )


def attendus(kept: Mapping[str, list[str]]) -> dict[str, Attendu]:
    """Indicator → when its producer publishes next, as the quality report keeps it."""
    return {
        code: Attendu(producer, said, date.fromisoformat(day))
        for code, (producer, said, day) in kept.items()
    }
