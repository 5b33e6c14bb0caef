"""The questions that a program may ask of one release, each with its answer or its refusal.

Nothing outside the tables of the release is read, and no text of a client is ever a query.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import load_dictionary
from warehouse.declared.profile import load_profil
from warehouse.domain.format import periode_longue
from warehouse.domain.perimetres import neighbour
from warehouse.publication.answers.cell_answers import point, shown, withheld
from warehouse.publication.answers.comparisons import between_periods, between_places
from warehouse.publication.answers.refusal import Answer, Refusal, given, plain, refused
from warehouse.publication.explain.comparison_limits import (
    AUTRES_POPULATIONS,
    d_agregation,
    de_regle,
)
from warehouse.publication.explain.kept_verdicts import Verdicts
from warehouse.release.connect import open_release, texte_sql
from warehouse.release.promotion import read_manifest
from warehouse.release.published import IndicateurPublie, Territoire
from warehouse.release.reader import Reader
from warehouse.release.relations import expose
from warehouse.release.released_cells import Cells, ReleasedCell
from warehouse.release.search import chercher
from warehouse.release.series import LUES, liens
from warehouse.release.territory_lookup import find_code

#: Rows of a list that is not asked whole.
_LISTED = 20


class Asked:
    """One open release, asked by several clients one after the other."""

    def __init__(self, release: Path) -> None:
        """
        Raises:
            QpvError: no such release, or it is not what was published.
        """
        manifest = read_manifest(release)
        self.publication: str = manifest["release_id"]
        self.titre: str = manifest["titre"]
        self._con = open_release(release)
        self._cells = Cells(self._con)
        self._reader = Reader(self._con)
        self._verdicts = Verdicts(release)
        expose(self._con, "semblables", *LUES)
        self._one = threading.Lock()

    def close(self) -> None:
        self._con.close()

    def find(self, texte: str) -> Answer:
        """Territories and indicators that hold all these words."""
        return self._answered(lambda: self._find(plain(texte, "recherche")))

    def figure(self, territoire: str, indicateur: str, periode: str | None = None) -> Answer:
        """One figure; without a period, that which the edition puts forward."""
        return self._answered(lambda: self._figure(territoire, indicateur, periode))

    def profile(self, territoire: str) -> Answer:
        """The key figures of a place."""
        return self._answered(lambda: self._profile(territoire))

    def periods(self, territoire: str, indicateur: str, de: str, a: str) -> Answer:
        """A figure between two periods, where the rules let them be compared."""

        def answer() -> Answer:
            t, i = self._named(territoire, indicateur)
            known = [c.periode for c in self._cells.levels(t.code, i.code)]
            pair = sorted((self._period(de, known, i), self._period(a, known, i)))
            return between_periods(self._cells, self._verdicts, self.publication, t, i, *pair)

        return self._answered(answer)

    def places(
        self, territoire: str, avec: str, indicateur: str, periode: str | None = None
    ) -> Answer:
        """A figure beside that of another place, where the rules let them be compared."""

        def answer() -> Answer:
            t, i = self._named(territoire, indicateur)
            other = self._territory(avec)
            cell = self._cell(t, i, periode)
            return between_places(self._cells, self.publication, t, other, i, cell)

        return self._answered(answer)

    def series(self, territoire: str, indicateur: str) -> Answer:
        """Every period of a figure, and which of them may be joined."""
        return self._answered(lambda: self._series(territoire, indicateur))

    def similar(self, quartier: str) -> Answer:
        """The quarters that are most like one."""
        return self._answered(lambda: self._similar(quartier))

    def explanation(self, territoire: str, indicateur: str, periode: str | None = None) -> Answer:
        """Where a figure comes from, what it means, what it may not be compared with."""
        return self._answered(lambda: self._explanation(territoire, indicateur, periode))

    def citation(self, territoire: str, indicateur: str, periode: str | None = None) -> Answer:
        """A sentence to print, with its source and its token."""
        return self._answered(lambda: self._citation(territoire, indicateur, periode))

    def _answered(self, answer: Callable[[], Answer]) -> Answer:
        with self._one:
            try:
                return answer()
            except Refusal as refusal:
                return refused(self.publication, refusal)
            except QpvError as error:
                return refused(self.publication, Refusal("inconnu", str(error)))

    def _find(self, texte: str) -> Answer:
        found = chercher(self._con, texte).limit(_LISTED).fetchall()
        rows = [dict(zip(("sorte", "code", "libelle", "precision"), r, strict=True)) for r in found]
        return given(self.publication, None, None, trouves=rows)

    def _territory(self, said: str) -> Territoire:
        return self._cells.territoires[find_code(self._con, plain(said, "territoire"))]

    def _named(self, territoire: str, indicateur: str) -> tuple[Territoire, IndicateurPublie]:
        t = self._territory(territoire)
        code = load_dictionary().code_de(plain(indicateur, "indicateur").lower())
        known = self._cells.indicateurs.get(code)
        if not known:
            said = f"indicateur inconnu ou non publié : {code!r} ; le chercher par ses mots"
            raise Refusal("inconnu", said)
        return t, known

    @staticmethod
    def _period(said: str, known: list[str], i: IndicateurPublie) -> str:
        wanted = plain(said, "période").upper()
        if wanted not in known:
            there = ", ".join(known) or "aucune"
            raise Refusal("periode", f"{i.code} n'a pas la période {wanted} ; périodes : {there}")
        return wanted

    def _cell(self, t: Territoire, i: IndicateurPublie, periode: str | None) -> ReleasedCell:
        """One cell; a territory without a row of it is said so."""
        cells = self._cells.levels(t.code, i.code)
        if not cells:
            raise Refusal("sans_objet", f"la publication n'a pas {i.code} de {t.code}")
        known = [c.periode for c in cells]
        wanted = self._period(periode, known, i) if periode else i.periode or known[-1]
        return next((c for c in cells if c.periode == wanted), cells[-1])

    def _figure(self, territoire: str, indicateur: str, periode: str | None) -> Answer:
        t, i = self._named(territoire, indicateur)
        cell = self._cell(t, i, periode)
        return given(self.publication, cell.statut, cell.motif, **self._diffused(cell, t, i))

    def _diffused(self, cell: ReleasedCell, t: Territoire, i: IndicateurPublie) -> Answer:
        """What a cell is of, and its value.

        Raises:
            Refusal: it is not diffused.
        """
        place = self._place(t, i)
        if refusal := withheld(cell, periode=cell.periode, **place):
            raise refusal
        return place | shown(self.publication, cell, i)

    @staticmethod
    def _place(t: Territoire, i: IndicateurPublie) -> dict[str, Any]:
        return {
            "territoire": {"code": t.code, "libelle": t.avec_communes, "perimetre": t.perimetre},
            "indicateur": {"code": i.code, "libelle": i.libelle},
        }

    def _profile(self, territoire: str) -> Answer:
        t = self._territory(territoire)
        lines = []
        for line in load_profil().lignes:
            i = self._cells.indicateurs.get(line.indicateur)
            cells = self._cells.levels(t.code, line.indicateur) if i else []
            if not i or not cells:
                continue
            own = next((c for c in cells if c.periode == i.periode), cells[-1])
            lines.append(
                point(self.publication, own, i) | {"indicateur": i.code, "libelle": i.libelle}
            )
        said = {"code": t.code, "libelle": t.avec_communes, "perimetre": t.perimetre}
        return given(self.publication, None, None, territoire=said, lignes=lines)

    def _series(self, territoire: str, indicateur: str) -> Answer:
        t, i = self._named(territoire, indicateur)
        where = f"code_territoire = {texte_sql(t.code)} and code_indicateur = {texte_sql(i.code)}"
        rows = self._con.execute(liens(where)).fetchall()
        joined = {row[3]: row[4:] for row in rows if row[1] == t.perimetre}
        points = []
        for cell in self._cells.levels(t.code, i.code):
            since, reserve, neighbour_, why = joined.get(cell.periode, (None,) * 4)
            links = {
                "relie_a": since,
                "reserve": reserve,
                "pas_relie_a": {"periode": neighbour_, "regle": why} if why else None,
            }
            points.append(point(self.publication, cell, i) | links)
        return given(
            self.publication, None, "deux points ne se relient que par `relie_a`",
            **self._place(t, i), points=points,
        )  # fmt: skip

    def _similar(self, quartier: str) -> Answer:
        t = self._territory(quartier)
        if t.type != "qpv":
            raise Refusal("sans_objet", "seul un quartier a des quartiers semblables", "sans_objet")
        rows = self._con.execute(
            "select code_semblable, rang, distance, nb_indicateurs from publie_semblables"
            " where code_qpv = $1 and perimetre = $2 order by rang",
            [t.code, t.perimetre],
        ).fetchall()
        if not rows:
            said = "trop peu d'indicateurs de structure diffusés pour dire à quoi il ressemble"
            raise Refusal("non_etabli", said)
        found = [
            {"code": c, "libelle": self._cells.label(c), "rang": r, "distance": d, "indicateurs": n}
            for c, r, d, n in rows
        ]
        return given(self.publication, None, None, territoire=t.code, semblables=found)

    def _explanation(self, territoire: str, indicateur: str, periode: str | None) -> Answer:
        t, i = self._named(territoire, indicateur)
        cell = self._cell(t, i, periode)
        limits = [d_agregation(i.agregation, i.formule)]
        limits += map(de_regle, self._verdicts.interdits(i, t))
        if other := neighbour(t.perimetre):
            said = {"avec": f"un chiffre du périmètre {other}", "pourquoi": AUTRES_POPULATIONS}
        else:
            said = None
        chiffre = point(self.publication, cell, i)
        rule = {"regle": chiffre["regle"]} if "regle" in chiffre else {}
        return given(
            self.publication, cell.statut, cell.motif, chiffre["verdict"],
            **rule, **self._place(t, i),
            chiffre=chiffre, definition=i.definition, formule=i.formule,
            agregation=i.agregation, fichiers=self._files(cell),
            a_ne_pas_comparer_avec=[limit._asdict() for limit in limits] + ([said] if said else []),
        )  # fmt: skip

    def _files(self, cell: ReleasedCell) -> list[dict[str, Any]]:
        return [
            {
                "source": f.source_id, "millesime": f.millesime, "titre": f.titre,
                "fichier": f.fichier, "sha256": f.sha256, "page": f.page, "licence": f.licence,
            }
            for f in self._reader.fichiers()
            if f.cle == (cell.source_id, cell.millesime)
        ]  # fmt: skip

    def _citation(self, territoire: str, indicateur: str, periode: str | None) -> Answer:
        t, i = self._named(territoire, indicateur)
        cell = self._cell(t, i, periode)
        told = self._diffused(cell, t, i)
        phrase = (
            f"{i.libelle}, {t.avec_communes} ({t.code}), {periode_longue(cell.periode)} : "
            f"{told['imprime']} {told['jeton']}"
        )
        source = f"Source : {i.citation or i.producteur or 'non déclarée'} ; {self.titre}"
        return given(
            self.publication, cell.statut, cell.motif, **told,
            phrase=phrase, source=f"{source}, publication {self.publication}.",
        )  # fmt: skip
