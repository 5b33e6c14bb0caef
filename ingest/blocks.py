"""The columns of a source's files, and the blocks that they make. Declarations only.

A block is what shares a producer, a NOTE column and, per millésime, a period.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ingest.attributs import TypeMesure
from ingest.trust import Communes, Sujet
from warehouse.base.numbers import Ecriture
from warehouse.base.strict import Strict
from warehouse.declared.bornes import BornesDeclarees
from warehouse.declared.comparability import Comparabilite
from warehouse.declared.secret import Secret
from warehouse.declared.sommes import SommeDeclaree
from warehouse.domain.producteurs import CodeDeProducteur
from warehouse.domain.statuts import StatutCaseVide, StatutSigne

Annee = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}$")]

#: What a producer's NOTE code says of a blank cell (design: sources.md, 9.3).
NOTES_USUELLES: dict[str, str] = {
    "0": "secret_producteur",
    "1": "secret_producteur",
    "2": "non_diffuse",
    "3": "non_diffuse",
    "4": "non_diffuse",
    "5": "non_diffuse",
    "6": "non_diffuse",
    "so": "secret_producteur",
    "": "hors_champ",
}


class Colonne(Strict):
    """One column of a block: its canonical mesure and the header it bears.

    `entete` may hold `{yy}`/`{yyyy}` (year of the millésime) or `{an}` (year of the period).
    `bornes`: lowest and highest value, where they are not those of the type.
    `ecriture`: how its shares are written, where values below 1 leave it open.
    `territoire`: what the figure is about, where it is not what the key names.
    """

    mesure: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    entete: str
    type: TypeMesure
    bornes: BornesDeclarees | None = None
    ecriture: Ecriture | None = None
    territoire: Sujet | None = None
    depuis: Annee | None = None
    jusqua: Annee | None = None


class Note(Strict):
    """The header of a block's NOTE column, where the millésime has one."""

    entete: str
    depuis: Annee | None = None
    jusqua: Annee | None = None


class Temoin(Strict):
    """A column in which the producer says something of a mesure of the block at two periods.

    `evolution`: of the mesure, in %, over `annees` years up to the block's period; `niveau`: the
    mesure itself, `annees` years before that period. Not a figure: evidence of which period the
    block holds (`quality.period_evidence`), where the file has it.
    """

    entete: str
    mesure: str
    nature: Literal["evolution", "niveau"]
    annees: int = Field(ge=0)
    depuis: Annee | None = None
    jusqua: Annee | None = None


class Bloc(Strict):
    """Columns that share a producer, a NOTE column and, per millésime, a period.

    `notes` says which statut a blank cell takes under each NOTE code; `signes`, under a sign that
    the producer prints in place of a number; `case_vide`, why a blank is not known to be a
    producer's mask (a compilation). `fenetre_annees`: years of rolling
    collection on each side of the named year (RP: 2). `vaut_pour_annees`: years between one of its
    periods and that of a figure of another source which takes it as a term, at most. `avec`:
    other micro sources whose file of the same millésime these figures are computed with.
    `comparabilite`: the rules of its evolutions; a block without has none. `secret`: its rule, or
    the name of one in `secret.yml`. `communes`: where its figures about communes say which.
    `sommes`: counts that are the sum of others; a mesure that other blocks hold too keeps them.
    """

    producteur: CodeDeProducteur
    secret: Secret
    citation: str
    note: list[Note] = Field(default_factory=list)
    notes: dict[str, StatutCaseVide] = Field(default_factory=lambda: dict(NOTES_USUELLES))
    signes: dict[str, StatutSigne] = Field(default_factory=dict)
    case_vide: str | None = None
    fenetre_annees: int = Field(default=0, ge=0)
    vaut_pour_annees: int = Field(default=0, ge=0, le=5)
    avec: list[str] = Field(default_factory=list)
    temoins: list[Temoin] = Field(default_factory=list)
    comparabilite: Comparabilite | None = None
    communes: Communes | None = None
    sommes: list[SommeDeclaree] = Field(default_factory=list)
    colonnes: list[Colonne] = Field(min_length=1)


class Ignoree(Strict):
    """A header that is read and left, and why."""

    entete: str
    raison: str
