"""Two indicators with one formula would publish one figure under two names. Computes nothing."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from warehouse.base.errors import QpvError

if TYPE_CHECKING:
    from warehouse.declared.dictionary import Dictionary, Indicateur


def refuse_same_formula(dictionary: Dictionary) -> None:
    """Refuse the second indicator of a formula.

    Raises:
        QpvError: it names both.
    """
    homes: dict[Hashable, str] = {}
    for rubrique in dictionary.rubriques:
        for code, indicateur in rubrique.indicateurs.items():
            place = f"{rubrique.rubrique}.yml, clé indicateurs.{code}"
            home = homes.setdefault(_formula(indicateur), place)
            if home != place:
                first = home.rpartition(".")[2]
                raise QpvError(
                    f"les indicateurs {first} et {code} ont la même formule",
                    ou=f"{place} ; et {home}",
                    faire="garder un seul des deux ; l'autre code peut rester parmi ses "
                    "`autres_noms`",
                )


def _formula(indicateur: Indicateur) -> Hashable:
    """What the figure is made of, whatever the order in which its terms are written."""
    if made := indicateur.rapprochement:
        return frozenset(made.indicateurs), made.a, made.par
    above, below = (frozenset(side.items()) for side in (indicateur.num, indicateur.den))
    return above, below, indicateur.den_ensemble, indicateur.facteur
