"""The mask of declared tables: which printed cells leave, what that costs, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..mask.problem import PRIMAIRE, Masque
from ..mask.suppress import suppress
from ..refused import DisclosureError
from ..tables.declared import Relations
from ..tables.table_cells import Key, Rules, Tables, key_name
from .clear_tables import ClearTables, clear_tables
from .sums import Hierarchies

#: Over these shares a table is too dense: most of what is masked protects what is masked.
PRIMARY_GATE, MASKED_GATE = 0.10, 0.25
#: Under so many cells, shares say nothing of a table.
JUDGED = 100


@dataclass(frozen=True)
class MaskedCells:
    """`etats`: masked cell → `primaire`, `secondaire` or `derivee` (a rate of a masked count).

    `cellules`: printed cells with a figure. `valeur`: share of the sum of absolute figures of the
    counts and amounts that is masked. `durees`: seconds by step. `remarques`: what the engine left
    undone, in French.
    """

    etats: Mapping[Key, str]
    cellules: int
    valeur: float
    durees: Mapping[str, float] = field(default_factory=dict)
    remarques: tuple[str, ...] = ()

    def count(self, etat: str) -> int:
        """How many cells are in this state."""
        return sum(one == etat for one in self.etats.values())

    @property
    def part_primaire(self) -> float:
        return self.count("primaire") / max(self.cellules, 1)

    @property
    def part_masquee(self) -> float:
        return len(self.etats) / max(self.cellules, 1)

    @property
    def trop_dense(self) -> bool:
        """Whether suppression is the wrong tool for the table."""
        if self.cellules < JUDGED:
            return False
        return self.part_primaire > PRIMARY_GATE or self.part_masquee > MASKED_GATE


def masked_cells(
    tables: Tables,
    relations: Relations,
    rules: Rules,
    hierarchies: Hierarchies,
    *,
    methode: str = "lp",
    opened: Iterable[Key] = (),
) -> MaskedCells:
    """The cells to mask.

    Args:
        opened: cells to protect too, though they are not under secrecy.

    Raises:
        DisclosureError: no rule, tables that cannot be used, a cell that nothing protects.
    """
    if not rules:
        raise DisclosureError(
            "aucune règle : rien ne dit quelles cases sont sous secret",
            attendu="`regles` dans les relations, ou un fichier de règles : seuil, "
            "seuil_contributeurs, dominance, p_pourcent, primaires",
        )
    opened = frozenset(opened)
    clear = clear_tables(tables, relations, rules, hierarchies, opened)
    found = suppress(clear.tableau, methode)
    if found.non_protegees.size:
        names = [key_name(clear.keys[i]) for i in found.non_protegees[:3].tolist()]
        raise DisclosureError(
            f"{found.non_protegees.size} case(s) sous secret ne peuvent être protégées, même en "
            f"masquant tout ce qui les touche : {', '.join(names)}",
            attendu="des tableaux où ces cases ne sont pas données par ce qui reste imprimé",
            faire="regrouper leurs modalités, ou ôter la relation qui les donne",
        )
    return _states(clear, found, opened)


def _states(clear: ClearTables, found: Masque, opened: frozenset[Key]) -> MaskedCells:
    t, masked, states = clear.tableau, found.masquees, {}
    for i, key in enumerate(clear.keys):
        if masked[i]:
            primary = t.statuts[i] == PRIMAIRE and key not in opened
            states[key] = "primaire" if primary else "secondaire"
    lost = {key for key, behind in clear.derivees.items() if any(k in states for k in behind)}
    size = np.abs(t.valeurs[: len(clear.keys)])
    hidden = np.array([key in states for key in clear.keys], dtype=bool)
    return MaskedCells(
        states | dict.fromkeys(sorted(lost, key=key_name), "derivee"),
        len(clear.keys) + len(clear.derivees),
        float(size[hidden].sum() / max(size.sum(), 1e-9)),
        dict(found.durees),
        found.remarques,
    )
