"""What tells portals and readers of each release: `latest.json` and an Atom feed, beside them.

Both are drawn from the releases that stand and the notices of those that do not.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from warehouse.base.layout import Layout
from warehouse.base.whole_files import write_whole_text
from warehouse.declared.diffusion import Diffusion
from warehouse.release.promotion import (
    NOTICE,
    as_text,
    read_manifest,
    standing_releases,
    withdrawn_releases,
)

DERNIERE, FLUX = "latest.json", "publications.atom"
_ATOM = "http://www.w3.org/2005/Atom"
#: The instant of a feed of nothing: Atom wants one.
_JAMAIS = "1970-01-01T00:00:00+00:00"
#: What a portal or a script wants of a release → the file that answers.
_FICHIERS = {
    "fiches": "fiches/index.html",
    "explorateur": "fiches/explorer.html",
    "dictionnaire": "dictionnaire.html",
    "datapackage": "datapackage.json",
    "catalogue": "catalogue.jsonld",
    "tableau_large": "tables/tableau_large.csv",
    "base": "qpv.duckdb",
    "manifeste": "RELEASE.json",
    "empreintes": "SHA256SUMS",
}


def write_feed(layout: Layout, diffusion: Diffusion) -> None:
    """Write `latest.json` and `publications.atom` in the folder of releases, each by one rename.

    Addresses start from that folder where the host declares none.
    """
    standing = standing_releases(layout)
    layout.releases.mkdir(parents=True, exist_ok=True)
    newest = _said(standing[-1], diffusion) if standing else {"release_id": None}
    write_whole_text(layout.releases / DERNIERE, as_text(newest), 0o644)
    entries = [_entry(release, diffusion) for release in standing]
    entries += [_withdrawn(notice, diffusion) for notice in withdrawn_releases(layout)]
    entries.sort(key=lambda entry: entry.findtext("updated") or "", reverse=True)
    feed = ElementTree.Element("feed", xmlns=_ATOM)
    _add(feed, "title", "Chiffres clés des quartiers prioritaires : publications")
    _add(feed, "id", diffusion.adresse or "urn:qpv:publications")
    _add(feed, "updated", (entries[0].findtext("updated") if entries else "") or _JAMAIS)
    ElementTree.SubElement(feed, "link", rel="self", href=_address(diffusion, FLUX))
    _add(ElementTree.SubElement(feed, "author"), "name", diffusion.editeur.nom)
    feed.extend(entries)
    ElementTree.indent(feed, " ")
    text = ElementTree.tostring(feed, "unicode", xml_declaration=True)
    write_whole_text(layout.releases / FLUX, text, 0o644)


def _said(release: Path, diffusion: Diffusion) -> dict:
    manifest = read_manifest(release)
    told = {name: manifest.get(name) for name in ("edition", "titre", "perimetre", "publiee_le")}
    links = {
        name: _address(diffusion, f"{release.name}/{path}")
        for name, path in _FICHIERS.items()
        if (release / path).is_file()
    }
    return {"release_id": release.name, **told, "liens": links}


def _entry(release: Path, diffusion: Diffusion) -> ElementTree.Element:
    manifest = read_manifest(release)
    day = str(manifest.get("publiee_le") or _JAMAIS)
    entry = _started(release.name, str(manifest.get("titre") or release.name), day)
    for rel, path, kind in (
        ("alternate", "fiches/index.html", "text/html"),
        ("enclosure", "datapackage.json", "application/json"),
    ):
        address = _address(diffusion, f"{release.name}/{path}")
        ElementTree.SubElement(entry, "link", rel=rel, href=address, type=kind)
    _add(entry, "summary", f"Publication {release.name}. {_changes(release)}")
    return entry


def _withdrawn(notice: Path, diffusion: Diffusion) -> ElementTree.Element:
    said = json.loads((notice / NOTICE).read_text(encoding="utf-8"))
    entry = _started(notice.name, f"Retirée : {said['titre']}", said["retiree_le"])
    address = _address(diffusion, f"{notice.name}/index.html")
    ElementTree.SubElement(entry, "link", rel="alternate", href=address, type="text/html")
    _add(entry, "summary", f"Publication {notice.name}, retirée : {said['motif']}")
    return entry


def _changes(release: Path) -> str:
    """What the release changes of the one before, counted."""
    path = release / "changelog.json"
    said = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if not said.get("precedente"):
        return "Rien à quoi la comparer."
    totals = said.get("totaux") or {}
    counts = ", ".join(f"{nature} : {count}" for nature, count in totals.items() if count)
    return f"Changements depuis {said['precedente']} : {counts or 'aucun'}."


def _started(release_id: str, title: str, updated: str) -> ElementTree.Element:
    entry = ElementTree.Element("entry")
    _add(entry, "title", title)
    _add(entry, "id", f"urn:qpv:publication:{quote(release_id)}")
    _add(entry, "updated", updated)
    return entry


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = "".join(c for c in text if c.isprintable())


def _address(diffusion: Diffusion, path: str) -> str:
    """From the folder of releases, or on the web where its host says so."""
    here = quote(path)
    return f"{diffusion.adresse.rstrip('/')}/{here}" if diffusion.adresse else here
