"""docs/dictionnaire.md, written from the dictionary and never by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from warehouse.base.layout import REPO
from warehouse.declared.dictionary import Dictionary, Indicateur
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
#: What is said of an indicator whose files are still to come.
JAMAIS_LU = "Fichier jamais lu, défini d'après sa documentation"
#: What is said of the places that the same deliveries are known to hold.
NIVEAUX_JAMAIS_LUS = "Pour comparer, fichiers jamais lus"
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


def jamais_lus_en_mots(
    dictionary: Dictionary, jamais_lues: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """Indicator → the files that nobody has read yet, without which it has no value.

    Args:
        jamais_lues: mesure that no file read so far holds → the titles of the sources to come.
    """
    known = dictionary.indicateurs

    def files(i: Indicateur) -> list[str]:
        if i.rapprochement:
            return [f for base in i.rapprochement.indicateurs for f in files(known[base])]
        if i.publiee and i.publiee not in jamais_lues:
            return []
        return [f for term in (*i.num, *i.den) for f in jamais_lues.get(term, ())]

    found = {code: dict.fromkeys(files(i)) for code, i in known.items()}
    return {code: " ; ".join(titles) for code, titles in found.items() if titles}


def niveaux_en_mots(
    dictionary: Dictionary, niveaux: Mapping[str, Mapping[str, Collection[str]]]
) -> dict[str, str]:
    """Indicator → the places to set quarters beside, that files nobody has read would give.

    Args:
        niveaux: mesure → title of a source → the whole territories that it would give.
    """
    found: dict[str, str] = {}
    for code, i in dictionary.indicateurs.items():
        heads = [i.publiee] if i.publiee else []
        told = {t: n for mesure in [*heads, *i.num] for t, n in niveaux.get(mesure, {}).items()}
        if told:
            found[code] = " ; ".join(f"{', '.join(names)} ({t})" for t, names in told.items())
    return found


def render(
    dictionary: Dictionary,
    interdits: Mapping[str, list[str]],
    jamais_lus: Mapping[str, str],
    niveaux: Mapping[str, str],
    sans_indicateur: Mapping[str, list[str]],
) -> str:
    """The page: one section per rubrique, one entry per indicator.

    Args:
        interdits: indicator → what the rules of comparability forbid, in words.
        jamais_lus: indicator → the files that nobody has read yet.
        niveaux: indicator → the places to compare with that files nobody has read would give.
        sans_indicateur: reason → the mesures of which no indicator is made.
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
                *([f"- {JAMAIS_LU} : {jamais_lus[code]}"] if code in jamais_lus else []),
                *([f"- {NIVEAUX_JAMAIS_LUS} : {niveaux[code]}"] if code in niveaux else []),
                *(f"- À ne pas comparer avec {said}" for said in interdits.get(code, [])),
                "",
            ]
    lines += ["## Mesures dont aucun indicateur n'est fait", ""]
    for raison, mesures in sans_indicateur.items():
        lines += [f"- {', '.join(f'`{mesure}`' for mesure in mesures)} : {raison}."]
    return "\n".join(lines).rstrip() + "\n"
