"""The periods that files declare, against their values, before anything is loaded. No rule here."""

import json

import dagster as dg

from orchestration.console import say
from orchestration.defs.asset_keys import PERIODS_KEY, landing_key
from orchestration.defs.landed_files import landed_files
from orchestration.defs.refused_steps import refusable
from orchestration.defs.resources import Reglages
from orchestration.partitions import REGISTRY
from quality.period_evidence.evidence_rules import examine
from quality.period_evidence.words import refusal, rows


@dg.asset(
    key=PERIODS_KEY,
    deps=[landing_key(s.id) for s in REGISTRY.sources.values() if s.lands_cells],
    group_name="landing",
    description="La période de chaque bloc, vérifiée par ses valeurs.",
    kinds={"python"},
)
@refusable
def verified_periods(reglages: Reglages) -> dg.MaterializeResult:
    """Every landed block against those that share its mesures; a contradiction stops the run."""
    _ = reglages.received  # every file of the plan landed, and none twice
    examen = examine(landed_files(reglages))
    if error := refusal(examen):
        raise error
    found = rows(examen)
    path = reglages.layout.periods_report
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    verified = sum(row["etat"] == "verifiee" for row in found)
    if examen.rapprochements:
        say(f"Périodes : {verified} vérifiées par les valeurs sur {len(found)}")
    return dg.MaterializeResult(
        metadata={"verifiees": verified, "rapprochements": examen.rapprochements}
    )
