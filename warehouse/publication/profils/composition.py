"""Which lines, sentences and gaps make the sheet of a quarter or of an EPCI. Renders nothing."""

from __future__ import annotations

from collections.abc import Callable

from warehouse.declared.dictionary import Dictionary
from warehouse.declared.profile import LigneDeclaree, ProfilDeclare
from warehouse.domain import format as f
from warehouse.domain.statuts import statuts
from warehouse.publication.profils import mots
from warehouse.publication.profils.chroniques import Chroniqueur
from warehouse.publication.profils.faits import Niveau, Recueil
from warehouse.publication.profils.feuille import Feuille, QuartierVue, Renvois
from warehouse.publication.profils.lignes import Profileur
from warehouse.publication.profils.phrases import Phrase, Plume
from warehouse.publication.profils.phrases_epci import PlumeEpci
from warehouse.release.published import Rattachement

#: How many are told: of what moved most, of quarters that are alike, of series.
_BOUGES, _SEMBLABLES, _SERIES = 3, 5, 4


class Compositeur:
    """Composes the sheets of a release. `lien`: the page of a quarter or an EPCI, if any."""

    def __init__(
        self,
        recueil: Recueil,
        profil: ProfilDeclare,
        dictionary: Dictionary,
        lien: Callable[[str], str | None],
    ) -> None:
        self.recueil, self.profil, self.lien = recueil, profil, lien
        self.indicateurs = dictionary.indicateurs
        self.plume = Plume(recueil, profil, dictionary.indicateurs)
        self.profileur = Profileur(recueil, self.plume)
        self.chroniqueur = Chroniqueur(recueil, self.plume)
        self.plume_epci = PlumeEpci(self.plume, self.profileur)
        self.qpv_des_epci: dict[str, list[str]] = {}
        for code, links in recueil.epci.items():
            if code in recueil.territoires:
                for link in links:
                    self.qpv_des_epci.setdefault(link.code, []).append(code)

    def qpv(self, code: str) -> Feuille:
        """The sheet of a quarter."""
        r, place, renvois = self.recueil, self.recueil.territoires[code], Renvois(self.recueil)
        identity = self._identite(code, renvois)
        written = (self.plume.niveau(code), self.plume.mouvement(code), self.plume.semblance(code))
        sentences = self._dites(written, renvois)
        shown, lacking = self._places(code)
        lines = [self.profileur.ligne(x, code, renvois) for x in shown]
        moved = [
            (
                mots.imprime(self.indicateurs[b.ligne.indicateur].libelle),
                self.profileur.ampleur(b.ligne, b.mouvement),
                mots.depuis(b.mouvement.depuis or ""),
                renvois.note(b.mouvement.reserve),
            )
            for b in self.plume.bouge(code)[:_BOUGES]
        ]
        drawn = [s for x in shown if (s := self.chroniqueur.serie(x, code, renvois))]
        alike = [c for c, _ in r.semblables.get(code, ())[:_SEMBLABLES] if c in r.territoires]
        return Feuille(
            code=code,
            genre="qpv",
            nom=mots.imprime(place.libelle_long),
            accroche=f"Quartier prioritaire {code}",
            lieux=self._communes(r.communes.get(code, [])),
            identite=identity,
            phrases=sentences,
            lignes=lines,
            bouge=moved,
            manque=self._manque([(x, self._absence(x, code)) for x in lacking]),
            ecart=self._dites([self.plume.ecart(code)], renvois),
            series=drawn[:_SERIES],
            semblables=[(mots.imprime(r.territoires[c].libelle_long), self.lien(c)) for c in alike],
            epci=self._epci(code),
            departements=[place.departement] if place.departement else [],
            notes=renvois.notes(),
            sources=renvois.sources(),
        )

    def epci(self, siren: str) -> Feuille:
        """The sheet of an EPCI: the range of its quarters, then each of them."""
        r, renvois = self.recueil, Renvois(self.recueil)
        codes = self.qpv_des_epci[siren]
        codes.sort(key=lambda c: (r.territoires[c].libelle.casefold(), c))
        known = r.territoires.get(f"EPCI:{siren}")
        links = [x for c in codes for x in r.epci[c] if x.code == siren]
        name = known.libelle if known else f.propre(links[0].libelle) or siren
        identity = self._identite(f"QPV@EPCI:{siren}", renvois)
        sentences = self._dites(self.plume_epci.phrases(siren, codes, name), renvois)
        lines, lacking = [], []
        for place in self.profil.places:
            made = None
            for declared in place:
                made = made or self.profileur.ligne_epci(declared, siren, codes, renvois)
            if made:
                lines.append(made)
            else:
                lacking.append(place[0])
        columns = [c for c in self.profil.quartiers if self.profileur.connus(c, codes)]
        rows = [
            QuartierVue(
                c,
                mots.imprime(r.territoires[c].libelle),
                self.lien(c),
                [self._cellule(column, c, renvois) for column in columns],
            )
            for c in codes
        ]
        s = "s" if len(codes) > 1 else ""
        return Feuille(
            code=siren,
            genre="epci",
            nom=mots.imprime(name),
            accroche=f"{len(codes)} quartier{s} prioritaire{s} de la politique de la ville",
            lieux="",
            identite=identity,
            dans=f"Dans ses {len(codes)} quartiers :" if s else "Dans son quartier :",
            phrases=sentences,
            lignes=lines,
            bouge=[],
            manque=self._manque([(x, self._absence(x, codes[0])) for x in lacking]),
            colonnes=[self._colonne(c, codes) for c in columns],
            quartiers=rows,
            departements=list(
                dict.fromkeys(d for c in codes if (d := r.territoires[c].departement))
            ),
            notes=renvois.notes(),
            sources=renvois.sources(),
        )

    def _identite(self, code: str, renvois: Renvois) -> list[tuple[str, str, str, int, str]]:
        told = []
        for indicateur in self.profil.identite:
            fact = self.recueil.niveau(indicateur, code)
            if not fact or fact.valeur is None:
                continue
            how = self.indicateurs[indicateur]
            said = f.nombre(fact.valeur, how.arrondi)
            unit = how.unite if abs(fact.valeur) >= 2 else how.unite.removesuffix("s")
            words = {"nb_logements_sociaux": "logements sociaux"}.get(indicateur, unit)
            told.append(
                (
                    said + "†" * fact.tierce,
                    words,
                    mots.quand(fact.periode),
                    renvois.source(fact.source),
                    renvois.note(fact.motif),
                )
            )
        return told

    @staticmethod
    def _dites(sentences: list | tuple, renvois: Renvois) -> list[tuple[str, str]]:
        made: list[Phrase] = [x for x in sentences if x]
        return [(x.texte, renvois.note(x.reserve)) for x in made]

    def _places(self, code: str) -> tuple[list[LigneDeclaree], list[LigneDeclaree]]:
        """The indicators that have a line, and the first of each place that has none."""
        shown, lacking = [], []
        for place in self.profil.places:
            if found := self.plume.montree(place, code):
                shown.append(found)
            else:
                lacking.append(place[0])
        return shown, lacking

    def _absence(self, declared: LigneDeclaree, code: str) -> Niveau | None:
        return self.recueil.niveaux.get((declared.indicateur, code))

    def _manque(
        self, lacking: list[tuple[LigneDeclaree, Niveau | None]]
    ) -> list[tuple[str, str, str]]:
        """What has no figure, those of one reason and one day together."""
        together: dict[tuple[str, str], list[str]] = {}
        for declared, fact in lacking:
            expected = self.recueil.attendus.get(declared.indicateur)
            said = mots.imprime(expected.phrase) if expected else ""
            label = mots.imprime(self.indicateurs[declared.indicateur].libelle)
            together.setdefault((_raison(fact), said), []).append(mots.minuscule(label))
        return [
            (mots.capitale(f.list_in_words(labels)), reason, when)
            for (reason, when), labels in together.items()
        ]

    def _cellule(self, indicateur: str, code: str, renvois: Renvois) -> tuple[str, str]:
        """What is printed, and its note: never a bare blank."""
        fact = self.recueil.niveaux.get((indicateur, code))
        if fact and fact.valeur is not None:
            renvois.source(fact.source)
            text = f.nombre(fact.valeur, self.indicateurs[indicateur].arrondi)
            return text + "†" * fact.tierce, renvois.note(fact.motif)
        sign = statuts()[fact.statut].signe if fact else "nd"
        return sign or "nd", renvois.note(_raison(fact))

    def _colonne(self, indicateur: str, codes: list[str]) -> tuple[str, str]:
        how = self.indicateurs[indicateur]
        periode = self.profileur.connus(indicateur, codes)[0][1].periode
        return mots.imprime(how.libelle), f"{how.unite}, {mots.quand(periode)}"

    @staticmethod
    def _communes(links: list[Rattachement]) -> str:
        """The towns of a quarter, or the one that the list read gives."""
        if not links:
            return ""
        said = f.list_in_words([mots.imprime(f.propre(x.libelle) or x.code) for x in links])
        partial = any(not x.est_complet for x in links)
        first = " (première commune de la liste lue)" if partial else ""
        return f"Commune{'s' if len(links) > 1 else ''} : {said}{first}"

    def _epci(self, code: str) -> list[tuple[str, str | None]]:
        told = []
        for link in self.recueil.epci.get(code, []):
            known = self.recueil.territoires.get(f"EPCI:{link.code}")
            name = known.libelle if known else f.propre(link.libelle) or link.code
            told.append((mots.imprime(name), self.lien(link.code)))
        return told


def _raison(fact: Niveau | None) -> str:
    """Why a figure is missing, as a reader needs it: files are named in the quality report."""
    if fact is None:
        return "aucune source de cette publication"
    said = statuts().get(fact.statut)
    named = f"{said.libelle} : {said.sens}" if said else fact.statut
    return mots.imprime(f.typographie(named.rstrip(".")))
