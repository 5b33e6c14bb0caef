"""One polite visit of a source's places: conditional, bounded, no more than one a day.

A file's body is read only where its server says that it changed, to know whether its bytes did.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import requests

from ingest.addresses import hote_de
from ingest.collect import kind_of, remote_name
from ingest.connection import ENTETES, Essais, open_answer, open_session, read_page, retry
from ingest.datagouv import API, read_resources
from ingest.fetch import fetch
from ingest.limits import TABLES, Compteur
from ingest.links import links_of
from ingest.registry import Source
from ingest.watch.places import Found, Place, places_of, seen_in_dataset, seen_on_page
from ingest.watch.seen import Memory, SeenFile, SeenPlace
from warehouse.base.errors import QpvError

#: Seconds between two requests to one host, and those of a whole visit of all sources.
PAUSE, DUREE = 1.0, 600.0
_DATA = re.compile(r"(?i)\.(csv|xlsx?|zip|parquet|json|geojson)\b")
_GONE = (404, 410)


@dataclass(frozen=True)
class Etiquette:
    """What a place says of a file without giving it; nothing where nothing changed (304)."""

    etag: str | None = None
    modifie: str | None = None
    octets: int | None = None

    @property
    def told(self) -> dict[str, str | int]:
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass
class Visitor:
    """One round of the sources: what it may still take, and what it already asked.

    `known`: (source, millésime) → the sha256 of its files as they were read here or by others.
    """

    archive: Path
    today: date
    known: Callable[[str, str], Collection[str]]
    api: str = API
    pause: float = PAUSE
    duree: float = DUREE
    timeout: tuple[float, float] = (10, 60)
    _start: float = field(default_factory=time.monotonic)
    _asked: dict[str, float] = field(default_factory=dict)
    _answers: dict[tuple[str, str], tuple[requests.Response, bytes]] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether the time of the round is spent: the sources left are for tomorrow."""
        return time.monotonic() - self._start > self.duree

    def visit(self, source: Source, before: Memory) -> Memory:
        """What the places of a source show today; what could not be had stays as it was."""
        after = before.model_copy(
            deep=True,
            update={
                "premiere_visite": before.premiere_visite or self.today,
                "visite_le": self.today,
                "lieux": {},
                "fichiers": {},
                "injoignables": {},
            },
        )
        for place in places_of(source, self.api):
            kept = _of_place(place, before)
            try:
                found = self._look(place, source, before, after)
            except QpvError as error:
                after.injoignables[place.url] = error.quoi
                after.fichiers |= kept
                if place.url in before.lieux:
                    after.lieux[place.url] = before.lieux[place.url]
                continue
            for one in found:
                self._see(place, source, one, before, after)
            for millesime, gone in kept.items():
                if millesime not in after.fichiers:
                    absent = {"absences": gone.absences + 1}
                    after.fichiers[millesime] = gone.model_copy(update=absent)
        return after

    def _look(self, place: Place, source: Source, before: Memory, after: Memory) -> list[Found]:
        """The files that a place shows today.

        Raises:
            QpvError: it cannot be had, or shows no file at all (a page of maintenance).
        """
        if place.genre == "adresse":
            return [Found(millesime, place.url) for millesime in place.millesimes]
        known = before.lieux.get(place.url)
        if known and known.signature != place.signature:
            known = None
        reponse, body = self._read(place.url, source, known)
        if reponse.status_code == 304 and known:
            after.lieux[place.url] = known
            return [Found(m, url) for m, url in known.fichiers.items()]
        until = self.today.year + 1
        if place.genre == "jeu":
            resources = read_resources(body, place.url)
            found = seen_in_dataset(place, source, resources, self.api, until)
        else:
            links = links_of(reponse, body)
            if not any(_DATA.search(url) for _, url in links):
                raise QpvError("la page ne montre aucun fichier de données", ou=place.url)
            found = seen_on_page(place, source, links, until)
        # A data set tells of its files when they changed: it is always read whole.
        said = Etiquette() if place.genre == "jeu" else _said(reponse)
        after.lieux[place.url] = SeenPlace(
            signature=place.signature,
            etag=said.etag,
            modifie=said.modifie,
            fichiers={one.millesime: one.adresse for one in found},
        )
        return found

    def _see(self, place: Place, source: Source, one: Found, before: Memory, after: Memory) -> None:
        old = before.fichiers.get(one.millesime)
        if one.millesime not in source.millesimes:
            after.fichiers[one.millesime] = SeenFile(
                adresse=one.adresse, vu_le=old.vu_le if old else self.today, modifie=one.modifie
            )
            return
        try:
            seen = self._compared(place, source, one, old)
        except QpvError as error:
            after.injoignables[one.adresse] = error.quoi
            if old:
                after.fichiers[one.millesime] = old
            return
        if seen:
            after.fichiers[one.millesime] = seen

    def _compared(
        self, place: Place, source: Source, one: Found, old: SeenFile | None
    ) -> SeenFile | None:
        """A declared file as it is today; None where its address is gone."""
        if place.genre == "jeu":
            said: Etiquette | None = Etiquette(modifie=one.modifie)
        else:
            same = old if old and old.adresse == one.adresse else None
            said = self._headers(one.adresse, source, same)
        if said is None:
            return None
        if old is None or not (_of(old).told or old.sha256):
            first = old.vu_le if old else self.today
            return SeenFile(adresse=one.adresse, vu_le=first, **vars(said))
        kept = old.model_copy(update={"absences": 0, "adresse": one.adresse, **said.told})
        if _unchanged(said, _of(old)) and old.adresse == one.adresse:
            return kept
        sha256 = self._digest(one.adresse, source, one.millesime, said.octets)
        known = {old.sha256} if old.sha256 else {*self.known(source.id, one.millesime)}
        # Of a file that nobody read before, its server's word: wrong once at most, since the bytes
        # are then known.
        changed = not (sha256 and known) or sha256 not in known
        change = {"change_le": self.today} if changed else {}
        return kept.model_copy(update={"sha256": sha256, **change})

    def _digest(self, url: str, source: Source, millesime: str, octets: int | None) -> str | None:
        """The sha256 of a file, read into the archive; None where it is too heavy to be read."""
        if source.nature == "micro" or (octets or 0) > TABLES.octets:
            return None
        self._wait(url)
        name = remote_name(url, source.parts_of(millesime)[0])
        read = fetch(
            url,
            archive=self.archive,
            nom=name,
            attendu=kind_of(name, source),
            limites=source.limites,
            hotes=source.hotes,
            timeout=self.timeout,
            tentatives=2,
            attente_max=5,
        )
        return read.sha256

    def _headers(self, url: str, source: Source, known: SeenFile | None) -> Etiquette | None:
        """What a server says of a file, its body left unread; None where the file is gone.

        Raises:
            QpvError: out of reach, or a page where a file should be.
        """
        conditions = _conditions(known)

        def ask() -> Etiquette | None:
            with open_answer(liaison, ENTETES | conditions, self.timeout, 304, *_GONE) as reponse:
                if reponse.status_code in _GONE:
                    return None
                if reponse.status_code == 304:
                    return Etiquette()
                if "html" in reponse.headers.get("Content-Type", "").lower():
                    raise QpvError("l'adresse du fichier répond par une page HTML", ou=url)
                return _said(reponse)

        self._wait(url)
        limites = source.limites_page
        with open_session(None, url, Compteur(limites, url), source.hotes) as liaison:
            return retry(ask, liaison, Essais("fichier", 2, 5))

    def _read(
        self, url: str, source: Source, known: SeenPlace | None
    ) -> tuple[requests.Response, bytes]:
        """A page or an answer, once in a round whoever asks it."""
        conditions = _conditions(known)
        key = url, repr(conditions)
        if key not in self._answers:
            self._wait(url)
            limites = source.limites_page
            with open_session(None, url, Compteur(limites, url), source.hotes) as liaison:
                self._answers[key] = retry(
                    lambda: read_page(liaison, self.timeout, conditions),
                    liaison,
                    Essais("page", 2, 5),
                )
        return self._answers[key]

    def _wait(self, url: str) -> None:
        """Leave a host its pause since the last question."""
        host = hote_de(url)
        left = self._asked.get(host, 0.0) + self.pause - time.monotonic()
        if left > 0:
            time.sleep(left)
        self._asked[host] = time.monotonic()


def _of_place(place: Place, before: Memory) -> dict[str, SeenFile]:
    """What was seen at a place before, of the millésimes that are still looked for there."""
    shown = before.lieux[place.url].fichiers if place.url in before.lieux else {}
    return {
        millesime: file
        for millesime, file in before.fichiers.items()
        if millesime in place.millesimes or millesime in shown
    }


def _said(reponse: requests.Response) -> Etiquette:
    length = reponse.headers.get("Content-Length", "")
    octets = int(length) if length.isdecimal() and len(length) < 20 else None
    return Etiquette(reponse.headers.get("ETag"), reponse.headers.get("Last-Modified"), octets)


def _of(file: SeenFile) -> Etiquette:
    return Etiquette(file.etag, file.modifie, file.octets)


def _conditions(known: SeenFile | SeenPlace | None) -> dict[str, str]:
    if known is None:
        return {}
    said = {"If-None-Match": known.etag, "If-Modified-Since": known.modifie}
    return {name: value for name, value in said.items() if value}


def _unchanged(said: Etiquette, before: Etiquette) -> bool:
    """Whether what is said is what was said; a place that says nothing comparable proves none."""
    same = {name: value == before.told[name] for name, value in said.told.items()
            if name in before.told}  # fmt: skip
    return not said.told or (bool(same) and all(same.values()))
