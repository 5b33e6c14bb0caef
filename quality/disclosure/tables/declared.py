"""What the user declares of tables to audit: their columns, relations and rules. Reads no table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..refused import DeclaredFault, DisclosureError

#: What masking a cell may cost, beside a column that says it.
COSTS = ("valeur", "racine", "nombre")


class Declaration(BaseModel):
    """A declaration: unknown keys are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Mesure(Declaration):
    """One column of figures.

    `type`: `effectif` (at least 0, adds up), `part` (a share printed in its own unit, at least 0),
    `evolution` (signed difference of counts, adds up), `autre` (signed, adds nothing).
    `decimales`: rounding of print; absent, the figure is printed exact; -1 is a count to the ten.
    `arrondi_a`: the base to which its producer rounds (5: 0, 5, 10…), instead; to the nearest
    multiple, or with `portee` to one of as many on each side, so that sums hold (controlled
    rounding). `entier`: a count of whole units. `minimum`, `maximum`: public bounds of each cell.
    """

    nom: str = ""
    type: Literal["effectif", "part", "evolution", "autre"] = "effectif"
    decimales: int | None = Field(default=None, ge=-6, le=6)
    arrondi_a: int | None = Field(default=None, ge=1, le=1_000_000)
    portee: int | None = Field(default=None, ge=1, le=9)
    entier: bool = False
    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="after")
    def _one_rounding(self) -> Mesure:
        if self.arrondi_a is not None and self.decimales is not None:
            raise DeclaredFault(
                "arrondi_a", "`decimales` dit déjà un arrondi : garder l'un des deux"
            )
        if self.portee is not None and self.arrondi_a is None:
            raise DeclaredFault("portee", "il faut `arrondi_a`, la base de l'arrondi")
        return self

    def same_but_rounding(self, other: Mesure) -> bool:
        """Whether two columns print one mesure, each rounded in its own way."""
        rounding = {"decimales": None, "arrondi_a": None, "portee": None}
        return self.model_copy(update=rounding) == other.model_copy(update=rounding)

    @property
    def demi(self) -> float:
        """How far print may be from the figure: half of the rounding step, or its reach."""
        if self.arrondi_a and self.portee:
            return self.portee * self.arrondi_a - (1.0 if self.entier else 0.0)
        if self.arrondi_a:
            return self.arrondi_a / 2
        return 0.0 if self.decimales is None else 0.5 * 10.0**-self.decimales

    @property
    def additive(self) -> bool:
        return self.type in ("effectif", "evolution")

    @property
    def bas(self) -> float:
        if self.minimum is not None:
            return self.minimum
        return 0.0 if self.type in ("effectif", "part") else float("-inf")


class Signes(Declaration):
    """A column that says something of its row by a sign."""

    colonne: str
    signes: list[str] = Field(min_length=1)


class TableauDeclare(Declaration):
    """One CSV file, long or wide: the columns of its key, the columns of its figures.

    `masque`: the column that says which rows are masked; absent, a masked figure is itself one of
    the signs of `masques`. `absentes`: what a row that is not in the file holds.
    """

    fichier: str
    dimensions: list[str] = Field(min_length=1)
    mesures: dict[str, Mesure] = Field(min_length=1)
    masque: Signes | None = None
    absentes: Literal["zero", "inconnues"] = "inconnues"


class Somme(Declaration):
    """`total` = the sum of `parties`; a `*` stands for any end of a code."""

    total: str
    parties: list[str] = Field(min_length=1)


class Dimension(Declaration):
    """What adds up along one column of the key.

    `total`: the code under which the whole is printed. `hierarchie`: a CSV beside this file, from
    the coarsest level to the finest, one line per finest code; several where codes add up in
    several ways, nested or not. `dans`: pairs part, whole.
    """

    total: str | None = None
    hierarchie: str | list[str] | None = None
    sommes: list[Somme] = Field(default_factory=list)
    dans: list[tuple[str, str]] = Field(default_factory=list)

    @property
    def hierarchies(self) -> list[str]:
        """The names of their files, in the order of the declaration."""
        return [self.hierarchie] if isinstance(self.hierarchie, str) else self.hierarchie or []


class PartDeclaree(Declaration):
    """`part` = facteur × num / den. `num` is among `den` unless `depasse`."""

    part: str
    num: str
    den: str
    facteur: float = Field(default=100.0, gt=0)
    depasse: bool = False


class EvolutionDeclaree(Declaration):
    """From `avant` to `actuel`: a number, a percentage, points. At least one of the three."""

    actuel: str
    avant: str
    nb: str | None = None
    pct: str | None = None
    pts: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> EvolutionDeclaree:
        if not (self.nb or self.pct or self.pts):
            raise DeclaredFault("nb", "il faut nb, pct ou pts")
        return self


class LargestShare(Declaration):
    """A cell of which the largest contributors make more than `part` % is under secrecy.

    `plus_grands`: the columns that hold the amounts of the largest contributors (a rule of one
    contributor names one column, of two names two).
    """

    plus_grands: list[str] = Field(min_length=1)
    part: float = Field(default=85.0, gt=0, lt=100)


class SecondKnows(Declaration):
    """A cell whose second contributor knows the first one to less than `part` % is under secrecy.

    `plus_grands`: the columns of the largest contributor and of the second.
    """

    plus_grands: list[str] = Field(min_length=2, max_length=2)
    part: float = Field(default=10.0, gt=0, lt=100)


class RegleDeclaree(Declaration):
    """What must not be provable of the masked cells of one mesure, and which cells to mask.

    `seuil`: a count from 1 to under it is under secrecy, and a reader must still think this value
    possible. `ecart`: 0.10, no estimate within ±10 %. `contributeurs`: the column of the number
    of units, for the attack of the only one; with `seuil_contributeurs`, a cell of fewer units (3:
    1 or 2) is under secrecy. `dominance`: so is one that few contributors make. `p_pourcent`: and
    one of which the second contributor knows the first too well.
    `primaires`: which cells are under secrecy, where the file says so itself; to attack, all the
    masked ones if nothing says which. `valeur_sous_masque`: the column still holds the value of a
    masked row; it sets the requirement (ecart on each side of it) and is never given to the
    attacker. `cout`: what masking a cell costs: `valeur`, `racine` (of its value), `nombre` (1
    each), or a column.
    """

    seuil: float | None = Field(default=None, ge=0)
    ecart: float | None = Field(default=None, ge=0, le=0.99)
    contributeurs: str | None = None
    seuil_contributeurs: int | None = Field(default=None, ge=2)
    dominance: LargestShare | None = None
    p_pourcent: SecondKnows | None = None
    primaires: Signes | None = None
    valeur_sous_masque: bool = False
    cout: str = "racine"

    @model_validator(mode="after")
    def _asks_something(self) -> RegleDeclaree:
        if self.seuil_contributeurs is not None and not self.contributeurs:
            raise DeclaredFault("contributeurs", "`seuil_contributeurs` demande cette colonne")
        if (self.seuil_contributeurs or self.dominance or self.p_pourcent) and not self.ecart:
            raise DeclaredFault(
                "ecart", "un montant à protéger demande un écart (0.10 : pas d'estimation à ±10 %)"
            )
        return self

    @property
    def colonnes(self) -> list[str]:
        """The columns that a holder of the clear table has, and that no reader has."""
        largest = [
            name for one in (self.dominance, self.p_pourcent) if one for name in one.plus_grands
        ]
        own = [self.contributeurs, self.primaires.colonne if self.primaires else None]
        return [*dict.fromkeys([*(name for name in own if name), *largest])]

    @property
    def demande_le_clair(self) -> bool:
        """Whether which cells are under secrecy is told by columns that no reader has."""
        said = (self.seuil_contributeurs, self.dominance, self.p_pourcent, self.primaires)
        return any(one is not None for one in said)


class Relations(Declaration):
    """Everything that a reader knows of the tables besides their figures.

    `regles`: mesure → rule; they may stand in a file of their own instead. `non_imprimees`:
    mesures that only relations name (the count behind a rate, an earlier level); those not
    declared here are taken as amounts of at least 0 that add up.
    """

    masques: list[str] = Field(default_factory=lambda: ["nd", "s"])
    absents: list[str] = Field(default_factory=lambda: ["", "-"])
    tableaux: list[TableauDeclare] = Field(min_length=1)
    non_imprimees: dict[str, Mesure] = Field(default_factory=dict)
    dimensions: dict[str, Dimension] = Field(default_factory=dict)
    sommes: list[Somme] = Field(default_factory=list)
    dans: list[tuple[str, str]] = Field(default_factory=list)
    parts: list[PartDeclaree] = Field(default_factory=list)
    evolutions: list[EvolutionDeclaree] = Field(default_factory=list)
    regles: dict[str, RegleDeclaree] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_what_it_has(self) -> Relations:
        keys = {d for t in self.tableaux for d in t.dimensions}
        for name in self.dimensions:
            if name not in keys:
                raise DeclaredFault(f"dimensions.{name}", "aucun tableau n'a cette colonne de clé")
        both = set(self.masques) & set(self.absents)
        if both:
            raise DeclaredFault("absents", f"{sorted(both)[0]!r} est aussi un signe de `masques`")
        return self


class ReglesTables(Declaration):
    """Mesure → rule."""

    regles: dict[str, RegleDeclaree] = Field(min_length=1)


Model = TypeVar("Model", bound=Declaration)


def declared(model: type[Model], content: Model | Mapping[str, Any], nom: str) -> Model:
    """A declaration from what a YAML file holds, or as it is.

    Raises:
        DisclosureError: names the key at fault.
    """
    if isinstance(content, model):
        return content
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        path, said = [*map(str, first["loc"])], first["msg"]
        if isinstance(cause, DeclaredFault):
            path, said = [*path, cause.cle], str(cause)
        where = f"clé {'.'.join(path) or '(racine)'}"
        raise DisclosureError(f"{nom} : {said}", ou=where) from error
