"""`catalogue.jsonld`: a release as a DCAT-AP 3 dataset, for open data portals."""

from __future__ import annotations

from pathlib import Path

from warehouse.publication.data_files import DataFile
from warehouse.publication.open_data import LICENCE_PAGE, MOTS_CLES, Publication, SourcePubliee
from warehouse.release.promotion import write_json

_EUROPE = "http://publications.europa.eu/resource/authority"
_IANA = "https://www.iana.org/assignments/media-types"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_THEMES = ("SOCI", "REGI", "ECON")


def write_catalogue(release: Path, publication: Publication) -> None:
    """Write it beside the files that it lists: relative addresses start there.

    https://semiceu.github.io/DCAT-AP/releases/3.0.0/
    """
    write_json(release / "catalogue.jsonld", dataset(publication))


def dataset(publication: Publication) -> dict:
    """The `dcat:Dataset`, with one `dcat:Distribution` per data file."""
    p = publication
    return {
        "@context": _CONTEXT,
        "@id": p.diffusion.lien(p.release_id, "catalogue.jsonld") + "#jeu",
        "@type": "dcat:Dataset",
        "dcterms:identifier": p.release_id,
        "dcterms:title": _french(p.titre),
        "dcterms:description": _french(p.description),
        "dcterms:publisher": _agent(p),
        **_contact(p),
        "dcat:keyword": [_french(word) for word in MOTS_CLES],
        "dcat:theme": [{"@id": f"{_EUROPE}/data-theme/{theme}"} for theme in _THEMES],
        "dcterms:language": {"@id": f"{_EUROPE}/language/FRA"},
        "dcterms:spatial": {"@id": f"{_EUROPE}/country/FRA"},
        **_temporal(p),
        "dcterms:accrualPeriodicity": {"@id": f"{_EUROPE}/frequency/ANNUAL"},
        "dcterms:issued": _typed("dateTime", p.creee_le.isoformat(timespec="seconds")),
        "dcat:version": p.release_id,
        "dcterms:license": {"@id": LICENCE_PAGE},
        "foaf:page": {"@id": p.diffusion.lien(p.release_id, "dictionnaire.html")},
        "dcat:landingPage": {"@id": p.diffusion.lien(p.release_id, "fiches/index.html")},
        "prov:wasDerivedFrom": [_source(s) for s in p.sources],
        "dcat:distribution": [_distribution(file, p) for file in p.fichiers],
    }


def _agent(p: Publication) -> dict:
    editor = p.diffusion.editeur
    page = {"foaf:homepage": {"@id": editor.page}} if editor.page else {}
    return {"@type": "foaf:Agent", "foaf:name": _french(editor.nom), **page}


def _contact(p: Publication) -> dict:
    """Where to write, if the host says it."""
    editor = p.diffusion.editeur
    if not editor.courriel and not editor.page:
        return {}
    said: dict[str, object] = {"@type": "vcard:Kind", "vcard:fn": editor.nom}
    if editor.courriel:
        said["vcard:hasEmail"] = {"@id": f"mailto:{editor.courriel}"}
    if editor.page:
        said["vcard:hasURL"] = {"@id": editor.page}
    return {"dcat:contactPoint": said}


def _temporal(p: Publication) -> dict:
    if p.debut is None or p.fin is None:
        return {}
    return {
        "dcterms:temporal": {
            "@type": "dcterms:PeriodOfTime",
            "dcat:startDate": _typed("date", str(p.debut)),
            "dcat:endDate": _typed("date", str(p.fin)),
        }
    }


def _source(source: SourcePubliee) -> dict:
    return {
        "@type": "prov:Entity",
        "dcterms:identifier": source.source_id,
        "dcterms:title": _french(source.titre),
        "dcterms:publisher": {"@type": "foaf:Agent", "foaf:name": _french(source.producteur)},
        "foaf:page": {"@id": source.page},
        "dcterms:rights": {
            "@type": "dcterms:RightsStatement",
            "dcterms:description": _french(source.licence),
        },
    }


def _distribution(file: DataFile, p: Publication) -> dict:
    address = {"@id": p.diffusion.lien(p.release_id, file.chemin)}
    return {
        "@type": "dcat:Distribution",
        "dcterms:title": _french(file.titre),
        "dcterms:description": _french(file.description),
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dcterms:format": {"@id": f"{_EUROPE}/file-type/{file.type_europeen}"},
        "dcat:mediaType": {"@id": f"{_IANA}/{file.mediatype}"},
        "dcat:byteSize": _typed("nonNegativeInteger", str(file.octets)),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": _typed("hexBinary", file.sha256),
        },
        "dcterms:license": {"@id": LICENCE_PAGE},
    }


def _french(text: str) -> dict:
    return {"@value": text, "@language": "fr"}


def _typed(kind: str, value: str) -> dict:
    return {"@value": value, "@type": f"xsd:{kind}"}
