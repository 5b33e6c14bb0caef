"""The producer's own line of all its QPV: what it is called, and what its figures cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ingest.header_names import fill
from warehouse.base.strict import Strict
from warehouse.domain.producteur import Zone, champ, reserve

if TYPE_CHECKING:
    from ingest.file_parts import Partie


class LigneNationale(Strict):
    """A row of the file, or the one row of a file of its own.

    `cle`: what the key column says there. `champs`: block → the QPV that its figures cover; a
    block that is not named is not read. `arrondis`: block → step to which its counts are rounded.
    `fichiers`, `membre`: the file of its own, where it has one.
    """

    cle: str = Field(min_length=1)
    champs: dict[str, Annotated[list[Zone], Field(min_length=1)]] = Field(min_length=1)
    arrondis: dict[str, Literal[10, 100, 1000]] = Field(default_factory=dict)
    depuis: str | None = Field(default=None, pattern=r"^(19|20)[0-9]{2}$")
    jusqua: str | None = Field(default=None, pattern=r"^(19|20)[0-9]{2}$")
    fichiers: list[str] = Field(default_factory=list)
    membre: str | None = None

    def part(self, like: Partie, millesime: str) -> list[Partie]:
        """Its own file as a part of the millésime, read as another part is; none in most cases."""
        if not self.fichiers:
            return []
        names = [fill(name, millesime) for name in self.fichiers]
        own = {"cle": "ligne_nationale", "membre": self.membre, "fichiers": names}
        return [like.model_copy(update=own)]

    def said(self, bloc: str, type_mesure: str) -> tuple[str, str] | None:
        """(QPV covered, what is said beside the figure) of a block; None where it is not read."""
        if bloc not in self.champs:
            return None
        step = self.arrondis.get(bloc) if type_mesure == "effectif" else None
        return champ(self.champs[bloc]), reserve(self.champs[bloc], step)
