"""A resource of a data.gouv data set: the stable address of a file replaced at each release."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Set
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.addresses import require_address
from ingest.connection import Delais, Essais, open_session, read_page, retry
from ingest.contents import A_LA_MAIN
from ingest.limits import PAGES, Compteur, Limites
from warehouse.base.errors import QpvError

API = "https://www.data.gouv.fr/api/1"


class Ressource(BaseModel):
    """What we read of a resource; the rest of the answer is left."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(pattern=r"^[0-9A-Za-z-]+$")
    title: str = ""
    format: str | None = None
    last_modified: datetime
    url: str = ""

    @property
    def fichier(self) -> str:
        """The name of its file; empty when its address ends with none."""
        name = file_name(self.url)
        return name if "." in name else ""

    @property
    def formats(self) -> set[str]:
        """The format that data.gouv says, and the one that the file's name ends with."""
        said = {(self.format or "").lower(), self.fichier.rpartition(".")[2].lower()}
        return said - {""}

    @property
    def instant(self) -> datetime:
        """When it was last replaced; a date without a zone is read as UTC."""
        known = self.last_modified
        return known if known.tzinfo else known.replace(tzinfo=UTC)

    def address(self, api: str) -> str:
        """The one that stays when its file is replaced."""
        return f"{api}/datasets/r/{self.id}"


class _Jeu(BaseModel):
    model_config = ConfigDict(extra="ignore")

    resources: list[Ressource]


def find_resource(
    dataset: str,
    pattern: str,
    *,
    formats: Set[str],
    api: str = API,
    limites: Limites = PAGES,
    hotes: Collection[str] = (),
    timeout: Delais = (10, 60),
    tentatives: int = 5,
    attente_max: float = 30.0,
    session: requests.Session | None = None,
) -> tuple[str, str | None]:
    """(stable URL, file name if known) of the newest resource that answers to `pattern`.

    Args:
        dataset: slug or identifier of the data set.
        pattern: regex searched in the resource's title, then in its file name.
        formats: formats admitted (`csv`, `zip`…).
        limites: bytes and seconds of the answer.
        hotes: hosts that a redirection may lead to, beside that of the API.

    Raises:
        QpvError: API out of reach, out of bounds or answering something else, no resource of that
            name and format, or two that were last modified at the same instant.
    """
    url = dataset_url(dataset, api)
    require_address(url)

    with open_session(session, url, Compteur(limites, url), hotes) as liaison:
        essais = Essais("jeu data.gouv", tentatives, attente_max)
        _, body = retry(lambda: read_page(liaison, timeout), liaison, essais)
    resources = read_resources(body, url)
    found = resources_of(resources, pattern, formats)
    if not found or [r.instant for r in found].count(found[-1].instant) > 1:
        newest = [r for r in found if r.instant == found[-1].instant]
        candidates = newest or _named(resources, pattern) or resources
        seen = ", ".join(_said(r) for r in candidates[:10])
        raise QpvError(
            f"{len(newest) or 'Aucune'} ressource(s) de data.gouv répondent au motif « {pattern} »"
            f" au format {' ou '.join(sorted(formats))}",
            ou=f"{url} ; candidates : {seen or 'aucune'}",
            attendu="une seule ressource plus récente que les autres",
            faire=f"corrigez `ressource` de la source, ou {A_LA_MAIN}",
        )
    last = found[-1]
    return last.address(api), last.fichier or None


def resources_of(
    resources: Iterable[Ressource], pattern: str, formats: Set[str]
) -> list[Ressource]:
    """Those whose title or file name answers to `pattern`, of these formats; the newest last."""
    named = _named(resources, pattern)
    return sorted((r for r in named if r.formats & formats), key=_instant)


def dataset_url(dataset: str, api: str = API) -> str:
    """Where the API describes a data set."""
    return f"{api}/datasets/{quote(dataset, safe='')}/"


def file_name(url: str) -> str:
    """The last part of an address; empty where it is no address: whoever asks it will say so."""
    try:
        return unquote(urlsplit(url).path).rsplit("/", 1)[-1]
    except ValueError:
        return ""


def read_resources(body: bytes, url: str) -> list[Ressource]:
    """The resources of a data set, from the API's answer.

    Raises:
        QpvError: it is something else.
    """
    try:
        return _Jeu.model_validate(json.loads(body)).resources
    except (ValueError, ValidationError, RecursionError) as error:
        raise QpvError(
            "La réponse de data.gouv n'est pas la description d'un jeu de données",
            ou=url,
            attendu="du JSON avec `resources` (id, title, format, last_modified, url)",
            faire=f"vérifiez `dataset` dans un navigateur, ou {A_LA_MAIN}",
        ) from error


def _named(resources: Iterable[Ressource], pattern: str) -> list[Ressource]:
    """Those whose title or file name answers to `pattern`, in the order of the portal's page."""
    motif = re.compile(pattern)
    return [r for r in resources if motif.search(r.title) or motif.search(r.fichier)]


def _instant(resource: Ressource) -> datetime:
    return resource.instant


def _said(resource: Ressource) -> str:
    formats = "/".join(sorted(resource.formats)) or "sans format"
    return f"{resource.title or resource.fichier or resource.id} ({formats})"
