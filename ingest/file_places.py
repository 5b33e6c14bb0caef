"""Where the file of a millésime is to be had, as the registry says: its address, or how to find it.

Asks nothing: `ingest.collect` fetches from there, `ingest.watch` looks at what is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingest.registry import Source

Genre = Literal["page", "jeu", "adresse"]


@dataclass(frozen=True)
class FilePlace:
    """`ou`: the file's address, the data.gouv data set, or the page that links to it, by `genre`.

    `motif`: regex that finds the file there, its year still to be filled in; empty for an address.
    """

    genre: Genre
    ou: str
    motif: str = ""


def file_place(source: Source, millesime: str) -> FilePlace | None:
    """What a millésime declares, else its source; None where the registry has no address."""
    edition = source.millesimes[millesime]
    if edition.url:
        return FilePlace("adresse", edition.url)
    ressource = edition.ressource or source.ressource
    if ressource and source.dataset:
        return FilePlace("jeu", source.dataset, ressource)
    lien = edition.lien or source.lien
    return FilePlace("page", edition.page or source.page, lien) if lien else None
