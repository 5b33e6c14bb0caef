"""The landed cells that a run may confront, its own and earlier ones. Defines no asset."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.defs.resources import Reglages
from orchestration.partitions import REGISTRY
from quality.period_evidence.evidence_cells import Landed
from warehouse.base.layout import Layout, witnesses_of


def landed_files(reglages: Reglages) -> list[Landed]:
    """The landed cells of this run, and of earlier ones that the registry still describes."""
    layout = reglages.layout
    needed = set(reglages.plan.files)
    found = []
    for source in REGISTRY.sources.values():
        for millesime in source.millesimes if source.lands_cells else ():
            parquet, is_needed = (
                _path(layout, source.id, millesime),
                (source.id, millesime) in needed,
            )
            if parquet and (is_needed or _declares_still(parquet, source.id, millesime)):
                found.append(Landed(parquet, witnesses_of(parquet), is_needed))
    return found


def _path(layout: Layout, source_id: str, millesime: str) -> Path | None:
    path = layout.landed(source_id, millesime)
    return path if path.is_file() else None


def _declares_still(parquet: Path, source_id: str, millesime: str) -> bool:
    """Whether an earlier landing has the periods that the registry now says."""
    edition = REGISTRY[source_id].millesimes[millesime]
    with duckdb.connect() as con:
        query = "select distinct bloc, periode from read_parquet(?)"
        held = con.execute(query, [str(parquet)]).fetchall()
    return all(periode in edition.periodes_of(bloc) for bloc, periode in held)
