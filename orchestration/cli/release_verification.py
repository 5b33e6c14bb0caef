"""`qpv release verify`: what no longer is as it was published, in words. Mends nothing."""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.base.layout import Layout
from warehouse.release.promotion import DRAFT_PREFIX, latest_release, standing_releases
from warehouse.release.register import read_register
from warehouse.release.seal import SUMS, faults, read_sums
from warehouse.release.withdrawal import find_release

#: Beyond so many files, a list is not read.
_DITS = 20


def verify_releases(layout: Layout, wanted: str | None) -> Iterator[tuple[str, bool]]:
    """Lines to print, each with whether it is good news; a release at a time.

    Args:
        wanted: as `find_release` takes it; None for every standing release, and for the releases
            of the register that are nowhere.

    Raises:
        QpvError: no such release, or a damaged register.
    """
    known = read_register(layout.releases)
    chosen = [find_release(layout, wanted)] if wanted else standing_releases(layout)
    if not chosen:
        latest_release(layout)
    for release in chosen:
        found = faults(release, known.get(release.name))
        if not found:
            count = len(read_sums(release / SUMS))
            yield f"{release.name} : intacte, {count} fichiers", True
            continue
        yield f"{release.name} : {len(found)} écart{'s' * (len(found) > 1)}", False
        for said in found[:_DITS]:
            yield f"  {said}", False
        if len(found) > _DITS:
            yield f"  et {len(found) - _DITS} de plus", False
    if wanted is None:
        for name in known:
            if (layout.releases / name).exists() or (layout.withdrawn / name).exists():
                continue
            if (layout.releases / f"{DRAFT_PREFIX}{name}").is_dir():
                yield f"{name} : brouillon d'une construction, jamais publié", True
            else:
                yield f"{name} : publiée, et introuvable", False
