"""The fiche of one territory, rendered from the latest release. Changes nothing of the release."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

from warehouse.dictionary import load_dictionary, load_edition
from warehouse.errors import QpvError
from warehouse.fiches.render import render_fiches
from warehouse.layout import Layout
from warehouse.release import latest_release, read_manifest
from warehouse.seal import require_whole


def render_fiche(layout: Layout, code: str, sortie: Path | None = None) -> tuple[Path, Path]:
    """Write the HTML and the PDF of a QPV, an EPCI or a local perimeter; their paths.

    Links lead to the pages of the release; the figures read are those of this fiche.

    Args:
        sortie: the folder to write in, instead of the one that the data folder keeps for it.

    Raises:
        QpvError: no release, no fiche of that code in it, or a folder of the releases.
    """
    release = latest_release(layout)
    out = sortie.resolve() if sortie else layout.rendered(release.name)
    if out.is_relative_to(layout.releases):
        raise QpvError(
            "une publication ne change plus : aucune fiche ne s'y écrit",
            ou=str(out),
            faire="donner un autre dossier à --sortie, ou aucun",
        )
    (page,) = render_fiches(
        require_whole(release, "qpv.duckdb"),
        out,
        dictionary=load_dictionary(),
        edition=load_edition(read_manifest(release)["edition"]),
        release_id=release.name,
        codes=[_known(release, code)],
        entourage=release / "fiches",
    )
    return page, page.with_suffix(".pdf")


def _known(release: Path, code: str) -> str:
    """The code as the release writes it, if it has a fiche of it."""
    siren = re.fullmatch(r"(?:EPCI:)?(\d{9})", code.strip())
    wanted = siren[1] if siren else code.strip().upper()
    codes = {
        "LOC:" * (path.parent.name == "local") + path.stem
        for path in (release / "fiches").glob("*/*.html")
    }
    if wanted in codes:
        return wanted
    near = get_close_matches(wanted, sorted(codes))
    raise QpvError(
        f"pas de fiche pour {code!r} dans la publication {release.name}",
        ou=str(release / "fiches"),
        attendu=f"le code d'un QPV (QP059050) ou le SIREN d'un EPCI, parmi {len(codes)} fiches"
        + (f" ; de code voisin : {', '.join(near)}" if near else ""),
        faire="chercher le territoire dans fiches/index.html",
    )
