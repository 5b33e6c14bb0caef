"""Which series are drawn beside which, and what is said of their gaps. Draws nothing itself."""

from __future__ import annotations

import re

from warehouse.declared.profile import LigneDeclaree
from warehouse.publication.profils import mots
from warehouse.publication.profils.bandes import joined
from warehouse.publication.profils.courbes import Courbe, Serie, draw_serie
from warehouse.publication.profils.faits import Point, Recueil
from warehouse.publication.profils.feuille import Renvois
from warehouse.publication.profils.phrases import Plume
from warehouse.publication.profils.reperes import valeur_et_unite

#: Points below which the line of the profile says as much.
_MINIMUM = 3
_SUITE = " ; "
_PERIODES = re.compile(r"^\S+ et \S+ : ")
#: Beside the quarter: all the inhabitants around, else the quarters of France.
_ENTIERS, _QUARTIERS = ("commune", "epci", "france"), ("qpv_france",)
#: The line of the profile has their names: here there is room for what they are.
_NOMS = {
    "commune": "la commune",
    "epci": "l’intercommunalité",
    "france": "France métropolitaine",
    "qpv_france": "QPV de métropole",
}


class Chroniqueur:
    """Composes the series of a quarter."""

    def __init__(self, recueil: Recueil, plume: Plume) -> None:
        self.recueil, self.plume = recueil, plume

    def serie(self, ligne: LigneDeclaree, code: str, renvois: Renvois) -> Courbe | None:
        """The series of an indicator that a sentence may open with; None where it is too short."""
        points = self.recueil.series.get((ligne.indicateur, code), [])
        if not ligne.niveau or len(points) < _MINIMUM:
            return None
        how = self.plume.indicateurs[ligne.indicateur]
        devant = self.recueil.niveaux[ligne.indicateur, code].periode
        drawn = [self._ligne("", "le quartier", ligne, points)]
        drawn += self._autour(ligne, code, points)
        for serie in drawn:
            for point in serie.points:
                renvois.source(point.source)
        label = mots.imprime(how.libelle)
        told = [
            f"{s.nom} : "
            + ", ".join(
                f"{mots.quand(p.periode)} {valeur_et_unite(how, p.valeur)}" for p in s.points
            )
            for s in drawn
        ]
        return draw_serie(
            f"{label}, {points[0].periode[:4]}-{points[-1].periode[:4]}",
            f"{label}. {' ; '.join(told)}.",
            drawn,
            devant,
            renvois.note(self._vides(points, devant)),
        )

    def _autour(self, ligne: LigneDeclaree, code: str, points: list[Point]) -> list[Serie]:
        """Those of the territories beside, at the quarter's own periods."""
        periods = {p.periode for p in points}
        found: dict[str, Serie] = {}
        for other in self.plume.comparateur.de_qpv(code):
            place = self.recueil.territoires.get(other)
            known = self.recueil.series.get((ligne.indicateur, other), [])
            same = [p for p in known if p.periode in periods]
            if place and place.type in _NOMS and joined(same, same[-1].periode if same else ""):
                name = _NOMS[place.type]
                if same[-1].periode != points[-1].periode:
                    name += f", {same[-1].periode[:4]}"
                found.setdefault(place.type, self._ligne(place.type, name, ligne, same))
        whole = [found[kind] for kind in _ENTIERS if kind in found]
        return whole or [found[kind] for kind in _QUARTIERS if kind in found]

    def _ligne(self, genre: str, nom: str, ligne: LigneDeclaree, points: list[Point]) -> Serie:
        how = self.plume.indicateurs[ligne.indicateur]
        return Serie(genre, nom, points, valeur_et_unite(how, points[-1].valeur))

    @staticmethod
    def _vides(points: list[Point], devant: str) -> str:
        """Why some points are joined to none."""
        drawn = {period for pair in joined(points, devant) for period in pair}
        reasons: dict[str, None] = {}
        for point in points:
            if point.refus and not {point.periode, point.voisine} <= drawn:
                for part in point.refus.split(" ; "):
                    reasons[_PERIODES.sub("", part)] = None
        if not reasons:
            return ""
        return f"point vide, que rien ne relie : {_SUITE.join(reasons)}"
