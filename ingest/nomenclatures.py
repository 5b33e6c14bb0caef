"""The nomenclatures of activities that are counted: their sections, as declared. Reads no data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from warehouse.base.layout import NOMENCLATURES
from warehouse.base.strict import Strict, load_yaml

Division = Annotated[int, Field(ge=1, le=99)]


class Nomenclature(Strict):
    """One nomenclature: section letter → its first and last division, both included.

    `suffixe` goes into the mesures by section: those of two nomenclatures are two mesures.
    """

    titre: str
    suffixe: str = Field(pattern=r"^(_[a-z0-9]+)?$")
    document: str
    sections: dict[Annotated[str, Field(pattern="^[a-z]$")], tuple[Division, Division]]


class Nomenclatures(Strict):
    """All of them, by the name that files give; how much of another one a share may leave aside."""

    melange_tolere: float = Field(ge=0, lt=0.5)
    nomenclatures: dict[str, Nomenclature] = Field(min_length=1)


@cache
def load_nomenclatures(path: Path = NOMENCLATURES) -> Nomenclatures:
    """The declared nomenclatures.

    Raises:
        QpvError: the file is malformed; the message names the key.
    """
    return load_yaml(path, Nomenclatures)


def nomenclature_rows() -> list[dict]:
    """Rows of `loading.NOMENCLATURES_SCHEMA`: one per nomenclature, section and division.

    `division` has two digits, as files write it.
    """
    declared = load_nomenclatures()
    return [
        {
            "nomenclature": name,
            "titre": one.titre,
            "suffixe": one.suffixe,
            "section": section,
            "division": f"{division:02d}",
            "melange_tolere": declared.melange_tolere,
        }
        for name, one in declared.nomenclatures.items()
        for section, (first, last) in one.sections.items()
        for division in range(first, last + 1)
    ]
