"""May the cells behind a figure be shown? Only from the very build that gave the release.

The release holds no mesure. The build database is confidential: nothing is told of it that our
own masks hide in the release, nor any term that would give a masked figure back, nor any cell of
a source under agreement.
"""

from __future__ import annotations

import math

import duckdb

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.publication.explain.facts import CONFIDENTIELS, Composant, Entree, Entrees, Voie
from warehouse.publication.explain.figure_cells import Demande
from warehouse.release.build_database import is_built, open_build
from warehouse.release.published import Chiffre, IndicateurPublie, Territoire
from warehouse.release.reader import Reader

_MANQUE = "les valeurs lues ne sont pas conservées dans une publication"
_AUTRES = "la base de construction présente n'est pas celle d'où vient cette publication"
_ILLISIBLE = "la base de construction ne se lit pas (construction en cours ou interrompue)"
_CONVENTION = "une de ses sources est reçue sous convention : ses cellules ne sont pas dites"
_MASQUE = "une valeur est masquée par le secret : les termes qui la redonneraient ne sont pas dits"


class BuildInputs:
    """The build database of one data folder, beside one open release. Read-only."""

    def __init__(self, layout: Layout, manifest: dict, release: Reader) -> None:
        self._database = layout.warehouse_db
        self._data = layout.root
        self._manifest = manifest
        self._release = release

    def of(self, territoire: Territoire, indicateur: IndicateurPublie, chiffre: Chiffre) -> Entrees:
        """The terms of one figure, or why they cannot be shown."""
        if chiffre.statut in CONFIDENTIELS:
            return Entrees(absence=_MASQUE)
        if not is_built(self._database):
            return self._none(_MANQUE)
        try:
            with open_build(self._database) as build:
                if _under_agreement(build, indicateur.code):
                    return Entrees(absence=_CONVENTION)
                if not self._same_files(build):
                    return self._none(_AUTRES)
                return self._read(
                    Demande(build, territoire, indicateur, chiffre.periode or ""), chiffre
                )
        except (duckdb.Error, QpvError):
            return self._none(_ILLISIBLE)

    def _none(self, reason: str) -> Entrees:
        edition = self._manifest["edition"]
        return Entrees(
            absence=reason,
            faire=f"relancer `qpv build --edition {edition} --data {self._data}` sur les mêmes "
            "fichiers (--sample, --extracts ou le réseau), puis redemander",
        )

    def _same_files(self, build: duckdb.DuckDBPyConnection) -> bool:
        """Same edition, and the same bytes under the same names."""
        editions = build.execute("select id from edition.parametres").fetchall()
        columns = ("source_id", "millesime", "fichier", "sha256")
        built = build.execute(
            f"select {', '.join(columns)} from edition.fichiers where sha256 is not null"
        ).fetchall()
        released = [tuple(f[c] for c in columns) for f in self._manifest["fichiers"] if f["sha256"]]
        return editions == [(self._manifest["edition"],)] and set(built) == set(released)

    def _read(self, demande: Demande, chiffre: Chiffre) -> Entrees:
        own = demande.row("int_indicateurs", "valeur, statut, exclus")
        if own is None or not _same(own[0], own[1], chiffre):
            return self._none(_AUTRES)
        voie = demande.voie()
        if voie == "rapprochement":
            return Entrees(voie=voie, entrees=demande.sides())
        members = demande.members(voie)
        codes = {demande.territoire.code, *members}
        if self._masked(demande, codes):
            return Entrees(absence=_MASQUE)
        cells = demande.cells(codes)
        left_out = set((own[2] or "").split(", "))
        parts = [
            Composant(code, libelle, _counts(code, voie, left_out, cells), cells.get(code, []))
            for code, libelle in members.items()
        ]
        num = den = None
        if chiffre.valeur is not None and voie == "recompose":
            num, den = demande.sums(p.code for p in parts if p.retenue)
        elif chiffre.valeur is not None and voie == "part_ensemble":
            den = sum(_numerator(p.entrees) for p in parts)
            alone = not demande.territoire.est_ensemble
            num = _numerator(cells[demande.territoire.code]) if alone else den
        return Entrees(
            voie=voie,
            entrees=cells.get(demande.territoire.code, []),
            parts=parts,
            numerateur=num,
            denominateur=den,
        )

    def _masked(self, demande: Demande, codes: set[str]) -> bool:
        """Does the release mask, for one of these territories, a figure made of one of the terms?

        All periods count, and one mask is enough to tell nothing.
        """
        masked = {
            c.code_indicateur
            for c in self._release.chiffres(territoires=codes, statuts=CONFIDENTIELS)
        }
        [[shared]] = demande.build.execute(
            "select count(*) from edition.termes as t inner join edition.termes as m using (terme)"
            " where t.code_indicateur = ? and list_contains(?, m.code_indicateur)",
            [demande.indicateur.code, sorted(masked)],
        ).fetchall()
        return shared > 0


def _under_agreement(build: duckdb.DuckDBPyConnection, code: str) -> bool:
    """Does a term of the indicator, or of those that it compares, come under agreement?

    The files of such a source have no fingerprint in the release: nothing tells that they are
    still those it was made of.
    """
    [[found]] = build.execute(
        "select count(*) from edition.termes as t inner join edition.secrets as s"
        " on t.terme = s.mesure where s.acces = 'convention' and t.code_indicateur in"
        " (select $1 union select code_base from edition.rapprochements"
        " where code_indicateur = $1)",
        [code],
    ).fetchall()
    return found > 0


def _same(valeur: float | None, statut: str, released: Chiffre) -> bool:
    """Do build and release say the same of the figure?"""
    if statut != released.statut:
        return False
    if valeur is None or released.valeur is None:
        return statut != "diffuse"
    return math.isclose(valeur, released.valeur, rel_tol=1e-9)


def _counts(code: str, voie: Voie, left_out: set[str], cells: dict[str, list[Entree]]) -> bool:
    """Does this QPV count in the value of the set?"""
    if voie == "part_ensemble":
        return all(e.cellule.valeur is not None for e in cells.get(code, []) if e.cote == "num")
    return code not in left_out


def _numerator(entrees: list[Entree]) -> float:
    return sum(e.coefficient * (e.cellule.valeur or 0) for e in entrees if e.cote == "num")
