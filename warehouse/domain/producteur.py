"""The set of a producer's own national line: its code, and the QPV it covers, in words.

Figures leave with these words beside them (`motif`); who reads a release can read them back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

#: The territory of Insee's own line of all its QPV. It is no sum of ours: QPV@FRMETRO is.
CODE = "QPV@INSEE"
TYPE = "qpv_producteur"

Zone = Literal["metropole", "971", "972", "973", "974", "976"]
NOMS: dict[Zone, str] = {
    "metropole": "France métropolitaine",
    "971": "Guadeloupe",
    "972": "Martinique",
    "973": "Guyane",
    "974": "La Réunion",
    "976": "Mayotte",
}
ARRONDIS = {10: "à la dizaine", 100: "à la centaine", 1000: "au millier"}


def champ(zones: Iterable[Zone]) -> str:
    """`QPV de France métropolitaine et de La Réunion`."""
    *first, last = [f"de {NOMS[zone]}" for zone in zones]
    return f"QPV {', '.join(first)} et {last}" if first else f"QPV {last}"


def reserve(zones: Iterable[Zone], arrondi: int | None) -> str:
    """What is said beside a figure of the line: the QPV it covers, and how it is rounded."""
    said = f"ligne nationale du producteur : {champ(zones)}"
    return f"{said} ; effectifs arrondis {ARRONDIS[arrondi]}" if arrondi else said
