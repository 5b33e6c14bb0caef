"""The files of the explorer's map: quarters and their places, outlines, what colours them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from warehouse.publication.explorer.figures import ExplorerTables, file_of, script
from warehouse.publication.explorer.map_figures import map_figures
from warehouse.publication.explorer.outlines import DIZAINES, METRES, trace
from warehouse.publication.placement import communes_of_quarters, place_quarters, read_shapes


class BaseMap:
    """What is drawn of a release, of its quarters and of the places where they lie."""

    def __init__(
        self,
        tables: ExplorerTables,
        territoires: Sequence[dict],
        perimetre: str,
        contours: Path | None,
        lieux: Path | None,
    ) -> None:
        self._tables, self._perimetre = tables, perimetre
        self._numbers = {t["code_territoire"]: n for n, t in enumerate(territoires)}
        listed = communes_of_quarters(tables.con, perimetre)
        communes = {code: told for code, told in listed.items() if code in self._numbers}
        self._total = len(communes)
        self._contours = read_shapes(contours, "code_qpv", communes) if contours else {}
        self._lieux = read_shapes(lieux, "code_territoire", self._numbers) if lieux else {}
        self._placed = place_quarters(communes, self._contours, self._lieux)

    def write(self, assets: Path, indicateurs: Collection[str], base: float) -> dict | None:
        """Write `quartiers.js`, `contours.js`, `lieux.js` and `c/<indicateur>.js` under `assets`.

        Args:
            base: see `map_figures`.

        Returns:
            what the index says of the map: its indicators, how many quarters have no place on it,
            whether outlines are there; None where no quarter can be drawn.
        """
        if not self._placed:
            return None
        quarters = sorted(self._placed)
        told = [[self._numbers[code], *self._placed[code]] for code in quarters]
        _write(assets, "quartiers", told)
        ranks = {code: rank for rank, code in enumerate(quarters)}
        outlines = {
            str(ranks[code]): trace(shape, METRES) for code, shape in self._contours.items()
        }
        _write(assets, "contours", outlines)
        places = {
            str(self._numbers[code]): trace(shape, DIZAINES) for code, shape in self._lieux.items()
        }
        _write(assets, "lieux", places)
        (assets / "c").mkdir(exist_ok=True)
        drawn = []
        figures = map_figures(self._tables.con, indicateurs, quarters, self._perimetre, base)
        for code, said in figures:
            (assets / "c" / f"{file_of(code)}.js").write_text(
                script(f"carte:{code}", said), encoding="utf-8"
            )
            drawn.append(code)
        return {
            "indicateurs": [i for i in dict.fromkeys(indicateurs) if i in drawn],
            "sans_place": self._total - len(quarters),
            "contours": bool(outlines),
            "lieux": bool(places),
        }


def _write(assets: Path, name: str, content: object) -> None:
    (assets / f"{name}.js").write_text(script(name, content), encoding="utf-8")
