"""From a built database to an immutable release: draft, then one rename, then `latest`."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.base.whole_files import sync
from warehouse.release.register import forget, read_register, register
from warehouse.release.seal import SUMS, open_to_readers, seal

DRAFT_PREFIX = ".brouillon-"
MANIFEST = "RELEASE.json"
#: In place of the manifest, where a release was withdrawn.
NOTICE = "RETIREE.json"
#: The folder of what is said of a release's quality, beside what it publishes.
REPORTS = "qualite"


@dataclass(frozen=True)
class Draft:
    """A release being written: nobody reads it before it is promoted."""

    release_id: str
    path: Path


def start_draft(layout: Layout, edition_id: str, sha256s: list[str]) -> Draft:
    """An empty draft folder, after clearing what killed runs left behind.

    The id is `<edition>-<UTC instant>-<first letters of the digest of the files read>`.
    """
    layout.releases.mkdir(parents=True, exist_ok=True)
    clear_drafts(layout)
    digest = sha256("".join(sorted(sha256s)).encode()).hexdigest()[:8]
    instant = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    release_id = f"{edition_id}-{instant}-{digest}"
    path = layout.releases / f"{DRAFT_PREFIX}{release_id}"
    path.mkdir()
    return Draft(release_id, path)


def current_draft(layout: Layout) -> Draft:
    """The draft that stands: the present run's, or that of a run that stopped before its end.

    Raises:
        QpvError: there is none, or several.
    """
    found = sorted(layout.releases.glob(f"{DRAFT_PREFIX}*"))
    if len(found) != 1:
        raise QpvError(
            f"{len(found) or 'aucun'} brouillon{'s' * (len(found) > 1)} de publication",
            ou=str(layout.releases),
            attendu="le brouillon d'une construction qui s'est arrêtée avant de publier",
            faire="matérialiser publication/tables, qui en commence un, et tout ce qui en vient ; "
            "ou lancer `qpv build`",
        )
    return Draft(found[0].name.removeprefix(DRAFT_PREFIX), found[0])


def clear_drafts(layout: Layout) -> None:
    """Remove the drafts of runs that never ended; a promoted release is never touched."""
    for stale in layout.releases.glob(f"{DRAFT_PREFIX}*"):
        forget(layout, stale.name.removeprefix(DRAFT_PREFIX))
        shutil.rmtree(stale)
    for stale in layout.releases.glob(".latest-*"):
        stale.unlink()


def unseal(draft: Draft) -> None:
    """Remove what a promotion that was stopped had written: the next one writes it again."""
    for name in (MANIFEST, SUMS):
        (draft.path / name).unlink(missing_ok=True)
    shutil.rmtree(draft.path / REPORTS, ignore_errors=True)


def promote(layout: Layout, draft: Draft, manifest: dict) -> Path:
    """Seal the draft, rename it and point `latest` to it. Each step is whole or not done.

    A kill before the rename leaves the old release and a draft, that the next run clears with its
    entry in the register; a kill between the rename and the link leaves the old `latest`, and a
    whole new release beside it.
    """
    write_json(draft.path / MANIFEST, manifest)
    fingerprint = seal(draft.path)
    open_to_readers(draft.path)
    for folder, _, names in os.walk(draft.path):
        for name in names:
            sync(Path(folder) / name)
        sync(Path(folder))
    final = layout.releases / draft.release_id
    register(layout, draft.release_id, fingerprint)
    draft.path.rename(final)
    sync(layout.releases)
    point_latest(layout, final)
    return final


def point_latest(layout: Layout, release: Path) -> None:
    """`latest` on another release by one rename: readers see the old target or the new one."""
    link = layout.releases / f".latest-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(release.name)
    link.replace(layout.latest)
    sync(layout.releases)


def latest_release(layout: Layout) -> Path:
    """The folder that `latest` points to.

    Raises:
        QpvError: nothing was ever released here.
    """
    if not (layout.latest / MANIFEST).is_file():
        raise QpvError(
            "aucune publication dans ce dossier de données",
            ou=str(layout.releases),
            faire="lancer `qpv build`, ou donner le bon dossier avec --data ou QPV_DATA",
        )
    return layout.latest.resolve()


def standing_releases(layout: Layout) -> list[Path]:
    """The folders of every promoted release that still stands, in the order of publication."""
    found = (path.parent for path in layout.releases.glob(f"*/{MANIFEST}"))
    return _in_order(layout, (p for p in found if not _aside(p)))


def withdrawn_releases(layout: Layout) -> list[Path]:
    """The notices left where releases were withdrawn, in the order of publication."""
    found = (path.parent for path in layout.releases.glob(f"*/{NOTICE}"))
    return _in_order(layout, (p for p in found if not p.is_symlink()))


def withdrawn_data(layout: Layout) -> list[Path]:
    """The folders of what withdrawn releases had printed: readers have it still."""
    return sorted(path.parent for path in layout.withdrawn.glob("*/qpv.duckdb"))


def _aside(folder: Path) -> bool:
    hidden = folder.is_symlink() or folder.name.startswith(".")
    return hidden or (folder / NOTICE).exists()


def _in_order(layout: Layout, releases: Iterable[Path]) -> list[Path]:
    """By the register: a clock may be set back. Those that it does not hold are older than it."""
    ranks = {name: rank for rank, name in enumerate(read_register(layout.releases))}
    return sorted(releases, key=lambda path: (ranks.get(path.name, -1), *_instant(path)))


def _instant(release: Path) -> tuple[str, str]:
    """The instant that a name bears, whatever the edition that it starts with."""
    *_, instant, _ = ("", "", *release.name.rsplit("-", 2))
    return instant, release.name


def read_manifest(release: Path) -> dict:
    """RELEASE.json of a release."""
    return json.loads((release / MANIFEST).read_text(encoding="utf-8"))


def write_json(path: Path, content: dict) -> None:
    """Indented UTF-8 JSON, keys in the order given."""
    path.write_text(as_text(content), encoding="utf-8")


def as_text(content: dict) -> str:
    """Indented JSON, keys in the order given."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
