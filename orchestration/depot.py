"""A release as a data set of data.gouv.fr: made once, then only what changed is sent again.

By the portal's documented API: `POST /datasets/`, `POST /datasets/<id>/upload/`,
`POST …/resources/<id>/upload/`, `PUT` for words. Nothing of the portal is removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from ingest.addresses import is_private
from ingest.datagouv import API
from warehouse.base.bounded_files import MO
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.base.whole_files import write_whole_text
from warehouse.release.promotion import as_text
from warehouse.release.register import read_register
from warehouse.release.seal import digest, faults

#: The environment's words: the key of an account of the portal, and another portal (a trial one).
CLE, ADRESSE = "QPV_DATAGOUV_CLE", "QPV_DATAGOUV_API"
#: Bytes beyond which a file is not sent: its Parquet, or its rubriques, say the same.
_MOST = 100 * MO
#: Seconds to connect, and of silence of the portal while it takes a file.
_PATIENCE = (10, 300)
_PARTS = (
    "tables/*.parquet",
    "tables/tableau_large*.csv",
    "tables/rubriques/*.csv",
    "tables/contours.geojson",
    "dictionnaire.html",
    "datapackage.json",
    "CHANGELOG.md",
)


@dataclass(frozen=True)
class Depot:
    """What a deposit sends: the words of the data set, its files (path → sha256), those too heavy.

    `jeu`: the data set as the portal knows it, None before the first deposit. `connus`: file →
    the resource and the sha256 that the portal has.
    """

    release: Path
    mots: dict[str, Any]
    fichiers: dict[str, str]
    trop_lourds: list[str]
    jeu: str | None
    connus: dict[str, dict[str, str]]

    @property
    def a_envoyer(self) -> list[str]:
        """The files that the portal has not, or has otherwise."""
        return [
            name
            for name, sha256 in self.fichiers.items()
            if self.connus.get(name, {}).get("sha256") != sha256
        ]

    def lines(self) -> Iterator[str]:
        """What would be sent, for people."""
        yield f"{'Jeu ' + self.jeu if self.jeu else 'Un nouveau jeu, privé'} : {self.mots['title']}"
        for name in self.a_envoyer:
            kind = "remplacé" if name in self.connus else "nouveau"
            size = (self.release / name).stat().st_size
            yield f"  {kind} : {name} ({-(-size // MO)} Mo)"
        yield f"  inchangés : {len(self.fichiers) - len(self.a_envoyer)}"
        if self.trop_lourds:
            yield f"  laissés, plus de {_MOST // MO} Mo : {', '.join(self.trop_lourds)}"


def plan(layout: Layout, release: Path) -> Depot:
    """What a deposit of a standing release would send; asks nobody.

    Raises:
        QpvError: the release is not as it was published.
    """
    if wrong := faults(release, read_register(layout.releases).get(release.name)):
        raise QpvError(
            f"la publication n'est plus celle qui a été publiée : {' ; '.join(wrong[:3])}",
            ou=str(release),
            faire="voir tout par `qpv release verify`, et ne déposer qu'une publication intacte",
        )
    about = json.loads((release / "catalogue.jsonld").read_text(encoding="utf-8"))
    words = {
        "title": about["dcterms:title"]["@value"],
        "description": about["dcterms:description"]["@value"],
        "frequency": "annual",
        "license": "lov2",
        "tags": [word["@value"].lower().replace(" ", "-") for word in about["dcat:keyword"]],
        "extras": {"qpv:publication": release.name},
    }
    found = sorted({path for pattern in _PARTS for path in release.glob(pattern)})
    light = [path for path in found if path.stat().st_size <= _MOST]
    heavy = [p for p in (release / "tables").glob("*.*") if p.stat().st_size > _MOST]
    known = _memory(layout)
    return Depot(
        release,
        words,
        {path.relative_to(release).as_posix(): digest(path) for path in light},
        sorted(path.relative_to(release).as_posix() for path in heavy),
        known.get("jeu"),
        known.get("ressources", {}),
    )


def deposit(
    layout: Layout, depot: Depot, environment: Mapping[str, str] = os.environ
) -> Iterator[str]:
    """Send what is planned; one line per thing done. What is stopped goes on at the next deposit.

    Raises:
        QpvError: no key, or the portal refused; what was sent before is remembered.
    """
    portal = _Portal.of(environment)
    resources = dict(depot.connus)
    known = {"jeu": depot.jeu, "ressources": resources}
    if depot.jeu is None:
        made = portal.send("POST", "/datasets/", json={**depot.mots, "private": True})
        known["jeu"] = _id(made)
        write_whole_text(_path(layout), as_text(known))
        yield f"Jeu créé, privé : {known['jeu']} ; le rendre public sur le portail, une fois relu"
    dataset = f"/datasets/{quote(str(known['jeu']), safe='')}"
    for name in depot.a_envoyer:
        before = depot.connus.get(name)
        place = f"/resources/{quote(before['id'], safe='')}/upload/" if before else "/upload/"
        with (depot.release / name).open("rb") as content:
            taken = portal.send(
                "POST", f"{dataset}{place}", files={"file": (Path(name).name, content)}
            )
        resource = before["id"] if before else _id(taken)
        words = {"title": name, "description": f"Publication {depot.release.name}."}
        portal.send("PUT", f"{dataset}/resources/{quote(resource, safe='')}/", json=words)
        resources[name] = {"id": resource, "sha256": depot.fichiers[name]}
        write_whole_text(_path(layout), as_text(known))
        yield f"Envoyé : {name}"
    if depot.jeu is not None:
        portal.send("PUT", f"{dataset}/", json=depot.mots)
    yield f"Jeu à jour : {known['jeu']}, publication {depot.release.name}"


@dataclass(frozen=True)
class _Portal:
    api: str
    key: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> _Portal:
        api, key = environment.get(ADRESSE) or API, environment.get(CLE, "")
        parts = urlsplit(api)
        if not key:
            raise QpvError(
                "aucune clé pour déposer",
                attendu=f"la clé d'un compte du portail dans la variable {CLE}",
                faire="la prendre dans le profil du compte, ou essayer par --simuler",
            )
        if parts.scheme != "https" and not is_private(parts.hostname or ""):
            raise QpvError(
                "une clé ne part pas en clair", ou=parts.hostname or ADRESSE, attendu="https"
            )
        return cls(api.rstrip("/"), key)

    def send(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        """One request, which no redirection may lead elsewhere with the key.

        Raises:
            QpvError: out of reach, or refused; the key is not repeated.
        """
        where = f"{urlsplit(self.api).hostname}{path}"
        try:
            answer = requests.request(
                method,
                f"{self.api}{path}",
                headers={"X-API-KEY": self.key, "Accept": "application/json"},
                timeout=_PATIENCE,
                allow_redirects=False,
                **what,
            )
            body = answer.json() if 200 <= answer.status_code < 300 else None
        except (requests.RequestException, ValueError) as error:
            raise _refused(where, type(error).__name__) from None
        if not isinstance(body, dict):
            raise _refused(where, f"statut {answer.status_code}")
        return body


def _id(answer: Mapping[str, Any]) -> str:
    found = answer.get("id")
    if not isinstance(found, str) or not found:
        raise _refused("le portail", "réponse sans identifiant")
    return found


def _refused(where: str, why: str) -> QpvError:
    return QpvError(
        f"le portail n'a pas pris ce dépôt ({why})",
        ou=where,
        attendu="une réponse 2xx en JSON",
        faire=f"vérifier la clé ({CLE}) et ses droits ; relancer : ce qui est envoyé le reste",
    )


def _memory(layout: Layout) -> dict[str, Any]:
    path = _path(layout)
    if not path.is_file():
        return {}
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return {"jeu": known["jeu"], "ressources": dict(known["ressources"])}
    except (ValueError, KeyError, TypeError) as error:
        raise QpvError(
            "la mémoire des dépôts est abîmée",
            ou=str(path),
            faire="la reprendre d'une sauvegarde ; sans elle, un dépôt ferait un second jeu",
        ) from error


def _path(layout: Layout) -> Path:
    return layout.root / "depots.json"
