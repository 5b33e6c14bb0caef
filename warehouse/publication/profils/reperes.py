"""What a territory's figure may be set beside, and how it is said. Renders nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from warehouse.declared.dictionary import Indicateur
from warehouse.declared.profile import ProfilDeclare
from warehouse.domain import format as f
from warehouse.domain.producteur import TYPE as TYPE_PRODUCTEUR
from warehouse.publication.fiches.tableaux import name_in_sentence, sans_qp
from warehouse.publication.profils.faits import Niveau, Recueil
from warehouse.publication.profils.mots import dans_la_ville, imprime
from warehouse.release.published import Territoire

_PARTIEL = re.compile(r"calculé sur (\d+) des (\d+) QPV\b")
#: Comparators that have all the inhabitants: those that the strip draws, each with its own mark.
ENTIERS = ("commune", "epci", "france", "france_entiere")


@dataclass(frozen=True, slots=True)
class Repere:
    """A figure beside another one: `nom` in a list, `lieu` in a sentence, `sur`: of which parts."""

    genre: str
    code: str
    nom: str
    lieu: str
    niveau: Niveau
    texte: str
    sur: str = ""


class Comparateur:
    """Finds what may stand beside the figures of a territory."""

    def __init__(
        self, recueil: Recueil, profil: ProfilDeclare, indicateurs: dict[str, Indicateur]
    ) -> None:
        self.recueil, self.profil, self.indicateurs = recueil, profil, indicateurs
        # Sought once: every line of every sheet asks.
        places = recueil.territoires.items()
        self._producteurs = [code for code, t in places if t.type == TYPE_PRODUCTEUR]

    def de_qpv(self, code: str) -> list[str]:
        """Codes that a quarter is set beside: its commune, its EPCI, France, then sets of quarters.

        Overseas, nothing metropolitan: prices and thresholds are not those of there.
        """
        r = self.recueil
        communes = [f"COM:{x.entiere or x.code}" for x in r.communes.get(code, ())[:1]]
        sirens = [x.code for x in r.epci.get(code, ())[:1]]
        here = r.territoires[code]
        france = [] if here.est_metropole is False else ["FRMETRO", "QPV@FRMETRO"]
        wanted = [*communes, *(f"EPCI:{s}" for s in sirens), *france[:1], "FR"]
        wanted += [*(f"QPV@EPCI:{s}" for s in sirens), *france[1:]]
        return [*wanted, *self._producteurs]

    def d_epci(self, siren: str, codes: list[str]) -> list[str]:
        """Codes that an EPCI's quarters are set beside: itself, France, then sets of quarters."""
        r = self.recueil
        outre_mer = all(r.territoires[c].est_metropole is False for c in codes)
        france = [] if outre_mer else ["FRMETRO", "QPV@FRMETRO"]
        return [f"EPCI:{siren}", *france[:1], "FR", *france[1:], *self._producteurs]

    def reperes(self, indicateur: str, periode: str, parmi: list[str]) -> list[Repere]:
        """Those of some territories that may stand beside a figure of that period."""
        found = []
        has_france = False
        for code in parmi:
            place = self.recueil.territoires.get(code)
            fact = self.recueil.niveau(indicateur, code)
            if not place or not fact or fact.valeur is None or fact.periode != periode:
                continue
            if (indicateur, code) in self.recueil.ouverts or (code == "FR" and has_france):
                continue
            on = self._parts(place, fact)
            if on is None or (place.type == "qpv_epci" and (place.nb_qpv or 0) < 2):
                continue
            has_france = has_france or code == "FRMETRO"
            how = self.indicateurs[indicateur]
            text = f.avec_unite(f.nombre(fact.valeur, how.arrondi), _unite(how))
            found.append(Repere(place.type, code, _nom(place), _lieu(place), fact, text, on))
        return found

    def _parts(self, place: Territoire, fact: Niveau) -> str | None:
        """Which parts a figure is of, to be said beside it; None where it may not be used.

        A set's figure may leave aside a few of its quarters; any other reserve silences it.
        """
        if not fact.motif:
            return ""
        if place.type == TYPE_PRODUCTEUR and fact.motif.startswith("ligne nationale"):
            return ""
        partial = _PARTIEL.fullmatch(fact.motif.split(" : ")[0].strip())
        if not partial:
            return None
        known, whole = int(partial[1]), int(partial[2])
        if 100 * known < self.profil.seuils.parts * whole:
            return None
        return f"calculé sur {f.nombre(known, 0)} des {f.nombre(whole, 0)}"


def _unite(indicateur: Indicateur) -> str:
    return "€" if "€" in indicateur.unite else indicateur.unite


def valeur_et_unite(indicateur: Indicateur, valeur: float) -> str:
    """A figure as sheets print it: `48,9 %`, `13 190 €`, `1,7`."""
    return f.avec_unite(f.nombre(valeur, indicateur.arrondi), _unite(indicateur))


def _nom(place: Territoire) -> str:
    """Short, beside a strip."""
    named = {
        "france": "France métropolitaine",
        "france_entiere": "France",
        "qpv_france": "QPV de France métropolitaine",
        "qpv_epci": "QPV de l’intercommunalité",
    }
    return named.get(place.type) or imprime(place.libelle)


def _lieu(place: Territoire) -> str:
    """At the end of a sentence."""
    if place.type == "commune":
        return imprime(dans_la_ville(place.libelle))
    said = {
        "france": "en France métropolitaine",
        "france_entiere": "en France",
        "qpv_france": "dans les QPV de France métropolitaine",
        TYPE_PRODUCTEUR: f"dans l’{place.libelle[:1].lower()}{place.libelle[1:]}",
        "qpv_epci": f"dans les {place.nb_qpv} QPV {sans_qp(place.libelle)}",
    }
    return imprime(said.get(place.type) or f"dans {name_in_sentence(place)}")
