"""How much of a source is read, and for how long: its bounds, and the count of one download."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from ingest.contents import A_LA_MAIN
from warehouse.base.bounded_files import MO, said
from warehouse.base.errors import QpvError

#: Free disk that no download and no copy eats into, in bytes, and how often it is looked at.
MARGE = 100 * MO
_PAS = 16 * MO


@dataclass(frozen=True)
class Limites:
    """Bounds of a source's files: bytes once decoded, seconds of download."""

    octets: int
    duree: float
    declarees: bool = True  # by a source, whose YAML can raise them

    @property
    def lignes(self) -> int:
        """Most rows of a table: each takes some 250 bytes of memory besides its cells."""
        return max(2_000_000, self.octets // 50)

    @property
    def cellules(self) -> int:
        """Most cells of a table, blank ones included: each takes some 60 bytes of memory."""
        return max(20_000_000, self.octets // 5)


#: A table is read whole, which takes some 22 bytes of memory for each of its own.
TABLES = Limites(octets=100 * MO, duree=900)
#: A file of units is counted where it lies, never held in memory.
UNITES = Limites(octets=20_000 * MO, duree=4 * 3600)
#: A page of links, the answer of an API: none is declared.
PAGES = Limites(octets=10 * MO, duree=60, declarees=False)


class Compteur:
    """What one download may still take, all its tries included; every refusal is final."""

    def __init__(self, limites: Limites, url: str, dossier: Path | None = None) -> None:
        """Starts the clock; `dossier`: where the bytes go, None when they stay in memory."""
        self.limites, self.url, self.dossier = limites, url, dossier
        self.fin = time.monotonic() + limites.duree
        self._vus = 0

    def announce(self, octets: int | None) -> None:
        """Refuse at once what the server says to be too long, or what the disk cannot hold."""
        if octets is not None and octets > self.limites.octets:
            raise self._trop(f"le serveur annonce {said(octets)}")
        self._vus = 0
        self._place(octets or 0)

    def count(self, octets: int) -> None:
        """Judge the bytes held so far, received or decoded."""
        if octets > self.limites.octets:
            raise self._trop(f"plus de {self.limites.octets // MO} Mo reçus")
        self.temps()
        if octets - self._vus >= _PAS:
            self._vus = octets
            self._place(0)

    def temps(self) -> None:
        """Refuse what has lasted too long."""
        if time.monotonic() >= self.fin:
            raise QpvError(
                "Téléchargement trop long : le serveur n'a pas fini à temps",
                ou=self.url,
                attendu=f"au plus {self.limites.duree:g} s{self._cle('duree_max')}",
                faire=f"réessayez plus tard, ou {A_LA_MAIN}",
            )

    def _place(self, octets: int) -> None:
        if self.dossier is not None:
            require_space(self.dossier, octets)

    def _trop(self, vu: str) -> QpvError:
        relever = " ; si c'est le bon fichier, relevez `taille_max` de la source"
        return QpvError(
            f"Téléchargement trop lourd : {vu}",
            ou=self.url,
            attendu=f"au plus {self.limites.octets // MO} Mo{self._cle('taille_max')}",
            faire="vérifiez l'adresse dans un navigateur"
            + (relever if self.limites.declarees else f", ou {A_LA_MAIN}"),
        )

    def _cle(self, nom: str) -> str:
        return f" (`{nom}` de la source)" if self.limites.declarees else ""


def require_space(dossier: Path, octets: int) -> None:
    """Refuse to write `octets` bytes where they would leave less free disk than MARGE."""
    libre = shutil.disk_usage(dossier).free
    if libre < octets + MARGE:
        raise QpvError(
            f"Plus de place sur le disque : {libre // MO} Mo libres",
            ou=str(dossier),
            attendu=f"au moins {said(octets + MARGE)}",
            faire="libérez de la place puis relancez",
        )
