"""`qpv verifier --texte` and `--publication`: findings as text and JSON. No rule is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.cli.verify import printable, write_json
from quality.citations.claims import Claim
from quality.citations.table_check import TableCheck, TableChecker
from quality.citations.text_check import TextCheck, TextChecker
from quality.citations.traces import TITRES, Sort, Traced
from warehouse.declared.dictionary import load_dictionary
from warehouse.domain.format import propre
from warehouse.release.connect import open_release
from warehouse.release.promotion import read_manifest

#: Of a sentence, what is shown around its figure.
_AUTOUR = 60


@dataclass
class TexteTrace:
    """Reports, each with its figures, against one release."""

    release_id: str
    rapports: list[tuple[str, TextCheck]]

    @classmethod
    def of(cls, paths: Sequence[Path], release: Path) -> TexteTrace:
        """Every number of reports.

        Raises:
            QpvError: a report or the release does not read.
        """
        identifiant = read_manifest(release)["release_id"]
        with open_release(release) as con:
            checker = TextChecker(con, identifiant)
            return cls(identifiant, [(path.name, checker.document(path)) for path in paths])

    @property
    def refuse(self) -> bool:
        return any(rapport.refuse for _, rapport in self.rapports)

    def lines(self) -> Iterator[str]:
        """The verdict for a reader: what is wrong first, in the order of the text."""
        yield from printable(self._lines())

    def _lines(self) -> Iterator[str]:
        for name, rapport in self.rapports:
            others = ", ".join(f"{n} {kind}(s)" for kind, n in sorted(rapport.autres.items()))
            yield (
                f"{name}, contre la publication {self.release_id} : {len(rapport.chiffres)} "
                f"chiffres ; hors de compte : {others or 'rien'}"
            )
            counts = Counter(c.constat.sort for c in rapport.chiffres)
            yield "  " + _counted(counts)
            for sort, title in TITRES.items():
                group = [c for c in rapport.chiffres if c.constat.sort == sort]
                if not group:
                    continue
                yield ""
                yield f"{title} ({len(group)})"
                for one in group:
                    yield f"  {one.claim.figure.texte} — {one.ou} : {_around(one.claim)}"
                    yield f"      {propre(one.constat.detail)}{_cell(one.constat)}"
            yield from _unread(rapport.non_lus)

    def write_json(self, path: Path) -> None:
        """The same verdict for a program."""
        content = {
            "publication": self.release_id,
            "rapports": [
                {
                    "rapport": name,
                    "comptes": dict(Counter(c.constat.sort for c in rapport.chiffres)),
                    "hors_de_compte": dict(rapport.autres),
                    "non_lus": rapport.non_lus,
                    "chiffres": [
                        {
                            "ou": c.ou,
                            "imprime": c.claim.figure.texte,
                            "phrase": c.claim.phrase,
                            "sorte": c.claim.sorte,
                            **_as_dict(c.constat),
                        }
                        for c in rapport.chiffres
                    ],
                }
                for name, rapport in self.rapports
            ],
        }
        write_json(content, path)


@dataclass
class TablesComparees:
    """Tables printed elsewhere, against one release."""

    release_id: str
    verdict: TableCheck

    @classmethod
    def of(cls, paths: list[Path], colonnes: Path | None, release: Path) -> TablesComparees:
        """Every figure of tables.

        Raises:
            QpvError: a table, its map or the release does not read.
        """
        identifiant = read_manifest(release)["release_id"]
        with open_release(release) as con:
            return cls(identifiant, TableChecker(con, load_dictionary()).files(paths, colonnes))

    @property
    def refuse(self) -> bool:
        return self.verdict.refuse

    def lines(self) -> Iterator[str]:
        """The verdict for a reader."""
        yield from printable(self._lines())

    def _lines(self) -> Iterator[str]:
        found = self.verdict
        yield f"{len(found.chiffres)} chiffres, contre la publication {self.release_id}"
        yield "  " + _counted(found.comptes)
        for sort, title in TITRES.items():
            group = [c for c in found.chiffres if c.constat.sort == sort]
            if not group or sort == "conforme":
                continue
            yield ""
            yield f"{title} ({len(group)})"
            for one in group:
                yield f"  {one.imprime} — {one.ou} : {one.territoire}, {one.indicateur}"
                yield f"      {propre(one.constat.detail)}"
        yield from _unread(found.non_lus)

    def write_json(self, path: Path) -> None:
        """The same verdict for a program."""
        content = {
            "publication": self.release_id,
            "comptes": dict(self.verdict.comptes),
            "non_lus": self.verdict.non_lus,
            "chiffres": [
                {"ou": c.ou, "imprime": c.imprime, **_as_dict(c.constat)}
                for c in self.verdict.chiffres
            ],
        }
        write_json(content, path)


def against_release(
    release: Path, fiches: list[Path], texte: list[Path], colonnes: Path | None
) -> TexteTrace | TablesComparees:
    """Reports, or else tables, against one release.

    Raises:
        QpvError: one of them does not read.
    """
    if texte:
        return TexteTrace.of(texte, release)
    return TablesComparees.of(fiches, colonnes, release)


def _counted(counts: Counter[Sort]) -> str:
    """How many of each verdict, in the order in which they are told."""
    said = [f"{counts[sort]} {sort.replace('_', ' ')}" for sort in TITRES if counts[sort]]
    return ", ".join(said) or "aucun chiffre"


def _unread(told: list[str]) -> Iterator[str]:
    """What was left unread, and why."""
    if told:
        yield ""
        yield f"Non lu ({len(told)})"
        yield from (f"  {text}" for text in told)


def _around(claim: Claim) -> str:
    """What stands around a figure in its sentence."""
    figure = claim.figure
    start, end = max(0, figure.start - _AUTOUR), figure.end + _AUTOUR
    head, tail = "…" * (start > 0), "…" * (end < len(claim.phrase))
    return head + " ".join(claim.phrase[start:end].split()) + tail


def _cell(finding: Traced) -> str:
    """Which cell was looked at."""
    if not finding.territoire:
        return ""
    last = f" depuis {finding.comparaison}" if finding.comparaison else ""
    return f" [{finding.territoire} {finding.indicateur} {finding.periode}{last}]"


def _as_dict(finding: Traced) -> dict[str, object]:
    return {
        "verdict": finding.sort,
        "detail": finding.detail,
        "territoire": finding.territoire or None,
        "indicateur": finding.indicateur or None,
        "periode": finding.periode or None,
        "comparaison": finding.comparaison or None,
        "valeur": finding.valeur,
    }
