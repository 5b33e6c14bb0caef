"""What each indicator may not be compared with, in the words of `qpv explain`."""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.domain.perimetres import neighbour
from warehouse.domain.types_territoire import sets
from warehouse.publication.explain.comparison_limits import (
    AUTRES_POPULATIONS,
    d_agregation,
    de_regle,
)
from warehouse.publication.explain.facts import Interdit

#: What holds of every indicator stands under this name.
TOUS = "*"


def limites_par_indicateur(
    indicateurs: Iterable[dict], interdits: Iterable[dict], perimetre: str
) -> dict[str, list[dict]]:
    """Indicator → list of {avec, pourquoi, portee}; `portee`: types of territory, empty for all.

    Args:
        indicateurs: `code`, `agregation` and `formule` of each.
        interdits: `limites` of `qualite/comparabilites.json`.
        perimetre: the edition's.
    """
    other = f"un chiffre du périmètre {neighbour(perimetre)}"
    found = {TOUS: [_ligne(other, AUTRES_POPULATIONS, ("qpv", *sets()))]}
    for i in indicateurs:
        found[i["code"]] = [_ligne(*d_agregation(i["agregation"], i["formule"]))]
    for row in interdits:
        if row["code_indicateur"] in found:
            said = de_regle(Interdit.lu(row))
            found[row["code_indicateur"]].append(_ligne(*said, row["portee"]))
    return found


def _ligne(avec: str, pourquoi: str, portee: Iterable[str] = ()) -> dict:
    return {"avec": avec, "pourquoi": pourquoi, "portee": list(portee)}
