"""One sheet as a view model, with its notes and its sources. Chooses and renders nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from warehouse.domain import format as f
from warehouse.domain.producteurs import libelle_producteur
from warehouse.publication.attendus import sans_fichier
from warehouse.publication.profils import mots
from warehouse.publication.profils.courbes import Courbe
from warehouse.publication.profils.faits import Recueil


@dataclass(slots=True)
class LigneVue:
    """One line of the profile, as printed, with the letters of its notes."""

    indicateur: str
    libelle: str
    periode: str
    source: int
    valeur: str
    appel: str
    tierce: bool
    a_verifier: bool
    bande: str
    reperes: list[tuple[str, str]]  # mark, words
    rang: str
    mouvement: str
    depuis: str
    appel_mouvement: str
    courbe: str
    annees: str


@dataclass(slots=True)
class SourceVue:
    """A source as a sheet cites it."""

    numero: int
    titre: str
    producteur: str
    millesimes: str
    licence: str
    page: str | None
    tierce: bool


@dataclass(slots=True)
class QuartierVue:
    """A quarter as a row of its EPCI's sheet: cells as text, note, number to sort by."""

    code: str
    nom: str
    lien: str | None
    cellules: list[tuple[str, str]]


@dataclass(slots=True)
class Feuille:
    """One sheet."""

    code: str
    genre: str  # qpv or epci
    nom: str
    accroche: str
    lieux: str  # the towns of a quarter, as a line
    identite: list[tuple[str, str, str, int, str]]  # figure, words, period, source, note
    phrases: list[tuple[str, str]]  # sentence, note
    lignes: list[LigneVue]
    bouge: list[tuple[str, str, str, str]]  # what, how much, since, note
    manque: list[tuple[str, str, str]]  # what, why, expected when
    dans: str = ""  # whose the figures of `identite` are, where not the name's
    ecart: list[tuple[str, str]] = field(default_factory=list)  # whether the gap closes, note
    series: list[Courbe] = field(default_factory=list)
    semblables: list[tuple[str, str | None]] = field(default_factory=list)
    colonnes: list[tuple[str, str]] = field(default_factory=list)  # title, unit and period
    quartiers: list[QuartierVue] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    sources: list[SourceVue] = field(default_factory=list)
    epci: list[tuple[str, str | None]] = field(default_factory=list)
    departements: list[str] = field(default_factory=list)


class Renvois:
    """Notes by letter and sources by number, in the order in which a sheet calls them."""

    def __init__(self, recueil: Recueil) -> None:
        self._fichiers = recueil.fichiers
        self._notes: dict[str, str] = {}
        self._sources: dict[str, int] = {}
        self._millesimes: dict[str, set[tuple[str, str]]] = {}

    def note(self, raison: str) -> str:
        """The letter of a note; empty without a reason."""
        if not raison:
            return ""
        said = mots.imprime(f.typographie(sans_fichier(raison).rstrip(". ")))
        return self._notes.setdefault(said, f.lettre(len(self._notes)))

    def source(self, cle: tuple[str, str] | None) -> int:
        """The number of a source; 0 for a figure without one."""
        if cle is None or cle not in self._fichiers:
            return 0
        number = self._sources.setdefault(cle[0], len(self._sources) + 1)
        self._millesimes.setdefault(cle[0], set()).add(cle)
        return number

    def notes(self) -> list[tuple[str, str]]:
        """(letter, reason)."""
        return [(letter, reason) for reason, letter in self._notes.items()]

    def sources(self) -> list[SourceVue]:
        """Each source that a figure of the sheet came from."""
        told = []
        for source_id, number in self._sources.items():
            keys = sorted(self._millesimes[source_id])
            one = self._fichiers[keys[-1]]
            page = one.page if (one.page or "").startswith(("https://", "http://")) else None
            told.append(
                SourceVue(
                    number,
                    mots.imprime(f.propre(one.titre) or source_id),
                    mots.imprime(libelle_producteur(one.producteur)),
                    f.list_in_words([millesime for _, millesime in keys]),
                    f.propre(one.licence),
                    page,
                    any(self._fichiers[k].est_tierce for k in keys),
                )
            )
        return told
