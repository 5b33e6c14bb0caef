"""What a rule asks of one masked cell of a table."""

from __future__ import annotations

from quality.disclosure.audit.system import Protection
from quality.secrecy.tables.declared import Mesure, RegleDeclaree
from quality.secrecy.tables.reading import Case


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
