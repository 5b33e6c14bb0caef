"""Where a source's files are to be seen: its pages, its data set, its addresses. Asks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from ingest.datagouv import API, Ressource, dataset_url, file_name, resources_of
from ingest.file_places import Genre, file_place
from ingest.header_names import fill, year_of_millesime
from ingest.registry import Source


@dataclass
class Place:
    """One address to ask, and what of the source is to be seen there.

    `millesimes`: declared ones → the regex that finds the file (empty for an address).
    `annees`: patterns that hold a year → what follows it in the key of a millésime (`-qp24`).
    """

    genre: Genre
    url: str
    millesimes: dict[str, str] = field(default_factory=dict)
    annees: dict[str, str] = field(default_factory=dict)

    @property
    def signature(self) -> str:
        """What is looked for: where it changes, what was found before no longer holds."""
        return sha256(repr((self.millesimes, self.annees)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Found:
    """One file as a place shows it; `modifie`: when it was last replaced, where the place says."""

    millesime: str
    adresse: str
    modifie: str | None = None


def places_of(source: Source, api: str = API) -> list[Place]:
    """The places of a source, each once; none where the registry has no address of its files."""
    found: dict[str, Place] = {}
    for millesime in source.millesimes:
        told = file_place(source, millesime)
        if told is None:
            continue
        url = dataset_url(told.ou, api) if told.genre == "jeu" else told.ou
        place = found.setdefault(url, Place(told.genre, url))
        place.millesimes[millesime] = fill(told.motif, millesime)
        if "{yyyy}" in told.motif or "{yy}" in told.motif:
            place.annees[told.motif] = millesime[4:]
    return list(found.values())


def seen_on_page(
    place: Place, source: Source, links: Iterable[tuple[str, str]], until: int
) -> list[Found]:
    """The files that a page links to: declared millésimes, then years that nothing declares.

    Args:
        links: (as written, absolute) of each.
        until: last year to look for.
    """
    told = list(links)

    def one(pattern: str) -> str | None:
        fits = {absolute for raw, absolute in told
                if re.search(pattern, raw) or re.search(pattern, absolute)}  # fmt: skip
        return min(fits, default=None)

    wanted = [*place.millesimes.items(), *_other_years(place, source, until)]
    return [Found(m, url) for m, pattern in wanted if (url := one(pattern))]


def seen_in_dataset(
    place: Place, source: Source, resources: Iterable[Ressource], api: str, until: int
) -> list[Found]:
    """The same of a data set: of each, the newest resource of the right format."""
    told, found = list(resources), []
    for millesime, pattern in [*place.millesimes.items(), *_other_years(place, source, until)]:
        edition = source.millesimes.get(millesime)
        zipped = any(p.membre for p in source.parties) or bool(edition and edition.membre)
        formats = {source.format, "zip"} if zipped else {source.format}
        if fits := resources_of(told, pattern, formats):
            newest = fits[-1]
            found.append(Found(millesime, newest.address(api), newest.instant.isoformat()))
    return found


def _other_years(place: Place, source: Source, until: int) -> Iterator[tuple[str, str]]:
    """(key of a millésime that nothing declares, regex of its file), oldest first.

    Years before the first declared one are of no interest: the producer had them all along.
    """
    first = min(int(year_of_millesime(m)) for m in source.millesimes)
    for year in range(first + 1, until + 1):
        for pattern, suffix in place.annees.items():
            key = f"{year}{suffix}"
            if key not in source.millesimes:
                yield key, fill(pattern, key)


def shown_name(url: str) -> str:
    """How a file is called in a message: the end of its address."""
    return file_name(url) or url
