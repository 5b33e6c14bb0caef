"""The perimeters that EPCI add: what a release says of them, and their pages. Renders nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from warehouse.domain.format import propre
from warehouse.release.reader import Reader


@dataclass(frozen=True, slots=True)
class Local:
    """A perimeter that an EPCI adds; `recouvre`: QPV, with the share (%) of the perimeter in it."""

    libelle_long: str
    siren: str
    recouvre: list[tuple[str, float]]


def read_locaux(reader: Reader, territoires: Collection[str], perimetre: str) -> dict[str, Local]:
    """Every local perimeter by code, with the QPV of one perimeter that it overlaps."""
    locaux = {
        t.code: Local(propre(t.libelle_long), t.epci, [])
        for t in reader.territoires(types=["perimetre_local"])
    }
    if not locaux:
        return {}
    for code, qpv, part in reader.locaux(perimetre):
        if qpv in territoires:
            locaux[code].recouvre.append((qpv, part))
    return locaux


def page_locale(code: str) -> str:
    """The path of a local perimeter's page, from its code."""
    return f"local/{code.removeprefix('LOC:')}.html"


def accroche(genre: str, code: str, quarters: int) -> str:
    """What a page is about, under its title."""
    if genre == "qpv":
        return f"Quartier prioritaire {code}"
    if genre == "local":
        return f"Périmètre ajouté par l’intercommunalité, {code.removeprefix('LOC:')}"
    s = "s" if quarters > 1 else ""
    return f"{quarters} quartier{s} prioritaire{s} de la politique de la ville"
