"""Terms, parts and sums of one figure in a build database. Decides nothing of what may be said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from warehouse.publication.explain.facts import Entree, Voie
from warehouse.release.loading import TOTAL_ENSEMBLE
from warehouse.release.published import IndicateurPublie, Territoire, Valeur

_TERMES = """
    select
        t.code_territoire, t.terme, t.cote, t.coefficient,
        if(t.statut = 'diffuse', t.valeur, null), t.statut, t.motif,
        t.source_id, t.millesime, any_value(c.fichier), min(c.ligne), any_value(c.entete)
    from intermediate.int_termes as t
    left join intermediate.int_mesures as m
        on t.code_territoire = m.code_territoire and t.perimetre = m.perimetre
        and t.terme = m.mesure and t.periode_terme = m.periode
    left join landing.mesures as c
        on m.code_territoire = c.code_territoire and m.perimetre = c.perimetre
        and m.mesure = c.mesure and m.periode = c.periode and m.bloc = c.bloc
        and m.source_id = c.source_id and m.millesime = c.millesime
    where t.code_indicateur = $1 and t.periode = $2 and t.perimetre = $3
        and list_contains($4, t.code_territoire)
    group by t.code_territoire, t.terme, t.cote, t.coefficient, t.ordre, t.valeur, t.statut,
        t.motif, t.source_id, t.millesime
    order by t.code_territoire, t.ordre
"""


_COTES = """
    select
        r.code_base, c.cote, 1, if(f.statut = 'diffuse', f.valeur, null),
        coalesce(f.statut, 'sans_objet'), coalesce(f.motif, c.code),
        f.source_id, f.millesime, null, null, null
    from edition.rapprochements as r
    inner join edition.bases_par_periode as b
        on r.code_indicateur = b.code_indicateur and r.code_base = b.code_base and b.periode = $2
    inner join intermediate.int_references as t on r.reference = t.reference
    cross join lateral (
        select 'territoire' as cote, t.code_territoire as code, t.perimetre as perimetre, 0 as rang
        union all
        select 'reference', t.code_reference, '', 1
    ) as c
    left join intermediate.int_indicateurs_directs as f
        on c.code = f.code_territoire and c.perimetre = f.perimetre
        and r.code_base = f.code_indicateur and f.periode = b.periode_base
    where r.code_indicateur = $1 and t.code_territoire = $3 and t.perimetre = $4
    order by r.ordre, c.rang
"""


@dataclass(frozen=True)
class Demande:
    """One figure of one build: territory, indicator, period (empty where no source gives one)."""

    build: duckdb.DuckDBPyConnection
    territoire: Territoire
    indicateur: IndicateurPublie
    periode: str

    def row(self, table: str, columns: str) -> tuple | None:
        """The figure's row in an intermediate table of one row per figure."""
        return self.build.execute(
            f"select {columns} from intermediate.{table}"
            " where code_territoire = ? and perimetre = ? and code_indicateur = ? and periode = ?",
            [self.territoire.code, self.territoire.perimetre, self.indicateur.code, self.periode],
        ).fetchone()

    def voie(self) -> Voie:
        """How int_indicateurs made the value."""
        if self.sides():
            return "rapprochement"
        if TOTAL_ENSEMBLE in self.indicateur.formule:
            return "part_ensemble"
        own = self.row("int_indicateurs_propres", "statut")
        if not self.territoire.est_ensemble or (own and own[0] == "diffuse"):
            [[published]] = self.build.execute(
                "select count(*) from intermediate.int_termes where code_territoire = ?"
                " and perimetre = ? and code_indicateur = ? and periode = ?"
                " and cote = 'publiee' and statut = 'diffuse'",
                [
                    self.territoire.code,
                    self.territoire.perimetre,
                    self.indicateur.code,
                    self.periode,
                ],
            ).fetchall()
            return "publiee" if published else "formule"
        if self.indicateur.agregation == "aucune":
            return "non_recomposable"
        [[complete]] = self.build.execute(
            "select bool_and(est_complet) from intermediate.int_ensembles where code_ensemble = ?",
            [self.territoire.code],
        ).fetchall()
        return "recompose" if complete else "incomplet"

    def members(self, voie: Voie) -> dict[str, str]:
        """Code → label of the QPV whose cells make the value, beside the territory's own."""
        if voie == "recompose" or (voie == "part_ensemble" and self.territoire.est_ensemble):
            ensemble = self.territoire.code
        elif voie == "part_ensemble":
            ensemble = f"QPV@EPCI:{self.territoire.epci}"
        else:
            return {}
        return dict(
            self.build.execute(
                "select e.code_qpv, coalesce(t.libelle_long, '')"
                " from intermediate.int_ensembles as e"
                " left join intermediate.int_territoires as t"
                " on e.code_qpv = t.code_territoire and e.perimetre = t.perimetre"
                " where e.code_ensemble = ? and e.perimetre = ? order by 1",
                [ensemble, self.territoire.perimetre],
            ).fetchall()
        )

    def cells(self, codes: Iterable[str]) -> dict[str, list[Entree]]:
        """Territory → its terms, in the formula's order."""
        found: dict[str, list[Entree]] = {}
        rows = self.build.execute(
            _TERMES, [self.indicateur.code, self.periode, self.territoire.perimetre, sorted(codes)]
        ).fetchall()
        for code, terme, cote, coefficient, valeur, statut, motif, *place in rows:
            cell = Valeur.lue(valeur, statut, motif)
            found.setdefault(code, []).append(Entree(terme, cote, coefficient, cell, *place))
        return found

    def sides(self) -> list[Entree]:
        """Figures of the territory and of its territory of comparison, if it is made of both."""
        rows = self.build.execute(
            _COTES,
            [self.indicateur.code, self.periode, self.territoire.code, self.territoire.perimetre],
        ).fetchall()
        return [
            Entree(terme, cote, coefficient, Valeur.lue(valeur, statut, motif), *place)
            for terme, cote, coefficient, valeur, statut, motif, *place in rows
        ]

    def sums(self, codes: Iterable[str]) -> tuple[float | None, float | None]:
        """Numerator and denominator over these QPV, as the recomposition takes them."""
        [(num, den)] = self.build.execute(
            "select sum(num), sum(den) from intermediate.int_indicateurs_propres"
            " where list_contains(?, code_territoire) and perimetre = ?"
            " and code_indicateur = ? and periode = ?",
            [sorted(codes), self.territoire.perimetre, self.indicateur.code, self.periode],
        ).fetchall()
        return num, den
