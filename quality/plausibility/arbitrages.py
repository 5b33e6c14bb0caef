"""What the observatory accepted, with a signed reason: `dbt_project/arbitrages.yml`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, field_validator, model_validator

from quality.plausibility.findings import Finding
from quality.plausibility.rules import REGLES
from warehouse.base.strict import KeyFault, Strict, load_yaml


class Arbitrage(Strict):
    """One accepted finding, named by its rule, territory, indicator and period."""

    regle: str
    territoire: str
    indicateur: str
    periode: str
    motif: str = Field(min_length=10)
    signature: str = Field(min_length=2)
    date: date

    @field_validator("regle")
    @classmethod
    def _exists(cls, regle: str) -> str:
        if regle not in REGLES:
            raise ValueError(f"règle inconnue, une de : {', '.join(REGLES)}")
        return regle

    @property
    def cle(self) -> tuple[str, str, str, str]:
        return self.regle, self.territoire, self.indicateur, self.periode


class Arbitrages(Strict):
    """The whole file."""

    arbitrages: list[Arbitrage]

    @model_validator(mode="after")
    def _accepts_each_finding_once(self) -> Arbitrages:
        keys = [a.cle for a in self.arbitrages]
        for rank, key in enumerate(keys):
            if key in keys[:rank]:
                raise KeyFault(f"arbitrages.{rank}", f"{' '.join(key)} est accepté deux fois")
        return self


class Sorted(NamedTuple):
    """Findings still open, those accepted, and acceptances that nothing needs any more."""

    ouverts: list[Finding]
    acceptes: list[tuple[Finding, Arbitrage]]
    caducs: list[Arbitrage]

    @property
    def refuse(self) -> bool:
        """Whether something must be looked at before the figures are quoted."""
        return any(f.severite != "information" for f in self.ouverts)


def load_arbitrages(path: Path) -> list[Arbitrage]:
    """The accepted findings.

    Raises:
        QpvError: a malformed file, an unknown rule, a finding accepted twice.
    """
    return load_yaml(path, Arbitrages).arbitrages


def sort_out(findings: Sequence[Finding], arbitrages: Sequence[Arbitrage]) -> Sorted:
    """Which findings are accepted, which remain, which acceptances are stale."""
    signed = {a.cle: a for a in arbitrages}
    found = {f.cle for f in findings}
    return Sorted(
        ouverts=[f for f in findings if f.cle not in signed],
        acceptes=[(f, signed[f.cle]) for f in findings if f.cle in signed],
        caducs=[a for a in arbitrages if a.cle not in found],
    )
