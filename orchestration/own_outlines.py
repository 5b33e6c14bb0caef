"""The outlines that this house knows, for lists of one's own: landed, or given. Places nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.collect import collect
from ingest.landing import land
from ingest.lists.quarter_outlines import (
    LOCAL,
    Generation,
    given_generations,
    landed_generations,
)
from orchestration.partitions import REGISTRY
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.domain.perimetres import perimetres
from warehouse.release.promotion import MANIFEST, latest_release
from warehouse.release.seal import require_whole

CONTOURS = "tables/contours.geojson"
QUARTIERS, LOCAUX = "anct_contours", "perimetres_locaux"


def known_generations(
    layout: Layout, contours: Sequence[Path] = (), locaux: Path | None = None
) -> dict[str, Generation]:
    """Name → outlines: those that landed in the data folder, else those of its latest release,
    replaced by those that are given.

    Raises:
        QpvError: none at all, or a file that cannot be read.
    """
    landed = {
        local: [*landed_generations(_landed(layout, source), local=local)]
        for source, local in ((QUARTIERS, False), (LOCAUX, True))
        if not (local and locaux)
    }
    found = {one.nom: one for generations in landed.values() for one in generations}
    # All France is long to read: a release is asked for quarters that did not land here alone.
    if not landed[False] and (release := _released(layout)):
        found = {one.nom: one for one in given_generations(release)} | found
    found |= {one.nom: one for path in contours for one in given_generations(path)}
    if locaux is not None:
        found[LOCAL] = _given_local(locaux)
    if not found:
        raise QpvError(
            "aucun contour : ce dossier de données n'en a pas lu, et aucun n'est donné",
            ou=str(layout.root),
            attendu="les contours des QPV, en GeoJSON (data.gouv.fr, ANCT)",
            faire="les donner par --contours FICHIER.geojson, ou construire une édition qui les "
            "lit : `qpv build`",
        )
    order = [*perimetres(), LOCAL]
    return dict(sorted(found.items(), key=lambda item: order.index(item[0])))


def missing_generations(found: dict[str, Generation]) -> list[str]:
    """The generations of quarters that have no outline here, as messages call them."""
    return [one.libelle for nom, one in perimetres().items() if nom not in found]


def _landed(layout: Layout, source: str) -> list[Path]:
    paths = (layout.landed(source, millesime) for millesime in REGISTRY[source].millesimes)
    return [path for path in paths if path.is_file()]


def _released(layout: Layout) -> Path | None:
    """The outlines of the latest release, as it was sealed, if it has some."""
    if not (layout.latest / MANIFEST).is_file():
        return None
    release = latest_release(layout)
    path = release / CONTOURS
    return require_whole(release, CONTOURS) if path.is_file() else None


def _given_local(path: Path) -> Generation:
    source = REGISTRY[LOCAUX]
    [millesime] = source.millesimes
    if not path.is_file():
        raise QpvError(
            "le fichier des périmètres locaux n'existe pas, ou n'est pas un fichier",
            ou=str(path),
            faire="vérifier --perimetres-locaux",
        )
    with TemporaryDirectory() as scratch:
        kept = Layout(Path(scratch))
        collected = collect(source, millesime, archive=kept.archive, extracts=None, given=path)
        out = kept.landed(source.id, millesime)
        land(source, millesime, collected.files, out=out, codes_qpv=None)
        [generation] = landed_generations([out], local=True)
    return generation
