"""`qpv verifier`: findings on tables published elsewhere, as text and JSON. No rule is here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.partitions import REGISTRY
from quality.plausibility.arbitrages import Sorted, load_arbitrages, sort_out
from quality.plausibility.judge import judge
from quality.plausibility.rules import REGLES, SEVERITES
from quality.plausibility.tables import Reading, read_tables
from warehouse.base.layout import ARBITRAGES
from warehouse.declared.dictionary import load_dictionary

_TITRES = {
    "bloquant": "Bloquant : l'arithmétique ne tient pas",
    "a_verifier": "À vérifier",
    "information": "Information",
}


@dataclass
class TablesJugees:
    """What was read, what was found, what was accepted."""

    lecture: Reading
    constats: Sorted

    @property
    def refuse(self) -> bool:
        return self.constats.refuse

    def lines(self) -> Iterator[str]:
        """The verdict for a reader, control characters removed."""
        yield from printable(_lines(self))

    def write_json(self, path: Path) -> None:
        """The same verdict for a program."""
        reading, found = self.lecture, self.constats
        content = {
            "tableaux": reading.fichiers,
            "chiffres": reading.chiffres,
            "sans_nombre": reading.manquants,
            "arrondis": reading.arrondis,
            "non_verifies": reading.non_verifies,
            "constats": [f.as_dict() for f in found.ouverts],
            "acceptes": [f.as_dict() | {"motif": a.motif} for f, a in found.acceptes],
        }
        write_json(content, path)


def verify(paths: Sequence[Path], colonnes: Path | None, arbitrages: Path | None) -> TablesJugees:
    """Every rule over published tables.

    Raises:
        QpvError: what cannot be read, in one paragraph.
    """
    accepted = load_arbitrages(arbitrages or ARBITRAGES)
    reading = read_tables(paths, colonnes, load_dictionary(), REGISTRY.estimees)
    return TablesJugees(reading, sort_out(judge(reading.con), accepted))


def printable(lines: Iterable[str]) -> Iterator[str]:
    """Lines without control characters."""
    for line in lines:
        yield "".join(c if c.isprintable() else " " for c in line)


def write_json(content: object, path: Path) -> None:
    """A verdict in a file."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _lines(verdict: TablesJugees) -> Iterator[str]:
    reading, found = verdict.lecture, verdict.constats
    yield (
        f"{reading.fichiers} tableau(x) : {reading.chiffres} chiffres lus, {reading.manquants} "
        f"cases sans nombre, {len(REGLES)} règles"
    )
    for severite in SEVERITES:
        group = [f for f in found.ouverts if f.severite == severite]
        if group:
            yield ""
            yield f"{_TITRES[severite]} ({len(group)})"
        for finding in group:
            yield f"  {finding.regle} {finding.phrase}"
            yield f"      {' ; '.join(finding.ou)}"
    if found.acceptes:
        yield ""
        yield f"Acceptés par l'observatoire ({len(found.acceptes)})"
        for finding, arbitrage in found.acceptes:
            yield f"  {finding.regle} {finding.phrase}"
            yield f"      {arbitrage.motif} ({arbitrage.signature}, {arbitrage.date:%d/%m/%Y})"
    if reading.arrondis:
        yield ""
        yield f"Pris pour arrondis ({len(reading.arrondis)})"
        yield from (f"  {text}" for text in reading.arrondis)
    if reading.non_verifies:
        yield ""
        yield f"Non vérifié ({len(reading.non_verifies)})"
        yield from (f"  {text}" for text in reading.non_verifies)
    if not found.ouverts:
        yield ""
        yield "Rien à signaler."
