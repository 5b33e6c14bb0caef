"""Tables printed elsewhere against a release, figure by figure. Finds no plausibility fault."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from quality.citations.against_cells import AgainstCells
from quality.citations.numbers_in_text import Figure, Unite
from quality.citations.traces import ADMIS, MASKED, Sort, Traced
from quality.plausibility.printed_figures import Printed, read_printed
from warehouse.declared.dictionary import Dictionary
from warehouse.domain.format import periode_longue
from warehouse.domain.perimetres import perimeter_of
from warehouse.release.released_cells import Cells, Move

_UNITES: dict[str, Unite] = {"evolution_pct": "%", "evolution_pts": "points"}


@dataclass(frozen=True)
class Compared:
    """A printed figure with its verdict."""

    ou: str
    territoire: str
    indicateur: str
    imprime: str
    constat: Traced


@dataclass
class TableCheck:
    """What tables print, judged; `non_lus`: what of them was left, and why."""

    chiffres: list[Compared] = field(default_factory=list)
    non_lus: list[str] = field(default_factory=list)

    @property
    def refuse(self) -> bool:
        return any(c.constat.sort not in ADMIS for c in self.chiffres)

    @property
    def comptes(self) -> Counter[Sort]:
        return Counter(c.constat.sort for c in self.chiffres)


class TableChecker:
    """One open release as what printed tables are held against."""

    def __init__(self, con: duckdb.DuckDBPyConnection, dictionary: Dictionary) -> None:
        self._cells, self._dictionary = Cells(con), dictionary
        self._against = AgainstCells(self._cells)

    def files(self, paths: list[Path], colonnes: Path | None) -> TableCheck:
        """Every figure of tables that a map describes.

        Raises:
            QpvError: as `read_printed`.
        """
        found = TableCheck()
        for printed in read_printed(paths, colonnes, self._dictionary, found.non_lus):
            if printed.nombre is None:
                continue
            shown = printed.nombre.replace(".", ",")
            verdict = self._of(printed, self._figure(printed))
            found.chiffres.append(
                Compared(printed.ou, printed.territoire, printed.indicateur, shown, verdict)
            )
        return found

    def _of(self, printed: Printed, figure: Figure) -> Traced:
        here = (printed.territoire, printed.indicateur)
        known = self._cells.territoires
        if printed.territoire not in known:
            own = perimeter_of(printed.territoire)
            held = {t.perimetre for t in known.values() if t.type == "qpv"}
            if own and own not in held:
                said = f"un quartier du périmètre {own}, que la publication n'a pas"
                return Traced("autre_territoire", said, *here)
            return Traced("introuvable", "la publication n'a pas ce territoire", *here)
        if printed.indicateur not in self._cells.indicateurs:
            return Traced("introuvable", "la publication n'a pas cet indicateur", *here)
        if printed.grandeur == "niveau":
            return self._level(printed, figure)
        return self._move(printed, figure)

    def _figure(self, printed: Printed) -> Figure:
        """A cell as a figure: in a column of decimals it has them too, unless it is a count."""
        assert printed.nombre is not None
        known = self._cells.indicateurs.get(printed.indicateur)
        counted = known is not None and known.type == "effectif"
        counted = counted and printed.grandeur not in _UNITES
        own = len(printed.nombre.partition(".")[2])
        decimals = own if counted else printed.decimales
        return Figure(
            printed.nombre,
            0,
            0,
            Decimal(printed.nombre),
            decimals,
            _UNITES.get(printed.grandeur, ""),
            Decimal(1).scaleb(-decimals),
        )

    def _level(self, printed: Printed, figure: Figure) -> Traced:
        place, code = printed.territoire, printed.indicateur
        cells = self._cells.levels(place, code)
        own = next((c for c in cells if c.periode == printed.periode), None)
        if own is None or (own.valeur is None and own.statut not in MASKED):
            why = (own.motif or own.statut) if own else f"pas de période {printed.periode}"
            return self._against.elsewhere(figure, place, code, own, why)
        return self._against.level(figure, own)

    def _move(self, printed: Printed, figure: Figure) -> Traced:
        place, code = printed.territoire, printed.indicateur
        here = (place, code, printed.periode, printed.comparaison or "")
        moves = self._cells.moves(place, code)
        own = [m for m in moves if (m.periode, m.comparaison) == here[2:]]
        if own:
            found = self._against.move(figure, 1, place, code, own[0])
        else:
            rule = self._cells.comparability(*here)
            if rule and rule.comparabilite == "non_comparable":
                return Traced("comparaison_interdite", rule.motif or "", *here)
            found = Traced("introuvable", "la publication n'a pas cette évolution", *here)
        if found.sort == "introuvable" and (hint := self._other_pair(moves, printed, figure)):
            said = f"c'est l'évolution {hint} ; {found.detail}"
            return Traced("autre_periode", said, *here, valeur=found.valeur)
        return found

    def _other_pair(self, moves: list[Move], printed: Printed, figure: Figure) -> str:
        """The pair of periods whose move was printed, where there is one."""
        for move in moves:
            if (move.periode, move.comparaison) == (printed.periode, printed.comparaison):
                continue
            found = self._against.move(figure, 1, printed.territoire, printed.indicateur, move)
            if figure.valeur and found.sort == "conforme":
                return f"de {periode_longue(move.comparaison)} à {periode_longue(move.periode)}"
        return ""
