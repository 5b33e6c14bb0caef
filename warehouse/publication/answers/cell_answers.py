"""One cell in an answer: its value and its token where it is diffused, else the rule that holds it
back. One gate for every question."""

from __future__ import annotations

from typing import Any

from warehouse.domain.format import avec_unite, nombre
from warehouse.domain.statuts import DIFFUSE, sens_de
from warehouse.publication.answers.refusal import Answer, Refusal
from warehouse.release.jeton import Jeton, publication_of
from warehouse.release.published import IndicateurPublie
from warehouse.release.released_cells import ReleasedCell


def withheld(cell: ReleasedCell, said: str = "", **rest: Any) -> Refusal | None:
    """The refusal of a cell that is not diffused, whose statut is the rule; None where it is.

    Args:
        said: what stands before the reason.
    """
    if cell.statut == DIFFUSE and cell.valeur is not None:
        return None
    sens = sens_de(cell.statut)
    return Refusal(cell.statut, f"{said}{cell.motif or sens}", cell.statut, **rest, sens=sens)


def shown(publication: str, cell: ReleasedCell, i: IndicateurPublie) -> Answer:
    """A diffused cell: exact, as it is printed, and its token."""
    assert cell.valeur is not None and cell.statut == DIFFUSE
    digest = publication_of(publication)
    return {
        "periode": cell.periode,
        "valeur": cell.valeur,
        "unite": i.unite,
        "imprime": avec_unite(nombre(cell.valeur, i.arrondi), i.unite),
        "jeton": str(Jeton(cell.territoire, cell.indicateur, cell.periode, digest)),
    }


def point(publication: str, cell: ReleasedCell, i: IndicateurPublie) -> Answer:
    """One cell of a list: a value, or its absence and the rule of it."""
    head: Answer = {"statut": cell.statut, "motif": cell.motif}
    if refusal := withheld(cell):
        return head | {"verdict": "refuse", "periode": cell.periode, "regle": refusal.dite}
    return head | {"verdict": "donne"} | shown(publication, cell, i)
