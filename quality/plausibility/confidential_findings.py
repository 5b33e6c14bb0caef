"""Findings on figures under secrecy: the rule and the place, without the arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from quality.plausibility.findings import Finding
from quality.plausibility.rules import REGLES


def without_figures(findings: Iterable[Finding], confidentiels: AbstractSet[str]) -> list[Finding]:
    """The same findings; of confidential figures, only the rule and the place are told.

    A finding stops a release: what it prints would then be the only figures to leave.
    """
    return [
        replace(
            f,
            phrase=f"{f.territoire}, {f.indicateur}, {f.periode} : la règle "
            f"« {REGLES[f.regle].titre} » n'est pas respectée (chiffres sous secret, non dits).",
        )
        if confidentiels & {f.indicateur, *(place.split(", ")[1] for place in f.ou)}
        else f
        for f in findings
    ]
