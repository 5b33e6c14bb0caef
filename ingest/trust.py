"""What the registry says of how far a figure may be trusted: what it is about, who checked it."""

from __future__ import annotations

from typing import Literal

from warehouse.strict import Strict

#: What a figure may be about, beside what its key names: the communes where the quarter lies.
Sujet = Literal["communes"]


class Communes(Strict):
    """How a file tells which communes the figures of a block are about (`territoire: communes`).

    `liste`: the header of their names, separated by commas; a file may not have it. `temoin`: the
    mesure that cannot stay equal when they change, such as their population.
    """

    liste: str
    temoin: str
