"""The bounds of every indicator, and whether they admit what its mesures may be."""

from __future__ import annotations

from collections.abc import Mapping

from warehouse.base.errors import QpvError
from warehouse.declared.bornes import Bornes, contains, difference, in_words, scaled
from warehouse.declared.dictionary import Dictionary, Indicateur


def indicator_bounds(dictionary: Dictionary) -> dict[str, Bornes]:
    """Indicator code → between which values it lies; a difference follows from its base."""
    known = dictionary.indicateurs
    return {
        code: difference(known[i.rapprochement.indicateurs[0]].limites)
        if i.rapprochement and i.rapprochement.par == "ecart" and i.bornes is None
        else i.limites
        for code, i in known.items()
    }


def refuse_too_narrow(dictionary: Dictionary, mesures: Mapping[str, Bornes]) -> None:
    """Refuse a share narrower than the published shares that it is made of.

    Args:
        mesures: mesure → its bounds at landing.

    Raises:
        QpvError: what would land would then stop the build; it names the file and the key.
    """
    for rubrique in dictionary.rubriques:
        for code, indicateur in rubrique.indicateurs.items():
            for mesure, factor in _shares(indicateur):
                bornes = scaled(mesures[mesure], factor)
                if not contains(indicateur.limites, bornes):
                    raise QpvError(
                        f"l'indicateur {code} est une valeur {in_words(indicateur.limites)}, quand "
                        f"{mesure} en donne une {in_words(bornes)}",
                        ou=f"{rubrique.rubrique}.yml, clé indicateurs.{code}.bornes",
                        faire="lui donner des `bornes` qui admettent celles de ses mesures",
                    )


def _shares(indicateur: Indicateur) -> list[tuple[str, float]]:
    """The published shares that a share is, or is the sum of, each with its factor."""
    if indicateur.type != "part":
        return []
    summed = {} if indicateur.den or indicateur.den_ensemble else indicateur.num
    terms = [(mesure, k * indicateur.facteur) for mesure, k in summed.items()]
    return terms + ([(indicateur.publiee, 1.0)] if indicateur.publiee else [])
