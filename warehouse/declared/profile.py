"""What the one-page sheet shows and says: `dbt_project/profil.yml`. Reads no figure."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from warehouse.base.layout import PROFIL
from warehouse.base.strict import KeyFault, Strict, load_yaml


class LigneDeclaree(Strict):
    """An indicator of the profile, and how sentences call it."""

    indicateur: str
    place: int = Field(ge=1)
    nom: str = Field(min_length=1)
    genre: Literal["m", "f"]
    niveau: bool = False
    muet: bool = False
    hors_profil: bool = False

    @property
    def article(self) -> str:
        """`le taux d’emploi`, `la part des…`."""
        return f"{'le' if self.genre == 'm' else 'la'} {self.nom}"

    @property
    def pronom(self) -> str:
        """What stands for it."""
        return "il" if self.genre == "m" else "elle"


class Seuils(Strict):
    """Below these, nothing is said."""

    base: float
    parts: float
    mouvement: float
    bande: int
    mouvements: int


class ProfilDeclare(Strict):
    """The declared profile."""

    identite: list[str]
    lignes: list[LigneDeclaree]
    quartiers: list[str]
    seuils: Seuils

    @model_validator(mode="after")
    def _says_each_once(self) -> Self:
        said = [ligne.indicateur for ligne in self.lignes]
        for rank, code in enumerate(said):
            if code in said[:rank]:
                raise KeyFault(f"lignes.{rank}.indicateur", f"{code} a déjà sa ligne")
        return self

    @cached_property
    def montres(self) -> frozenset[str]:
        """Every indicator that a sheet may show."""
        return frozenset([*self.identite, *self.quartiers, *(x.indicateur for x in self.lignes)])

    @cached_property
    def places(self) -> list[list[LigneDeclaree]]:
        """The lines of the profile, each with what may stand in it, the preferred first."""
        found: dict[int, list[LigneDeclaree]] = {}
        for ligne in self.lignes:
            if not ligne.hors_profil:
                found.setdefault(ligne.place, []).append(ligne)
        return [found[place] for place in sorted(found)]


@lru_cache(maxsize=1)
def load_profil(path: Path = PROFIL) -> ProfilDeclare:
    """The profile declared in the repository.

    Raises:
        QpvError: an unknown key, or a value that is not of its form; it names the file and the key.
    """
    return load_yaml(path, ProfilDeclare)
