"""The sheet in which a producer gives its own figures of sets of QPV, beside the quarters'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from warehouse.base.strict import Strict

if TYPE_CHECKING:
    from ingest.file_parts import Partie

#: What the keys of such a sheet name: a région's code; nothing, for metropolitan France.
CLE = "ensemble"


class FeuilleEnsembles(Strict):
    """A sheet of the workbook of the quarters, with its columns and one row per set.

    Labels of its columns stand under its header. `entete_cle`: the column of the codes of régions.
    `contredites`: mesures that are not read in it, and what of the quarters they contradict.
    """

    feuille: str
    entete_cle: str
    contredites: dict[str, str] = Field(default_factory=dict)

    def part(self, like: Partie) -> Partie:
        """The sheet as a part of the millésime, of the same file."""
        own = {"cle": CLE, "entete_cle": self.entete_cle, "feuille": self.feuille}
        return like.model_copy(update={**own, "libelles": True, "sans": self.contredites})
