"""One printed figure against one cell of a release: what they say of each other."""

from __future__ import annotations

from quality.citations.agreement import agreement
from quality.citations.numbers_in_text import Figure
from quality.citations.traces import MASKED, Traced
from warehouse.domain.format import avec_unite, list_in_words, nombre, periode_longue, premiers
from warehouse.domain.statuts import statuts
from warehouse.release.released_cells import Cells, Gap, Move, ReleasedCell


class AgainstCells:
    """Findings on the cells of one release."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells

    def level(self, figure: Figure, cell: ReleasedCell) -> Traced:
        """A figure against the value of one period."""
        here = (cell.territoire, cell.indicateur, cell.periode)
        if cell.statut in MASKED:
            why = cell.motif or statuts()[cell.statut].libelle
            return Traced("masque", f"la publication ne donne pas ce chiffre : {why}", *here)
        if cell.valeur is None:
            return Traced("introuvable", f"sans chiffre : {cell.motif or cell.statut}", *here)
        decimals = self.cells.indicateurs[cell.indicateur].arrondi
        if found := agreement(figure, cell.valeur, decimals):
            return Traced(found, self.said(cell), *here, valeur=cell.valeur)
        said = f"la publication donne {self.said(cell)}"
        return self.elsewhere(figure, cell.territoire, cell.indicateur, cell, said)

    def elsewhere(
        self, figure: Figure, place: str, code: str, cell: ReleasedCell | None, said: str
    ) -> Traced:
        """Where else the printed number stands: another period of the place, another place."""
        decimals = self.cells.indicateurs[code].arrondi
        here = (place, code, cell.periode if cell else "")
        value = cell.valeur if cell else None

        def same(other: ReleasedCell) -> bool:
            return (
                other.valeur is not None
                and not figure.environ
                and agreement(figure, other.valeur, decimals) == "conforme"
            )

        if others := [c for c in self.cells.levels(place, code) if c != cell and same(c)]:
            when = list_in_words([periode_longue(c.periode) for c in others])
            told = f"ce nombre est celui de {when} ; {said}"
            return Traced("autre_periode", told, *here, valeur=value)
        near = self.cells.around(place, code, cell.periode) if cell else []
        if near := [c for c in near if same(c)]:
            names = premiers([self.cells.label(c.territoire) for c in near], 3)
            told = f"ce nombre est celui de {names} ; {said}"
            return Traced("autre_territoire", told, *here, valeur=value)
        return Traced("introuvable", said, *here, valeur=value)

    def move(
        self, figure: Figure, sens: int, territoire: str, indicateur: str, move: Move
    ) -> Traced:
        """A figure against what changed between two periods; `sens`: -1 where words say a fall."""
        here = (territoire, indicateur, move.periode, move.comparaison)
        if move.statut == "non_comparable":
            return Traced("comparaison_interdite", move.motif or move.statut, *here)
        if move.statut in MASKED:
            return Traced("masque", move.motif or move.statut, *here)
        unite = figure.unite
        value = {"%": move.pct, "points": move.pts}.get(unite, move.nb)
        if value is None:
            told = f"la publication ne donne pas cette évolution en {unite or 'nombre'}"
            if unite == "%" and move.pts is not None:
                told += " ; elle se dit en points"
            return Traced("introuvable", told, *here)
        own = self.cells.indicateurs[indicateur].arrondi
        decimals = 1 if unite in ("%", "points") else own
        when = f"de {periode_longue(move.comparaison)} à {periode_longue(move.periode)}"
        shown = nombre(value, decimals, signe=True)
        said = f"{avec_unite(shown, unite) if unite else shown} {when}"
        if found := agreement(figure, value, decimals, signe=sens):
            return Traced(found, said, *here, valeur=value)
        return Traced("introuvable", f"la publication donne {said}", *here, valeur=value)

    def gap(self, figure: Figure, sens: int, territoire: str, indicateur: str, gap: Gap) -> Traced:
        """A figure against the gap with a territory of comparison."""
        here = (territoire, indicateur, gap.periode, gap.reference)
        if gap.ecart is None:
            return Traced("introuvable", "la publication ne donne pas cet écart", *here)
        said = f"{nombre(gap.ecart, 1, signe=True)} {gap.unite}, {periode_longue(gap.periode)}"
        found = agreement(figure, gap.ecart, 1, signe=sens) if gap.unite == figure.unite else None
        told = said if found else f"l'écart publié est de {said}"
        return Traced(found or "introuvable", told, *here, valeur=gap.ecart)

    def said(self, cell: ReleasedCell) -> str:
        """A diffused cell in words."""
        one = self.cells.indicateurs[cell.indicateur]
        assert cell.valeur is not None
        shown = avec_unite(nombre(cell.valeur, one.arrondi), one.unite)
        return f"{shown}, {self.cells.label(cell.territoire)}, {periode_longue(cell.periode)}"
