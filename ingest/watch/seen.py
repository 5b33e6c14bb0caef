"""What the watch saw last time, one JSON per source in the data folder. Asks nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.archive import write_json
from warehouse.base.bounded_files import MO, read_bounded


class SeenFile(BaseModel):
    """One file of a producer, as it was last seen.

    `vu_le`: the first visit that saw it. `change_le`: the last one that saw other bytes under the
    same name. `absences`: visits in a row that did not see it. `octets`, `etag`, `modifie`: what
    its server says of it; `sha256`: of its bytes, where they had to be read.
    """

    model_config = ConfigDict(extra="ignore")

    adresse: str
    vu_le: date
    change_le: date | None = None
    absences: int = 0
    etag: str | None = None
    modifie: str | None = None
    octets: int | None = None
    sha256: str | None = None


class SeenPlace(BaseModel):
    """A page or a data set: its validators, and the files that it showed (millésime → address)."""

    model_config = ConfigDict(extra="ignore")

    signature: str
    etag: str | None = None
    modifie: str | None = None
    fichiers: dict[str, str] = Field(default_factory=dict)


class Memory(BaseModel):
    """What is remembered of one source; `injoignables`: what could not be had, and why."""

    model_config = ConfigDict(extra="ignore")

    source: str
    premiere_visite: date | None = None
    visite_le: date | None = None
    lieux: dict[str, SeenPlace] = Field(default_factory=dict)
    fichiers: dict[str, SeenFile] = Field(default_factory=dict)
    injoignables: dict[str, str] = Field(default_factory=dict)


def read_memory(folder: Path, source_id: str) -> Memory:
    """What is remembered of a source; nothing where the file is absent or damaged."""
    path = folder / f"{source_id}.json"
    try:
        return Memory.model_validate_json(read_bounded(path, 1 * MO))
    except (OSError, ValidationError, ValueError):
        return Memory(source=source_id)


def write_memory(folder: Path, memory: Memory) -> None:
    """Whole or not at all."""
    write_json(folder / f"{memory.source}.json", memory.model_dump(mode="json"))
