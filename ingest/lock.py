"""What was landed, as a file that reviewers read: the diff between two fetches of a source."""

from __future__ import annotations

import json
from pathlib import Path

from ingest.receipts import Receipt, read_receipt
from ingest.registry import Registry, load_registry
from warehouse.layout import LOCKS_DIR, Layout


def entry_of(receipt: Receipt) -> dict:
    """The lines of a lock that describe one millésime."""
    return {
        "fichiers": {f.nom: {"sha256": f.sha256, "octets": f.octets} for f in receipt.fichiers},
        "territoires": receipt.territoires,
        "colonnes": receipt.colonnes,
    }


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
    """
    lines = []
    for source in (registry or load_registry()).sources.values():
        if source.acces == "convention":
            continue
        path = folder / f"{source.id}.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        current = dict(known)
        for millesime in source.millesimes:
            receipt = read_receipt(layout.landed(source.id, millesime))
            if receipt is None or not receipt.fichiers:
                continue
            current[millesime] = entry_of(receipt)
            changes = differences(known.get(millesime), current[millesime])
            lines += [f"{source.id} {millesime} : {change}" for change in changes]
        if current != known:
            folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(dict(sorted(current.items())), ensure_ascii=False, indent=1)
            path.write_text(text + "\n", encoding="utf-8")
    return lines or ["rien n'a changé"]
