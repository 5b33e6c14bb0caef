"""Files against those read before: one content under two millésimes, the beginning of another.

A copy renamed would land with the wrong period, a copy cut with wrong figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ingest.archive import ArchivedFile, objet_de
from ingest.contents import BLOC
from ingest.fingerprints import read_lock
from ingest.receipts import Receipt, read_receipt
from ingest.registry import Registry
from warehouse.base.errors import QpvError
from warehouse.base.layout import LOCKS_DIR, Layout


def refuse_file_of_another(
    found: Iterable[Receipt], layout: Layout, registry: Registry, locks: Path = LOCKS_DIR
) -> None:
    """Stop where a file was read, in this run or before, as another millésime of its source.

    Args:
        found: the receipts of this run.
        locks: folder of what was read in the past, by anyone (`qpv lock`).

    Raises:
        QpvError: names both millésimes and where the other one is known from.
    """
    found = list(found)
    owners: dict[tuple[str, str], tuple[str, str]] = {}
    for receipt in found:
        for file in receipt.fichiers:
            owners.setdefault((receipt.source_id, file.sha256), (receipt.millesime, file.nom))
    mine = {(r.source_id, r.millesime) for r in found}
    known = [(r, "cette construction") for r in found]
    known += [(r, "une construction antérieure") for r in _earlier(layout, registry, mine)]
    for receipt, where in known:
        for file in receipt.fichiers:
            key = receipt.source_id, file.sha256
            _refuse(owners, key, receipt.millesime, file.nom, where)
    for source_id in {source_id for source_id, _ in mine}:
        for millesime, entry in read_lock(source_id, locks).items():
            for nom, file in entry["fichiers"].items():
                key = source_id, file["sha256"]
                _refuse(owners, key, millesime, nom, f"ingest/locks/{source_id}.json")


def refuse_beginning_of(
    earlier: Receipt | None, found: Iterable[ArchivedFile], archive: Path
) -> None:
    """Stop at a file that is the beginning of the one that this data folder read before it.

    Args:
        earlier: the receipt of the same source and millésime, None if it never landed.

    Raises:
        QpvError: names the file and both sizes.
    """
    if earlier is None:
        return
    for file in found:
        for before in earlier.fichiers:
            whole = objet_de(archive, before.sha256)
            if file.octets < before.octets and whole.is_file() and _begins(whole, file.path):
                raise QpvError(
                    f"le fichier {file.nom} est coupé : ses {file.octets} octets sont le début de "
                    f"celui de la construction précédente, qui en avait {before.octets}",
                    ou=f"fichier {file.origine}, source {earlier.source_id}, millésime "
                    f"{earlier.millesime}",
                    attendu="le fichier entier",
                    faire="le reprendre chez le producteur ; s'il l'a vraiment raccourci, "
                    "supprimer le dossier landing des données",
                )


def _begins(whole: Path, part: Path) -> bool:
    """Whether the bytes of `part` are the first of `whole`."""
    with whole.open("rb") as longer, part.open("rb") as shorter:
        while block := shorter.read(BLOC):
            if longer.read(len(block)) != block:
                return False
    return True


def _earlier(layout: Layout, registry: Registry, mine: set[tuple[str, str]]) -> list[Receipt]:
    """Receipts of the same sources that an earlier run landed."""
    found = [
        read_receipt(layout.landed(source_id, millesime))
        for source_id in {s for s, _ in mine}
        for millesime in registry[source_id].millesimes
        if (source_id, millesime) not in mine
    ]
    return [receipt for receipt in found if receipt is not None]


def _refuse(
    owners: dict[tuple[str, str], tuple[str, str]],
    key: tuple[str, str],
    millesime: str,
    nom: str,
    where: str,
) -> None:
    own, own_name = owners.get(key, (millesime, nom))
    if own != millesime:
        source_id, sha256 = key
        raise QpvError(
            f"le même fichier est donné pour les millésimes {own} et {millesime} de {source_id}",
            ou=f"fichiers {own_name} et {nom} ({where}), sha256 {sha256[:12]}",
            attendu="un contenu par millésime",
            faire="reprendre chaque millésime chez le producteur ; si c'est l'ancien qui était "
            "faux, supprimer le dossier landing des données, ou refaire le verrou (`qpv lock`)",
        )
