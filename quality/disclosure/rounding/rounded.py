"""Declared tables in clear, rounded: their printed rows, and the relations that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..attack.reach import Reach
from ..audit.verdict import Audit
from ..masking.clear_tables import clear_tables
from ..masking.sums import Hierarchies
from ..refused import DisclosureError
from ..tables.declared import Relations
from ..tables.table_cells import Key, Rules, Tables
from .controlled import Rounding, controlled


@dataclass(frozen=True)
class Rounded:
    """A controlled rounding and its proof.

    `tables`: name → rows as they may be published. `relations`: those of the clear tables, with
    the rounding of each column: what `audit` is to be told. `rounding`: what was done. `largest`,
    `mean`: the distance between what is printed and what is true. `audit`: the verdict of the
    attacker on `tables`: nobody can prove that a count is from 1 to under its threshold.
    """

    tables: Mapping[str, list[dict[str, Any]]]
    relations: Relations
    rounding: Rounding
    largest: float
    mean: float
    audit: Audit
    reach: Reach = field(default_factory=Reach)

    @property
    def exposed(self) -> int:
        """How many cells a reader knows too well: 0, or the base is too small."""
        return len(self.audit.exposes)


def rounded_cells(
    tables: Tables,
    relations: Relations,
    rules: Rules,
    hierarchies: Hierarchies,
    base: int,
    seed: int,
) -> tuple[dict[Key, int], Rounding, np.ndarray]:
    """Each printed cell with its multiple of the base, and the gap of each.

    Raises:
        DisclosureError: a figure that is no count, a rule without a threshold.
    """
    for name, mesure in tables.mesures.items():
        if mesure.type != "effectif" or not mesure.entier:
            raise DisclosureError(
                f"{name} n'est pas un effectif : il ne s'arrondit pas avec ses sommes",
                attendu="des mesures `entier: true`, de type `effectif`",
                faire="ôter cette colonne, ou masquer le tableau",
            )
    for name, rule in rules.items():
        if rule.seuil is None:
            raise DisclosureError(
                f"la règle de {name} n'a pas de seuil", attendu="seuil, le plus petit effectif dit"
            )
    clear = clear_tables(tables, relations, rules, hierarchies)
    t = clear.tableau
    if t.inegalites.shape[0] and np.isfinite(t.inegalites_haut).any():
        raise DisclosureError("ces effectifs sont déjà arrondis", attendu="des effectifs exacts")
    found = controlled(t.valeurs, t.relations, base, seed)
    printed = found.values[: len(clear.keys)].astype(int)
    gaps = printed - t.valeurs[: len(clear.keys)]
    return dict(zip(clear.keys, printed.tolist(), strict=True)), found, gaps


def rounded_relations(relations: Relations, base: int, reach: int) -> Relations:
    """The relations of the tables once they are rounded."""
    how = {"arrondi_a": base, "portee": reach}
    described = [
        t.model_copy(
            update={"mesures": {c: m.model_copy(update=how) for c, m in t.mesures.items()}}
        )
        for t in relations.tableaux
    ]
    return relations.model_copy(update={"tableaux": described})
