"""A release that no longer stands: a notice in its place, its files out of readers' reach."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.base.whole_files import sync
from warehouse.base.working_folders import close_tree
from warehouse.domain.format import jour, propre
from warehouse.release.by_name import by_name
from warehouse.release.promotion import (
    MANIFEST,
    NOTICE,
    point_latest,
    read_manifest,
    standing_releases,
    withdrawn_releases,
    write_json,
)

_PREFIX = ".retrait-"


def find_release(layout: Layout, wanted: str) -> Path:
    """A standing release by its id, the start of its id, or `latest`.

    Raises:
        QpvError: none, several, or one that was withdrawn.
    """
    if wanted == "latest" and layout.latest.exists():
        wanted = layout.latest.resolve().name
    standing = standing_releases(layout)
    found = by_name(standing, wanted, lambda release: release.name)
    if len(found) == 1:
        return found[0]
    if any(p.name == wanted for p in withdrawn_releases(layout)):
        raise QpvError(
            f"la publication {wanted} est retirée",
            ou=str(layout.releases / wanted / NOTICE),
            faire="choisir une publication qui tient, par `qpv release list`",
        )
    raise QpvError(
        f"{len(found) or 'aucune'} publication{'s' * (len(found) > 1)} de nom {wanted!r}",
        ou=str(layout.releases),
        attendu="l'identifiant d'une publication, son début s'il n'en désigne qu'une, ou latest",
        faire="lire les identifiants par `qpv release list`",
    )


def withdraw(layout: Layout, release: Path, motif: str) -> Path | None:
    """Withdraw a standing release; the one that `latest` names afterwards, if there is one.

    The caller holds the data folder's lock. `latest` leaves the release first: it never leads to
    one that does not stand. One rename then marks the release: from there on it does not stand.
    What a kill leaves to do, or to undo, is done by `finish_withdrawals` of the next run.

    Args:
        motif: said to readers, as given.

    Raises:
        QpvError: no reason given.
    """
    motif = propre(motif)
    if not motif:
        raise QpvError(
            "le retrait n'a pas de motif",
            attendu="une phrase pour les lecteurs de la publication",
            faire='donner --motif "…"',
        )
    others = [p for p in standing_releases(layout) if p != release]
    manifest = read_manifest(release)
    same = [p for p in others if read_manifest(p)["edition"] == manifest["edition"]]
    notice = {
        "release_id": release.name,
        "edition": manifest["edition"],
        "titre": manifest["titre"],
        "publiee_le": manifest["publiee_le"],
        "retiree_le": datetime.now(UTC).isoformat(timespec="seconds"),
        "motif": motif,
        "remplacee_par": (same or others)[-1].name if others else None,
    }
    folder = layout.releases / f"{_PREFIX}{release.name}"
    _write_notice(folder, notice)
    _lead_latest(layout, others)
    _mark(release, notice, folder)
    finish_withdrawals(layout)
    return layout.latest.resolve() if layout.latest.exists() else None


def finish_withdrawals(layout: Layout) -> None:
    """Releases that are marked to `retirees/`, their notices in place; one that is not stands."""
    for notice in layout.releases.glob(f"{_PREFIX}*"):
        release = layout.releases / notice.name.removeprefix(_PREFIX)
        marked = (release / NOTICE).exists()
        _lead_latest(layout, standing_releases(layout))
        if release.exists() and not marked:
            shutil.rmtree(notice)  # killed before the mark: nothing was withdrawn
            continue
        if marked:
            layout.withdrawn.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.rmtree(layout.rendered(release.name), ignore_errors=True)
            release.rename(layout.withdrawn / release.name)
            close_tree(layout.withdrawn / release.name)
            sync(layout.withdrawn)
        notice.rename(release)
        sync(layout.releases)


def _lead_latest(layout: Layout, standing: list[Path]) -> None:
    """`latest` to the newest of these releases; nowhere without one."""
    if standing:
        point_latest(layout, standing[-1])
    else:
        layout.latest.unlink(missing_ok=True)


def journals_naming(layout: Layout, release_id: str) -> list[str]:
    """Standing releases whose change log gives old values of a release."""
    return [
        path.name
        for path in standing_releases(layout)
        if (path / "changelog.json").is_file()
        and f'"precedente": "{release_id}"' in (path / "changelog.json").read_text("utf-8")
    ]


def _write_notice(folder: Path, notice: dict) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    pages = Environment(
        loader=PackageLoader("warehouse.release"), autoescape=True, undefined=StrictUndefined
    )
    days = {
        name: jour(datetime.fromisoformat(notice[name]).date())
        for name in ("publiee_le", "retiree_le")
    }
    page = pages.get_template("retiree.html.j2").render(notice | days)
    (folder / "index.html").write_text(page, encoding="utf-8")
    write_json(folder / NOTICE, notice)
    for path in (*folder.iterdir(), folder):
        sync(path)


def _mark(release: Path, notice: dict, folder: Path) -> None:
    """From this rename on, the release does not stand: `standing_releases` leaves it out.

    Written elsewhere first: killed before the rename, the release has no file too many.
    """
    assert (release / MANIFEST).is_file()
    draft = folder / f".{NOTICE}"
    write_json(draft, notice)
    sync(draft)
    draft.rename(release / NOTICE)
    sync(release)
