"""What the rules take out of a publication: an evolution whose start cannot be, and that start.

A source may print an evolution that its own table contradicts. The level of the day stays; the
start and the evolution come out without value, with the arithmetic as their reason.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from quality.plausibility.findings import Finding

#: The statut of a start that is taken out: the figure has no meaning for that territory.
STATUT = "sans_objet"

_EVOLUTION = """
update marts.fct_evolution
set evolution_nb = null, evolution_pct = null, evolution_pts = null,
    statut = 'non_comparable', comparabilite = 'non_comparable', motif = $motif
where code_territoire = $territoire and code_indicateur = $indicateur
    and periode_comparaison = $periode
"""

_DEPART = """
update marts.fct_indicateur
set valeur = null, statut = $statut, motif = $motif
where code_territoire = $territoire and code_indicateur = $indicateur and periode = $periode
    and valeur is not null
"""


def withheld(findings: Sequence[Finding]) -> list[Finding]:
    """The findings settled by taking figures out: an impossible start in a set that cannot
    overflow, and whatever else is said of that evolution."""
    starts = [f for f in findings if f.regle == "P02" and f.severite == "bloquant"]
    evolutions = {(f.territoire, f.indicateur) for f in starts}
    also = [
        f
        for f in findings
        if f not in starts
        and f.grandeur.startswith("evolution")
        and (f.territoire, f.indicateur) in evolutions
    ]
    return [*starts, *also]


def withhold(con: duckdb.DuckDBPyConnection, findings: Sequence[Finding]) -> None:
    """Take those figures out of the published tables of a build database."""
    for finding in findings:
        if finding.regle != "P02":
            continue
        values = {
            "motif": f"retiré par la règle {finding.regle} : {finding.phrase.rstrip('.')}",
            "territoire": finding.territoire,
            "indicateur": finding.indicateur,
            "periode": finding.periode,
        }
        con.execute(_EVOLUTION, values)
        con.execute(_DEPART, values | {"statut": STATUT})
