"""What an audit of tables reaches, and what it leaves: nothing left is passed off as kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..audit.system import Protection, System
from ..audit.verdict import Audit, Constat, audit
from ..tables.table_cells import Key

#: A blank whose lowest value is above this is no absent figure: somebody took it off.
POSITIVE = 1e-6


@dataclass(frozen=True)
class Reach:
    """The limits of one audit of tables.

    `reserves`: relations bound in part, mesures taken as unknown, in words. `laisses`: files and
    columns that no relation describes. `signes`: the signs of a mask that were looked for.
    `vides`: blank cells that relations touch and that no sign masks: not attacked. `donnees`:
    those of them that the relations prove not to be 0. `seuils`: whether a rule judged printed
    figures too.
    """

    reserves: Sequence[str] = ()
    laisses: Sequence[str] = ()
    signes: Sequence[str] = ()
    vides: Sequence[str] = ()
    donnees: Sequence[Constat] = ()
    seuils: bool = False
    #: Number of a cell in the system → its key.
    cles: Mapping[int, Key] = field(default_factory=dict)

    def attacked(self, found: Audit) -> int:
        """Masked cells that at least one relation touches."""
        return sum(c.liee for c in found.constats)


def blank_cells(system: System, blanks: Mapping[int, str]) -> tuple[list[str], list[Constat]]:
    """Blank cells that relations touch, and those of them that the relations prove not to be 0.

    Args:
        blanks: cell → where it stands.
    """
    touched = set(system.relations.indices.tolist())
    beside = {cell: place for cell, place in blanks.items() if cell in touched}
    if not beside:
        return [], []
    ask = Protection(zero_permis=True, texte="une case vide n'a pas de chiffre")
    found = audit(replace(system, protections=dict.fromkeys(beside, ask), decouvertes=()))
    given = [c for c in found.constats if c.bas > POSITIVE or c.haut < -POSITIVE]
    shown = {c.cellule for c in given}
    return [f"{system.noms[c]} ({beside[c]})" for c in beside if c not in shown], given


def unreached(found: Audit) -> Iterable[str]:
    """Masked cells that no relation touches: their public bounds are all that was looked at."""
    return (c.nom for c in found.constats if not c.liee)
