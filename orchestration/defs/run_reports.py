"""What earlier steps of a run wrote down for the later ones, read back. Defines no asset."""

from __future__ import annotations

import json

from warehouse.base.layout import Layout


def read_findings(layout: Layout) -> dict[str, list]:
    """What the last judgement of plausibility said: retires, ouverts, acceptes, caducs."""
    return json.loads(layout.plausibility_report.read_text(encoding="utf-8"))


def read_periods(layout: Layout) -> list[dict]:
    """What the values of the landed files say of their declared periods."""
    return json.loads(layout.periods_report.read_text(encoding="utf-8"))
