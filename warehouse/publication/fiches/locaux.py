"""The perimeters that EPCI add: what a release says of them, and their pages. Renders nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from warehouse.domain.format import propre


@dataclass(frozen=True, slots=True)
class Local:
    """A perimeter that an EPCI adds; `recouvre`: QPV, with the share (%) of the perimeter in it."""

    libelle_long: str
    siren: str
    recouvre: list[tuple[str, float]]


def lire(
    rows: Callable[..., Iterable[tuple]], territoires: Collection[str], perimetre: str
) -> dict[str, Local]:
    """Every local perimeter by code, with the QPV of one perimeter that it overlaps.

    Args:
        rows: runs a query on the release, with its values.
    """
    locaux = {
        code: Local(propre(libelle), siren or "", [])
        for code, libelle, siren in rows(
            "select code_territoire, libelle_long, code_epci from dim_territoire"
            " where type_territoire = 'perimetre_local' order by 1"
        )
    }
    if not locaux:
        return {}
    for code, qpv, part in rows(
        "select code_perimetre, code_qpv, part_perimetre from pont_perimetre_qpv"
        " where perimetre = ? order by part_perimetre desc, code_qpv",
        perimetre,
    ):
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
