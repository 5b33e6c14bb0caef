"""What a fiche knows of a release, as lookups: models only. Reads nothing, judges no figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from warehouse.publication.fiches.locaux import Local
from warehouse.publication.fiches.textes import ND
from warehouse.release.published import Territoire

Colonne = tuple[str, str]  # code_indicateur, grandeur


class Fait(NamedTuple):
    """One cell. `texte` is empty unless the value is diffuse; then `motif` is a reserve.

    `signe`: what is printed in place of a missing value.
    """

    texte: str
    motif: str
    valeur: float | None = None
    source: tuple[str, str] | None = None  # source_id, millesime
    tierce: bool = False
    signe: str = ND


@dataclass(frozen=True, slots=True)
class Lien:
    """A QPV and one EPCI or commune that it touches; `part`: share of its people, 0 to 1.

    `habitants` live there, of the `population` of the whole quarter, by `source`; EPCI only.
    `complete`: whether all the communes of the quarter are known.
    """

    code: str
    libelle: str
    part: float | None
    motif: str = ""
    habitants: float | None = None
    population: float | None = None
    source: tuple[str, str] | None = None
    tierce: bool = False
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Periodes:
    """What the edition shows of one indicator."""

    citation: str
    periode: str | None
    comparaison: str | None


@dataclass(slots=True)
class SourceCitee:
    """One millésime of one source as fiches cite it, with its files read."""

    source_id: str
    millesime: str
    titre: str
    producteur: str
    page: str | None
    licence: str
    tierce: bool
    fichiers: list[tuple[str, str]] = field(default_factory=list)  # name, sha256
    remarque: str = ""
    numero: int = 0


@dataclass(frozen=True)
class Donnees:
    """The tables of a release in one perimeter, ready to look up.

    Labels of `territoires` are safe to print (still to be escaped in HTML); that of a quarter
    tells its towns where another quarter bears the same.
    """

    territoires: dict[str, Territoire]
    epci_des_qpv: dict[str, list[Lien]]
    communes_des_qpv: dict[str, list[Lien]]
    periodes: dict[str, Periodes]
    sources: list[SourceCitee]
    faits: dict[Colonne, dict[str, Fait]]
    manque: dict[Colonne, Fait]  # what a territory without a row says, by column
    sans_passe: dict[str, str] = field(default_factory=dict)  # QPV → why nothing is compared
    locaux: dict[str, Local] = field(default_factory=dict)

    def fait(self, colonne: Colonne, code: str) -> Fait:
        """The cell of one column for one territory; a missing row is a missing value."""
        return self.faits[colonne].get(code) or self.manque[colonne]

    @property
    def qpv(self) -> list[str]:
        """Codes of the quarters of the perimeter, in order."""
        return sorted(c for c, t in self.territoires.items() if t.type == "qpv")
