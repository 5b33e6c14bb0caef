"""Chosen lists of indicators, by theme, in their own words. Reads no figure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from warehouse.base.errors import QpvError
from warehouse.base.layout import ENSEMBLES_DIR
from warehouse.base.strict import KeyFault, Strict, load_yaml

#: What one A4 holds and can still be read.
_LIGNES = 45

Mots = Annotated[str, Field(min_length=1, max_length=90)]


class LigneDEnsemble(Strict):
    """An indicator and the words that name it on the page."""

    indicateur: str
    mots: Mots


class ThemeDEnsemble(Strict):
    """A heading and its lines, in their order."""

    titre: Mots
    lignes: list[LigneDEnsemble] = Field(min_length=1)


class EnsembleDIndicateurs(Strict):
    """The whole list."""

    titre: Mots
    themes: list[ThemeDEnsemble] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_one_page(self) -> Self:
        seen: set[str] = set()
        for rank, theme in enumerate(self.themes):
            for at, ligne in enumerate(theme.lignes):
                if ligne.indicateur in seen:
                    key = f"themes.{rank}.lignes.{at}.indicateur"
                    raise KeyFault(key, f"{ligne.indicateur} a déjà sa ligne")
                seen.add(ligne.indicateur)
        if len(seen) > _LIGNES:
            raise KeyFault("themes", f"{len(seen)} lignes ; une page en tient {_LIGNES}")
        return self

    @property
    def indicateurs(self) -> list[str]:
        """Its indicators, in their order."""
        return [ligne.indicateur for theme in self.themes for ligne in theme.lignes]


def find_ensemble(said: str) -> Path:
    """The file of a list: a path, or the name of one of `dbt_project/ensembles/`.

    Raises:
        QpvError: no such list; those that are there are named.
    """
    if said.endswith((".yml", ".yaml")):
        return Path(said).expanduser()
    known = {path.stem: path for path in sorted(ENSEMBLES_DIR.glob("*.yml"))}
    if said in known:
        return known[said]
    raise QpvError(
        f"ensemble d'indicateurs inconnu : {said!r}",
        attendu=f"un de : {', '.join(known)}, ou le chemin d'un fichier .yml",
        faire="vérifier --ensemble",
    )


def load_ensemble(path: Path) -> EnsembleDIndicateurs:
    """A list as its file declares it.

    Raises:
        QpvError: an unknown key, an indicator twice, too many lines; it names the file and the key.
    """
    return load_yaml(path, EnsembleDIndicateurs)
