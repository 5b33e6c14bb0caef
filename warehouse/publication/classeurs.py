"""One xlsx workbook per EPCI, for those who live in spreadsheets. Text is text, never a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from warehouse.base.processus import coeurs, share_out
from warehouse.domain.format import propre
from warehouse.domain.statuts import signe_de
from warehouse.publication.fiches.textes import ND, SECRET
from warehouse.release.connect import open_writer, texte_sql
from warehouse.release.relations import Relation, expose

#: EPCI below which a second process costs more (about a second to start) than it saves.
_SEULS = 40
#: Workbooks per task: progress is said that often.
_LOT = 10
#: A cell longer than what xlsx holds would be dropped whole.
_LONGUEUR = 32_767

#: Quarters that an EPCI holds, even in part, then its sets, itself and what it is compared with.
_TERRITOIRES = """
create table territoires as
with epci as (
    select distinct code_epci as siren from publie_epci
    where perimetre in (select perimetre from publie_chiffres where type_territoire = 'qpv')
),
membres as (
    select code_epci as siren, code_qpv as code_territoire, perimetre, 1 as ordre
    from publie_epci
    union all
    select code_epci, code_territoire, perimetre, 2 from publie_territoires
    where type_territoire = 'perimetre_local'
    union all
    select siren, 'QPV@EPCI:' || siren, null, 3 from epci
    union all
    select siren, 'EPCI:' || siren, null, 4 from epci
)
select
    m.siren,
    m.ordre,
    t.code_territoire,
    t.perimetre,
    t.type_territoire,
    coalesce(t.libelle_long, t.libelle) as libelle
from membres as m
inner join epci on m.siren = epci.siren
inner join publie_territoires as t
    on m.code_territoire = t.code_territoire
    and (m.perimetre is null or m.perimetre = t.perimetre)
"""
_INDICATEURS = "create table indicateurs as from publie_indicateurs"
_CHIFFRES = """
create table chiffres as
select
    t.siren,
    t.code_territoire,
    t.libelle,
    i.theme,
    i.code_indicateur,
    i.libelle as indicateur,
    i.unite,
    f.periode,
    f.valeur,
    i.arrondi,
    f.statut,
    f.motif,
    f.source_id || ' ' || f.millesime as source
from territoires as t
inner join publie_chiffres as f
    on t.code_territoire = f.code_territoire and t.perimetre = f.perimetre
inner join indicateurs as i on f.code_indicateur = i.code_indicateur and f.periode = i.periode
order by t.siren, t.ordre, t.libelle, t.code_territoire, i.rang
"""
_EVOLUTIONS = """
create table evolutions as
select
    t.siren,
    t.code_territoire,
    t.libelle,
    i.code_indicateur,
    i.libelle as indicateur,
    i.unite,
    e.periode_comparaison,
    e.periode,
    e.evolution_nb,
    e.evolution_pct,
    e.evolution_pts,
    i.arrondi,
    e.comparabilite,
    e.statut,
    e.motif
from territoires as t
inner join publie_evolutions_choisies as e
    on t.code_territoire = e.code_territoire and t.perimetre = e.perimetre
inner join indicateurs as i on e.code_indicateur = i.code_indicateur
where e.statut in ('diffuse', 'non_comparable') or starts_with(e.statut, 'secret')
order by t.siren, t.ordre, t.libelle, t.code_territoire, i.rang
"""
_DEFINITIONS = """
select code_indicateur, libelle, theme, unite, definition, lecture, formule, citation, periode,
    periode_comparaison
from indicateurs order by rang
"""
_SOURCES = """
select source_id, millesime, titre, fichier, etat, licence, page, sha256, remarque
from sources order by all
"""
_LIBELLE = "select libelle from territoires where code_territoire = ?"
_LIGNES = "select * exclude (siren) from {} where siren = ?"
_LUES: list[Relation] = [
    "chiffres",
    "evolutions_choisies",
    "territoires",
    "indicateurs",
    "sources",
    "epci",
]
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


@dataclass(frozen=True)
class About:
    """What the first sheet says of the release: its id, edition's title and instant."""

    release_id: str
    titre: str
    publiee_le: datetime


def write_workbooks(
    release: Path,
    about: About,
    statuts: dict[str, str],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path]:
    """`classeurs/<siren>.xlsx` for each EPCI that holds a quarter of the edition, even in part.

    Args:
        release: a folder with `qpv.duckdb`, which nobody writes.
        statuts: statut → what it means.
        progress: called with how many are done, of how many.
    """
    folder = release / "classeurs"
    folder.mkdir()
    with TemporaryDirectory(prefix="classeurs-") as aside:
        rows = Path(aside) / "lignes.duckdb"
        sirens = _prepare(release, rows)
        write = partial(_write_some, rows, folder, about, statuts)
        if len(sirens) < _SEULS or coeurs() == 1:
            write(sirens)
            progress(len(sirens), len(sirens))
            return [folder / f"{siren}.xlsx" for siren in sirens]
        lots = [sirens[i : i + _LOT] for i in range(0, len(sirens), _LOT)]
        done = 0
        for finished in share_out(write, lots, "classeurs"):
            done += finished
            progress(done, len(sirens))
    return [folder / f"{siren}.xlsx" for siren in sirens]


def _prepare(release: Path, rows: Path) -> list[str]:
    """The rows of every workbook in a database of their own, sorted; EPCI, most rows first."""
    with open_writer(rows) as con:
        con.execute(f"attach {texte_sql(release / 'qpv.duckdb')} as publiee (read_only)")
        expose(con, *_LUES, of="publiee")
        for query in (_TERRITOIRES, _INDICATEURS, _CHIFFRES, _EVOLUTIONS):
            con.execute(query)
        con.execute("create table sources as select * from publie_sources")
        sized = "select siren from territoires group by 1 order by count(*) desc, 1"
        return [siren for (siren,) in con.execute(sized).fetchall()]


def _write_some(
    rows: Path, folder: Path, about: About, statuts: dict[str, str], sirens: Sequence[str]
) -> int:
    """Write some workbooks; how many."""
    with duckdb.connect(str(rows), read_only=True, config={"threads": 1}) as con:
        con.execute("set enable_progress_bar = false")  # a process of its own would show it

        def read(query: str, *values: str) -> list[tuple]:
            return con.execute(query, values).fetchall()

        definitions, sources = read(_DEFINITIONS), read(_SOURCES)
        titles = {f"{s} {m}": f"{titre} ({m})" for s, m, titre, *_ in sources}
        for siren in sirens:
            label = read(_LIBELLE, f"EPCI:{siren}")
            book = _Book(folder / f"{siren}.xlsx", about)
            book.read_me(label[0][0] if label else siren, sources, statuts)
            book.figures(read(_LIGNES.format("chiffres"), siren), titles)
            book.evolutions(read(_LIGNES.format("evolutions"), siren))
            book.definitions(definitions)
            book.close()
    return len(sirens)


class _Book:
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

    def close(self) -> None:
        self._book.close()

    def read_me(self, epci: str, sources: list[tuple], statuts: dict[str, str]) -> None:
        about = self._about
        sheet = self._book.add_worksheet("Lisez-moi")
        sheet.set_column(0, 1, 28)
        sheet.set_column(2, 8, 40)
        rows: list[tuple] = [
            (epci,),
            (about.titre,),
            (f"Publication {about.release_id}, {about.publiee_le:%d/%m/%Y}. Licence Ouverte 2.0.",),
            (),
            ("Chiffres", "un territoire et un indicateur par ligne, à la période de l'édition"),
            (
                "Évolutions",
                "entre deux périodes : les évolutions calculées, masquées ou interdites ; "
                "sans ligne, l'une des deux valeurs manque",
            ),
            ("Définitions", "ce que chaque indicateur compte, et d'où il vient"),
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
