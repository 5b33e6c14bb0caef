"""What a rule asks of one masked cell, and what the clear table says is under secrecy."""

from __future__ import annotations

from dataclasses import replace

from ..audit.system import Protection
from ..refused import DisclosureError
from ..tables.declared import Mesure, RegleDeclaree
from ..tables.table_cells import Case, Rules, Tables


def protection_of(mesure: Mesure, regle: RegleDeclaree | None, case: Case) -> Protection | None:
    """What must not be provable of a masked cell; nothing to ask of one masked for others."""
    # A count rounded to 5 is given by print at 5 wide; one rounded to the unit, as an integer.
    step = 2 * case.demi if not mesure.entier or case.demi > 0.5 else 0.0
    if regle is None:
        return Protection(pas=step)
    if not case.primaire:
        return None
    share = regle.ecart or 0.0
    texts = []
    if regle.seuil is not None:
        texts.append(f"laisser possible {regle.seuil:g} ou plus")
    if share:
        texts.append(f"pas d'estimation à ±{100 * share:g} %")
    low, high = float("inf"), regle.seuil if regle.seuil is not None else float("-inf")
    if case.cachee is not None and share:
        low, high = (1 - share) * case.cachee, max(high, (1 + share) * case.cachee)
        share = 0.0
    return Protection(
        plafond_min=high,
        plancher_max=low,
        ecart=share,
        pas=step,
        texte=" ; ".join(texts) or "ne pas donner la valeur",
    )


def rounded_protection(regle: RegleDeclaree, low: float, under: bool | None) -> Protection | None:
    """What must not be provable of a count printed rounded: that it is from 1 to under `seuil`.

    Args:
        low: the least value that its rounding leaves.
        under: whether the clear table says it is under secrecy; None where nothing says so.
    """
    asked = low < (regle.seuil or 0) if under is None else under
    if not asked or regle.seuil is None:
        return None
    said = f"laisser possible 0, ou {regle.seuil:g} et plus"
    return Protection(plafond_min=regle.seuil, zero_permis=True, ou_vide=True, texte=said)


def partly(regle: RegleDeclaree) -> RegleDeclaree:
    """What is left to judge of a rule whose columns the table does not have."""
    if not regle.demande_le_clair:
        return regle
    return regle.model_copy(update={"ecart": None})


def with_requirements(tables: Tables, clear: Tables, rules: Rules) -> Tables:
    """The tables as printed, each masked cell with what the clear one asks for it.

    Raises:
        DisclosureError: a printed figure is not that of the clear table, or a cell is not in it.
    """
    known = {case.key: case for case in clear.cases if case.valeur is not None}
    under = {key for key, case in known.items() if _under_secrecy(case, rules.get(key[0]))}
    cases, shown = [], set()
    for case in tables.cases:
        true = known.get(case.key)
        if true is None and (case.masquee or case.valeur is not None):
            raise DisclosureError(
                "une case publiée n'est pas dans le tableau en clair",
                ou=case.ou,
                attendu="les tableaux en clair dont les tableaux publiés viennent",
            )
        if true is None or true.valeur is None:
            cases.append(case)
        elif case.masquee:
            cases.append(
                replace(
                    case,
                    primaire=case.key in under,
                    seul=true.unites == 1,
                    cachee=true.valeur,
                    demi=true.demi,
                )
            )
        else:
            if case.valeur is not None and abs(case.valeur - true.valeur) > case.demi + true.demi:
                raise DisclosureError(
                    "un chiffre publié n'est pas celui du tableau en clair",
                    ou=case.ou,
                    attendu="les tableaux en clair dont les tableaux publiés viennent",
                )
            cases.append(case)
            shown.add(case.key)
    return replace(
        tables, cases=cases, a_masquer=frozenset(shown & under), sans_colonnes=clear.sans_colonnes
    )


def _under_secrecy(case: Case, regle: RegleDeclaree | None) -> bool:
    """A count from 1 to under the threshold, too few units, or too large a contributor."""
    if regle is None or case.valeur is None:
        return False
    if regle.primaires is not None:
        return case.primaire
    few, most, second = regle.seuil_contributeurs, regle.dominance, regle.p_pourcent
    return (
        (regle.seuil is not None and 0 < case.valeur < regle.seuil)
        or (few is not None and case.unites is not None and 0 < case.unites < few)
        or (most is not None and 100 * sum(case.plus_grands) > most.part * case.valeur)
        or (second is not None and _second_knows(case, second.part))
    )


def _second_knows(case: Case, part: float) -> bool:
    """What the two largest leave is all that hides the first from the second."""
    first, second = (*case.deux_premiers, 0.0, 0.0)[:2]
    others = (case.valeur or 0.0) - first - second
    return first > 0 and 100 * others < part * first
