"""The register of releases: in which order they were published, and under which seal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.base.whole_files import write_whole_text


def read_register(releases: Path) -> dict[str, str]:
    """Release → fingerprint of its `SHA256SUMS`, in the order of publication.

    Raises:
        QpvError: the register is damaged.
    """
    path = _path(releases)
    if not path.is_file():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["publications"]
        return {str(one["release_id"]): str(one["empreinte"]) for one in entries}
    except (ValueError, KeyError, TypeError) as error:
        raise QpvError(
            "le registre des publications est abîmé",
            ou=str(path),
            attendu="une liste `publications`, chacune avec release_id et empreinte",
            faire="reprendre ce fichier d'une sauvegarde ; sans lui, l'ordre des publications et "
            "leurs empreintes ne sont plus attestés",
        ) from error


def register(layout: Layout, release_id: str, fingerprint: str) -> None:
    """Add a release, the last one; entries of releases that are nowhere are dropped.

    Called before the release is put in place: a kill in between leaves an entry without a release,
    which `forget` drops with its draft, never a release without its entry.
    """
    known = {
        name: seal
        for name, seal in read_register(layout.releases).items()
        if (layout.releases / name).exists() or (layout.withdrawn / name).exists()
    }
    _write(layout, known | {release_id: fingerprint})


def forget(layout: Layout, release_id: str) -> None:
    """Drop the entry of a draft that a kill kept from being put in place."""
    known = read_register(layout.releases)
    if known.pop(release_id, None) is not None:
        _write(layout, known)


def _write(layout: Layout, known: Mapping[str, str]) -> None:
    entries = [{"release_id": name, "empreinte": seal} for name, seal in known.items()]
    path = _path(layout.releases)
    write_whole_text(path, json.dumps({"publications": entries}, indent=1) + "\n", 0o644)


def _path(releases: Path) -> Path:
    return releases / "registre.json"
