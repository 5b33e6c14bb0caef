"""docs/dictionnaire.md, written from the dictionary and never by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from warehouse.base.layout import REPO
from warehouse.declared.dictionary import Dictionary
from warehouse.publication.explain.comparison_limits import de_regle
from warehouse.publication.explain.facts import InterditPublie
from warehouse.release.loading import formula_text

PAGE = REPO / "docs" / "dictionnaire.md"
#: What holds of every figure of an EPCI is said once, not on each entry.
_PARTOUT = "C06"
#: How the value of a set of QPV is made, in words.
AGREGATIONS = {
    "somme": "somme des QPV, si tous sont diffusés",
    "rapport": "rapport des sommes, sur les QPV dont les deux termes sont connus",
    "aucune": "ne se recompose pas",
}
#: What a higher value is, in words.
SENS = {
    "favorable": "plus la valeur est élevée, plus elle est favorable",
    "defavorable": "plus la valeur est élevée, moins elle est favorable",
    "neutre": "neutre, une valeur élevée n'est ni favorable ni défavorable",
}


def interdits_en_mots(limites: Iterable[Mapping]) -> dict[str, list[str]]:
    """Indicator → what the rules of comparability forbid to set beside it, one sentence each.

    Args:
        limites: rows of `quality.verdicts.limites`.
    """
    said: dict[str, list[str]] = defaultdict(list)
    for row in limites:
        if row["regle"] != _PARTOUT:
            limite = de_regle(InterditPublie.lu(row))
            said[row["code_indicateur"]].append(f"{limite.avec} : {limite.pourquoi}")
    return said


def render(dictionary: Dictionary, interdits: Mapping[str, list[str]]) -> str:
    """The page: one section per rubrique, one entry per indicator.

    Args:
        interdits: indicator → what the rules of comparability forbid, in words.
    """
    lines = ["# Dictionnaire des indicateurs", ""]
    lines += [f"{len(dictionary.indicateurs)} indicateurs. Page produite par `make docs`.", ""]
    for rubrique in dictionary.rubriques:
        lines += [f"## {rubrique.question}", "", f"Thème : {rubrique.theme}.", ""]
        for code, i in rubrique.indicateurs.items():
            formule = formula_text(i)
            publiee = f" ; publiée telle quelle : `{i.publiee}`" if i.publiee else ""
            lines += [
                f"### {i.libelle}",
                "",
                f"`{code}` · {i.type}, en {i.unite}, {i.arrondi} décimale(s)",
                "",
                i.definition,
                "",
                f"- Formule : `{formule}`{publiee}",
                f"- Ensembles de QPV : {AGREGATIONS[i.agregation]}",
                f"- Sens : {SENS[i.sens]}",
                *(f"- À ne pas comparer avec {said}" for said in interdits.get(code, [])),
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"
