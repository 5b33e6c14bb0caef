"""The source registry: what each official file is called, holds and describes. Reads no data."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ingest.coherence import (
    first_fault,
    unknown_companion,
    unknown_in_rules,
    without_secret_rule,
)
from ingest.header_names import fill, within
from ingest.national_line import LigneNationale
from ingest.publication_days import Calendrier
from warehouse.comparability import Comparabilite
from warehouse.errors import QpvError
from warehouse.layout import SECRET, SOURCES_DIR
from warehouse.secret import Acces, Regle, Regles
from warehouse.strict import Strict, load_yaml

TypeMesure = Literal[
    "effectif", "effectif_estime", "part", "part_signee", "montant", "ratio", "indice", "superficie"
]
TypeCle = Literal[
    "qpv", "commune", "epci", "departement", "metropole", "mixte", "territoire", "perimetre_local",
    "ligne_nationale",
]  # fmt: skip
Format = Literal["csv", "xls", "xlsx", "zip", "parquet", "geojson"]
Perimetre = Literal["", "2015", "2024"]
StatutCaseVide = Literal["secret_producteur", "non_diffuse", "hors_champ"]
StatutEntetes = Literal["verifiees", "non_verifiees"]
Confiance = Literal["officielle", "tierce"]
Annee = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}$")]
#: A year; with the perimeter where the producer publishes the same year on both: `2021-qp24`.
CleMillesime = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}(-qp(15|24))?$")]
#: One period, or several where a file holds one column per period.
Periodes = Annotated[
    list[str], BeforeValidator(lambda v: v if isinstance(v, list) else [v]), Field(min_length=1)
]

#: What a producer's NOTE code says of a blank cell (design: sources.md, 9.3).
NOTES_USUELLES: dict[str, StatutCaseVide] = {
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
    """

    mesure: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    entete: str
    type: TypeMesure
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

    `notes` says which statut a blank cell takes under each NOTE code; `case_vide`, why a blank is
    not known to be a producer's mask (a compilation). `fenetre_annees`: years of rolling
    collection on each side of the named year (RP: 2). `avec`: other micro sources whose
    file of the same millésime these figures are computed with. `comparabilite`: the rules of its
    evolutions; a block that declares none has no evolution. `secret`: its rule in `secret.yml`.
    """

    producteur: str
    secret: str
    citation: str
    note: list[Note] = Field(default_factory=list)
    notes: dict[str, StatutCaseVide] = Field(default_factory=lambda: dict(NOTES_USUELLES))
    case_vide: str | None = None
    fenetre_annees: int = Field(default=0, ge=0)
    avec: list[str] = Field(default_factory=list)
    temoins: list[Temoin] = Field(default_factory=list)
    comparabilite: Comparabilite | None = None
    colonnes: list[Colonne] = Field(min_length=1)


class Ignoree(Strict):
    """A header that is read and left, and why."""

    entete: str
    raison: str


class Attribut(Strict):
    """A column of a reference table (lists, contours, memberships), landed as text.

    `type`: the cell is a number of that type, or the file is refused. `constante`: no column of
    the file; each millésime says its value in `constantes`.
    """

    nom: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    entete: str = ""
    obligatoire: bool = True
    type: TypeMesure | None = None
    constante: bool = False


class Partie(Strict):
    """One of the files of a millésime, with the kind of territory that its key names.

    `lignes_repetees: valeurs_egales`: a territory may have several rows, if what is read of them
    agrees; without it, a territory twice is refused.
    """

    fichiers: list[str] = Field(min_length=1)
    entete_cle: str
    cle: TypeCle
    lignes_repetees: Literal["valeurs_egales"] | None = None
    membre: str | None = None


class Millesime(Strict):
    """What one edition of the file holds, and only what differs from the source's habits.

    `statut_entetes: non_verifiees`: the file was never seen; its columns are those that the
    documentation leads to expect, and a header or a period that starts with `?` is to be read in
    the first real file (`ingest.first_sight`).
    """

    periodes: dict[str, Periodes] = Field(default_factory=dict)
    entetes: dict[str, str] = Field(default_factory=dict)
    absentes: list[str] = Field(default_factory=list)
    constantes: dict[str, str] = Field(default_factory=dict)
    fichiers: list[str] | None = None
    membre: str | None = None
    entete_cle: str | None = None
    url: str | None = None
    page: str | None = None
    lien: str | None = None
    ressource: str | None = None
    perimetre: Perimetre | None = None
    statut_entetes: StatutEntetes | None = None
    confiance: Confiance | None = None
    etat: Literal["provisoire", "definitif"] = "definitif"
    remarque: str | None = None
    ligne_nationale: LigneNationale | None = None
    territoires_attendus: int | None = None

    def periodes_of(self, bloc: str) -> list[str]:
        """The periods of a block in this millésime; empty when the block is not in it."""
        return self.periodes.get(bloc, [])


class Source(Strict):
    """One official file family.

    Its files are found by `lien` (regex over the links of `page`) or by `ressource` (regex over
    the titles and file names of the data.gouv `dataset`). `facultative`: the user's own file, of
    which nothing is said where it is not given. `acces`: whether its producer masked it.
    """

    id: str = Field(pattern=r"^[a-z]+_[a-z_]+$")
    titre: str
    producteur: str
    licence: str = "Licence Ouverte 2.0"
    page: str
    lien: str | None = None
    dataset: str | None = None
    ressource: str | None = None
    statut_entetes: StatutEntetes = "verifiees"
    confiance: Confiance = "officielle"
    facultative: bool = False
    remarque: str | None = None
    calendrier: Calendrier
    acces: Acces
    perimetre: Perimetre = ""
    nature: Literal["mesures", "longue", "reference", "micro"] = "mesures"
    format: Format = "csv"
    feuille: str | None = None
    parties: list[Partie] = Field(min_length=1)
    lignes_ignorees: list[Ignoree] = Field(default_factory=list)
    ligne_nationale: LigneNationale | None = None
    blocs: dict[str, Bloc] = Field(default_factory=dict)
    attributs: list[Attribut] = Field(default_factory=list)
    colonnes_ignorees: list[Ignoree] = Field(default_factory=list)
    millesimes: dict[CleMillesime, Millesime] = Field(min_length=1)

    @model_validator(mode="after")
    def _does_not_contradict_itself(self) -> Source:
        if fault := first_fault(self):
            raise fault
        return self

    @property
    def lands_cells(self) -> bool:
        """Its files hold figures of territories: neither a list nor units to count."""
        return self.nature in ("mesures", "longue")

    def perimetre_of(self, millesime: str) -> str:
        """`2015`, `2024`, or empty for territories that are not QPV."""
        own = self.millesimes[millesime].perimetre
        return self.perimetre if own is None else own

    def confiance_of(self, millesime: str) -> Confiance:
        """Whether the files of a millésime come from their producer."""
        return self.millesimes[millesime].confiance or self.confiance

    def remarque_of(self, millesime: str) -> str | None:
        """What readers should know of a millésime: its own word, else its source's."""
        own = self.millesimes[millesime].remarque
        return self.remarque if own is None else own

    def is_unseen(self, millesime: str) -> bool:
        """Whether nobody has yet read the header of this millésime's file."""
        return (self.millesimes[millesime].statut_entetes or self.statut_entetes) != "verifiees"

    def parts_of(self, millesime: str) -> list[Partie]:
        """The files of a millésime, patterns resolved."""
        edition = self.millesimes[millesime]
        resolved = []
        for partie in self.parties:
            names = edition.fichiers or partie.fichiers
            resolved.append(
                partie.model_copy(
                    update={
                        "fichiers": [fill(name, millesime) for name in names],
                        "entete_cle": edition.entete_cle or partie.entete_cle,
                        "membre": edition.membre or partie.membre,
                    }
                )
            )
        line = self.line_of(millesime) if self.acces == "publique" else None
        return resolved + (line.part(resolved[0], millesime) if line else [])

    def line_of(self, millesime: str) -> LigneNationale | None:
        """The producer's own line of all its QPV in a millésime, if it has one."""
        line = self.millesimes[millesime].ligne_nationale or self.ligne_nationale
        return line if line and within(millesime, line.depuis, line.jusqua) else None

    def columns_of(self, bloc: str, millesime: str) -> list[tuple[Colonne, str, str]]:
        """(column, header, period) expected from a block in a millésime."""
        edition = self.millesimes[millesime]
        found = []
        for periode in edition.periodes_of(bloc):
            for column in self.blocs[bloc].colonnes:
                is_there = within(millesime, column.depuis, column.jusqua)
                if column.mesure in edition.absentes or not is_there:
                    continue
                header = edition.entetes.get(column.mesure, column.entete)
                found.append((column, fill(header, millesime, periode), periode))
        return found

    def witnesses_of(self, bloc: str, millesime: str) -> list[tuple[Temoin, str, str]]:
        """(witness, header, period of the block) that a block may have in a millésime."""
        return [
            (temoin, fill(temoin.entete, millesime, periode), periode)
            for periode in self.millesimes[millesime].periodes_of(bloc)
            for temoin in self.blocs[bloc].temoins
            if within(millesime, temoin.depuis, temoin.jusqua)
        ]

    def note_of(self, bloc: str, millesime: str) -> str | None:
        """The header of the block's NOTE column in a millésime, if it has one."""
        for note in self.blocs[bloc].note:
            if within(millesime, note.depuis, note.jusqua):
                return fill(note.entete, millesime)
        return None

    @cached_property
    def mesures(self) -> dict[str, TypeMesure]:
        """Canonical mesure → its type."""
        return {c.mesure: c.type for b in self.blocs.values() for c in b.colonnes}


class Registry(Strict):
    """All sources, by id, and the rules of secrecy that their blocks name."""

    sources: dict[str, Source]
    regles: dict[str, Regle]

    def __getitem__(self, source_id: str) -> Source:
        try:
            return self.sources[source_id]
        except KeyError:
            raise QpvError(
                f"la source {source_id!r} n'est pas au registre",
                ou="ingest/sources",
                attendu=", ".join(sorted(self.sources)),
            ) from None

    @property
    def millesimes(self) -> list[str]:
        """Every millésime of every source, sorted: the partitions of the landing assets."""
        return sorted({m for s in self.sources.values() for m in s.millesimes})

    def comparabilite_of(self, source_id: str, bloc: str) -> Comparabilite | None:
        """The rules of a block, those of the block that it names included."""
        own = self[source_id].blocs[bloc].comparabilite
        if own is None or own.comme is None:
            return own
        home = self.sources[own.comme.split(".")[0]].blocs[own.comme.split(".")[1]].comparabilite
        return home.model_copy(update={"contours_epci": own.contours_epci})

    def secret_of(self, source_id: str, bloc: str) -> Regle:
        """The rule of secrecy of a block's figures."""
        return self.regles[self[source_id].blocs[bloc].secret]

    @property
    def mesures(self) -> dict[str, TypeMesure]:
        """Every canonical mesure and its type."""
        return {m: t for s in self.sources.values() for m, t in s.mesures.items()}

    @property
    def estimees(self) -> set[str]:
        """Mesures that are estimates of a survey: their counts are not whole numbers."""
        return {
            c.mesure
            for s in self.sources.values()
            for b in s.blocs.values()
            for c in b.colonnes
            if b.fenetre_annees or c.type == "effectif_estime"
        }


def load_registry(folder: Path = SOURCES_DIR, secret: Path = SECRET) -> Registry:
    """Every YAML of the folder as one registry, with the rules of secrecy of `secret`.

    Raises:
        QpvError: a file is malformed, contradicts itself, bears another source's id, or gives a
            known mesure another type; the message names the file and the key.
    """
    sources: dict[str, Source] = {}
    types: dict[str, tuple[TypeMesure, str]] = {}
    for path in sorted(folder.glob("*.y*ml")):
        source = load_yaml(path, Source)
        if path.name != f"{source.id}.yml":
            raise QpvError(
                f"{path.name} déclare la source {source.id!r}",
                ou=f"{path.name}, clé id",
                attendu=f"un fichier nommé {source.id}.yml",
            )
        for mesure, kind in source.mesures.items():
            known, where = types.setdefault(mesure, (kind, path.name))
            if known != kind:
                raise QpvError(
                    f"la mesure {mesure!r} est {kind} dans {path.name} et {known} dans {where}",
                    ou=f"{path.name}, clé blocs, colonne de mesure {mesure}",
                    faire="lui donner le même type partout, ou un autre nom",
                )
        sources[source.id] = source
    if not sources:
        raise QpvError("aucune source au registre", ou=str(folder))
    regles = load_yaml(secret, Regles).regles
    for source in sources.values():
        for fault in (
            unknown_companion(source, sources),
            unknown_in_rules(source, sources, types),
            without_secret_rule(source, regles),
        ):
            if fault:
                raise QpvError(
                    f"{source.id}.yml : {fault}",
                    ou=f"{source.id}.yml, clé {fault.cle}",
                    faire="corriger cette clé ; CONTRIBUTING.md donne la forme attendue",
                )
    return Registry(sources=sources, regles=regles)
