"""The plan of a run: the files that its edition needs, then what came of each. Defines no asset."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ingest.known_files import refuse_file_of_another
from ingest.plan import chosen_files, needed_files, spares, supplies, unreadable
from ingest.receipts import Receipt, read_receipt
from orchestration.checked_dictionary import checked_dictionary
from orchestration.edition_by_rule import by_rule, chosen_by_rule
from orchestration.partitions import REGISTRY
from quality.verdicts import limites
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.declared.comparability import Fourniture
from warehouse.declared.dictionary import Dictionary, Edition

#: The sources that list the quarters.
LISTS = ("anct_liste_qpv", "anct_contours")
#: A file that the edition names, as (source, millésime).
Needed = tuple[str, str]


@dataclass(frozen=True)
class Plan:
    """What is known before anything lands; computed once per run.

    `told_by_rule`: what was chosen for the blocks that the edition only names.
    """

    edition: Edition
    files: tuple[Needed, ...]
    told_by_rule: tuple[str, ...] = ()

    @classmethod
    def of(cls, edition: Edition) -> Plan:
        done = by_rule(edition, REGISTRY)
        files = tuple(needed_files(done, REGISTRY))
        return cls(done, files, tuple(chosen_by_rule(edition, done)))

    @cached_property
    def chosen(self) -> frozenset[Needed]:
        """The files that the edition chose; the others lengthen its series."""
        return frozenset(chosen_files(self.edition, REGISTRY))

    @cached_property
    def dictionary(self) -> Dictionary:
        return checked_dictionary()

    @property
    def qpv_lists(self) -> list[Needed]:
        """The lists of QPV that the edition names."""
        return [one for one in self.files if one[0] in LISTS]

    def millesimes_of(self, source_id: str) -> list[str]:
        """The millésimes of one source that the edition names."""
        return [millesime for source, millesime in self.files if source == source_id]


@dataclass(frozen=True)
class Received:
    """What the receipts of a plan's files say, once they have landed."""

    plan: Plan
    receipts: tuple[Receipt, ...]

    @classmethod
    def of(cls, plan: Plan, layout: Layout) -> Received:
        """
        Raises:
            QpvError: a file was never landed, or is also the file of another millésime.
        """
        found = []
        for source_id, millesime in plan.files:
            receipt = read_receipt(layout.landed(source_id, millesime))
            if receipt is None:
                raise QpvError(
                    f"{source_id} {millesime} n'a pas atterri",
                    ou=str(layout.landing),
                    faire="matérialiser les assets `landing`, ou lancer `qpv build`",
                )
            found.append(receipt)
        refuse_file_of_another(found, layout, REGISTRY)
        return cls(plan, tuple(found))

    @cached_property
    def told(self) -> list[Receipt]:
        """The receipts that readers hear of: of what only lengthens a series, what was found."""
        return [
            r
            for r in self.receipts
            if (r.source_id, r.millesime) in self.plan.chosen or r.fichiers or r.ecartes
        ]

    @cached_property
    def absents(self) -> dict[Needed, list[str]]:
        """File → the official names of its parts that were not found."""
        return {(r.source_id, r.millesime): r.absents for r in self.receipts}

    @cached_property
    def put_aside(self) -> dict[Needed, dict[str, str]]:
        """File → the official names of its parts put aside, each with why."""
        return {
            (r.source_id, r.millesime): {e.partie: e.motif for e in r.ecartes}
            for r in self.receipts
        }

    @cached_property
    def cannot_serve(self) -> dict[Needed, list[str]]:
        """File → the official names of its parts that are absent or put aside."""
        return unreadable(self.absents, self.put_aside)

    @cached_property
    def spared(self) -> dict[Needed, str]:
        """Files that the edition does without, and the millésime that serves in their place."""
        if not any(self.cannot_serve.values()):
            return {}
        return spares(self.plan.edition, REGISTRY, self.cannot_serve)

    @cached_property
    def supplies(self) -> list[Fourniture]:
        """Who gives each mesure at each period."""
        return supplies(self.plan.edition, REGISTRY, self.cannot_serve)

    @cached_property
    def limits(self) -> list[dict]:
        """What no indicator may be set beside, by rule."""
        return limites(self.plan.dictionary, self.supplies)
