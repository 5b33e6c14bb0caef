"""The indicator dictionary and the editions: models, loading, cross-checks. Computes no figure."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from warehouse.errors import QpvError
from warehouse.layout import DICTIONARY_DIR, EDITIONS_DIR
from warehouse.periods import bounds
from warehouse.strict import Strict, load_yaml

TypeIndicateur = Literal["effectif", "part", "ratio", "montant", "indice", "ecart"]
Agregation = Literal["somme", "rapport", "aucune"]
Grandeur = Literal["niveau", "comparaison", "evolution_nb", "evolution_pct", "evolution_pts"]


class Indicateur(Strict):
    """One definition: a linear numerator over a linear denominator, times `facteur`.

    `num`, `den`: mesure → coefficient. `publiee`: the mesure under which a producer publishes
    the indicator itself; it is preferred to the formula where it is diffuse. `agregation`: how
    the value of a set of QPV is made from its parts. `arrondi`: decimals shown, never stored.
    """

    libelle: str
    unite: str
    type: TypeIndicateur
    arrondi: int = Field(ge=0, le=3)
    num: dict[str, float] = Field(min_length=1)
    den: dict[str, float] = Field(default_factory=dict)
    den_ensemble: bool = False
    facteur: float = 1
    publiee: str | None = None
    agregation: Agregation
    definition: str
    lecture: str
    publier: bool = False

    @model_validator(mode="after")
    def _formula_and_aggregation_agree(self) -> Indicateur:
        if self.agregation == "somme" and (self.den or self.type != "effectif"):
            raise ValueError("seul un effectif sans dénominateur s'additionne")
        if self.agregation == "rapport" and not self.den:
            raise ValueError("un rapport recomposé a un dénominateur")
        if self.den_ensemble and self.den:
            raise ValueError("le dénominateur est soit une formule, soit l'ensemble")
        return self


class ColonneTableau(Strict):
    """One column of an exhibit: an indicator, and its level or evolution."""

    indicateur: str
    grandeur: Grandeur = "niveau"
    titre: str


class Tableau(Strict):
    """One exhibit of the fiche. The first column is the sort key, descending."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    titre: str
    colonnes: list[ColonneTableau] = Field(min_length=1)
    note: str | None = None


class Rubrique(Strict):
    """One dictionary file: a question, its indicators, its exhibits."""

    rubrique: str
    theme: str
    question: str
    ordre: int
    indicateurs: dict[str, Indicateur]
    tableaux: list[Tableau]


class Dictionary(Strict):
    """All rubriques, in the order of the fiche."""

    rubriques: list[Rubrique]

    @property
    def indicateurs(self) -> dict[str, Indicateur]:
        """Indicator code → definition."""
        return {code: i for r in self.rubriques for code, i in r.indicateurs.items()}

    def mesures(self) -> set[str]:
        """Every mesure that a formula names."""
        return {
            m
            for i in self.indicateurs.values()
            for m in [*i.num, *i.den, *([i.publiee] if i.publiee else [])]
        }

    def check_against(self, known: Collection[str]) -> None:
        """Refuse a formula over a mesure that no source declares."""
        for code, indicateur in self.indicateurs.items():
            for mesure in [*indicateur.num, *indicateur.den, *filter(None, [indicateur.publiee])]:
                if mesure not in known:
                    raise QpvError(
                        f"l'indicateur {code} s'appuie sur la mesure inconnue {mesure!r}",
                        ou="dbt_project/dictionary",
                        faire="déclarer cette mesure dans une source, ou corriger la formule",
                    )


class BlocEdition(Strict):
    """The period of one block that an edition shows, and the one it is compared with."""

    bloc: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    periode: str
    comparaison: str | None = None

    @field_validator("periode", "comparaison")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value is not None:
            bounds(value)
        return value

    @property
    def source_id(self) -> str:
        return self.bloc.split(".")[0]

    @property
    def nom(self) -> str:
        return self.bloc.split(".")[1]


class Edition(Strict):
    """Which period of which source a yearly fiche shows, and what it is compared with.

    `blocs` is in order of preference where two sources carry the same mesure. `references`:
    source → millésimes of the lists, contours and memberships that it reads.
    """

    id: str = Field(pattern=r"^[0-9a-z_-]+$")
    titre: str
    perimetre: Literal["2015", "2024"]
    blocs: list[BlocEdition] = Field(min_length=1)
    references: dict[str, list[str]]


def load_dictionary(folder: Path = DICTIONARY_DIR) -> Dictionary:
    """Every rubrique of the folder, checked for codes defined twice or shown undefined.

    Raises:
        QpvError: malformed file, duplicate indicator or exhibit, unknown indicator in an exhibit.
    """
    rubriques = [load_yaml(path, Rubrique) for path in sorted(folder.glob("*.yml"))]
    codes: dict[str, str] = {}
    tableaux: set[str] = set()
    for rubrique in rubriques:
        for code in rubrique.indicateurs:
            if code in codes:
                raise QpvError(
                    f"l'indicateur {code} est défini deux fois",
                    ou=f"rubriques {codes[code]} et {rubrique.rubrique}",
                    faire="garder une seule définition",
                )
            codes[code] = rubrique.rubrique
    for rubrique in rubriques:
        for tableau in rubrique.tableaux:
            if tableau.id in tableaux:
                raise QpvError(f"le tableau {tableau.id} est défini deux fois")
            tableaux.add(tableau.id)
            for colonne in tableau.colonnes:
                if colonne.indicateur not in codes:
                    raise QpvError(
                        f"le tableau {tableau.id} montre l'indicateur inconnu {colonne.indicateur}",
                        ou=f"rubrique {rubrique.rubrique}",
                    )
    return Dictionary(rubriques=sorted(rubriques, key=lambda r: r.ordre))


def load_edition(edition_id: str, folder: Path = EDITIONS_DIR) -> Edition:
    """One edition by its id.

    Raises:
        QpvError: no such edition (the message lists those that exist), or a malformed file.
    """
    path = folder / f"{edition_id}.yml"
    if not path.is_file() or path.parent != folder:
        known = ", ".join(sorted(p.stem for p in folder.glob("*.yml")))
        raise QpvError(
            f"l'édition {edition_id!r} n'existe pas",
            ou=str(folder.name),
            attendu=f"une de : {known}",
        )
    edition = load_yaml(path, Edition)
    if edition.id != path.stem:
        raise QpvError(f"{path.name} déclare l'édition {edition.id!r}", attendu=path.stem)
    return edition
