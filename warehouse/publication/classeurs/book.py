"""One workbook, sheet by sheet. Text is text, never a formula."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from warehouse.domain.format import periode_courte, propre
from warehouse.domain.statuts import signe_de
from warehouse.publication.classeurs.tableau import KeyColumn, write_tableau
from warehouse.publication.fiches.textes import ND, SECRET

#: A cell longer than what xlsx holds would be dropped whole.
_LONGUEUR = 32_767

_COLONNES_CHIFFRES = {
    "Code du territoire": 20,
    "Territoire": 34,
    "Thème": 20,
    "Code de l'indicateur": 28,
    "Indicateur": 48,
    "Unité": 12,
    "Période": 12,
    "Valeur": 12,
    "Statut": 16,
    "Motif ou réserve": 48,
    "Source": 24,
}
_COLONNES_EVOLUTIONS = {
    "Code du territoire": 20,
    "Territoire": 34,
    "Code de l'indicateur": 28,
    "Indicateur": 48,
    "Unité": 12,
    "De": 12,
    "À": 12,
    "Évolution": 12,
    "Évolution en %": 14,
    "Évolution en points": 18,
    "Comparabilité": 24,
    "Statut": 16,
    "Motif ou réserve": 48,
}
_COLONNES_DEFINITIONS = {
    "Code de l'indicateur": 28,
    "Indicateur": 48,
    "Thème": 20,
    "Unité": 12,
    "Définition": 60,
    "Lecture": 60,
    "Formule": 40,
    "Source": 40,
    "Période": 12,
    "Période de comparaison": 20,
}

_COLONNES_SOURCES = (
    "Source",
    "Millésime",
    "Titre",
    "Fichier",
    "État",
    "Licence",
    "Page",
    "sha256",
    "Réserve",
)
_COLONNES_SERIES = {
    "Code du territoire": 20,
    "Territoire": 34,
    "Code de l'indicateur": 28,
    "Indicateur": 48,
    "Unité": 12,
}
_DITS_DES_SERIES = {
    "Périodes qui se comparent": 36,
    "Ce qui manque, et pourquoi": 48,
    "Sources": 40,
}


@dataclass(frozen=True)
class About:
    """What the first sheet says of the release: its id, edition's title and instant."""

    release_id: str
    titre: str
    publiee_le: datetime


class Book:
    """A workbook. Its texts are shared strings: 45 % less time than in constant memory."""

    def __init__(self, path: Path, about: About) -> None:
        self._about = about
        self._book = xlsxwriter.Workbook(
            str(path),
            {"strings_to_formulas": False, "strings_to_urls": False},
        )
        self._book.set_properties(
            {"title": propre(about.titre), "created": about.publiee_le.replace(tzinfo=None)}
        )
        self._bold = self._book.add_format({"bold": True})
        self._wrap = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._formats: dict[int, Format] = {}

    def tableau(
        self,
        epci: str,
        columns: Sequence[KeyColumn],
        territories: Sequence[tuple],
        figures: Iterable[tuple],
        third_parties: Collection[str],
    ) -> None:
        """The first sheet: a row per territory, its key figures as they are displayed."""
        about = f"{self._about.titre}, publication {self._about.release_id}"
        write_tableau(self._book, (epci, about), columns, territories, figures, third_parties)

    def close(self) -> None:
        self._book.close()

    def read_me(self, epci: str, siren: str, sources: list[tuple], statuts: dict[str, str]) -> None:
        about = self._about
        pages = {
            "Fiche de l'intercommunalité": f"../fiches/epci/{siren}.html",
            "Dans l'explorateur": f"../fiches/explorer.html#QPV@EPCI:{siren}",
            "Dictionnaire": "../dictionnaire.html",
        }
        sheet = self._book.add_worksheet("Lisez-moi")
        sheet.set_column(0, 1, 28)
        sheet.set_column(2, 8, 40)
        rows: list[tuple] = [
            (epci,),
            (about.titre,),
            (f"Publication {about.release_id}, {about.publiee_le:%d/%m/%Y}. Licence Ouverte 2.0.",),
            (),
            ("Tableau", "une ligne par territoire : les chiffres clés, arrondis ; à imprimer"),
            ("Chiffres", "un territoire et un indicateur par ligne, à la période de l'édition"),
            (
                "Séries",
                "une colonne par période ; seules se comparent celles que la colonne "
                "« Périodes qui se comparent » rapproche",
            ),
            (
                "Évolutions",
                "entre deux périodes : les évolutions calculées, masquées ou interdites ; "
                "sans ligne, l'une des deux valeurs manque",
            ),
            ("Définitions", "ce que chaque indicateur compte, et d'où il vient"),
            (),
            *((name,) for name in pages),
            (),
            (SECRET, "masqué par le secret statistique avant publication"),
            (ND, "pas de valeur : la colonne Statut et le motif disent pourquoi"),
            (),
            ("Statut", "Sens"),
            *statuts.items(),
            (),
            _COLONNES_SOURCES,
            *sources,
        ]
        titles = {0, rows.index(("Statut", "Sens")), len(rows) - len(sources) - 1}
        for rank, row in enumerate(rows):
            _texts(sheet, rank, row, self._bold if rank in titles else None)
            if row and row[0] in pages:
                # Within the release: its pages stand beside its workbooks.
                sheet.write_url(rank, 1, f"external:{pages[row[0]]}", string=pages[row[0]][3:])

    def figures(self, rows: Iterable[tuple], titles: dict[str, str]) -> None:
        """Rows of `_CHIFFRES`."""
        sheet = self._sheet("Chiffres", _COLONNES_CHIFFRES)
        line = 0
        for line, row in enumerate(rows, start=1):
            *texts, value, decimals, statut, motif, source = row
            _texts(sheet, line, texts)
            self._number(sheet, line, 7, value, decimals, statut)
            _texts(sheet, line, (statut, motif, titles.get(source, source)), first=8)
        sheet.autofilter(0, 0, line, len(_COLONNES_CHIFFRES) - 1)

    def series(self, rows: Sequence[tuple]) -> None:
        """Rows of `series`: a column per period, and what its cells do not say."""
        periods = sorted({point["periode"] for *_, points in rows for point in points})
        before, after = len(_COLONNES_SERIES), len(_COLONNES_SERIES) + len(periods)
        columns = _COLONNES_SERIES | {periode_courte(p): 11 for p in periods} | _DITS_DES_SERIES
        sheet = self._sheet("Séries", columns)
        places = {p: before + rank for rank, p in enumerate(periods)}
        line = 0
        for line, row in enumerate(rows, start=1):
            *texts, decimals, points = row
            _texts(sheet, line, texts)
            for point in points:
                column = places[point["periode"]]
                self._number(sheet, line, column, point["valeur"], decimals, point["statut"])
            _texts(sheet, line, _said_of_series(points), first=after)
        sheet.autofilter(0, 0, line, len(columns) - 1)

    def evolutions(self, rows: Iterable[tuple]) -> None:
        """Rows of `_EVOLUTIONS`."""
        sheet = self._sheet("Évolutions", _COLONNES_EVOLUTIONS)
        line = 0
        for line, row in enumerate(rows, start=1):
            *texts, number, percent, points, decimals, verdict, statut, motif = row
            _texts(sheet, line, texts)
            if number is percent is points is None:
                sheet.write_string(line, 7, signe_de(statut))
            for column, value in ((7, number), (8, percent), (9, points)):
                if value is not None:
                    places = decimals if column == 7 else 1
                    self._number(sheet, line, column, value, places, statut)
            _texts(sheet, line, (verdict, statut, motif), first=10)
        sheet.autofilter(0, 0, line, len(_COLONNES_EVOLUTIONS) - 1)

    def definitions(self, rows: Iterable[tuple]) -> None:
        """Rows of `_DEFINITIONS`."""
        sheet = self._sheet("Définitions", _COLONNES_DEFINITIONS)
        for line, row in enumerate(rows, start=1):
            _texts(sheet, line, row, self._wrap)

    def _sheet(self, name: str, columns: dict[str, int]) -> Worksheet:
        sheet = self._book.add_worksheet(name)
        for rank, width in enumerate(columns.values()):
            sheet.set_column(rank, rank, width)
        sheet.freeze_panes(1, 2)
        _texts(sheet, 0, tuple(columns), self._bold)
        return sheet

    def _number(
        self,
        sheet: Worksheet,
        line: int,
        column: int,
        value: float | None,
        decimals: int | None,
        statut: str,
    ) -> None:
        """The unrounded value, shown with the indicator's decimals; or the sign of its absence."""
        if value is None:
            sheet.write_string(line, column, signe_de(statut))
            return
        places = decimals or 0
        if places not in self._formats:
            shape = "#,##0" + ("." + "0" * places if places else "")
            self._formats[places] = self._book.add_format({"num_format": shape})
        sheet.write_number(line, column, value, self._formats[places])


def _said_of_series(points: Sequence[dict]) -> tuple[str, str, str]:
    """Which periods may be compared, why figures are missing, which files they come from."""
    links = (
        f"{periode_courte(p['depuis'])} → {periode_courte(p['periode'])}"
        for p in points
        if p["depuis"]
    )
    missing = (
        f"{periode_courte(p['periode'])} : {p['motif'] or p['statut']}"
        for p in points
        if p["valeur"] is None
    )
    sources = dict.fromkeys(p["source"] for p in points if p["source"])
    return " ; ".join(links), " ; ".join(missing), " ; ".join(sources)


def _texts(
    sheet: Worksheet, line: int, row: Iterable, shape: Format | None = None, *, first: int = 0
) -> None:
    """Text cells; `write_string` alone: `write` would read a formula or a link in some of them."""
    for column, text in enumerate(row, start=first):
        if text is not None and text != "":
            sheet.write_string(line, column, _one_line(text), shape)


@lru_cache(maxsize=65_536)
def _one_line(text: object) -> str:
    return propre(text)[:_LONGUEUR]
