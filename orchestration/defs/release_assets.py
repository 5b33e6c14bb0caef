"""The release: a whole draft that every door judged, promoted, or put aside until it is read."""

from pathlib import Path

import dagster as dg

from orchestration.console import say
from orchestration.defs.asset_keys import RELEASE_KEY, part_key
from orchestration.defs.draft_report import finished
from orchestration.defs.refused_steps import refusable
from orchestration.defs.resources import Reglages
from orchestration.events import of_draft, of_release
from orchestration.messages import tell
from warehouse.declared.diffusion import load_diffusion
from warehouse.domain.format import jour
from warehouse.lake.sending import send_if_asked
from warehouse.publication.explorer.build import PAGE as EXPLORATEUR
from warehouse.publication.parts import DESCRIPTEURS, first_fiche
from warehouse.publication.review import review
from warehouse.publication.review_page import page, summary
from warehouse.release.feed import write_feed
from warehouse.release.promotion import REPORTS, promote
from warehouse.release.waiting import PAGE, PUBLICATION, keep_waiting, now_utc


@dg.asset(
    key=RELEASE_KEY,
    deps=[part_key(DESCRIPTEURS)],
    group_name="publication",
    description="La publication, que rien ne change plus, et `latest` qui y mène ; ou, si "
    "`brouillon`, le brouillon mis de côté jusqu'à sa relecture (`qpv publier`).",
    kinds={"python"},
)
@refusable
def release(reglages: Reglages) -> dg.MaterializeResult:
    """The immutable release, and `latest` pointing to it; or the draft that waits for a person."""
    draft, manifest = finished(reglages)
    if not reglages.brouillon:
        final = promote(reglages.layout, draft, manifest)
        write_feed(reglages.layout, load_diffusion())
        tell(reglages.layout, [of_release(final, manifest["titre"])])
        if said := send_if_asked(final):
            say(said)
        chiffres = sum(manifest["statuts"].values())
        return dg.MaterializeResult(
            metadata={"chiffres": chiffres, **_links(final, manifest["titre"])}
        )
    read = review(draft.path, draft.release_id, reglages.layout.releases)
    waiting = keep_waiting(
        reglages.layout, draft, manifest, read.as_json(), page(read, PUBLICATION), now_utc()
    )
    for line in summary(read):
        say(line)
    tell(reglages.layout, [of_draft(waiting)])
    say(f"À relire avant le {jour(waiting.expire_le.date())} : {waiting.path / PAGE}")
    return dg.MaterializeResult(
        metadata={
            "etat": "brouillon en attente de relecture",
            "brouillon": waiting.id,
            "expire_le": waiting.expire_le.isoformat(),
            "relecture": dg.MetadataValue.path(waiting.path / PAGE),
            "a_lire": dg.MetadataValue.md(page(read, str(waiting.path / PUBLICATION))),
        }
    )


def _links(release: Path, titre: str) -> dict[str, dg.MetadataValue]:
    """Where to read a release: on the web if its host says where it is, else on this machine."""
    diffusion = load_diffusion()
    found: dict[str, dg.MetadataValue] = {"edition": dg.MetadataValue.text(titre)}
    named = {
        "publication": release,
        "premiere_fiche": first_fiche(release),
        "sommaire": release / "fiches" / "index.html",
        "explorateur": release / "fiches" / EXPLORATEUR,
        "rapport_de_qualite": release / REPORTS / "rapport.html",
        "journal": release / "CHANGELOG.md",
    }
    for name, path in named.items():
        if path is None:
            continue
        inside = path.relative_to(release).as_posix()
        found[name] = (
            dg.MetadataValue.url(diffusion.lien(release.name, inside))
            if diffusion.adresse
            else dg.MetadataValue.path(path)
        )
    return found
