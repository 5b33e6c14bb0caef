"""The cells of a release by code: levels, moves, gaps, what the rules say. Judges nothing."""

from __future__ import annotations

from functools import cache, cached_property
from typing import NamedTuple

import duckdb

from warehouse.release.published import IndicateurPublie, Territoire
from warehouse.release.reader import Reader
from warehouse.release.relations import expose

#: Cells of one indicator among which a place taken for another is looked for.
_AROUND = 400


class ReleasedCell(NamedTuple):
    """A figure at one period; `valeur` is None unless its statut is `diffuse`."""

    territoire: str
    indicateur: str
    periode: str
    valeur: float | None
    statut: str
    motif: str | None
    source_id: str | None = None
    millesime: str | None = None


class Move(NamedTuple):
    """A figure between two periods."""

    periode: str
    comparaison: str
    nb: float | None
    pct: float | None
    pts: float | None
    statut: str
    motif: str | None
    en_avant: bool


class Gap(NamedTuple):
    """A figure beside that of a territory of comparison, at one period."""

    reference: str
    periode: str
    ecart: float | None
    unite: str


class PeriodRule(NamedTuple):
    """What the rules say of two periods."""

    comparabilite: str
    motif: str | None


class Cells:
    """What one open release says, asked by code."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        expose(con, "chiffres", "evolutions", "ecarts", "comparabilites", "territoires")
        reader = Reader(con)
        self.territoires: dict[str, Territoire] = {t.code: t for t in reader.territoires()}
        self.indicateurs: dict[str, IndicateurPublie] = reader.indicateurs()
        self._communes = reader.communes()
        self.levels = cache(self._levels)
        self.moves = cache(self._moves)
        self.gaps = cache(self._gaps)

    @cached_property
    def communes(self) -> dict[str, list[str]]:
        """The names of the communes of each quarter."""
        found: dict[str, list[str]] = {}
        for row in self._communes:
            found.setdefault(row.code_qpv, []).append(row.libelle or row.code)
        return found

    def label(self, code: str) -> str:
        """How a territory is called, with its towns."""
        known = self.territoires.get(code)
        return known.avec_communes if known else code

    def _levels(self, territoire: str, indicateur: str) -> list[ReleasedCell]:
        """A figure at each of its periods; without those of no period."""
        rows = self._con.execute(
            "select code_territoire, code_indicateur, periode, valeur, statut, motif, source_id,"
            " millesime from publie_chiffres where code_territoire = $1 and code_indicateur = $2"
            " and periode is not null order by periode",
            [territoire, indicateur],
        )
        return [ReleasedCell(*row) for row in rows.fetchall()]

    def _moves(self, territoire: str, indicateur: str) -> list[Move]:
        rows = self._con.execute(
            "select periode, periode_comparaison, evolution_nb, evolution_pct, evolution_pts,"
            " statut, motif, en_avant from publie_evolutions where code_territoire = $1"
            " and code_indicateur = $2 and periode_comparaison is not null order by all",
            [territoire, indicateur],
        )
        return [Move(*row) for row in rows.fetchall()]

    def _gaps(self, territoire: str, indicateur: str) -> list[Gap]:
        rows = self._con.execute(
            "select distinct code_reference, periode, ecart, unite_ecart from publie_ecarts"
            " where code_territoire = $1 and code_indicateur = $2 order by all",
            [territoire, indicateur],
        )
        return [Gap(*row) for row in rows.fetchall()]

    def comparability(
        self, territoire: str, indicateur: str, later: str, earlier: str
    ) -> PeriodRule | None:
        """What the rules say of two periods of a figure; None where none speaks."""
        for move in self.moves(territoire, indicateur):
            if (move.periode, move.comparaison) == (later, earlier):
                if move.statut == "non_comparable":
                    return PeriodRule("non_comparable", move.motif)
                break
        t = self.territoires[territoire]
        row = self._con.execute(
            "select comparabilite, motif from publie_comparabilites where code_indicateur = $1"
            " and type_territoire = $2 and relation = $3 and periode = $4"
            " and periode_comparaison = $5",
            [indicateur, t.type, t.relation, later, earlier],
        ).fetchone()
        return PeriodRule(*row) if row else None

    def around(self, territoire: str, indicateur: str, periode: str) -> list[ReleasedCell]:
        """The same figure of the territories that one might be taken for: those of its EPCI, of
        its name, and what holds it."""
        t = self.territoires[territoire]
        rows = self._con.execute(
            "select c.code_territoire, code_indicateur, periode, valeur, statut, motif"
            " from publie_chiffres as c inner join publie_territoires as t"
            " on c.code_territoire = t.code_territoire and c.perimetre = t.perimetre"
            " where code_indicateur = $1 and periode = $2 and c.code_territoire <> $3"
            " and statut = 'diffuse' and (t.code_epci = $4 or t.libelle = $5 or"
            " t.code_territoire in ('DEP:' || $6, 'QPV@DEP:' || $6, 'REG:' || $7, 'FRMETRO',"
            " 'QPV@FRMETRO', 'EPCI:' || $4, 'QPV@EPCI:' || $4))"
            f" order by 1 limit {_AROUND}",
            [indicateur, periode, territoire, t.epci or "-", t.libelle, t.departement, t.region],
        )
        return [ReleasedCell(*row) for row in rows.fetchall()]
