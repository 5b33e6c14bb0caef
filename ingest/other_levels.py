"""What a producer says that its delivery also holds, of which nobody has read a row here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from warehouse.base.strict import Strict, one_of
from warehouse.domain.types_territoire import wholes

#: A whole territory, or one that files alone know.
Niveau = Annotated[str, one_of(lambda: (*wholes(), "iris"), "type de territoire inconnu")]


class AutresNiveaux(Strict):
    """Types of territory for which the same figures are in the same delivery.

    `document`: where the producer says so.
    """

    niveaux: list[Niveau] = Field(min_length=1)
    document: str = Field(min_length=1)
