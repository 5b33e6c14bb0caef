"""The figures of a chosen list of indicators around one place, as a table. Renders nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb

from warehouse.base.errors import QpvError
from warehouse.declared.ensembles import EnsembleDIndicateurs
from warehouse.domain import format as f
from warehouse.domain.statuts import signe_de
from warehouse.publication.profils import mots
from warehouse.release.connect import open_reader, texte_sql
from warehouse.release.published import IndicateurPublie, Territoire
from warehouse.release.reader import Reader
from warehouse.release.relations import expose
from warehouse.release.territory_lookup import close, find_code

_PARTIEL = "calculé sur "


class CaseDeBarometre(NamedTuple):
    """A figure that the release puts forward; `valeur` is None unless its statut is `diffuse`."""

    periode: str
    valeur: float | None
    statut: str
    motif: str
    source: str
    millesime: str
    tierce: bool


#: By indicator and territory.
Cases = dict[tuple[str, str], CaseDeBarometre]


@dataclass(frozen=True)
class LigneDeBarometre:
    """One line as printed: period, figures by column, range of the quarters, move."""

    mots: str
    unite: str
    periode: str
    cellules: list[str]
    etendue: str
    mouvement: str


@dataclass(frozen=True)
class Barometre:
    """The whole page. `colonnes` name the figures of each line."""

    code: str
    nom: str
    titre: str
    accroche: str
    colonnes: list[str]
    themes: list[tuple[str, list[LigneDeBarometre]]]


@dataclass(frozen=True)
class Autour:
    """Which territories stand on the page of a place: its columns, and its quarters."""

    code: str
    colonnes: list[tuple[str, str]]  # code, title
    quartiers: list[str]
    propre: str | None  # the set, or the one quarter, whose period and move a line bears


class Lecteur:
    """Reads the barometers of one release."""

    def __init__(self, db: Path, ensemble: EnsembleDIndicateurs, path: Path, perimetre: str):
        self._db, self._ensemble, self._path, self._perimetre = db, ensemble, path, perimetre

    def read(self, said: str) -> tuple[Barometre, list[tuple[object, ...]]]:
        """The page of an EPCI or a commune, and its table.

        Raises:
            QpvError: no such place, no quarter in it, or an indicator that is not published.
        """
        with open_reader(self._db) as con:
            reader = Reader(con)
            known = reader.indicateurs()
            self._require(known)
            code = find_code(con, f"COM:{said}" if len(said.strip()) == 5 else said)
            places = {t.code: t for t in reader.territoires(perimetres=[self._perimetre, ""])}
            around = self._around(reader, places, code)
            cells = self._cells(con, around)
            moves = self._moves(con, around)
        page = self._page(around, places, known, cells, moves)
        return page, [*self._rows(around, places, known, cells)]

    def communes_of(self, said: str) -> list[str]:
        """The communes of an EPCI that have a quarter; none of a commune."""
        with open_reader(self._db) as con:
            siren = find_code(con, said).removeprefix("EPCI:")
            reader = Reader(con)
            mine = {t.code for t in reader.territoires(types=["commune"]) if t.epci == siren}
            bridges = reader.communes(perimetres=[self._perimetre])
            return sorted(mine & {f"COM:{b.entiere or b.code}" for b in bridges})

    def _require(self, known: Mapping[str, IndicateurPublie]) -> None:
        for rank, theme in enumerate(self._ensemble.themes):
            for at, ligne in enumerate(theme.lignes):
                if ligne.indicateur not in known:
                    near = close(ligne.indicateur, {code: code for code in known})
                    raise QpvError(
                        f"indicateur inconnu : {ligne.indicateur!r}",
                        ou=f"{self._path.name}, clé themes.{rank}.lignes.{at}.indicateur",
                        attendu="un indicateur publié",
                        faire=f"écrire {', '.join(near)} ?" if near else "lire le dictionnaire",
                    )

    def _around(self, reader: Reader, places: Mapping[str, Territoire], code: str) -> Autour:
        kind, _, bare = code.partition(":")
        if kind not in ("EPCI", "COM"):
            raise QpvError(
                f"pas de baromètre pour {code}",
                attendu="le siren d'un EPCI, ou une commune (COM:59172)",
                faire="donner l'EPCI ou la commune ; la fiche d'un quartier : `qpv fiche`",
            )
        bridges = reader.epci(perimetres=[self._perimetre])
        if kind == "COM":
            bridges = reader.communes(perimetres=[self._perimetre])
        mine = {b.code_qpv for b in bridges if bare in (b.code, b.entiere)}
        quarters = sorted(q for q in mine if q in places)
        if not quarters:
            raise QpvError(
                f"aucun quartier de cette publication n'est dans {code}",
                attendu="un EPCI ou une commune qui a un QPV",
                faire="chercher le territoire dans fiches/index.html",
            )
        own = f"QPV@{code}" if f"QPV@{code}" in places else None
        title = "Ses quartiers"
        if own is None and len(quarters) == 1:
            own, title = quarters[0], "Son quartier"
        here = [(own, title)] if own else []
        columns = [*here, (code, "EPCI" if kind == "EPCI" else "Commune")]
        if kind == "COM" and (epci := places.get(code)) and epci.epci:
            columns.append((f"EPCI:{epci.epci}", "EPCI"))
        abroad = all(places[q].est_metropole is False for q in quarters)
        wider = [("FR", "France")] if abroad else [
            ("QPV@FRMETRO", "QPV de métropole"), ("FRMETRO", "Métropole")
        ]  # fmt: skip
        columns += [one for one in wider if one[0] in places]
        return Autour(code, columns, quarters, own)

    def _cells(self, con: duckdb.DuckDBPyConnection, around: Autour) -> Cases:
        reader = Reader(con)
        third = {one.cle for one in reader.fichiers() if one.est_tierce}
        wanted = {*(code for code, _ in around.colonnes), *around.quartiers}
        found = {}
        for one in reader.chiffres(
            indicateurs=self._ensemble.indicateurs,
            territoires=wanted,
            perimetres=[self._perimetre, ""],
        ):
            if one.role == "niveau":
                found[one.code_indicateur, one.code_territoire] = CaseDeBarometre(
                    one.periode or "",
                    one.valeur,
                    one.statut,
                    f.propre(one.motif),
                    one.source_id or "",
                    one.millesime or "",
                    (one.source_id, one.millesime) in third,
                )
        return found

    def _moves(self, con: duckdb.DuckDBPyConnection, around: Autour) -> dict[str, tuple]:
        """Indicator → how its figure moved since the oldest comparable period, where it may."""
        if around.propre is None:
            return {}
        expose(con, "evolutions")
        codes = ", ".join(texte_sql(code) for code in self._ensemble.indicateurs)
        rows = con.execute(
            "select code_indicateur, periode_comparaison, evolution_nb, evolution_pct,"
            " evolution_pts, comparabilite = 'comparable_avec_reserve' from publie_evolutions"
            f" where premiere and statut = 'diffuse' and code_indicateur in ({codes})"
            f" and code_territoire = {texte_sql(around.propre)}"
            f" and perimetre = {texte_sql(self._perimetre)}"
        ).fetchall()
        return {code: tuple(row) for code, *row in rows}

    def _page(
        self,
        around: Autour,
        places: Mapping[str, Territoire],
        known: Mapping[str, IndicateurPublie],
        cells: Cases,
        moves: Mapping[str, tuple],
    ) -> Barometre:
        themes = [
            (
                mots.imprime(f.propre(theme.titre)),
                [
                    self._line(known[x.indicateur], f.propre(x.mots), around, cells, moves)
                    for x in theme.lignes
                ],
            )
            for theme in self._ensemble.themes
        ]
        count = len(around.quartiers)
        place = places.get(around.code)
        return Barometre(
            code=around.code,
            nom=mots.imprime(f.propre(place.libelle)) if place else around.code,
            titre=mots.imprime(f.propre(self._ensemble.titre)),
            accroche=f"{count} quartier{'s' if count > 1 else ''} du périmètre {self._perimetre}",
            colonnes=[title for _, title in around.colonnes],
            themes=themes,
        )

    def _line(
        self,
        about: IndicateurPublie,
        words: str,
        around: Autour,
        cells: Cases,
        moves: Mapping[str, tuple],
    ) -> LigneDeBarometre:
        quarters = [cells[key] for q in around.quartiers if (key := (about.code, q)) in cells]
        own = cells.get((about.code, around.propre or ""))
        shown = [one for one in [own, *quarters] if one and one.valeur is not None]
        periode = shown[0].periode if shown else ""
        printed = [
            _printed(cells.get((about.code, code)), periode, about.arrondi)
            for code, _ in around.colonnes
        ]
        return LigneDeBarometre(
            mots=mots.imprime(words),
            unite=f.typographie(about.unite),
            periode=f.periode_courte(periode) if periode else "",
            cellules=printed,
            etendue=_range(quarters, periode, about.arrondi, len(around.quartiers)),
            mouvement=_move(moves.get(about.code), own, periode),
        )

    def _rows(
        self,
        around: Autour,
        places: Mapping[str, Territoire],
        known: Mapping[str, IndicateurPublie],
        cells: Cases,
    ) -> Iterator[tuple[object, ...]]:
        """A row per theme, indicator and territory, figures unrounded."""
        wanted = dict.fromkeys([*(code for code, _ in around.colonnes), *around.quartiers])
        for theme in self._ensemble.themes:
            for ligne in theme.lignes:
                about = known[ligne.indicateur]
                for code in wanted:
                    one = cells.get((ligne.indicateur, code))
                    if one is None:
                        continue
                    place = places.get(code)
                    yield (
                        f.propre(theme.titre),
                        about.code,
                        f.propre(ligne.mots),
                        about.unite,
                        code,
                        place.libelle_long or place.libelle if place else code,
                        one.periode,
                        one.valeur,
                        one.statut,
                        one.motif,
                        one.source,
                        one.millesime,
                    )


def _printed(case: CaseDeBarometre | None, periode: str, arrondi: int) -> str:
    """A figure of the line's period; one of another period is not set beside it."""
    if case is None or (case.valeur is not None and periode and case.periode != periode):
        return "nd"
    if case.valeur is None:
        return signe_de(case.statut)
    mark = "†" * case.tierce + "°" * (_PARTIEL in case.motif)
    return f.nombre(case.valeur, arrondi) + mark


def _range(quarters: list[CaseDeBarometre], periode: str, arrondi: int, total: int) -> str:
    """From the lowest quarter to the highest, and how many of them are told."""
    known = sorted(c.valeur for c in quarters if c.valeur is not None and c.periode == periode)
    if len(known) < 2:
        return ""
    ends = f"{f.nombre(known[0], arrondi)} à {f.nombre(known[-1], arrondi)}"
    return ends if len(known) == total else f"{ends} ({len(known)} sur {total})"


def _move(move: tuple | None, own: CaseDeBarometre | None, periode: str) -> str:
    """How much, since when; a rate moves in points, a count in number."""
    if move is None or own is None or own.valeur is None or own.periode != periode:
        return ""
    depuis, count, percent, points, reserved = move
    since = mots.depuis(depuis) + " *" * bool(reserved)
    if points is not None:
        return f"{f.nombre(points, 1, signe=True)} pt {since}"
    if count is None:
        return ""
    said = f.nombre(count, 0, signe=True)
    if percent is not None and abs(own.valeur - count) >= 100:
        said = f"{f.nombre(percent, 1, signe=True)}{f.FINE}%"
    return f"{said} {since}"
