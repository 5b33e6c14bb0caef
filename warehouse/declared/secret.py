"""What a block of figures declares of its statistical secrecy: from how many, by which document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from warehouse.base.errors import QpvError
from warehouse.base.layout import SECRET
from warehouse.base.strict import KeyFault, Strict, load_yaml
from warehouse.domain.producteurs import CodeDeProducteur

#: Who masked the cells of a source before they came: its producer, or nobody yet (received under
#: agreement, or counted here from units).
Acces = Literal["publique", "convention", "micro"]
Texte = Annotated[str, Field(min_length=1)]


class Dominance(Strict):
    """The `n` largest contributors make more than `k` % of the value: the cell is primary."""

    n: int = Field(gt=0)
    k: float = Field(gt=0, le=100)


class Base(Strict):
    """A territory with fewer than `effectif` of `mesure` has no count shown at all."""

    mesure: str
    effectif: int = Field(gt=1)


class Regle(Strict):
    """The rule of one producer's figures; it masks cells of sources that are not public.

    `seuil`: fewest units of a diffused count, 0 excepted (None: no minimum, and `document` says
    why). `constate`: the smallest count that its producer's own files show, where it is under
    `seuil`; a smaller one was not masked by its producer. `sauf`: mesures that count no person nor
    household, of which it asks nothing. `dominance`: for amounts whose
    contributions are known. `base`: fewest of a territory whose counts are diffused. `zeros`: a 0
    is always shown (`publiables`), or may be masked with others (`masquables`). `document`: who
    says it, and where. `confirme`: it was read at its source.
    """

    seuil: int | None = Field(default=None, gt=1)
    constate: int | None = Field(default=None, ge=1)
    sauf: list[str] = Field(default_factory=list)
    dominance: Dominance | None = None
    base: Base | None = None
    zeros: Literal["publiables", "masquables"] = "publiables"
    document: Texte
    confirme: bool

    def seuil_de(self, mesure: str) -> int | None:
        """Fewest units of a diffused count of this mesure."""
        return None if mesure in self.sauf else self.seuil


class ReglePartagee(Regle):
    """A rule that several blocks name; `producteurs`: the only ones whose figures it is the rule
    of, so that a block copied from another producer's does not keep it."""

    producteurs: list[CodeDeProducteur] = Field(min_length=1)


class RegleDesListes(Strict):
    """The rule of counts of a list that somebody brings (`qpv localiser --comptes`).

    `seuil`: nobody may prove that a count is from 1 to under it. `arrondi`: every figure is a
    multiple of it. `renouvellement`: people who must have changed cell before other figures than
    those given before are given. `document`: who says so. `confirme`: it was read at its source.
    """

    seuil: int = Field(gt=1)
    arrondi: int = Field(gt=1)
    renouvellement: int = Field(gt=1)
    document: Texte
    confirme: bool

    @model_validator(mode="after")
    def _hides_what_it_must(self) -> Self:
        if self.arrondi < self.seuil:
            raise KeyFault("arrondi", f"au moins le seuil, {self.seuil} : sinon il le trahirait")
        return self


class Regles(Strict):
    """The rules that several blocks share, by the name that they give; that of own lists."""

    regles: dict[str, ReglePartagee] = Field(min_length=1)
    listes: RegleDesListes | None = None


#: The name of a shared rule, or the rule itself where one source alone has it.
Secret = Annotated[
    Annotated[str, Tag("[nom]")] | Annotated[Regle, Tag("[regle]")],
    Discriminator(lambda value: "[nom]" if isinstance(value, str) else "[regle]"),
]


def rule_of_lists(path: Path = SECRET) -> RegleDesListes:
    """The rule of lists that somebody brings.

    Raises:
        QpvError: the file is malformed, or has none.
    """
    if (found := load_yaml(path, Regles).listes) is None:
        raise QpvError("aucune règle pour les listes", ou=f"{path.name}, clé listes")
    return found
