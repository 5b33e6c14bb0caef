"""The index of the fiches as view models: EPCI and quarters by département. Renders nothing."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.publication.fiches.locaux import page_locale
from warehouse.publication.fiches.vues import Presentation


@dataclass(slots=True)
class EntreeEpci:
    """An EPCI of the index and its quarters: (label, code, link)."""

    libelle: str
    lien: str | None
    quartiers: list[tuple[str, str, str | None]]


@dataclass(slots=True)
class EntreeDepartement:
    """A département of the index."""

    code: str
    libelle: str
    epci: list[EntreeEpci]


def index(choix: Presentation) -> list[EntreeDepartement]:
    """Every EPCI under the département where most of its quarters lie."""
    places: dict[str, list[EntreeEpci]] = {}
    for siren in sorted(choix.qpv_des_epci, key=lambda s: (choix.noms_epci[s].casefold(), s)):
        codes = choix.qpv_des_epci[siren]
        where = next(iter(choix.departements(codes)), "")
        entry = _entree(choix, choix.noms_epci[siren], f"epci/{siren}.html", codes)
        places.setdefault(where, []).append(entry)
    alone: dict[str, list[str]] = {}
    for code in choix.donnees.qpv:
        if not choix.donnees.epci_des_qpv.get(code):
            alone.setdefault(choix.donnees.territoires[code].departement, []).append(code)
    for where, codes in alone.items():
        places.setdefault(where, []).append(
            _entree(choix, "Quartiers sans intercommunalité connue", None, codes)
        )
    return [
        EntreeDepartement(code, choix.departement(code) if code else "Autres", entries)
        for code, entries in sorted(places.items(), key=lambda x: (x[0] == "", x[0]))
    ]


def locaux(choix: Presentation) -> list[tuple[str, str, str | None]]:
    """Perimeters that EPCI add, for the index: (label, code, link)."""
    entries = [
        (local.libelle_long, code.removeprefix("LOC:"), choix.lien(page_locale(code), ""))
        for code, local in choix.donnees.locaux.items()
    ]
    return sorted(entries, key=lambda e: (e[0].casefold(), e[1]))


def _entree(choix: Presentation, label: str, page: str | None, codes: list[str]) -> EntreeEpci:
    places = choix.donnees.territoires
    quarters = [(places[c].avec_communes, c, choix.lien(f"qpv/{c}.html", "")) for c in codes]
    quarters.sort(key=lambda q: (q[0].casefold(), q[1]))
    return EntreeEpci(label, choix.lien(page, "") if page else None, quarters)
