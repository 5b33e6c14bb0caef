"""What is there: sources and their millésimes, releases. Builds nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from ingest.extracts_folder import ExtractsFolder
from ingest.receipts import read_receipt
from ingest.registry import Registry, Source, load_registry
from warehouse.base.layout import Layout
from warehouse.release.promotion import (
    NOTICE,
    latest_release,
    read_manifest,
    standing_releases,
    withdrawn_releases,
)
from warehouse.release.waiting import PAGE, now_utc, waiting_drafts


def sources_table(layout: Layout, registry: Registry | None = None) -> Table:
    """One row per source: what landed, how old it is, when the next publication is expected."""
    table = Table(title=f"Sources ({layout.root})", show_lines=False)
    for title in (
        "Source",
        "Producteur",
        "Accès",
        "Seuil",
        "Millésimes (* atterri)",
        "Âge",
        "Prochaine publication",
        "Jamais lu",
    ):
        table.add_column(title)
    registry = registry or load_registry()
    for source in registry.sources.values():
        landed = {m: _obtained(layout, source, m) for m in source.millesimes}
        marks = ", ".join(f"{m}*" if landed[m] else m for m in source.millesimes)
        dates = [instant for instant in landed.values() if instant]
        age = f"{(datetime.now(UTC) - max(dates)).days} j" if dates else "jamais"
        following = source.calendrier.next_after(datetime.now(UTC).date())
        expected = f"{following:%d/%m/%Y} ({source.calendrier.texte})"
        thresholds = {registry.secret_of(source.id, bloc).seuil for bloc in source.blocs}
        fewest = ", ".join(str(t) for t in sorted(filter(None, thresholds))) or "aucun"
        unread = ", ".join(source.autres_niveaux.niveaux) if source.autres_niveaux else ""
        row = [source.id, source.producteur, source.acces, fewest, marks, age, expected]
        table.add_row(*row, unread)
    return table


def extracts_table(folders: Sequence[Path], registry: Registry | None = None) -> Table:
    """One row per file of the folders: the source and millésime that it is, or looks like.

    Raises:
        QpvError: a folder is not there, or cannot be read.
    """
    table = Table(title="Fichiers des extraits", show_lines=False)
    table.add_column("Fichier")
    table.add_column("Au registre")
    found = ExtractsFolder(*folders).unclaimed((), registry or load_registry())
    for path, said in found:
        table.add_row(escape(path), escape(said.removesuffix(", que l'édition ne nomme pas")))
    return table


def releases_table(layout: Layout) -> Table:
    """One row per release, oldest first: standing ones, then the notices of withdrawn ones.

    Raises:
        QpvError: nothing was ever released here.
    """
    standing, gone = standing_releases(layout), withdrawn_releases(layout)
    if not standing and not gone:
        latest_release(layout)
    table = Table(title=f"Publications ({layout.releases})", show_lines=False)
    for title in ("Publication", "Édition", "Publiée le", "Chiffres diffusés", "État"):
        table.add_column(title, no_wrap=title == "Publication")
    latest = layout.latest.resolve() if layout.latest.exists() else None
    for path in standing:
        known = read_manifest(path)
        state = "latest" if path.resolve() == latest else ""
        diffused = str(known["statuts"].get("diffuse", 0))
        table.add_row(path.name, known["edition"], known["publiee_le"][:10], diffused, state)
    for path in gone:
        known = json.loads((path / NOTICE).read_text(encoding="utf-8"))
        state = f"retirée le {known['retiree_le'][:10]} : {known['motif']}"
        table.add_row(path.name, known["edition"], known["publiee_le"][:10], "", escape(state))
    return table


def drafts_table(layout: Layout) -> Table:
    """One row per draft that waits for a person, oldest first."""
    table = Table(title=f"Brouillons en attente ({layout.drafts})", show_lines=False)
    for title in ("Brouillon", "Édition", "Fait le", "Se publie jusqu'au", "À relire"):
        table.add_column(title, no_wrap=title == "Brouillon")
    now = now_utc()
    for one in waiting_drafts(layout):
        until = "expiré" if one.has_expired(now) else f"{one.expire_le:%d/%m/%Y}"
        row = [one.id, one.manifest["edition"], f"{one.depuis:%d/%m/%Y}", until]
        table.add_row(*row, escape(str(one.path / PAGE)))
    return table


def _obtained(layout: Layout, source: Source, millesime: str) -> datetime | None:
    receipt = read_receipt(layout.landed(source.id, millesime))
    if receipt is None or not receipt.fichiers:
        return None
    return max(datetime.fromisoformat(f.obtenu_le) for f in receipt.fichiers)
