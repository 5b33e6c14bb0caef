"""The files of a millésime: how each is called, and what kind of territory its key names."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.attributs import Identifiant
from warehouse.base.strict import Strict

TypeCle = Literal[
    "qpv", "iris", "commune", "epci", "departement", "region", "metropole", "pays", "mixte",
    "territoire", "perimetre_local", "ligne_nationale", "ensemble",
]  # fmt: skip


class Lignes(Strict):
    """The rows of a table that are about one kind of territory: what a column says of them."""

    entete: str
    valeurs: list[str] = Field(min_length=1)


class Partie(Strict):
    """One of the files of a millésime, with the kind of territory that its key names.

    `lignes_repetees: valeurs_egales`: a territory may have several rows, if what is read of them
    agrees; without it, a territory twice is refused. `cle_avec`: header of a second key column, of
    a reference whose rows are told apart by both (a commune and its delegated namesake).
    `identifiant`: what the key of a file of units names, which says its form and whether it comes
    once. `seulement: communes_des_quartiers`: of a file by commune or IRIS, the rows of those
    that hold a quarter. `lignes`: of a table about several kinds of territory, the rows of this
    one; the same file makes a part for each. `ecrits`: a key as this file writes it → as its kind
    is read. `feuille`: where it is not the source's. `libelles`: the row under the header says what
    its columns are. `sans`: mesures that are not read in this part, and why.
    """

    fichiers: list[str] = Field(min_length=1)
    entete_cle: str
    cle: TypeCle
    identifiant: Identifiant | None = None
    lignes_repetees: Literal["valeurs_egales"] | None = None
    cle_avec: str | None = None
    lignes: Lignes | None = None
    ecrits: dict[str, str] = Field(default_factory=dict)
    seulement: Literal["communes_des_quartiers"] | None = None
    membre: str | None = None
    feuille: str | None = None
    libelles: bool = False
    sans: dict[str, str] = Field(default_factory=dict)
