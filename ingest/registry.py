"""The source registry: what each official file is called, holds and describes. Reads no data."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ingest import between_sources
from ingest.addresses import hote_de
from ingest.attributs import Attribut, Rencontre, TypeMesure
from ingest.blocks import Annee, Bloc, Colonne, Ignoree, Temoin
from ingest.coherence import first_fault
from ingest.file_parts import Partie, TypeCle
from ingest.former_codes import AnciensCodes
from ingest.header_names import A_ETABLIR, fill, within
from ingest.limits import PAGES, TABLES, UNITES, Limites
from ingest.mesure_bounds import promise
from ingest.national_line import LigneNationale
from ingest.other_levels import AutresNiveaux
from ingest.publication_days import Calendrier
from ingest.quarter_sets import FeuilleEnsembles
from ingest.trust import Refus, Verification
from warehouse.base.bounded_files import MO
from warehouse.base.errors import QpvError
from warehouse.base.layout import SECRET, SOURCES_DIR
from warehouse.base.strict import Strict, load_yaml
from warehouse.declared.comparability import Comparabilite
from warehouse.declared.secret import Acces, Regle, ReglePartagee, Regles
from warehouse.declared.sommes import SommeDeclaree
from warehouse.domain.perimetres import PerimetreOuVide, known_perimeters
from warehouse.domain.periods import Preposition, preposition
from warehouse.domain.producteurs import CodeDeProducteur

Format = Literal["csv", "xls", "xlsx", "zip", "parquet", "json", "geojson"]
StatutEntetes = Literal["verifiees", "non_verifiees"]
Confiance = Literal["officielle", "tierce"]
#: A year; with the perimeter where the producer publishes the same year on both: `2021-qp24`.
_QP = "|".join(code[2:] for code in known_perimeters())
CleMillesime = Annotated[
    str, Field(pattern=rf"^(19|20)[0-9]{{2}}(-(0[1-9]|1[0-2]))?(-qp({_QP}))?$")
]
#: A host as an address names it, without scheme, port or path.
Hote = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
#: One period, or several where a file holds one column per period.
Periodes = Annotated[
    list[str], BeforeValidator(lambda v: v if isinstance(v, list) else [v]), Field(min_length=1)
]


class Millesime(Strict):
    """What one edition of the file holds, and only what differs from the source's habits.

    `statut_entetes: non_verifiees`: the file was never seen; its columns are those that the
    documentation leads to expect, and a header or a period that starts with `?` is to be read in
    the first real file (`ingest.first_sight`). `notes`: bloc → the header of its NOTE column here,
    null where it has none. `geographie`: the year of its figures' communes;
    where it has them all, larger places are their sums, by the composition of that year.
    """

    periodes: dict[str, Periodes] = Field(default_factory=dict)
    entetes: dict[str, str] = Field(default_factory=dict)
    absentes: list[str] = Field(default_factory=list)
    notes: dict[str, str | None] = Field(default_factory=dict)
    colonnes_ignorees: list[Ignoree] = Field(default_factory=list)
    constantes: dict[str, str] = Field(default_factory=dict)
    fichiers: list[str] | None = None
    membre: str | None = None
    entete_cle: str | None = None
    url: str | None = None
    page: str | None = None
    lien: str | None = None
    ressource: str | None = None
    perimetre: PerimetreOuVide | None = None
    statut_entetes: StatutEntetes | None = None
    confiance: Confiance | None = None
    anciens_codes: list[AnciensCodes] = Field(default_factory=list)
    etat: Literal["provisoire", "definitif"] = "definitif"
    remarque: str | None = None
    ligne_nationale: LigneNationale | None = None
    ensembles: FeuilleEnsembles | None = None
    territoires_attendus: int | dict[TypeCle, int] | None = None
    geographie: Annee | None = None

    def periodes_of(self, bloc: str) -> list[str]:
        """The periods of a block in this millésime; empty when the block is not in it."""
        return self.periodes.get(bloc, [])


class Source(Strict):
    """One official file family.

    Its files are found by `lien` (regex over the links of `page`) or by `ressource` (regex over
    the titles and file names of the data.gouv `dataset`). `facultative`: the user's own file, of
    which nothing is said where it is not given. `acces`: whether its producer masked it.
    `verifications`, `niveaux_refuses`: what a third party's figures may enter (`ingest.trust`).
    `autres_niveaux`: other territories that its deliveries hold, of which no row was ever read.
    `rencontres`: other files of units that must know its units. `redirections`: hosts, beside
    those of its addresses, that its files may come from. `taille_max` (Mo, once decoded or out of
    its zip) and `duree_max` (seconds of download): where its nature's are too low.
    """

    id: str = Field(pattern=r"^[a-z]+_[a-z_]+$")
    titre: str
    producteur: CodeDeProducteur
    licence: str = "Licence Ouverte 2.0"
    page: str
    lien: str | None = None
    dataset: str | None = None
    ressource: str | None = None
    redirections: list[Hote] = Field(default_factory=list)
    taille_max: int | None = Field(default=None, ge=1, le=100_000)
    duree_max: int | None = Field(default=None, ge=1, le=86_400)
    statut_entetes: StatutEntetes = "verifiees"
    confiance: Confiance = "officielle"
    verifications: list[Verification] = Field(default_factory=list)
    niveaux_refuses: list[Refus] = Field(default_factory=list)
    autres_niveaux: AutresNiveaux | None = None
    facultative: bool = False
    remarque: str | None = None
    calendrier: Calendrier
    acces: Acces
    perimetre: PerimetreOuVide = ""
    nature: Literal["mesures", "longue", "reference", "micro"] = "mesures"
    format: Format = "csv"
    feuille: str | None = None
    parties: list[Partie] = Field(min_length=1)
    lignes_ignorees: list[Ignoree] = Field(default_factory=list)
    ligne_nationale: LigneNationale | None = None
    blocs: dict[str, Bloc] = Field(default_factory=dict)
    attributs: list[Attribut] = Field(default_factory=list)
    rencontres: list[Rencontre] = Field(default_factory=list)
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

    @property
    def limites(self) -> Limites:
        """What its files may weigh and how long their download may last."""
        usual = UNITES if self.nature == "micro" else TABLES
        octets = usual.octets if self.taille_max is None else self.taille_max * MO
        return replace(usual, octets=octets, duree=self.duree_max or usual.duree)

    @property
    def limites_page(self) -> Limites:
        """The same of the page or the answer that gives the address of a file."""
        return replace(PAGES, duree=min(PAGES.duree, self.limites.duree))

    @property
    def hotes(self) -> frozenset[str]:
        """The hosts that its files may come from: those of its addresses, and `redirections`."""
        editions = self.millesimes.values()
        addresses = [self.page, *(e.page for e in editions), *(e.url for e in editions)]
        return frozenset([*(hote_de(a) for a in addresses if a), *self.redirections])

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
        if self.acces != "publique":  # a total beside masked cells would betray them
            return resolved
        line, sets = self.line_of(millesime), edition.ensembles
        own = line.part(resolved[0], millesime) if line else []
        return resolved + own + ([sets.part(resolved[0])] if sets else [])

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
        if bloc in self.millesimes[millesime].notes:
            return self.millesimes[millesime].notes[bloc]
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
    regles: dict[str, ReglePartagee]

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
        assert home is not None  # one that declares its rules, or the registry does not load
        return home.model_copy(update={"contours_epci": own.contours_epci})

    def secret_of(self, source_id: str, bloc: str) -> Regle:
        """The rule of secrecy of a block's figures."""
        said = self[source_id].blocs[bloc].secret
        return self.regles[said] if isinstance(said, str) else said

    def secret_name_of(self, source_id: str, bloc: str) -> str:
        """The name of that rule: the one that it shares, or its block's."""
        said = self[source_id].blocs[bloc].secret
        return said if isinstance(said, str) else f"{source_id}.{bloc}"

    @property
    def prepositions(self) -> dict[str, set[Preposition]]:
        """Mesure → how its periods are read, of all the files that hold it."""
        found: dict[str, set[Preposition]] = {}
        for source in self.sources.values():
            for millesime, held in source.millesimes.items():
                for bloc in held.periodes:
                    for column, _, periode in source.columns_of(bloc, millesime):
                        if not periode.startswith(A_ETABLIR):
                            found.setdefault(column.mesure, set()).add(preposition(periode))
        return found

    @property
    def mesures(self) -> dict[str, TypeMesure]:
        """Every canonical mesure and its type."""
        return {m: t for s in self.sources.values() for m, t in s.mesures.items()}

    @property
    def sommes(self) -> list[tuple[str, SommeDeclaree, list[str]]]:
        """Block (`source.bloc`), a sum that it declares, its parts."""
        return [
            (f"{source.id}.{name}", somme, somme.parts_among(dict.fromkeys(counts)))
            for source in self.sources.values()
            for name, bloc in source.blocs.items()
            for counts in [[c.mesure for c in bloc.colonnes if c.type == "effectif"]]
            for somme in bloc.sommes
        ]

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
    types: dict[str, tuple[str, str]] = {}
    for path in sorted(folder.glob("*.y*ml")):
        source = load_yaml(path, Source)
        if path.name != f"{source.id}.yml":
            raise QpvError(
                f"{path.name} déclare la source {source.id!r}",
                ou=f"{path.name}, clé id",
                attendu=f"un fichier nommé {source.id}.yml",
            )
        for column in (c for bloc in source.blocs.values() for c in bloc.colonnes):
            known, where = types.setdefault(column.mesure, (promise(column), path.name))
            if known != (here := promise(column)):
                raise QpvError(
                    f"la mesure {column.mesure!r} est {here} dans {path.name} et {known} dans "
                    f"{where}",
                    ou=f"{path.name}, clé blocs, colonne de mesure {column.mesure}",
                    faire="lui donner partout le même type et les mêmes bornes, ou un autre nom",
                )
        sources[source.id] = source
    if not sources:
        raise QpvError("aucune source au registre", ou=str(folder))
    regles = load_yaml(secret, Regles).regles
    subjects: dict[str, tuple[str | None, str]] = {}
    sums: dict[frozenset[str], str] = {}
    for source in sources.values():
        for fault in (
            between_sources.unknown_companion(source, sources),
            between_sources.unknown_in_rules(source, sources, types),
            between_sources.another_subject(source, subjects),
            between_sources.without_secret_rule(source, regles),
            between_sources.sum_said_twice(source, sums),
        ):
            if fault:
                raise QpvError(
                    f"{source.id}.yml : {fault}",
                    ou=f"{source.id}.yml, clé {fault.cle}",
                    faire="corriger cette clé ; CONTRIBUTING.md donne la forme attendue",
                )
    return Registry(sources=sources, regles=regles)
