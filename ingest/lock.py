"""What was landed, as a file that reviewers read: the diff between two fetches of a source.

Also what is known of each file from then on: its size, its sha256, its blocks. No row is in it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from ingest.archive import disque, objet_de
from ingest.collect import collect
from ingest.extracts_folder import ExtractsFolder
from ingest.fingerprints import fingerprint, read_lock
from ingest.landing import land
from ingest.receipts import Receipt, read_receipt, write_receipt
from ingest.registry import Registry, load_registry
from warehouse.base.errors import QpvError
from warehouse.base.layout import LOCKS_DIR, Layout

#: Sources that say which QPV there are.
LISTS = ("anct_liste_qpv", "anct_contours")


def entry_of(receipt: Receipt, archive: Path) -> dict:
    """The lines of a lock that describe one millésime."""
    return {
        "fichiers": {
            f.nom: {"sha256": f.sha256, "octets": f.octets}
            | fingerprint(objet_de(archive, f.sha256))
            for f in receipt.fichiers
        },
        "territoires": receipt.territoires,
        "colonnes": receipt.colonnes,
    }


def land_whole_folders(folder: ExtractsFolder, layout: Layout, registry: Registry) -> list[str]:
    """Land every millésime that the folders hold, whatever the edition, lists of QPV first.

    Returns:
        what was refused, a line each.
    """
    refused, codes = [], dict[str, set[str]]()
    order = sorted(registry.sources.values(), key=lambda s: s.id not in LISTS)
    for source, millesime in ((s, m) for s in order for m in s.millesimes):
        out, perimetre = layout.landed(source.id, millesime), source.perimetre_of(millesime)
        try:
            collected = collect(source, millesime, archive=layout.archive, extracts=folder)
            if not collected.files or source.nature == "micro":
                continue
            known = codes.get(perimetre) if source.nature == "mesures" else None
            listed = frozenset(known) if known else None
            report = land(source, millesime, collected.files, out=out, codes_qpv=listed)
        except QpvError as error:
            refused.append(f"{source.id} {millesime} : {error.quoi}")
            continue
        if source.id in LISTS:
            found = pq.read_table(out, columns=["code"])["code"].to_pylist()
            codes.setdefault(perimetre, set()).update(found)
        write_receipt(out, collected, report)
    return refused


def differences(before: dict | None, after: dict) -> list[str]:
    """What changed between two entries of the same millésime, in words."""
    if before is None:
        return ["nouveau"]
    found = []
    gone = [c for c in before["colonnes"] if c not in after["colonnes"]]
    new = [c for c in after["colonnes"] if c not in before["colonnes"]]
    if gone:
        found.append(f"colonnes disparues : {', '.join(gone)}")
    if new:
        found.append(f"colonnes nouvelles : {', '.join(new)}")
    if before["territoires"] != after["territoires"]:
        found.append(f"lignes : {before['territoires']} → {after['territoires']}")
    for name, file in after["fichiers"].items():
        known = before["fichiers"].get(name)
        if known and known["sha256"] != file["sha256"]:
            found.append(f"{name} révisé ({known['octets']} → {file['octets']} octets)")
    return found


def update_locks(
    layout: Layout, folder: Path = LOCKS_DIR, registry: Registry | None = None
) -> list[str]:
    """Write one JSON per landed source and return a line per change; [] changes give one line.

    Locks are public: a file under agreement has none, its sha256 would let a guess be verified.
    A file of a partial folder takes no known one's place.
    """
    lines = []
    for source in (registry or load_registry()).sources.values():
        if source.acces == "convention":
            continue
        path, known = folder / f"{source.id}.json", read_lock(source.id, folder)
        current = dict(known)
        for millesime in source.millesimes:
            receipt = read_receipt(layout.landed(source.id, millesime))
            if receipt is None or not receipt.fichiers:
                continue
            with disque(layout.archive):
                current[millesime] = entry_of(receipt, layout.archive)
            if "*" not in receipt.ensembles_complets and millesime in known:
                current[millesime] = known[millesime]
                continue
            changes = differences(known.get(millesime), current[millesime])
            lines += [f"{source.id} {millesime} : {change}" for change in changes]
        if current != known:
            folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(dict(sorted(current.items())), ensure_ascii=False, indent=1)
            path.write_text(text + "\n", encoding="utf-8")
    return lines or ["rien n'a changé"]
