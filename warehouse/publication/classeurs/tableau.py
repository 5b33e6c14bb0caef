"""The sheet that one reads and prints: a row per territory, its key figures as displayed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from warehouse.domain.format import arrondi, periode_courte, propre
from warehouse.domain.statuts import signe_de, statuts
from warehouse.domain.types_territoire import types_territoire
from warehouse.publication.fiches.textes import CHIFFRES_CLES

#: Rows of the head: title, what release, then the columns with their period and their source.
_TETE = 5
_NOTES = (
    "Chiffres arrondis comme les fiches les impriment ; sans arrondi dans la feuille Chiffres, "
    "avec la raison de ce qui manque.",
    "† Chiffre d'une source tierce, non d'un fichier du producteur.",
)


@dataclass(frozen=True)
class KeyColumn:
    """A key figure: its code, its head, its period, who makes it, the decimals it is shown with."""

    code: str
    titre: str
    periode: str
    citation: str
    decimales: int


def key_columns(definitions: Iterable[tuple], decimals: Mapping[str, int]) -> list[KeyColumn]:
    """The key figures that the edition shows, of rows of `DEFINITIONS`, in the fiches' order."""
    known = {row[0]: row for row in definitions}
    found = []
    for code in CHIFFRES_CLES:
        if code in known and known[code][8]:
            _, label, _, unit, *_, citation, period, _ = known[code]
            title = f"{label} ({unit})" if unit else label
            found.append(KeyColumn(code, title, period, citation or "", decimals[code] or 0))
    return found


def write_tableau(
    book: Workbook,
    titles: Sequence[str],
    columns: Sequence[KeyColumn],
    territories: Sequence[tuple],
    figures: Iterable[tuple],
    third_parties: Collection[str],
) -> None:
    """Add the sheet.

    Args:
        titles: of the sheet, and the release that it is of.
        territories: code, label, type, in order.
        figures: territory, indicator, value, statut, source of each.
        third_parties: sources that are no producer's.
    """
    bold = book.add_format({"bold": True})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    small = book.add_format({"text_wrap": True, "valign": "top", "font_size": 8})
    shapes = _Shapes(book)
    sheet = book.add_worksheet("Tableau")
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 2, 20)
    sheet.set_column(3, 2 + len(columns), 13)
    for line, title in enumerate(titles):
        sheet.write_string(line, 0, propre(title), None if line else bold)
    for rank, text in enumerate(("Territoire", "Ce que c'est", "Code")):
        sheet.write_string(2, rank, text, head)
    sheet.write_string(3, 0, "Période", small)
    sheet.write_string(4, 0, "Source", small)
    for rank, column in enumerate(columns, start=3):
        sheet.write_string(2, rank, propre(column.titre), head)
        sheet.write_string(3, rank, periode_courte(column.periode), small)
        sheet.write_string(4, rank, propre(column.citation), small)
    known = {(code, indicator): rest for code, indicator, *rest in figures}
    line = _TETE - 1
    for line, (code, label, kind) in enumerate(territories, start=_TETE):
        court = types_territoire()[kind].court
        for rank, text in enumerate((label, court, code)):
            sheet.write_string(line, rank, propre(text))
        for rank, column in enumerate(columns, start=3):
            value, statut, source = known.get((code, column.code), (None, "non_disponible", None))
            if value is None:
                sheet.write_string(line, rank, signe_de(statut), shapes.missing(statut))
            else:
                shape = shapes.number(column.decimales, third=source in third_parties)
                rounded = float(arrondi(value, column.decimales))
                sheet.write_number(line, rank, rounded, shape)
    for rank, note in enumerate((*_signs(), *_NOTES), start=line + 2):
        sheet.write_string(rank, 0, note)
    sheet.freeze_panes(_TETE, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2, _TETE - 1)
    sheet.set_footer("&L&F&R&P / &N")


def _signs() -> list[str]:
    """What each sign in place of a figure means."""
    said: dict[str, list[str]] = {}
    for one in statuts().values():
        if one.signe and not one.evolution_seule:
            said.setdefault(one.signe, []).append(one.libelle)
    return [f"{sign} : {', '.join(labels)}" for sign, labels in said.items()]


class _Shapes:
    """How a cell looks: a figure by its decimals, an absence by its statut."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[object, Format] = {}

    def number(self, decimals: int, *, third: bool) -> Format:
        shape = "#,##0" + ("." + "0" * decimals if decimals else "") + ('"†"' if third else "")
        return self._format(shape, {"num_format": shape, "align": "right"})

    def missing(self, statut: str) -> Format:
        """Grey, in italics; on grey what is masked, by whoever."""
        look: dict[str, object] = {"italic": True, "font_color": "#5A6570", "align": "right"}
        if statuts()[statut].secret:
            look["bg_color"] = "#E6EAEE"
        return self._format(f"sans {bool(statuts()[statut].secret)}", look)

    def _format(self, key: str, look: dict[str, object]) -> Format:
        if key not in self._made:
            self._made[key] = self._book.add_format(look)
        return self._made[key]
