"""Files put aside for their layout: said all at once, with the YAML that would explain them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ingest.header_lines import millesime_yaml
from ingest.receipts import Receipt, read_receipt
from orchestration.defs.resources import Reglages
from orchestration.partitions import REGISTRY
from warehouse.base.errors import QpvError


def refuse_incomplete(found: Sequence[Receipt], spared: Collection[tuple[str, str]]) -> None:
    """Refuse a strict run, in one paragraph, for all the files that it lacks or put aside.

    Args:
        spared: (source, millésime) in whose place another millésime serves.

    Raises:
        QpvError: names each of them.
    """
    asked = [
        r
        for r in found
        if not REGISTRY[r.source_id].facultative and (r.source_id, r.millesime) not in spared
    ]
    said = [
        f"fichier écarté : {e.nom} ({r.source_id} {r.millesime}), {e.raison}"
        for r in asked
        for e in r.ecartes
    ]
    absents = [name for r in asked for name in r.absents]
    if absents:
        said.append(f"fichiers absents ({len(absents)}) : {', '.join(absents)}")
    if said:
        raise QpvError(
            " ; ".join(said),
            attendu="tous les fichiers que l'édition nomme, tels que le registre les déclare "
            "(--strict)",
            faire="ajouter ces fichiers, déclarer ce qui a changé, ou construire sans --strict",
        )


def files_aside(reglages: Reglages, landed: Collection[tuple[str, str]]) -> list[Receipt]:
    """The receipts of this run that put files aside.

    Args:
        landed: (source, millésime) of each landing of the run. No clock is asked: that of a shared
            folder is another machine's.
    """
    named = [(s, m) for s, m in reglages.plan.files if (s, m) in landed]
    found = [read_receipt(reglages.layout.landed(s, m)) for s, m in named]
    return [receipt for receipt in found if receipt and receipt.ecartes]


def to_paste(receipt: Receipt) -> str:
    """The entry of a millésime that would explain its files put aside; empty where none would."""
    if not any(e.absentes or e.inconnues or e.cle for e in receipt.ecartes):
        return ""
    return millesime_yaml(REGISTRY[receipt.source_id], receipt.millesime, receipt.ecartes)


def report_lines(found: list[Receipt]) -> list[str]:
    """What to write for each file put aside, then all of them in one line; nothing without any."""
    if not found:
        return []
    lines = [
        "",
        "En-têtes à déclarer : pour chaque millésime, l'entrée à mettre à sa place sous "
        "`millesimes`, après avoir vérifié unités, types et périodes chez le producteur.",
    ]
    for receipt in found:
        source = REGISTRY[receipt.source_id]
        lines += ["", f"# ingest/sources/{source.id}.yml"]
        lines += [f"# {e.paragraphe}" for e in receipt.ecartes]
        lines += [f"  {line}" for line in to_paste(receipt).splitlines()]
    named = [f"{e.nom} ({r.source_id} {r.millesime}), {e.raison}" for r in found for e in r.ecartes]
    one = len(named) == 1
    return [
        *lines,
        "",
        f"{len(named)} fichier{'' if one else 's'} écarté{'' if one else 's'}, dont les "
        f"chiffres sont non disponibles : {' ; '.join(named)}.",
    ]
