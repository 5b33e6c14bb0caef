"""Files of the extracts that a run did not read: said, with what they look like. Reads none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest.extracts_folder import KNOWN, ExtractsFolder
from ingest.receipts import Receipt
from ingest.registry import Registry

#: Beyond so many files, a list on a terminal is not read; the quality report has them all.
_DITS = 10


def unread_files(
    folder: ExtractsFolder | None, read: Iterable[Receipt], registry: Registry
) -> list[dict[str, str]]:
    """Every file of the folders that no source claims in this run: `fichier`, `constat`."""
    if folder is None:
        return []
    claimed = {
        name
        for receipt in read
        for name in (
            *(f.nom for f in receipt.fichiers),
            *(f.nom for f in receipt.ecartes),
            *receipt.non_lus,
        )
    }
    found = folder.unclaimed(claimed, registry)
    return [{"fichier": path, "constat": said} for path, said in found]


def summary(found: list[dict[str, str]]) -> Iterator[str]:
    """Lines for a terminal: how many known files the edition does not name, then the others."""
    known = [one for one in found if one["constat"].startswith(KNOWN)]
    others = [one for one in found if one not in known]
    if known:
        yield (
            f"Fichiers connus que l'édition ne nomme pas : {len(known)} (rapport de qualité, "
            "`qpv sources --extracts`)"
        )
    if others:
        yield f"Fichiers que personne ne lit : {len(others)}"
    for one in others[:_DITS]:
        yield f"  {one['fichier']} : {one['constat']}"
    if len(others) > _DITS:
        yield f"  et {len(others) - _DITS} de plus (rapport de qualité)"
