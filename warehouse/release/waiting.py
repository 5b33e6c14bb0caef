"""Drafts that wait for a person: whole, judged, out of readers' reach; promoted, or dropped.

`brouillons/<id>/`: `publication/`, the draft as it would be published; `ATTENTE.json` and
`SHA256SUMS`, what was judged and beside what; `relecture.md` and `.json`, what to read.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.base.whole_files import sync
from warehouse.base.working_folders import close_tree
from warehouse.domain.format import jour, propre
from warehouse.release.by_name import by_name
from warehouse.release.promotion import (
    MANIFEST,
    Draft,
    promote,
    standing_releases,
    withdrawn_releases,
    write_json,
)
from warehouse.release.seal import SUMS, faults, seal

RECORD = "ATTENTE.json"
PAGE = "relecture.md"
#: The folder of the draft itself.
PUBLICATION = "publication"
_UNDER_WAY = ".en-cours-"
#: Days that a draft waits: what it was judged beside is then too old to be a judgement.
JOURS = 30


@dataclass(frozen=True)
class Waiting:
    """A draft that waits.

    `tenaient`, `retirees`: the releases that stood and those that were withdrawn when its doors and
    its audit judged it. `empreinte`: of its sums, as they were.
    """

    path: Path
    manifest: dict
    depuis: datetime
    expire_le: datetime
    tenaient: list[str]
    retirees: list[str]
    empreinte: str

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def draft(self) -> Draft:
        return Draft(self.id, self.path / PUBLICATION)

    def has_expired(self, now: datetime) -> bool:
        return now >= self.expire_le


def keep_waiting(
    layout: Layout, draft: Draft, manifest: dict, review: dict, page: str, now: datetime
) -> Waiting:
    """Put a judged draft aside until a person has read it; it takes the place of its edition's.

    A kill leaves the draft where it was, or a folder under way that the next run clears.
    """
    layout.drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
    clear_under_way(layout)
    aside = layout.drafts / f"{_UNDER_WAY}{draft.release_id}"
    aside.mkdir(mode=0o700)
    write_json(
        aside / RECORD,
        {
            "manifest": manifest,
            "depuis": now.isoformat(timespec="seconds"),
            "expire_le": (now + timedelta(days=JOURS)).isoformat(timespec="seconds"),
            "tenaient": [path.name for path in standing_releases(layout)],
            "retirees": [path.name for path in withdrawn_releases(layout)],
            "empreinte": seal(draft.path),
        },
    )
    write_json(aside / "relecture.json", review)
    (aside / PAGE).write_text(page, encoding="utf-8")
    (draft.path / SUMS).rename(aside / SUMS)
    draft.path.rename(aside / PUBLICATION)
    close_tree(aside)
    earlier = [one for one in waiting_drafts(layout)
               if one.manifest["edition"] == manifest["edition"]]  # fmt: skip
    final = layout.drafts / draft.release_id
    aside.rename(final)
    sync(layout.drafts)
    for one in earlier:
        drop(one)
    return _read(final)


def waiting_drafts(layout: Layout) -> list[Waiting]:
    """Every draft that waits, oldest first; one that a killed command had promoted does not."""
    found = (path for path in layout.drafts.glob(f"*/{RECORD}")
             if (path.parent / PUBLICATION).is_dir())  # fmt: skip
    return sorted(
        (_read(path.parent) for path in found if not path.parent.name.startswith(".")),
        key=lambda one: one.depuis,
    )


def find_waiting(layout: Layout, wanted: str) -> Waiting:
    """A waiting draft by its id or the start of it.

    Raises:
        QpvError: none, or several.
    """
    there = waiting_drafts(layout)
    found = by_name(there, wanted, lambda draft: draft.id)
    if len(found) == 1:
        return found[0]
    raise QpvError(
        f"{len(found) or 'aucun'} brouillon{'s' * (len(found) > 1)} de nom {wanted!r}",
        ou=str(layout.drafts),
        attendu=", ".join(one.id for one in there) or "un brouillon en attente",
        faire="lire ceux qui attendent par `qpv brouillon list`, ou en faire un par "
        "`qpv build --brouillon`",
    )


def publish_waiting(layout: Layout, waiting: Waiting, relu_par: str, now: datetime) -> Path:
    """Promote a draft that a person has read; the caller holds the data folder's lock.

    Raises:
        QpvError: no name, it has expired, a file of it changed, or the releases beside which it was
            judged are no longer those that stand.
    """
    name = propre(relu_par)
    if not name:
        raise QpvError(
            "le brouillon n'a pas de relecteur",
            attendu="le nom d'une personne, qui sera dans RELEASE.json",
            faire='donner --relu-par "Prénom Nom"',
        )
    _refuse_stale(layout, waiting, now)
    draft = waiting.draft
    manifest = {
        **waiting.manifest,
        "publiee_le": now.isoformat(timespec="seconds"),
        "relu_par": name,
        "relu_le": now.isoformat(timespec="seconds"),
    }
    release = promote(layout, draft, manifest)
    drop(waiting)
    return release


def _refuse_stale(layout: Layout, waiting: Waiting, now: datetime) -> None:
    again = "refaire le brouillon par `qpv build --brouillon`, et le relire"
    if waiting.has_expired(now):
        raise QpvError(
            f"le brouillon a expiré le {jour(waiting.expire_le.date())}",
            ou=str(waiting.path),
            attendu=f"une relecture dans les {JOURS} jours",
            faire=again,
        )
    standing = [path.name for path in standing_releases(layout)]
    gone = [path.name for path in withdrawn_releases(layout)]
    if (standing, gone) != (waiting.tenaient, waiting.retirees):
        other = {*standing, *gone} ^ {*waiting.tenaient, *waiting.retirees}
        other |= {*gone} ^ {*waiting.retirees}
        raise QpvError(
            "une publication a paru ou a été retirée depuis que ce brouillon a été jugé : ni "
            "l'audit du secret ni ses différences ne valent encore",
            ou=", ".join(sorted(other)) or str(layout.releases),
            faire=again,
        )
    inside = waiting.draft.path
    (inside / MANIFEST).unlink(missing_ok=True)  # of a promotion that was killed
    shutil.copyfile(waiting.path / SUMS, inside / SUMS)
    if changed := faults(inside, waiting.empreinte):
        raise QpvError(
            f"le brouillon n'est plus celui qui a été jugé : {' ; '.join(changed[:5])}",
            ou=str(inside),
            faire=again,
        )


def drop(waiting: Waiting) -> None:
    """Remove a waiting draft: from its first rename on it waits no more."""
    aside = waiting.path.with_name(f"{_UNDER_WAY}{waiting.id}")
    waiting.path.rename(aside)
    shutil.rmtree(aside)


def drop_expired(layout: Layout, now: datetime) -> list[str]:
    """Remove what killed commands left, and the drafts that nobody read in time; their ids.

    The caller holds the data folder's lock.
    """
    clear_under_way(layout)
    found = [one for one in waiting_drafts(layout) if one.has_expired(now)]
    for one in found:
        drop(one)
    return [one.id for one in found]


def clear_under_way(layout: Layout) -> None:
    """What killed commands left; the caller holds the data folder's lock."""
    promoted = [path for path in layout.drafts.glob("*") if not (path / PUBLICATION).is_dir()]
    for stale in {*layout.drafts.glob(f"{_UNDER_WAY}*"), *promoted}:
        shutil.rmtree(stale)


def _read(path: Path) -> Waiting:
    try:
        said = json.loads((path / RECORD).read_text(encoding="utf-8"))
        return Waiting(
            path,
            said["manifest"],
            datetime.fromisoformat(said["depuis"]),
            datetime.fromisoformat(said["expire_le"]),
            said["tenaient"],
            said["retirees"],
            said["empreinte"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise QpvError(
            "un brouillon en attente est abîmé",
            ou=str(path / RECORD),
            faire="supprimer son dossier, et refaire le brouillon par `qpv build --brouillon`",
        ) from error


def now_utc() -> datetime:
    """The present instant, as manifests say it."""
    return datetime.now(UTC)
