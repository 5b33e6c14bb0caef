"""Every fact about one indicator of one territory, from a release. Words and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import duckdb

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.domain.producteur import CODE as CODE_PRODUCTEUR
from warehouse.domain.types_territoire import types_territoire
from warehouse.publication.explain.comparison_limits import REGLES, Regle
from warehouse.publication.explain.facts import (
    Chiffre,
    Contexte,
    Entrees,
    Evolution,
    Explication,
    Indicateur,
    Recouvrement,
    Role,
    Source,
    Territoire,
    Valeur,
    Voisin,
)
from warehouse.publication.explain.inputs import BuildInputs
from warehouse.publication.explain.kept_verdicts import Verdicts
from warehouse.publication.explain.lookup import check_periode, find_indicateur, find_territoire
from warehouse.release.connect import open_release
from warehouse.release.promotion import latest_release, read_manifest
from warehouse.release.territory_lookup import overlaps

_SOURCE = (
    "source_id, millesime, titre, producteur, page, licence, confiance, remarque, fichier,"
    " sha256, etat"
)


def explain(
    layout: Layout,
    code_territoire: str,
    code_indicateur: str,
    periode: str | None = None,
    regles: Sequence[Regle] = REGLES,
) -> Explication:
    """Where a figure of the latest release comes from and what it may be compared with.

    Args:
        periode: one of the indicator's periods; without it all of them, the level first.
        regles: comparability rules to ask, those known here unless more are given.

    Raises:
        QpvError: no release, or an unknown territory, indicator or period.
    """
    release = latest_release(layout)
    manifest = read_manifest(release)
    with open_release(release) as con:
        territoire = find_territoire(con, code_territoire, manifest["perimetre"])
        indicateur = find_indicateur(con, code_indicateur)
        verdicts = Verdicts(release)
        reader = _Reader(con, territoire, indicateur, BuildInputs(layout, manifest, con), verdicts)
        chiffres = list(reader.chiffres())
        if not chiffres:
            raise QpvError(
                f"la publication n'a aucune ligne pour {territoire.code} et {indicateur.code}",
                ou=str(release),
            )
        contexte = Contexte(
            territoire=territoire,
            indicateur=indicateur,
            chiffres=chiffres,
            evolution=reader.evolution(),
            recouvrements=[Recouvrement(*row) for row in overlaps(con, territoire.code)],
            passage_connu=bool(reader.rows("select 1 from passage_qpv limit 1")),
            epci_touches=reader.epci(),
            interdits=verdicts.interdits(indicateur, territoire),
        )
    limites = [limite for regle in regles for limite in regle(contexte)]
    if periode is not None:
        known = [c.periode for c in chiffres if c.periode]
        kept = check_periode(periode, known, f"{indicateur.code} de {territoire.code}")
        contexte = replace(contexte, chiffres=[c for c in chiffres if c.periode == kept])
    return Explication(manifest["release_id"], manifest["titre"], contexte, limites)


class _Reader:
    """One pass over one open release, for one territory and one indicator."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        territoire: Territoire,
        indicateur: Indicateur,
        inputs: BuildInputs,
        verdicts: Verdicts,
    ) -> None:
        self.con, self.territoire, self.indicateur = con, territoire, indicateur
        self.inputs, self.verdicts = inputs, verdicts

    def rows(self, sql: str, *values: object) -> list[tuple]:
        return self.con.execute(sql, values).fetchall()

    def chiffres(self) -> Iterable[Chiffre]:
        """The level, then the comparison."""
        t, i = self.territoire, self.indicateur
        for periode, debut, fin, valeur, statut, motif, *source in self.rows(
            "select periode, periode_debut, periode_fin, valeur, statut, motif, source_id,"
            " millesime from fct_indicateur"
            " where code_territoire = ? and perimetre = ? and code_indicateur = ?"
            " order by periode is distinct from ?, periode desc",
            t.code,
            t.perimetre,
            i.code,
            i.periode,
        ):
            role: Role = "niveau" if periode == i.periode else "comparaison"
            read = Valeur.lue(valeur, statut, motif)
            entrees = self.inputs.of(t, i, role, read)
            yield Chiffre(
                role=role,
                periode=periode,
                debut=debut,
                fin=fin,
                valeur=read,
                sources=self._sources(tuple(source), entrees),
                entrees=entrees,
                sans_valeur=self._sans_valeur(periode),
                voisins=self._voisins(periode),
            )

    def evolution(self) -> Evolution | None:
        """What the edition computes between its two periods, if it has two."""
        rows = self.rows(
            "select periode, periode_comparaison, evolution_nb, evolution_pct, evolution_pts,"
            " statut, motif, comparabilite from fct_evolution"
            " where code_territoire = ? and perimetre = ? and code_indicateur = ?",
            self.territoire.code,
            self.territoire.perimetre,
            self.indicateur.code,
        )
        if not rows:
            return None
        periode, comparaison, nb, pct, pts, statut, motif, verdict = rows[0]
        if statut != "diffuse":
            nb = pct = pts = None
        found = Evolution(periode, comparaison, nb, pct, pts, statut, motif, verdict)
        return replace(found, verdict=self.verdicts.of(found, self.indicateur, self.territoire))

    def epci(self) -> list[str]:
        """Labels of the EPCI that a QPV touches, the main one first."""
        return [
            libelle or code
            for code, libelle in self.rows(
                "select code_epci, libelle_epci from pont_qpv_epci"
                " where code_qpv = ? and perimetre = ? order by rang",
                self.territoire.code,
                self.territoire.perimetre,
            )
        ]

    def _sources(self, own: tuple[str | None, str | None], entrees: Entrees) -> list[Source]:
        """Files of the figure's source, then those of its other terms."""
        keys = dict.fromkeys([own])
        for terms in [entrees.entrees, *(p.entrees for p in entrees.parts)]:
            keys.update(dict.fromkeys((e.source_id, e.millesime) for e in terms))
        return [
            Source(*row)
            for source_id, millesime in keys
            if source_id
            for row in self.rows(
                f"select {_SOURCE} from dim_source where source_id = ? and millesime = ?"
                " order by etat desc, fichier",
                source_id,
                millesime,
            )
        ]

    def _sans_valeur(self, periode: str | None) -> list[tuple[str, str, Valeur]]:
        """QPV of a set that can be recomposed, whose own figure is not published."""
        t = self.territoire
        if not t.est_ensemble or self.indicateur.agregation == "aucune":
            return []
        member, key = {
            "epci": (
                "t.code_territoire in (select code_qpv from pont_qpv_epci"
                " where code_epci = $4 and perimetre = $2)",
                t.epci,
            ),
            "departement": ("t.code_departement = $4", t.departement),
            "france": ("t.est_metropole and $4 is null", None),
        }[types_territoire()[t.type].tout or ""]
        return [
            (code, libelle, Valeur.lue(None, statut, motif))
            for code, libelle, statut, motif in self.rows(
                "select t.code_territoire, t.libelle_long, f.statut, f.motif"
                " from dim_territoire as t"
                " inner join fct_indicateur as f on t.code_territoire = f.code_territoire"
                " and t.perimetre = f.perimetre where f.code_indicateur = $1 and t.perimetre = $2"
                " and f.periode is not distinct from $3 and f.statut <> 'diffuse'"
                f" and t.type_territoire = 'qpv' and {member} order by 1",
                self.indicateur.code,
                t.perimetre,
                periode,
                key,
            )
        ]

    def _voisins(self, periode: str | None) -> list[Voisin]:
        """The sets and territories that a fiche shows below this one."""
        t = self.territoire
        codes = []
        touched = self.rows(
            "select code_epci from pont_qpv_epci where code_qpv = ? and perimetre = ?"
            " order by rang",
            t.code,
            t.perimetre,
        )
        epci = [code for (code,) in touched] or [t.epci]
        for prefix, keys in (("EPCI:", epci), ("DEP:", [t.departement])):
            codes += [f"{head}{prefix}{k}" for k in keys if k for head in ("QPV@", "")]
        if t.type != "qpv" or t.est_metropole:
            codes += ["QPV@FRMETRO", CODE_PRODUCTEUR, "FRMETRO"]
        found = {
            code: Voisin(code, libelle, Valeur.lue(*value))
            for code, libelle, *value in self.rows(
                "select t.code_territoire, t.libelle, f.valeur, f.statut, f.motif"
                " from fct_indicateur as f inner join dim_territoire as t"
                " on f.code_territoire = t.code_territoire and f.perimetre = t.perimetre"
                " where list_contains(?, f.code_territoire) and f.code_indicateur = ?"
                " and f.periode is not distinct from ? and f.statut <> 'sans_objet'",
                [c for c in codes if c != t.code],
                self.indicateur.code,
                periode,
            )
        }
        return [found[c] for c in codes if c in found]
