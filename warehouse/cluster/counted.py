"""What a cluster counted for a build: which months were counted, which were already. No figure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Counted:
    """Of one model: millésimes counted now, those that were counted before, and the seconds of it.

    `ouverture`: of them, those that a session took to open; 0 where one was open or none was asked.
    """

    modele: str
    comptes: list[str]
    repris: list[str]
    secondes: float
    ouverture: float

    @property
    def phrase(self) -> str:
        """As a run says it."""
        parts = [f"{len(self.comptes)} compté{'s' if len(self.comptes) > 1 else ''}"]
        if self.repris:
            parts.append(f"{len(self.repris)} déjà compté{'s' if len(self.repris) > 1 else ''}")
        return f"{self.modele} : {', '.join(parts)}, {self.secondes:.0f} s"


def write_down(report: Path, counted: Counted) -> None:
    """One line more in a build's report."""
    with report.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(counted), ensure_ascii=False) + "\n")


def told(report: Path) -> list[Counted]:
    """What a build's models were counted from, in their order; nothing without a cluster."""
    lines = report.read_text(encoding="utf-8").splitlines() if report.is_file() else []
    return [Counted(**json.loads(line)) for line in lines]
