"""The sentence that opens a rubrique: what its first figure says, and beside what. No rendering.

It says nothing rather than something doubtful: no value, a value to be read with care, a territory
of comparison that is masked or absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from warehouse.declared.dictionary import ColonneTableau, Indicateur
from warehouse.domain import format as f
from warehouse.domain.types_territoire import types_territoire
from warehouse.publication.fiches.data import Donnees, Fait
from warehouse.publication.fiches.tableaux import name_in_sentence, sans_qp
from warehouse.release.published import Territoire

_PARTIEL = re.compile(r"calculé sur (\d+) des (\d+) QPV\b")
_STABLE = Decimal("0.05")  # an evolution that prints as 0,0 %


class Redacteur:
    """Writes sentences from the data of a release."""

    def __init__(self, donnees: Donnees, indicateurs: dict[str, Indicateur]) -> None:
        self.donnees, self.indicateurs = donnees, indicateurs

    def constat(
        self, colonnes: Iterable[ColonneTableau], code: str, ailleurs: Iterable[str]
    ) -> str:
        """The first level that has a sentence and may be said of a territory; else empty.

        Args:
            code: the territory that the fiche is about.
            ailleurs: territories to set it beside, by preference.
        """
        territoire = self.donnees.territoires.get(code)
        if territoire is None:
            return ""
        for column in colonnes:
            indicateur = self.indicateurs[column.indicateur]
            if column.grandeur != "niveau" or not indicateur.constat:
                continue
            fact = self.donnees.fait((column.indicateur, "niveau"), code)
            place = lieu(territoire, self._voisine(code), fact.motif)
            if fact.texte and place:
                return self._phrase(column.indicateur, fact, code, place, ailleurs)
        return ""

    def _voisine(self, code: str) -> Territoire | None:
        """The EPCI or département of a set of quarters."""
        kind, _, key = code.partition(":")
        return self.donnees.territoires.get(f"{kind.removeprefix('QPV@')}:{key}")

    def _phrase(
        self, code: str, fait: Fait, territoire: str, place: str, ailleurs: Iterable[str]
    ) -> str:
        indicateur = self.indicateurs[code]
        if indicateur.type == "effectif":
            said = agree(indicateur.constat or "", fait.texte)
            return f"{place}, {said}{self._tendance(code, fait, territoire)}"
        for other in ailleurs:
            there = self.donnees.faits[code, "niveau"].get(other)
            if there and there.texte and not there.motif and other in self.donnees.territoires:
                return f"{place}, " + beside(
                    indicateur, fait, there, la_bas(self.donnees.territoires[other])
                )
        shown = arrondi(indicateur, fait)
        return f"{place}, {agree(indicateur.constat or '', shown)}"

    def _tendance(self, code: str, fait: Fait, territoire: str) -> str:
        """How a count moved, when the release says so without reserve."""
        known = self.donnees.periodes[code]
        change = self.donnees.faits[code, "evolution_pct"].get(territoire)
        if not known.comparaison or not change or not change.texte or change.motif or fait.motif:
            return ""
        since = f.periode_longue(known.comparaison)
        since = since if len(known.comparaison) == 4 else f"le {since}"
        return f", {variation(change.valeur or 0)} depuis {since}"


def variation(pourcentage: float) -> str:
    """`en hausse de 5,3 %`, `en baisse de 1,6 %`, `stable` when it prints as zero."""
    if abs(Decimal(repr(float(pourcentage)))) < _STABLE:
        return "stable"
    way = "hausse" if pourcentage > 0 else "baisse"
    return f"en {way} de {f.nombre(abs(pourcentage), 1)}{f.FINE}%"


def lieu(territoire: Territoire, autour: Territoire | None, motif: str) -> str:
    """`Dans le quartier Elnon`, `Dans les 13 QPV de la CA Un`; empty when it cannot be said.

    Args:
        autour: what the quarters of a set belong to.
        motif: the figure's reserve. A figure of some of the quarters is said of those; any other
            reserve says that the figure is not to be put in a title.
    """
    partial = _PARTIEL.match(motif)
    if motif and not partial:
        return ""
    if territoire.type in ("qpv", "perimetre_local"):
        return "" if partial else f"Dans {name_in_sentence(territoire)}"
    if territoire.type != "qpv_epci" or autour is None or not territoire.nb_qpv:
        return ""
    count = territoire.nb_qpv
    if partial:
        known, count = int(partial[1]), int(partial[2])
        which = "un seul" if known == 1 else f.nombre(known, 0)
        return f"Dans {which} des {f.nombre(count, 0)} QPV de {name_in_sentence(autour)}"
    which = "le QPV" if count == 1 else f"les {f.nombre(count, 0)} QPV"
    return f"Dans {which} de {name_in_sentence(autour)}"


def la_bas(territoire: Territoire) -> str:
    """Where, at the end of a sentence: `dans l'EPCI`, `en France métropolitaine`."""
    said = types_territoire()[territoire.type].dedans
    return (
        said.format(nom=sans_qp(territoire.libelle))
        if said
        else f"dans {name_in_sentence(territoire)}"
    )


def beside(indicateur: Indicateur, ici: Fait, ailleurs: Fait, ou: str) -> str:
    """`46 % … sont des femmes, contre 48 % dans l'EPCI`: as few decimals as tell them apart."""
    here, there = arrondi(indicateur, ici), arrondi(indicateur, ailleurs)
    if here == there:
        here, there = ici.texte, ailleurs.texte
    said = agree(indicateur.constat or "", here)
    if here == there:
        return f"{said}, comme {ou}"
    unit = indicateur.unite.removesuffix(" par an")
    return f"{said}, contre {f.avec_unite(there, unit)} {ou}"


def arrondi(indicateur: Indicateur, fait: Fait) -> str:
    """A share of ten percent or more without decimals; anything else as the table prints it."""
    if indicateur.unite == "%" and fait.valeur is not None and abs(fait.valeur) >= 10:
        return f.nombre(fait.valeur, 0)
    return fait.texte


def agree(modele: str, valeur: str) -> str:
    """A sentence with its value: the plural starts at 2 (`1,9 jeune`, `2 jeunes`)."""
    number = Decimal(valeur.replace(f.FINE, "").replace(f.MOINS, "-").replace(",", "."))
    words = {"valeur": valeur, "s": "s" if abs(number) >= 2 else ""}
    return re.sub(r"\{(valeur|s)\}", lambda m: words[m[1]], f.typographie(modele))
