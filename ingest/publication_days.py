"""When a producer publishes each year, as the registry declares it. Knows no source."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from warehouse.base.strict import Strict


class Calendrier(Strict):
    """When the producer publishes each year: `jours` as MM-JJ, `texte` as people say it.

    `tolerance`: days after which a publication that is not there is late.
    """

    jours: list[Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$")]] = Field(
        min_length=1
    )
    texte: str
    tolerance: int = Field(default=30, ge=0, le=300)

    def next_after(self, today: date) -> date:
        """The first day of publication after a given day."""
        return min(
            day
            for year in (today.year, today.year + 1)
            for text in self.jours
            if (day := date.fromisoformat(f"{year}-{text}")) > today
        )

    def last_before(self, today: date) -> date:
        """The last day of publication up to a given day, that day included."""
        return max(
            day
            for year in (today.year - 1, today.year)
            for text in self.jours
            if (day := date.fromisoformat(f"{year}-{text}")) <= today
        )
