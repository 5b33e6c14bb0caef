"""The three sentences of a sheet, by rule: a level, a move, a likeness. Renders nothing.

A sentence says nothing rather than something doubtful: no value, a reserve on the level, an open
plausibility finding, a forbidden comparison, a move that is not one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from warehouse.declared.dictionary import Indicateur
from warehouse.declared.profile import LigneDeclaree, ProfilDeclare
from warehouse.domain import format as f
from warehouse.publication.fiches.constats import agree
from warehouse.publication.fiches.tableaux import name_in_sentence, sans_qp
from warehouse.publication.profils import mots
from warehouse.publication.profils.faits import EcartSuivi, Mouvement, Niveau, Position, Recueil
from warehouse.publication.profils.reperes import Comparateur, Repere, valeur_et_unite
from warehouse.release.published import Territoire

#: Quarters named as like another, and how many of them make a département worth naming.
_NOMMES, _ENSEMBLE = 2, 5
_LOCAUX = ("commune", "epci")
_LARGES = ("france", "france_entiere", "qpv_france", "qpv_producteur")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence, and the reserve that it is to be read with."""

    texte: str
    reserve: str = ""


@dataclass(frozen=True, slots=True)
class Bouge:
    """How an indicator moved: its amount as printed, and how unusual that is."""

    ligne: LigneDeclaree
    mouvement: Mouvement
    ampleur: Decimal
    en_points: bool
    score: float


class Plume:
    """Writes the sentences of a release's sheets."""

    def __init__(
        self, recueil: Recueil, profil: ProfilDeclare, indicateurs: dict[str, Indicateur]
    ) -> None:
        self.recueil, self.profil, self.indicateurs = recueil, profil, indicateurs
        self.comparateur = Comparateur(recueil, profil, indicateurs)

    def niveau(self, code: str) -> Phrase | None:
        """The level that matters most: the first declared that stands in an end fifth, else the
        first; beside what is known of the places around, with its rank."""
        known = [
            (ligne, fact, self.recueil.positions.get((ligne.indicateur, code)))
            for ligne in self.profil.lignes
            if ligne.niveau and (fact := self.dicible(ligne.indicateur, code))
        ]
        ranked = [(x, n, p) for x, n, p in known if p]
        ends = [(x, n, p) for x, n, p in ranked if p.cinquieme in (1, 5)]
        for ligne, fact, position in ends[:1] or ranked[:1] or known:
            beside = self._a_cote(ligne.indicateur, fact, code)
            if position or beside:
                return self._dit_niveau(ligne, fact, position, beside)
        return None

    def _dit_niveau(
        self, ligne: LigneDeclaree, fact: Niveau, position: Position | None, beside: list[Repere]
    ) -> Phrase:
        indicateur = self.indicateurs[ligne.indicateur]
        assert fact.valeur is not None
        said = f"{mots.en_date(fact.periode)}, "
        said += agree(indicateur.constat or "", f.nombre(fact.valeur, indicateur.arrondi))
        if beside:
            others = (f"{x.texte} {x.lieu}" + (f" ({x.sur})" if x.sur else "") for x in beside)
            said += f", contre {f.list_in_words(others)}"
        if position:
            said += f" : {self._rang(ligne, indicateur.sens, position)}"
        return phrase(said, tierce=fact.tierce)

    def _rang(self, ligne: LigneDeclaree, sens: str, position: Position) -> str:
        known = f"{ligne.pronom} est connu{'e' * (ligne.genre == 'f')}"
        among = f"des {f.nombre(position.nombre, 0)} quartiers où {known}"
        if position.cinquieme == 5:
            end = mots.extreme(ligne, sens, defavorable=False)
            return f"parmi le cinquième {among.split(' où')[0]} où {ligne.pronom} est {end}"
        end = mots.extreme(ligne, sens, defavorable=True)
        if position.rang == 1:
            return f"{ligne.article} {end} {among}"
        return f"{mots.ordinal(position.rang, ligne.genre)} {ligne.nom} {end} {among}"

    def _a_cote(self, indicateur: str, fact: Niveau, code: str) -> list[Repere]:
        """The nearest place and the widest one; among quarters alone where neither is known."""
        beside = self.comparateur.reperes(indicateur, fact.periode, self.comparateur.de_qpv(code))
        near = [x for x in beside if x.genre in _LOCAUX][:1]
        wide = [x for x in beside if x.genre in _LARGES][:1]
        return near + wide or [x for x in beside if x.genre == "qpv_epci"][:1]

    def mouvement(self, code: str) -> Phrase | None:
        """What moved most, beside how far quarters usually move."""
        moved = self.bouge(code)
        if moved:
            return self._dit_mouvement(moved[0], code)
        known = [x for x in self._suivies(code) if self.allure(x, code)]
        if len(known) < 3:
            return None
        return Phrase(
            f"Aucun des {len(known)} indicateurs suivis n’a bougé d’un point ou plus depuis la plus"
            " ancienne période comparable."
        )

    def bouge(self, code: str) -> list[Bouge]:
        """What moved, the most unusual first: never an amount in euros of its year."""
        least = Decimal(repr(float(self.profil.seuils.mouvement)))
        moved = (self.allure(x, code) for x in self._suivies(code))
        known = [m for m in moved if m and abs(m.ampleur) >= least]
        return sorted(known, key=lambda m: -m.score)

    def _suivies(self, code: str) -> list[LigneDeclaree]:
        """One indicator for each place of the profile, and those that have none."""
        aside = [x for x in self.profil.lignes if x.hors_profil]
        return [x for place in self.profil.places if (x := self.montree(place, code))] + aside

    def montree(self, place: list[LigneDeclaree], code: str) -> LigneDeclaree | None:
        """Of the indicators of one place of the profile, the first that has a figure."""
        return next((x for x in place if self.recueil.niveau(x.indicateur, code)), None)

    def allure(self, ligne: LigneDeclaree, code: str) -> Bouge | None:
        """How an indicator moved, where that may be said."""
        key = (ligne.indicateur, code)
        move = self.recueil.mouvements.get(key)
        if ligne.muet or not move or move.statut != "diffuse" or not move.depuis:
            return None
        if not self.dicible(*key):
            return None
        if move.pts is not None:
            amount, in_points = mots.arrondi(move.pts, 1), True
        elif move.pct is not None and (move.avant or 0) >= self.profil.seuils.base:
            amount, in_points = mots.arrondi(move.pct, 1), False
        else:
            return None
        usual = self.recueil.usages.get((ligne.indicateur, move.depuis))
        score = abs(float(amount)) / usual if usual else 0.0
        return Bouge(ligne, move, amount, in_points, score)

    def _dit_mouvement(self, bouge: Bouge, code: str) -> Phrase:
        ligne, move = bouge.ligne, bouge.mouvement
        indicateur = self.indicateurs[ligne.indicateur]
        fact = self.recueil.niveaux[ligne.indicateur, code]
        assert fact.valeur is not None and move.depuis
        amount = (
            mots.points(bouge.ampleur)
            if bouge.en_points
            else f"{f.nombre(float(abs(bouge.ampleur)), 1)}{f.FINE}%"
        )
        way = "augmenté" if bouge.ampleur > 0 else "baissé"
        said = f"{mots.depuis(move.depuis)}, {ligne.article} a {way} de {amount}"
        if move.avant is not None:
            before = f.nombre(move.avant, indicateur.arrondi)
            unit = f"{f.FINE}%" if indicateur.unite == "%" else ""
            said += f", de {before}{unit} à {valeur_et_unite(indicateur, fact.valeur)}"
        position = self.recueil.positions.get((ligne.indicateur, code))
        if position and position.depuis == move.depuis and position.nombre_mouvement:
            said += self._comme(position)
        return phrase(said, move.reserve, tierce=fact.tierce)

    @staticmethod
    def _comme(position: Position) -> str:
        among = f"des {f.nombre(position.nombre_mouvement or 0, 0)} quartiers comparés"
        one = ", l’une des évolutions les plus"
        return {
            "moins_bien": f"{one} défavorables (dernier cinquième {among})",
            "mieux": f"{one} favorables (premier cinquième {among})",
            "comme_les_autres": f" : ni mieux ni moins bien que la plupart {among}",
        }.get(position.mouvement, "")

    def ecart(self, code: str) -> Phrase | None:
        """Whether the gap to the places around closes: the law's own question."""
        for ligne in self.profil.lignes:
            if not ligne.niveau or not self.dicible(ligne.indicateur, code):
                continue
            known = {e.reference: e for e in self.recueil.ecarts.get((ligne.indicateur, code), ())}
            for other in self.comparateur.de_qpv(code):
                place = self.recueil.territoires.get(other)
                is_open = (ligne.indicateur, other) in self.recueil.ouverts
                if other in known and place and not is_open:
                    return self._dit_ecart(ligne, known[other], place)
        return None

    @staticmethod
    def _dit_ecart(ligne: LigneDeclaree, gap: EcartSuivi, place: Territoire) -> Phrase:
        name = place.libelle if place.type == "commune" else name_in_sentence(place)
        way = {"se_creuse": "se creuse", "se_resserre": "se resserre"}.get(
            gap.tendance, "est stable"
        )
        unit = f"{f.FINE}%" if gap.unite == "%" else f" {gap.unite}"
        now, before = (f.nombre(x, 1, signe=True) + unit for x in (gap.ecart, gap.avant))
        said = f"l’écart de {ligne.nom} avec {name} {way} : {now} {mots.en_date(gap.periode)}"
        return phrase(f"{said}, après {before} {mots.en_date(gap.depuis)}", gap.reserve)

    def semblance(self, code: str) -> Phrase | None:
        """Which quarters it is like, and where most of them are."""
        alike = self.recueil.semblables.get(code, [])
        if not alike:
            return None
        places = self.recueil.territoires
        named = [places[c].libelle_long for c, _ in alike if c in places]
        said = f"Sur {alike[0][1]} indicateurs, il ressemble d’abord à "
        said += f.list_in_words(f.guillemets(name) for name in named[:_NOMMES])
        where = Counter(places[c].departement for c, _ in alike if c in places).most_common(2)
        top = [
            f"{n} {sans_qp(places[f'QPV@DEP:{d}'].libelle)}"
            for d, n in where
            if n >= _ENSEMBLE and f"QPV@DEP:{d}" in places
        ]
        if top:
            said += f" ; parmi les {len(alike)} plus proches, {f.list_in_words(top)}"
        return phrase(said)

    def dicible(self, indicateur: str, code: str) -> Niveau | None:
        """A level that a sentence may say: no reserve, no open finding."""
        fact = self.recueil.niveau(indicateur, code)
        is_open = (indicateur, code) in self.recueil.ouverts
        return None if not fact or fact.motif or is_open else fact


def phrase(said: str, reserve: str = "", *, tierce: bool = False) -> Phrase:
    """A sentence as printed, from its words; a third party's figure is said to be one."""
    said += " (source tierce)" * tierce
    return Phrase(mots.imprime(mots.capitale(f.typographie(said))) + ".", reserve)
