"""The fiche of one territory, rendered from the latest release. Changes nothing of the release."""

from __future__ import annotations

import json
from pathlib import Path

from orchestration.sheet_words import attendus, ouverts
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.declared.contracts import given_contrats
from warehouse.declared.dictionary import load_dictionary, load_edition
from warehouse.publication.contrats.pages import (
    CommandeDeContrats,
    kept_resumes,
    render_contrats,
)
from warehouse.publication.fiches.gabarits import address_from
from warehouse.publication.fiches.render import render_fiches
from warehouse.publication.profils.impression import CommandeDeFeuilles, render_feuilles
from warehouse.release.connect import open_release
from warehouse.release.promotion import (
    REPORTS,
    latest_release,
    read_manifest,
    standing_releases,
)
from warehouse.release.seal import require_whole
from warehouse.release.territory_lookup import find_code


def render_fiche(
    layout: Layout,
    code: str,
    sortie: Path | None = None,
    *,
    annexe: bool = False,
    contrats: str = "",
) -> list[Path]:
    """Write the HTML and the PDF of a QPV, an EPCI or a local perimeter, and the page of the
    contract that an EPCI has; their paths.

    Links lead to the pages of the release; the figures read are those of this fiche. A local
    perimeter has a long fiche only.

    Args:
        sortie: the folder to write in, instead of the one that the data folder keeps for it.
        annexe: the long fiche, instead of the sheet.
        contrats: the folder of contracts, instead of that of the data folder.

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
    wanted = _known(release, code)
    database = require_whole(release, "qpv.duckdb")
    edition = load_edition(read_manifest(release)["edition"])
    around = release / "fiches"
    report = json.loads(require_whole(release, f"{REPORTS}/rapport.json").read_text("utf-8"))
    expected = attendus(report.get("attendus", {}))
    explorer = "explorer.html" if (around / "explorer.html").is_file() else None
    if annexe or wanted.startswith("LOC:"):
        (page,) = render_fiches(
            database,
            out,
            dictionary=load_dictionary(),
            edition=edition,
            release_id=release.name,
            codes=[wanted],
            explorateur=explorer,
            entourage=around,
            attendus=expected,
        )
        return [page, page.with_suffix(".pdf")]
    found = ouverts(report["plausibilite"])
    mine = [one for one in given_contrats(contrats, layout) if one.contrat.siren == wanted]
    told = kept_resumes(around, address_from(around, out / "epci"))
    if mine:
        told = render_contrats(
            CommandeDeContrats(
                database,
                out,
                edition,
                release.name,
                mine,
                racine=address_from(around, out / "contrats"),
                precedentes=standing_releases(layout)[:-1],
                ouverts=found,
                pdf=True,
            )
        )
    (page,) = render_feuilles(
        CommandeDeFeuilles(
            database,
            out,
            load_dictionary(),
            edition,
            release.name,
            [wanted],
            True,
            around,
            explorer,
            expected,
            found,
            told,
        )
    )
    pages = [out / "contrats" / f"{one.contrat.siren}.html" for one in mine]
    return [page, page.with_suffix(".pdf"), *pages]


def _known(release: Path, code: str) -> str:
    """The name of the page of a territory, if the release has one."""
    with open_release(release) as con:
        found = find_code(con, code)
    wanted = found.removeprefix("EPCI:")
    pages = {
        "LOC:" * (path.parent.name == "local") + path.stem
        for path in (release / "fiches").glob("*/*.html")
    }
    if wanted in pages:
        return wanted
    raise QpvError(
        f"pas de fiche pour {found} dans la publication {release.name}",
        ou=str(release / "fiches"),
        attendu=f"le code d'un QPV (QP059050), le SIREN d'un EPCI ou LOC:… d'un périmètre local, "
        f"parmi {len(pages)} fiches",
        faire="chercher le territoire dans fiches/index.html",
    )
