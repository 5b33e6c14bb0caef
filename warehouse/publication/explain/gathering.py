"""Every fact about one indicator of one territory, from a release. Words and writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.domain.producteur import CODE as CODE_PRODUCTEUR
from warehouse.domain.types_territoire import types_territoire, whole_of
from warehouse.publication.explain.comparison_limits import REGLES, Regle
from warehouse.publication.explain.facts import (
    ChiffreExplique,
    Contexte,
    Entrees,
    Explication,
    Nomme,
    Recouvrement,
)
from warehouse.publication.explain.inputs import BuildInputs
from warehouse.publication.explain.kept_verdicts import Verdicts
from warehouse.publication.explain.lookup import check_periode, find_indicateur, find_territoire
from warehouse.release.connect import open_release
from warehouse.release.promotion import latest_release, read_manifest
from warehouse.release.published import (
    Chiffre,
    Evolution,
    FichierPublie,
    IndicateurPublie,
    Territoire,
)
from warehouse.release.reader import Reader
from warehouse.release.territory_lookup import overlaps


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
        reader = Reader(con)
        territoire = find_territoire(con, code_territoire, manifest["perimetre"])
        indicateur = find_indicateur(reader, code_indicateur)
        verdicts = Verdicts(release)
        figure = _Figure(reader, territoire, indicateur, BuildInputs(layout, manifest, reader))
        chiffres = figure.chiffres()
        if not chiffres:
            raise QpvError(
                f"la publication n'a aucune ligne pour {territoire.code} et {indicateur.code}",
                ou=str(release),
            )
        evolution = figure.evolution()
        contexte = Contexte(
            territoire=territoire,
            indicateur=indicateur,
            chiffres=chiffres,
            evolution=evolution,
            verdict=verdicts.of(evolution, territoire) if evolution else None,
            recouvrements=[Recouvrement(*row) for row in overlaps(con, territoire.code)],
            passage_connu=reader.passages(),
            epci_touches=[row.libelle or row.code for row in figure.epci],
            interdits=verdicts.interdits(indicateur, territoire),
        )
    limites = [limite for regle in regles for limite in regle(contexte)]
    if periode is not None:
        known = [c.chiffre.periode for c in chiffres if c.chiffre.periode]
        kept = check_periode(periode, known, f"{indicateur.code} de {territoire.code}")
        contexte = replace(contexte, chiffres=[c for c in chiffres if c.chiffre.periode == kept])
    return Explication(manifest["release_id"], manifest["titre"], contexte, limites)


class _Figure:
    """One indicator of one territory, in one open release."""

    def __init__(
        self,
        reader: Reader,
        territoire: Territoire,
        indicateur: IndicateurPublie,
        inputs: BuildInputs,
    ) -> None:
        self.reader, self.territoire, self.indicateur = reader, territoire, indicateur
        self.inputs = inputs
        #: EPCI that a QPV touches, the main one first.
        self.epci = reader.epci(qpv=[territoire.code], perimetres=[territoire.perimetre])
        self.fichiers: dict[tuple[str, str], list[FichierPublie]] = {}
        for file in sorted(reader.fichiers(), key=lambda f: f.etat, reverse=True):
            self.fichiers.setdefault(file.cle, []).append(file)

    def chiffres(self) -> list[ChiffreExplique]:
        """The level, then the comparison."""
        t = self.territoire
        read = [*self._read(territoires=[t.code], perimetres=[t.perimetre])]
        return [
            self._explained(c) for c in sorted(read, key=lambda c: c.role == "niveau", reverse=True)
        ]

    def evolution(self) -> Evolution | None:
        """What the edition computes between its two periods, if it has two."""
        t = self.territoire
        found = self.reader.evolutions(
            indicateurs=[self.indicateur.code], territoires=[t.code], perimetres=[t.perimetre]
        )
        return next(iter([*found]), None)

    def _read(self, **narrowed: Collection[str]) -> Iterator[Chiffre]:
        return self.reader.chiffres(indicateurs=[self.indicateur.code], **narrowed)

    def _explained(self, chiffre: Chiffre) -> ChiffreExplique:
        entrees = self.inputs.of(self.territoire, self.indicateur, chiffre)
        return ChiffreExplique(
            chiffre=chiffre,
            fichiers=self._fichiers(chiffre, entrees),
            entrees=entrees,
            sans_valeur=self._sans_valeur(chiffre.role),
            voisins=self._voisins(chiffre.role),
        )

    def _fichiers(self, chiffre: Chiffre, entrees: Entrees) -> list[FichierPublie]:
        """Files of the figure's source, then those of its other terms."""
        keys = dict.fromkeys([(chiffre.source_id, chiffre.millesime)])
        for terms in [entrees.entrees, *(p.entrees for p in entrees.parts)]:
            keys.update(dict.fromkeys((e.source_id, e.millesime) for e in terms))
        return [
            file
            for source_id, millesime in keys
            if source_id and millesime
            for file in self.fichiers.get((source_id, millesime), ())
        ]

    def _sans_valeur(self, role: str) -> list[Nomme]:
        """QPV of a set that can be recomposed, whose own figure is not published."""
        t = self.territoire
        if not t.est_ensemble or self.indicateur.agregation == "aucune":
            return []
        members = {q.code: q.libelle_long for q in self._members()}
        found = self._read(territoires=members, perimetres=[t.perimetre])
        absent = [c for c in found if c.role == role and c.statut != "diffuse"]
        absent.sort(key=lambda c: c.code_territoire)
        return [Nomme(members[c.code_territoire], c) for c in absent]

    def _members(self) -> Iterator[Territoire]:
        """The QPV of a set."""
        t = self.territoire
        touching = {
            row.code_qpv for row in self.reader.epci(perimetres=[t.perimetre]) if row.code == t.epci
        }
        communes: dict[str, set[str]] = {}
        for row in self.reader.communes(perimetres=[t.perimetre]):
            known = f"COM:{row.entiere}" if row.est_complet else ""
            communes.setdefault(row.code_qpv, set()).add(known)
        for q in self.reader.territoires(types=["qpv"], perimetres=[t.perimetre]):
            inside = {
                "commune": communes.get(q.code) == {whole_of(t.code)},
                "epci": q.code in touching,
                "departement": q.departement == t.departement,
                "region": q.region == t.region,
                "france": q.est_metropole,
            }
            if inside[types_territoire()[t.type].tout or ""]:
                yield q

    def _voisins(self, role: str) -> list[Nomme]:
        """The sets and territories that a fiche shows below this one."""
        t = self.territoire
        codes = []
        epci = [row.code for row in self.epci] or [t.epci]
        for prefix, keys in (("EPCI:", epci), ("DEP:", [t.departement])):
            codes += [f"{head}{prefix}{k}" for k in keys if k for head in ("QPV@", "")]
        if t.type != "qpv" or t.est_metropole:
            codes += ["QPV@FRMETRO", CODE_PRODUCTEUR, "FRMETRO"]
        if t.type == "qpv_france":
            codes.append("EPCI_QPV@FRMETRO")
        beside = [c for c in codes if c != t.code]
        names = {(x.code, x.perimetre): x.libelle for x in self.reader.territoires(codes=beside)}
        found = {
            c.code_territoire: Nomme(names[c.code_territoire, c.perimetre], c)
            for c in self._read(territoires=beside)
            if c.role == role and c.statut != "sans_objet"
        }
        return [found[c] for c in codes if c in found]
