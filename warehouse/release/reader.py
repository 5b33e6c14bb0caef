"""The one reader of a release: its rows as values, all of them or those of a few territories."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import cast

import duckdb

from warehouse.release.connect import texte_sql
from warehouse.release.published import (
    Chiffre,
    Evolution,
    FichierPublie,
    IndicateurPublie,
    Rattachement,
    Territoire,
)
from warehouse.release.relations import Relation, expose

_TERRITOIRE = (
    "code_territoire, type_territoire, coalesce(libelle, ''), coalesce(libelle_long, ''),"
    " perimetre, coalesce(code_departement, ''), coalesce(code_epci, ''), est_metropole, nb_qpv,"
    " coalesce(code_region, '')"
)
_INDICATEUR = (
    "code_indicateur, libelle, unite, type, arrondi, definition, agregation, formule, citation,"
    " producteur, periode, periode_comparaison, lecture"
)
_FICHIER = (
    "source_id, millesime, titre, producteur, page, licence, confiance, remarque, fichier,"
    " sha256, etat, periodes"
)
_CHIFFRE = (
    "code_territoire, perimetre, code_indicateur, role, periode, periode_debut, periode_fin,"
    " valeur, statut, motif, source_id, millesime"
)
_EVOLUTION = (
    "code_territoire, perimetre, code_indicateur, periode, periode_comparaison, evolution_nb,"
    " evolution_pct, evolution_pts, statut, motif, comparabilite"
)
_EPCI = (
    "code_qpv, perimetre, code_epci, libelle_epci, part_population, motif_part,"
    " population_dans_epci, population_qpv, source_id, millesime"
)
_COMMUNE = (
    "code_qpv, perimetre, code_commune, libelle_commune, part_population, motif_part,"
    " null, null, null, null, est_complete, code_commune_entiere"
)
#: Rows asked at once: all of them would stand twice in memory.
_LOT = 20_000
#: Columns that a reading may be narrowed by, to some texts each.
Choix = Collection[str] | None


class Reader:
    """Rows of one open release. Where a collection narrows a reader, None stands for all."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._exposed: set[Relation] = set()

    def territoires(
        self, *, codes: Choix = None, types: Choix = None, perimetres: Choix = None
    ) -> list[Territoire]:
        """Territories by code, then perimeter."""
        where = _where(code_territoire=codes, type_territoire=types, perimetre=perimetres)
        rows = self._rows(
            "territoires", _TERRITOIRE, f"{where} order by code_territoire, perimetre"
        )
        return [Territoire(*row) for row in rows]

    def indicateurs(self) -> dict[str, IndicateurPublie]:
        """Every published indicator by code, in the dictionary's order."""
        rows = self._rows("indicateurs", _INDICATEUR, "order by rang")
        return {row[0]: IndicateurPublie(*row) for row in rows}

    def fichiers(self) -> list[FichierPublie]:
        """Every file that the edition names, by source, millésime and name."""
        rows = self._rows("sources", _FICHIER, "order by source_id, millesime, fichier")
        return [FichierPublie(*row) for row in rows]

    def chiffres(
        self,
        *,
        indicateurs: Choix = None,
        territoires: Choix = None,
        perimetres: Choix = None,
        statuts: Choix = None,
    ) -> Iterator[Chiffre]:
        """Figures at the edition's two periods, in no order, as they come: to be read to their end
        before anything else of the release is.
        """
        where = _where(
            code_indicateur=indicateurs,
            code_territoire=territoires,
            perimetre=perimetres,
            statut=statuts,
        )
        return map(Chiffre._make, self._rows("chiffres_choisis", _CHIFFRE, where))

    def evolutions(
        self, *, indicateurs: Choix = None, territoires: Choix = None, perimetres: Choix = None
    ) -> Iterator[Evolution]:
        """Figures between the edition's two periods, as `chiffres` gives those at each."""
        where = _where(
            code_indicateur=indicateurs, code_territoire=territoires, perimetre=perimetres
        )
        return map(Evolution._make, self._rows("evolutions_choisies", _EVOLUTION, where))

    def sans_passe(self, perimetre: str) -> list[tuple[str, str]]:
        """(QPV, why) of those of a perimeter whose figures are compared with nothing."""
        where = _where(perimetre=[perimetre], type_territoire=["qpv"])
        rest = f"{where} and periode_comparaison is null group by code_territoire"
        rows = self._rows("evolutions_choisies", "code_territoire, min(motif)", rest)
        return cast(list[tuple[str, str]], [*rows])

    def epci(self, *, qpv: Choix = None, perimetres: Choix = None) -> list[Rattachement]:
        """The EPCI that each QPV touches, the main one first."""
        where = _where(code_qpv=qpv, perimetre=perimetres)
        rows = self._rows("epci", _EPCI, f"{where} order by code_qpv, rang, code_epci")
        return [Rattachement(*row) for row in rows]

    def communes(self, *, qpv: Choix = None, perimetres: Choix = None) -> list[Rattachement]:
        """The communes that each QPV touches."""
        where = _where(code_qpv=qpv, perimetre=perimetres)
        rows = self._rows("communes", _COMMUNE, f"{where} order by code_qpv, code_commune")
        return [Rattachement(*row) for row in rows]

    def locaux(self, perimetre: str) -> list[tuple[str, str, float]]:
        """(local perimeter, QPV, share in % of the former in the latter), largest first."""
        where = _where(perimetre=[perimetre])
        order = "order by part_perimetre desc, code_qpv"
        rows = self._rows("locaux", "code_perimetre, code_qpv, part_perimetre", f"{where} {order}")
        return cast(list[tuple[str, str, float]], [*rows])

    def etendue(self) -> tuple[date | None, date | None]:
        """The first and last day that its figures describe."""
        [(first, last)] = self._rows("periodes", "min(periode_debut), max(periode_fin)")
        return first, last

    def passages(self) -> bool:
        """Whether the release knows which QPV of two perimeters overlap."""
        return bool([*self._rows("passages", "1", "limit 1")])

    def _rows(self, relation: Relation, columns: str, rest: str = "") -> Iterator[tuple]:
        if relation not in self._exposed:
            expose(self._con, relation)
            self._exposed.add(relation)
        found = self._con.execute(f"select {columns} from publie_{relation} {rest}")
        while rows := found.fetchmany(_LOT):
            yield from rows


def _where(**columns: Choix) -> str:
    """A condition on some columns.

    Texts are written out: to bind them, DuckDB imports numpy, pandas and pyarrow, a third of a
    second, longer than all that `qpv fiche` reads.
    """
    said = [
        f"{name} in ({', '.join(map(texte_sql, sorted(texts))) or 'null'})"
        for name, texts in columns.items()
        if texts is not None
    ]
    return f"where {' and '.join(said)}" if said else ""
