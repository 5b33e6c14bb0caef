"""What each indicator may not be compared with, in the words of `qpv explain`."""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.explain.facts import Interdit
from warehouse.explain.limits import AUTRES_POPULATIONS, PERIMETRES, d_agregation, de_regle


def limites_par_indicateur(indicateurs: Iterable[dict], interdits: Iterable[dict]) -> dict:
    """Indicator → list of {avec, pourquoi, portee}; `portee`: types of territory, empty for all.

    Args:
        indicateurs: `code`, `agregation` and `formule` of each.
        interdits: `limites` of `qualite/comparabilites.json`.
    """
    found = {i["code"]: [_ligne(*d_agregation(i["agregation"], i["formule"]))] for i in indicateurs}
    for row in interdits:
        if row["code_indicateur"] in found:
            said = de_regle(Interdit(row["regle"], row["avec"], row["pourquoi"], row["document"]))
            found[row["code_indicateur"]].append(_ligne(*said, row["portee"]))
    return found


def limite_de_perimetre(perimetre: str) -> dict | None:
    """What a figure of quarters of one perimeter may not be compared with."""
    other = PERIMETRES.get(perimetre)
    return _ligne(f"un chiffre du périmètre {other}", AUTRES_POPULATIONS) if other else None


def _ligne(avec: str, pourquoi: str, portee: Iterable[str] = ()) -> dict:
    return {"avec": avec, "pourquoi": pourquoi, "portee": list(portee)}
