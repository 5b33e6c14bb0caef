"""A long fiche as a view model: what it holds. Chooses and renders nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from warehouse.publication.fiches.charts import TELEPHONE, Dessin, Graphique, draw, narrow_svg, svg
from warehouse.publication.fiches.tableaux import Rang, Vue


@dataclass(slots=True)
class Carte:
    """One key figure, and the same figure elsewhere."""

    libelle: str
    valeur: str
    unite: str
    periode: str
    appel: str
    tierce: bool
    ailleurs: list[tuple[str, str, bool]]  # label, figure with its unit, third-party


@dataclass(slots=True)
class QuartierCite:
    """A quarter in the list of a fiche."""

    rang: Rang
    communes: str


@dataclass(slots=True)
class RubriqueVue:
    """A question, the sentence and the chart that answer it, and its exhibits."""

    id: str
    theme: str
    question: str
    vues: list[Vue]
    constat: str
    graphique: Graphique | None
    dessin: Dessin | None

    @property
    def svg(self) -> str:
        """The chart for a page; empty without one."""
        return svg(self.graphique, self.dessin) if self.graphique and self.dessin else ""

    @property
    def svg_etroit(self) -> str:
        """The same chart for a phone."""
        return narrow_svg(self.graphique, draw(self.graphique, TELEPHONE)) if self.graphique else ""


@dataclass(slots=True)
class Fiche:
    """One page."""

    chemin: str
    nom: str
    genre: str  # epci, qpv or local
    accroche: str
    code: str
    communes: str
    epci: list[tuple[str, str | None]]  # label, link
    departements: str
    quartiers: list[QuartierCite]
    cartes: list[Carte]
    rubriques: list[RubriqueVue]
    notes: list[tuple[str, str]]  # letter, reason: each reason of the page once
    premieres_communes: str  # of which quarters the list read names the first commune only
    voisins: list[tuple[str, str]]  # other quarters of the same EPCI: label, link
    partages: list[tuple[str, int, str]]  # quarters, how many, the EPCI that they touch
    reserves: list[str]  # how the shares of those quarters are to be read
    habitants: str  # how many people of the quarters live in the EPCI
    sans_passe: list[tuple[str, str]]  # quarters, why nothing is compared
    recouvre: list[tuple[str, str | None, str]]  # quarter, link, share of the local perimeter
    sans_source: list[str] = field(default_factory=list)  # questions that the edition cannot answer
    # Exhibits without a figure: titles, reasons, when they are expected.
    manques: list[tuple[str, str, str]] = field(default_factory=list)
    cites: dict[int, str] = field(default_factory=dict)  # sources of what is shown: number, periods
    definitions: list[tuple[str, str, str]] = field(default_factory=list)  # label, unit, text
