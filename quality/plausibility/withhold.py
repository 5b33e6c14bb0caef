"""What the rules take out of a publication, with the arithmetic as the reason.

A source may print an evolution that its own table contradicts: the level of the day stays, the
start and the evolution come out without value (P02). A file may give a quarter a figure about
communes that cannot be theirs: all that is made of it comes out, that period, for that quarter
alone (P14, P15).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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

#: A move says its evolution again, and its rank among the others'.
_MOUVEMENT = """
update marts.fct_position
set periode_comparaison = null, rang_mouvement = null, nb_mouvement = null, mouvement = null
where code_territoire = $territoire and code_indicateur = $indicateur
    and periode_comparaison = $periode
"""

#: All that is made of figures about communes, for one quarter and period.
_COMMUNES = """code_territoire = $territoire and code_indicateur in (
    select code_indicateur from edition.termes
    where terme in (select mesure from edition.communes))
"""
_NIVEAUX_DES_COMMUNES = f"""
update marts.fct_indicateur set valeur = null, statut = $statut, motif = $motif
where {_COMMUNES} and periode = $periode and valeur is not null
"""
_EVOLUTIONS_DES_COMMUNES = f"""
update marts.fct_evolution
set evolution_nb = null, evolution_pct = null, evolution_pts = null,
    statut = 'non_comparable', comparabilite = 'non_comparable', motif = $motif
where {_COMMUNES} and $periode in (periode, periode_comparaison) and statut = 'diffuse'
"""
#: A gap says its figure again: it leaves with it.
_ECART = "marts.fct_ecart"
_ECARTS = f"""
delete from {_ECART}
where code_indicateur = $indicateur and $territoire in (code_territoire, code_reference)
    and $periode in (periode, periode_comparaison)
"""
_ECARTS_DES_COMMUNES = f"""
delete from {_ECART} where {_COMMUNES} and $periode in (periode, periode_comparaison)
"""
#: Rules that say a figure about communes cannot be theirs.
DES_COMMUNES = ("P14", "P15")


def withheld(findings: Sequence[Finding]) -> list[Finding]:
    """The findings settled by taking figures out: an impossible start in a set that cannot
    overflow, and whatever else is said of that evolution; an impossible figure about communes."""
    starts = [f for f in findings if f.regle == "P02" and f.severite == "bloquant"]
    evolutions = {(f.territoire, f.indicateur) for f in starts}
    also = [
        f
        for f in findings
        if f not in starts
        and f.grandeur.startswith("evolution")
        and (f.territoire, f.indicateur) in evolutions
    ]
    return [*starts, *also, *(f for f in findings if f.regle in DES_COMMUNES)]


def withhold(con: duckdb.DuckDBPyConnection, findings: Sequence[Finding]) -> None:
    """Take those figures out of the published tables of a build database."""
    for finding in findings:
        if finding.regle not in ("P02", *DES_COMMUNES):
            continue
        values = {
            "motif": f"retiré par la règle {finding.regle} : {finding.phrase.rstrip('.')}",
            "territoire": finding.territoire,
            "indicateur": finding.indicateur,
            "periode": finding.periode,
        }
        if finding.regle in DES_COMMUNES:
            del values["indicateur"]
            con.execute(_EVOLUTIONS_DES_COMMUNES, values)
            con.execute(_NIVEAUX_DES_COMMUNES, values | {"statut": STATUT})
            con.execute(_ECARTS_DES_COMMUNES, _asked(values, _ECARTS_DES_COMMUNES))
        else:
            con.execute(_EVOLUTION, values)
            con.execute(_DEPART, values | {"statut": STATUT})
            con.execute(_ECARTS, _asked(values, _ECARTS))
            con.execute(_MOUVEMENT, _asked(values, _MOUVEMENT))


def _asked(values: Mapping[str, str], query: str) -> dict[str, str]:
    """Of some parameters, those that a query names: DuckDB refuses the others."""
    return {name: value for name, value in values.items() if f"${name}" in query}
