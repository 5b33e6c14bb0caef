"""The secrecy of each source, as the auditor of a release is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from warehouse.base.strict import Strict


class RegleSource(Strict):
    """The secrecy of one source.

    `nature`: `publique` (a file open to all, masked by its producer), `convention` (given under an
    agreement), `micro` (counted here from units). `seuil`: a count from 1 to seuil - 1 is under
    secrecy; `seuils`: mesures with a threshold of their own. `protection`: `L2` (a reader must
    still think the threshold possible), or a share (0.10: no estimate within ±10 %).
    `zeros_montres`: no zero is masked, so that a masked count is 1 or more.
    """

    nature: Literal["publique", "convention", "micro"]
    seuil: float | None = Field(default=None, ge=2)
    seuils: dict[str, float] = Field(default_factory=dict)
    protection: Literal["L2"] | float = "L2"
    zeros_montres: bool = False

    def pour(self, mesures: Iterable[str]) -> float | None:
        """The highest threshold among the mesures that make a figure."""
        known = [t for t in (self.seuils.get(m, self.seuil) for m in mesures) if t is not None]
        return max(known, default=None)


class ReglesDesSources(Strict):
    """Source → its rule; a source that is not named is taken as `publique`."""

    sources: dict[str, RegleSource] = Field(default_factory=dict)

    def de(self, source: str | None) -> RegleSource:
        return self.sources.get(source or "", RegleSource(nature="publique"))
