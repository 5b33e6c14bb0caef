"""All the rules over one corpus."""

from __future__ import annotations

import duckdb

from quality.plausibility import commune_totals, jumps, rates, registry_sums, totals
from quality.plausibility.counts import derive
from quality.plausibility.findings import Finding
from quality.plausibility.numbered_keys import number_keys
from quality.plausibility.rules import SEVERITES

_CHECKS = (
    totals.part_within_whole,
    totals.rest_within_whole,
    totals.sum_of_parts,
    registry_sums.declared_sums,
    rates.within_extremes,
    rates.masked_as_zero,
    jumps.changes_agree,
    rates.between_women_and_men,
    rates.equals_its_terms,
    jumps.jumps,
    jumps.one_value,
    rates.shares_make_hundred,
    rates.rest_like_the_others,
    commune_totals.part_of_communes,
    commune_totals.one_figure_per_communes,
)


def judge(con: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Every finding on a corpus, the gravest first, then by rule."""
    number_keys(con)
    derive(con)
    found = [f for check in _CHECKS for f in check(con)]
    return sorted(found, key=lambda f: (SEVERITES.index(f.severite), f.regle))
