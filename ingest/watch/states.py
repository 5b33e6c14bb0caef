"""What there is to do about each source, from what was seen and what was read. Asks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from ingest.registry import Source
from ingest.watch.places import places_of, shown_name
from ingest.watch.seen import Memory, SeenFile
from warehouse.domain.format import jour

Etat = Literal["paru", "revise", "en_retard", "disparu", "injoignable", "a_la_main", "rien_de_neuf"]
#: In the order in which they are told.
ETATS: dict[Etat, str] = {
    "paru": "paru et non déclaré",
    "revise": "révisé",
    "en_retard": "en retard",
    "disparu": "disparu",
    "injoignable": "injoignable",
    "a_la_main": "à regarder à la main",
    "rien_de_neuf": "rien de neuf",
}
#: Those that ask something of a person.
A_FAIRE: frozenset[Etat] = frozenset({"paru", "revise", "en_retard", "disparu"})
#: Visits in a row that must miss a file before it is said to be gone.
_ABSENCES = 2
#: A producer may publish so many days before the day of its calendar.
_AVANCE = 60


@dataclass(frozen=True)
class Nouvelle:
    """What is found of a source, or of one of its millésimes, and what to do about it."""

    source: str
    etat: Etat
    dit: str
    millesime: str | None = None
    depuis: date | None = None
    faire: str | None = None
    adresse: str | None = None

    @property
    def cle(self) -> str:
        """What makes it the same finding from one day to the next."""
        return f"{self.source}:{self.etat}:{self.millesime or ''}:{self.depuis or ''}"


@dataclass(frozen=True)
class Lu:
    """What was read here of a millésime: when, and the sha256 of its files."""

    obtenu_le: datetime
    sha256s: frozenset[str]


def judge(source: Source, memory: Memory, read: Mapping[str, Lu], today: date) -> list[Nouvelle]:
    """The findings about a source, those that ask something first.

    Args:
        read: millésime → what was read of it in this data folder.
    """
    found = [
        *_published(source, memory),
        *_revised(source, memory, read),
        *_late(source, memory, today),
        *_gone(source, memory),
    ]
    for url, why in memory.injoignables.items():
        found.append(
            Nouvelle(source.id, "injoignable", f"{why} ({shown_name(url)})", adresse=url,
                    faire="rien si cela passe ; sinon vérifier l'adresse dans un navigateur")
        )  # fmt: skip
    if found:
        return found
    if not places_of(source):
        return [
            Nouvelle(
                source.id,
                "a_la_main",
                f"le registre n'a pas d'adresse de ses fichiers ; {source.calendrier.texte}",
                faire=f"regarder {source.page}",
            )
        ]
    return [Nouvelle(source.id, "rien_de_neuf", source.calendrier.texte)]


def _published(source: Source, memory: Memory) -> Iterator[Nouvelle]:
    for millesime, file in sorted(memory.fichiers.items()):
        if millesime not in source.millesimes and not file.absences:
            yield Nouvelle(
                source.id,
                "paru",
                f"{shown_name(file.adresse)}, vu le {jour(file.vu_le)}",
                millesime,
                file.vu_le,
                f"télécharger {file.adresse}, puis `qpv millesime proposer FICHIER`",
                file.adresse,
            )


def _revised(source: Source, memory: Memory, read: Mapping[str, Lu]) -> Iterator[Nouvelle]:
    for millesime, file in sorted(memory.fichiers.items()):
        if file.change_le and not _was_read(file, read.get(millesime)):
            yield Nouvelle(
                source.id,
                "revise",
                f"{shown_name(file.adresse)} a d'autres octets depuis le {jour(file.change_le)}",
                millesime,
                file.change_le,
                "`qpv build --brouillon`, puis lire ce qui change",
                file.adresse,
            )


def _was_read(file: SeenFile, lu: Lu | None) -> bool:
    if lu is None or file.change_le is None:
        return False
    return file.sha256 in lu.sha256s or lu.obtenu_le.date() > file.change_le


def _late(source: Source, memory: Memory, today: date) -> Iterator[Nouvelle]:
    """Nothing came about a day of the calendar, and its tolerance is over.

    What was there at the first visit says nothing of when it came, unless its server does.
    """
    expected = source.calendrier.last_before(today - timedelta(days=source.calendrier.tolerance))
    since = expected - timedelta(days=_lead(source, expected))
    first = memory.premiere_visite
    if first is None or not memory.fichiers or memory.injoignables:
        return
    signs: list[date] = []
    for file in memory.fichiers.values():
        dated = _day(file.modifie)
        if dated is None and file.vu_le <= first and not file.change_le and first > since:
            return
        signs += [d for d in (dated, file.change_le, file.vu_le if file.vu_le > first else None)
                  if d]  # fmt: skip
    if not any(day >= since for day in signs):
        yield Nouvelle(
            source.id,
            "en_retard",
            f"attendu le {jour(expected)} ({source.calendrier.texte}), rien de neuf depuis le "
            f"{jour(since)}",
            depuis=expected,
            faire=f"regarder {source.page} ; attendre, ou prévenir ceux qui l'attendent",
            adresse=source.page,
        )


def _lead(source: Source, expected: date) -> int:
    """How many days before a day of the calendar a publication is that of the day."""
    gap = (expected - source.calendrier.last_before(expected - timedelta(days=1))).days
    return min(_AVANCE, gap // 2)


def _day(modifie: str | None) -> date | None:
    """The day that a server says (HTTP date or ISO 8601), None where it says none."""
    if not modifie:
        return None
    try:
        if modifie[:1].isdigit():
            return datetime.fromisoformat(modifie).date()
        return parsedate_to_datetime(modifie).date()
    except (ValueError, TypeError):
        return None


def _gone(source: Source, memory: Memory) -> Iterator[Nouvelle]:
    for millesime, file in sorted(memory.fichiers.items()):
        if file.absences >= _ABSENCES and millesime in source.millesimes:
            yield Nouvelle(
                source.id,
                "disparu",
                f"{shown_name(file.adresse)} n'est plus chez le producteur",
                millesime,
                file.vu_le,
                "garder data/archive, qui en a les octets s'il a été lu ; corriger `page`, `lien` "
                f"ou `url` dans ingest/sources/{source.id}.yml",
                file.adresse,
            )
