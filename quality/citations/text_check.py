"""Every number of a report against a release: read, claimed, judged. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from quality.citations.claim_judge import Judge
from quality.citations.claims import Claim, Context, read_sentence
from quality.citations.documents import read_document
from quality.citations.gazetteer import Gazetteer
from quality.citations.indicators_in_text import Lexicon
from quality.citations.passages import Passage
from quality.citations.traces import ADMIS, Traced
from warehouse.declared.synonyms import synonymes
from warehouse.release.jeton import publication_of
from warehouse.release.released_cells import Cells


@dataclass(frozen=True)
class Checked:
    """A figure of a text with its verdict."""

    ou: str
    claim: Claim
    constat: Traced


@dataclass
class TextCheck:
    """What a text says, judged; `autres`: numbers that claim nothing, by what they are;
    `non_lus`: what of it was left."""

    chiffres: list[Checked] = field(default_factory=list)
    autres: Counter[str] = field(default_factory=Counter)
    non_lus: list[str] = field(default_factory=list)

    @property
    def refuse(self) -> bool:
        return any(c.constat.sort not in ADMIS for c in self.chiffres)


class TextChecker:
    """One open release as what texts are read against."""

    def __init__(self, con: duckdb.DuckDBPyConnection, release_id: str) -> None:
        self.cells = Cells(con)
        self._lexicon = Lexicon(self.cells.indicateurs.values(), synonymes())
        self._places = Gazetteer(self.cells.territoires.values(), self.cells.communes)
        self._judge = Judge(self.cells, self._lexicon, self._places, publication_of(release_id))

    def document(self, path: Path) -> TextCheck:
        """A report.

        Raises:
            QpvError: it does not read.
        """
        unread: list[str] = []
        found = self.passages(read_document(path, unread))
        found.non_lus = unread
        return found

    def passages(self, passages: Iterable[Passage]) -> TextCheck:
        found = TextCheck()
        contexts: dict[tuple[str, ...], Context] = {(): Context()}
        for passage in passages:
            context = self._context(passage.titres, contexts)
            named = [(p.start, p.end) for p in self._places.find(passage.texte)]
            for sentence in passage.sentences(named):
                read = read_sentence(sentence, self._lexicon, self._places, context)
                judged: list[Checked] = []
                for claim in read.claims:
                    verdict = self._judge.of(claim)
                    if claim.suite and verdict.agrees and judged[-1].constat.sort == "ambigu":
                        # What the first one is about was not understood.
                        said = f"suite d'un chiffre ambigu ; {verdict.detail}"
                        verdict = replace(verdict, sort="ambigu", detail=said)
                    judged.append(Checked(passage.ou, claim, verdict))
                found.chiffres += self._paired(judged)
                found.autres.update(n.autre for n in read.others)
                context = read.after
        return found

    def _context(self, titles: tuple[str, ...], known: dict[tuple[str, ...], Context]) -> Context:
        """What titles say, each read once however many passages stand under it."""
        if titles not in known:
            before = self._context(titles[:-1], known)
            read = read_sentence(titles[-1], self._lexicon, self._places, before)
            known[titles] = read.after
        return known[titles]

    def _paired(self, judged: list[Checked]) -> list[Checked]:
        """Two levels of one figure in one sentence are a comparison: the rules may forbid it."""
        kept = list(judged)
        for n, later in enumerate(judged):
            for m, earlier in enumerate(judged):
                a, b = later.constat, earlier.constat
                same = (a.territoire, a.indicateur) == (b.territoire, b.indicateur)
                levels = later.claim.sorte == earlier.claim.sorte == "niveau"
                if not (same and levels and a.agrees and b.agrees and a.periode > b.periode):
                    continue
                said = self.cells.comparability(a.territoire, a.indicateur, a.periode, b.periode)
                if said and said.comparabilite == "non_comparable":
                    why = said.motif or "les règles interdisent de rapprocher ces deux périodes"
                    for at, one in ((n, later), (m, earlier)):
                        refused = Traced(
                            "comparaison_interdite", why, a.territoire, a.indicateur,
                            a.periode, b.periode, one.constat.valeur,
                        )  # fmt: skip
                        kept[at] = Checked(one.ou, one.claim, refused)
        return kept
