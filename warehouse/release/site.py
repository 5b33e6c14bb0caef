"""A folder that any web server can show: releases that stand, notices of the others, an index.

No link of the system is in it, no address of this machine, and nothing that waits for a reader.
"""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.base.whole_files import write_whole_text
from warehouse.domain.format import jour
from warehouse.release.feed import DERNIERE, FLUX
from warehouse.release.promotion import (
    NOTICE,
    latest_release,
    read_manifest,
    standing_releases,
    withdrawn_releases,
)
from warehouse.release.seal import SUMS

ACCUEIL, FEUILLES = "index.html", "fiches/index.html"
#: A copy under way: nobody is led to it.
_PARTIEL = ".partiel-"


def write_site(layout: Layout, out: Path) -> list[str]:
    """Make a site in a folder, or bring it up to date; a release that is there is left as it is.

    Returns:
        what was done, a line each.

    Raises:
        QpvError: no release stands, or the folder is the data folder's or holds something else.
    """
    newest = latest_release(layout)
    _refuse_foreign(layout, out)
    out.mkdir(parents=True, exist_ok=True)
    done = [_copied(release, out) for release in standing_releases(layout)]
    done += [_copied(notice, out) for notice in withdrawn_releases(layout)]
    for name in (FLUX, DERNIERE):
        text = (layout.releases / name).read_text(encoding="utf-8")
        write_whole_text(out / name, text, 0o644)
    pages = Environment(
        loader=PackageLoader("warehouse.release"), autoescape=True, undefined=StrictUndefined
    )
    (out / "latest").mkdir(exist_ok=True)
    for path, template, said in (
        (out / "latest" / ACCUEIL, "site_latest.html.j2", {"release": newest.name}),
        (out / ACCUEIL, "site.html.j2", _index(layout)),
    ):
        write_whole_text(path, pages.get_template(template).render(**said), 0o644)
    return [line for line in done if line]


def _refuse_foreign(layout: Layout, out: Path) -> None:
    inside = out.resolve().is_relative_to(layout.root.resolve())
    if inside or out.is_file() or (out.is_dir() and any(out.iterdir()) and not _is_site(out)):
        raise QpvError(
            "ce dossier n'est pas celui d'un site",
            ou=str(out),
            attendu="un dossier vide, ou un site déjà fait ici, hors du dossier de données",
            faire="donner un autre dossier à --dossier",
        )


def _is_site(out: Path) -> bool:
    """Whether a site is there, or what a first copy that was stopped had made of one."""
    return (out / DERNIERE).is_file() or all(
        p.name.startswith(_PARTIEL) or (p / SUMS).is_file() or (p / NOTICE).is_file()
        for p in out.iterdir()
    )


def _copied(folder: Path, out: Path) -> str:
    """A release or a notice in the site, whole or not at all; nothing said where it was there."""
    there, mark = out / folder.name, SUMS if (folder / SUMS).is_file() else NOTICE
    if (there / mark).is_file() and (there / mark).read_bytes() == (folder / mark).read_bytes():
        return ""
    partial = out / f"{_PARTIEL}{folder.name}"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(folder, partial)
    shutil.rmtree(there, ignore_errors=True)
    partial.rename(there)
    return f"{folder.name} : {'retirée' if mark == NOTICE else 'copiée'}"


def _index(layout: Layout) -> dict:
    standing = [(one.name, read_manifest(one)) for one in standing_releases(layout)]
    notices = [
        (one.name, json.loads((one / NOTICE).read_text(encoding="utf-8")))
        for one in withdrawn_releases(layout)
    ]
    releases = [
        {
            "id": name,
            "titre": said["titre"],
            "jour": jour(datetime.fromisoformat(said["publiee_le"]).date()),
            "feuilles": (layout.releases / name / FEUILLES).is_file(),
        }
        for name, said in standing
    ]
    return {
        "publications": releases[::-1],
        "retirees": [{"id": name, **said} for name, said in notices[::-1]],
        "flux": FLUX,
    }
