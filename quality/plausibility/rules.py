"""The rules: number, title, severity, and the reason for the threshold. They find nothing here.

`bloquant`: the arithmetic cannot hold, whatever the rounding. `a_verifier`: it can, and nothing of
the kind is seen elsewhere: somebody must look. `information`: how a figure was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severite = Literal["bloquant", "a_verifier", "information"]
SEVERITES: tuple[Severite, ...] = ("bloquant", "a_verifier", "information")


@dataclass(frozen=True)
class Rule:
    """`seuil`: why the rule draws its line there, in French, for docs/plausibilite.md."""

    numero: str
    titre: str
    severite: Severite
    seuil: str


#: A change is a jump beyond this many robust standard deviations of the QPV's own changes.
SAUT_ECARTS = 12.0
#: Fewer QPV than this say nothing of how much changes vary.
SAUT_QPV = 8
#: A survey's estimate of a set may stray this far from the sum of its parts' estimates.
SOMME_ESTIMEE = 0.02

_ARRONDI = (
    "Aucun écart toléré au-delà de ce que l'arrondi imprimé laisse possible : 46,3 est entre 46,25 "
    "et 46,35 ; un effectif estimé (recensement) est connu à 0,5 près ; un effectif d'EPCI, de "
    "département ou de France qui finit par 0 peut être arrondi à la dizaine, à la centaine "
    "au-delà de 10 000 s'il finit par 00 ; un effectif d'une colonne arrondie à une base (5, 10, "
    "100) est connu à la moitié de cette base près."
)
_DEBORDEMENT = (
    " Les QPV d'un EPCI peuvent déborder chez un voisin : un ensemble de QPV plus grand que son "
    "EPCI est à vérifier, sauf là où l'on sait qu'aucun ne déborde."
)

REGLES = {
    rule.numero: rule
    for rule in (
        Rule("P01", "La partie ne dépasse pas le tout", "bloquant", _ARRONDI + _DEBORDEMENT),
        Rule(
            "P02",
            "La partie ne dépasse pas le tout à la période de départ d'une évolution",
            "bloquant",
            "Le niveau de départ est le niveau moins l'évolution. " + _ARRONDI,
        ),
        Rule(
            "P03",
            "Un taux fois son dénominateur : la partie ne dépasse pas le tout, le reste non plus",
            "bloquant",
            "Le taux du reste (le tout sans la partie) est entre 0 et 100 %. "
            + _ARRONDI
            + _DEBORDEMENT,
        ),
        Rule(
            "P04",
            "Le total est la somme de ses parties",
            "bloquant",
            "Les parties masquées tiennent entre 0 et leur dénominateur. Une estimation de sondage "
            "de l'ensemble n'est pas tout à fait la somme de celles des parties : jusqu'à "
            f"{100 * SOMME_ESTIMEE:g} % d'écart c'est une information, au-delà c'est à vérifier. "
            + _ARRONDI,
        ),
        Rule(
            "P05",
            "Le taux d'un ensemble est entre les extrêmes de ses parties",
            "bloquant",
            "Un taux, une moyenne, une médiane ou une évolution en % d'un ensemble est entre le "
            "plus petit et le plus grand de ses parties ; la règle se tait dès qu'une partie "
            "manque. " + _ARRONDI,
        ),
        Rule(
            "P06",
            "Une partie masquée n'est pas comptée pour 0",
            "a_verifier",
            "Le taux de l'ensemble suppose, pour les parties masquées, un taux plus bas que celui "
            "de toutes les autres, et compatible avec 0 : le numérateur les ignore, le "
            "dénominateur les compte. Si ce taux bas reste possible, c'est une information.",
        ),
        Rule(
            "P07", "Niveau, évolution en nombre et évolution en % concordent", "bloquant", _ARRONDI
        ),
        Rule(
            "P08",
            "Un total est entre les femmes et les hommes, un écart est leur différence",
            "bloquant",
            _ARRONDI,
        ),
        Rule("P09", "Un taux ou un indice est le rapport de ses termes", "bloquant", _ARRONDI),
        Rule(
            "P10",
            "Une évolution n'est pas sans commune mesure avec celles des QPV",
            "a_verifier",
            f"Plus de {SAUT_ECARTS:g} écarts types robustes (1,4826 × écart absolu médian, plus la "
            f"variation d'un petit effectif) de la médiane d'au moins {SAUT_QPV} QPV. "
            "Mesuré sur les extraits réels de l'édition 2022 : 37 évolutions sur 250 000 vont "
            "au-delà, des communes fusionnées ou des quartiers qui changent de population.",
        ),
        Rule("P11", "Un même chiffre n'a qu'une valeur", "bloquant", _ARRONDI),
        Rule(
            "P12",
            "Les parts des QPV dans leur ensemble font 100 %",
            "bloquant",
            _ARRONDI,
        ),
        Rule(
            "P13",
            "Le reste d'un territoire ressemble aux autres",
            "a_verifier",
            "Le taux du territoire sans ses QPV dépasse tous les taux du tableau de plus que leur "
            "étendue.",
        ),
        Rule(
            "P14",
            "Les habitants des QPV de communes ne sont pas plus nombreux que ceux des communes",
            "bloquant",
            "Aucun écart toléré : les deux sont des populations municipales, à l'unité.",
        ),
        Rule(
            "P15",
            "Des communes n'ont qu'un chiffre à une période, celui de leur somme",
            "bloquant",
            "Aucun écart toléré. Des quartiers qu'un fichier dit dans les mêmes communes y portent "
            "le même chiffre : le plus fréquent fait foi. Celui de plusieurs communes est la somme "
            "des leurs, là où des quartiers d'une seule commune les donnent toutes. Mesuré sur six "
            "éditions de DEMO : tout tombe juste, sauf six quartiers de 2013 dans les deux "
            "premières, que le producteur a corrigés ensuite.",
        ),
        Rule(
            "P16",
            "Un effectif est la somme que le registre déclare",
            "a_verifier",
            "Les `sommes` de chaque bloc, dans chaque territoire ; là où une partie manque, ou si "
            "le registre dit qu'il peut y avoir un reste, le total n'est pas plus petit. La "
            "`marge` déclarée est tolérée. " + _ARRONDI,
        ),
    )
}
