"""What the doors of one run said, kept together: a release needs all of them, and no other's."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import dagster as dg

from ingest.registry import Source
from orchestration.defs.resources import Reglages
from quality.expectations import DoorResult
from warehouse.base.errors import QpvError

#: The doors of the draft: they judge again when one of its parts is made again.
DRAFT_DOORS = ("porte_publication", "audit_secret")
#: The doors that every release passes, beside one per source whose figures landed.
DOORS = (
    "porte_plausibilite",
    "porte_ensembles",
    "porte_sommes",
    "porte_acces",
    "porte_secret",
    *DRAFT_DOORS,
)
#: Beyond so many failures, a paragraph is not read; the report has them all.
_DITS = 5


def landing_door(source: Source) -> str:
    """The name under which the door of a source is recorded."""
    return f"porte_atterrissage:{source.id}"


def recorded(name: str, result: DoorResult, reglages: Reglages) -> dg.AssetCheckResult:
    """The result for Dagster, and for the manifest of the release that this run makes."""
    folder = reglages.doors
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "nom": name,
        "attentes": result.attentes,
        "passe": result.passe,
        "echecs": result.echecs,
    }
    path = _path(name, reglages)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    more = len(result.echecs) - _DITS
    said = [*result.echecs[:_DITS], *([f"et {more} de plus ({path})"] if more > 0 else [])]
    return dg.AssetCheckResult(
        passed=result.passe,
        metadata={"attentes": result.attentes, "echecs": "\n".join(result.echecs)},
        description=" ; ".join(said) or None,
    )


def forget_judgements(reglages: Reglages, doors: Collection[str]) -> None:
    """What these doors judged has changed: without a new judgement, no release."""
    for name in doors:
        _path(name, reglages).unlink(missing_ok=True)


def _path(name: str, reglages: Reglages) -> Path:
    return reglages.doors / f"{name.replace(':', '-')}.json"


def results(reglages: Reglages, expected: Collection[str]) -> list[dict]:
    """What each door of this run said, by name.

    Args:
        expected: the names of the doors that this run had to pass.

    Raises:
        QpvError: a door did not judge, judged without being asked, or refused.
    """
    found = {}
    for path in sorted(reglages.doors.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found[content["nom"]] = content
    said = {
        "sans jugement": sorted(set(expected) - found.keys()),
        "non attendues": sorted(found.keys() - set(expected)),
        "qui refusent": sorted(name for name, one in found.items() if not one["passe"]),
    }
    if any(said.values()):
        faults = " ; ".join(f"{what} : {', '.join(names)}" for what, names in said.items() if names)
        raise QpvError(
            f"les portes de cette publication ne sont pas celles attendues : {faults}",
            ou=str(reglages.doors),
            faire="lancer la publication entière (`qpv build`, ou le job publication)",
        )
    return list(found.values())
