"""How near to a limit a point is neither in nor out: `ingest/localisation.yml`. Places nothing."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from warehouse.base.layout import LOCALISATION
from warehouse.base.strict import Strict, load_yaml

#: How an outline is drawn.
Trait = Literal["entier", "simplifie", "local"]
Metres = Annotated[float, Field(ge=0, le=500)]
Part = Annotated[float, Field(gt=0, le=1)]
COORDONNEES, INCONNUE = "coordonnees", "inconnue"


class BandeDeLimite(Strict):
    """Metres on each side of a limit, and why so many."""

    metres: Metres
    raison: Annotated[str, Field(min_length=1)]


class ReglesAdresses(Strict):
    """When a name of street that is written otherwise is taken for one of the file."""

    ressemblance: Part
    ecart: Part
    sans_indice: Metres
    approchee: Metres


class ReglesDeLieu(Strict):
    """What is declared of placing a point; `portee`: farther than it no distance is told."""

    site_officiel: Annotated[str, Field(pattern="^https://")]
    portee: Annotated[float, Field(gt=0, le=20_000)]
    contours: dict[Trait, BandeDeLimite]
    positions: dict[str, BandeDeLimite]
    adresses: ReglesAdresses

    def of_position(self, kind: str) -> float:
        """Metres that a kind of position of an address adds; those of an unknown one else."""
        return self.positions.get(kind, self.positions[INCONNUE]).metres


@cache
def placing_rules() -> ReglesDeLieu:
    """The declared rules.

    Raises:
        QpvError: the file is malformed; the message names the key.
    """
    return load_yaml(LOCALISATION, ReglesDeLieu)
