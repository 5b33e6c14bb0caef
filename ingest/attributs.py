"""A column that is landed as it is: of a reference list, or of a file of units. Reads no data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from warehouse.base.strict import KeyFault, Strict
from warehouse.domain.perimetres import CodeDePerimetre

TypeMesure = Literal[
    "effectif", "effectif_estime", "part", "part_signee", "montant", "ratio", "indice", "superficie"
]
#: What a cell of a file of units may be, beside a code.
TypeCellule = Literal["date", "entier", "decimal"]
#: What the key of a file of units names: its form, whether a key comes once, and its words.
Identifiant = Literal["siret", "siren", "commune"]
FORMES_DE_CLE: dict[Identifiant, tuple[str, bool, str]] = {
    "siret": ("[0-9]{14}", True, "quatorze chiffres, sans espace"),
    "siren": ("[0-9]{9}", True, "neuf chiffres, sans espace"),
    "commune": ("[0-9][0-9AB][0-9]{3}", False, "les cinq caractères d'un code de commune"),
}
LONGUEURS_DE_CLE: dict[Identifiant, int] = {"siret": 14, "siren": 9, "commune": 5}
Part = Annotated[float, Field(ge=0, le=1)]


class Drapeau(Strict):
    """The ways of writing yes and no in a column."""

    oui: list[str] = Field(min_length=1)
    non: list[str] = Field(min_length=1)


class Rencontre(Strict):
    """Units that another file must know too: `part` of the keys at least, or both are refused."""

    source: str
    part: Part


class Attribut(Strict):
    """A column of a reference table, landed as text, or of a file of units, read where it lies.

    Of a reference: `type` says that the cell is a number of that type, or the file is refused;
    `largeur`, that it holds codes of so many characters put end to end, which land apart;
    `constante`, that each millésime says its value in `constantes`, without a column.

    Of units, one of these says what a cell that is not blank may hold: `type` (date written
    yyyy-mm-dd, entier, decimal, with `bornes`), `codes` (a closed list), `forme` (a regex),
    `drapeau`, `qpv` (a code of the list of that perimeter, or one of `codes`), `nomenclature` (an
    activity of the nomenclature that this other attribute names). `tolerance`: the share of those
    cells that may hold something else, counted in the quality report; `vides`: the share of blank
    cells. Where it is not said, a column that is `obligatoire` may not be blank throughout.
    """

    nom: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    entete: str = ""
    obligatoire: bool = True
    type: TypeMesure | TypeCellule | None = None
    largeur: int | None = Field(default=None, gt=0)
    constante: bool = False
    bornes: tuple[float, float] | None = None
    codes: list[str] = Field(default_factory=list)
    forme: str | None = None
    drapeau: Drapeau | None = None
    qpv: CodeDePerimetre | None = None
    nomenclature: str | None = None
    tolerance: Part = 0
    vides: Part | None = None


def attribute_faults(attributs: list[Attribut], *, units: bool) -> Iterator[KeyFault]:
    """What the attributes of a source contradict: each of units says what its cells may hold."""
    noms = {a.nom for a in attributs}
    for index, a in enumerate(attributs):
        place = f"attributs.{index}"
        ways = [bool(a.type), bool(a.codes and not a.qpv), bool(a.forme), bool(a.drapeau)]
        ways += [bool(a.qpv), bool(a.nomenclature)]
        if bool(a.entete) == a.constante:
            yield KeyFault(place, "un attribut a un en-tête, ou est une constante")
        if a.largeur and (a.type or units):
            yield KeyFault(
                f"{place}.largeur",
                "des codes mis bout à bout ne sont pas un nombre, et se lisent dans une liste",
            )
        if units and sum(ways) != 1:
            yield KeyFault(
                place,
                "un attribut d'unités dit ce que ses cellules peuvent contenir, d'une façon : "
                "type, codes, forme, drapeau, qpv ou nomenclature",
            )
        if units != (a.type in (None, "date", "entier", "decimal")) and a.type:
            yield KeyFault(f"{place}.type", f"le type {a.type!r} n'est pas d'une telle source")
        if not units and (any(ways[1:]) or a.tolerance or a.vides is not None):
            yield KeyFault(place, "seul un attribut d'unités dit le contenu de ses cellules")
        if a.bornes and (a.type not in ("entier", "decimal") or a.bornes[0] > a.bornes[1]):
            yield KeyFault(
                f"{place}.bornes", "des bornes sont celles d'un nombre, la plus petite d'abord"
            )
        if a.nomenclature and a.nomenclature not in noms - {a.nom}:
            yield KeyFault(
                f"{place}.nomenclature", f"attribut inconnu de cette source : {a.nomenclature!r}"
            )
