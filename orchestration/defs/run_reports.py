"""What earlier steps of a run wrote down for the later ones, read back. Defines no asset."""

from __future__ import annotations

import json

from ingest.expected_figures import expected_figures
from orchestration.defs.resources import Reglages
from orchestration.partitions import REGISTRY
from warehouse.base.layout import Layout
from warehouse.publication.fiches.gabarits import jour_de_publication
from warehouse.release.promotion import Draft


def read_findings(layout: Layout) -> dict[str, list]:
    """What the last judgement of plausibility said: retires, ouverts, acceptes, caducs."""
    return json.loads(layout.plausibility_report.read_text(encoding="utf-8"))


def read_periods(layout: Layout) -> list[dict]:
    """What the values of the landed files say of their declared periods."""
    return json.loads(layout.periods_report.read_text(encoding="utf-8"))


def due(reglages: Reglages, draft: Draft) -> dict[str, list[str]]:
    """Indicator → who publishes it next and when, seen from the day of a draft."""
    day = jour_de_publication(draft.release_id, draft.path / "qpv.duckdb")
    edition = reglages.plan.edition
    return expected_figures(REGISTRY, reglages.plan.dictionary, edition.perimetre, day)
