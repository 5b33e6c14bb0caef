"""Plausibility of what the marts hold, before the draft: a judgement, and what it takes out.

No rule is here: they are in `quality.plausibility`.
"""

import json

import dagster as dg

from orchestration.console import say
from orchestration.defs.asset_keys import MART_KEYS, PLAUSIBILITE_KEY
from orchestration.defs.refused_steps import refusable
from orchestration.defs.resources import Reglages
from orchestration.defs.standing_draft import forget_draft
from orchestration.partitions import REGISTRY
from quality.plausibility.arbitrages import load_arbitrages, sort_out
from quality.plausibility.built import has_figure, read_build
from quality.plausibility.confidential_findings import without_figures
from quality.plausibility.judge import judge
from quality.plausibility.withhold import withheld, withhold
from quality.secrecy.edition.mask_counts import confidential_indicators
from warehouse.base.layout import ARBITRAGES
from warehouse.declared.sommes import somme_rows
from warehouse.release.build_database import open_build


@dg.asset(
    key=PLAUSIBILITE_KEY,
    deps=MART_KEYS,
    group_name="publication",
    description="Chaque chiffre à côté des autres : constats retirés, acceptés, ouverts.",
    kinds={"python", "duckdb"},
)
@refusable
def plausibility(reglages: Reglages) -> dg.MaterializeResult:
    """Every finding of the rules, sorted: taken out, accepted, open."""
    forget_draft(reglages)
    layout = reglages.layout
    accepted = load_arbitrages(ARBITRAGES)
    con = read_build(
        layout.warehouse_db,
        reglages.plan.dictionary,
        REGISTRY.estimees,
        somme_rows(REGISTRY.sommes),
    )
    sorted_out = sort_out(judge(con), [a for a in accepted if has_figure(con, a)])
    con.close()
    with open_build(layout.warehouse_db) as build:
        confidentiels = confidential_indicators(build)
    ouverts = without_figures(sorted_out.ouverts, confidentiels)
    out = withheld(ouverts)
    if out:
        with open_build(layout.warehouse_db, read_only=False) as writer:
            withhold(writer, out)
    kept = [f for f in ouverts if f not in out]
    content: dict[str, list] = {
        "retires": [f.as_dict() for f in out],
        "ouverts": [f.as_dict() for f in kept],
        "acceptes": [
            f.as_dict() | {"motif": a.motif, "signature": a.signature}
            for f, (_, a) in zip(
                without_figures([f for f, _ in sorted_out.acceptes], confidentiels),
                sorted_out.acceptes,
                strict=True,
            )
        ],
        "caducs": [" ".join(a.cle) for a in sorted_out.caducs],
    }
    layout.plausibility_report.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    counts = {name: len(found) for name, found in content.items()}
    say("Plausibilité : " + ", ".join(f"{n} {name}" for name, n in counts.items()))
    return dg.MaterializeResult(metadata=counts)
