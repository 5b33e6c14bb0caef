"""Contracts of cities as declared truths: perimeters, objectives, committees. Reads no figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, FiniteFloat, model_validator

from warehouse.base.errors import QpvError, together
from warehouse.base.layout import Layout
from warehouse.base.strict import FormFault, KeyFault, Strict, load_yaml
from warehouse.base.yaml_places import line_of
from warehouse.declared.diffusion import Adresse
from warehouse.domain.perimetres import CodeDePerimetre, perimeter_of
from warehouse.domain.periods import bounds

#: The form of a contract's file, in the words of a refusal.
FORME = "docs/contrats.md donne la forme d'un contrat"
#: Contracts of one folder: more is a wrong folder.
_CONTRATS = 1_500

Texte = Annotated[str, Field(min_length=1, max_length=400)]
Cle = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Valeur = FiniteFloat


def _period(label: str) -> str:
    bounds(label)
    return label


Periode = Annotated[str, AfterValidator(_period)]
Operateur = Literal["au_moins", "au_plus", "hausse", "baisse"]


class Document(Strict):
    """What is cited. `lu`: false where it is quoted second-hand, its page still to be found."""

    titre: Texte
    adresse: Adresse | None = None
    lu: bool = True


class Citation(Strict):
    """Where a value stands: a document of the contract's list, and its page, article or table."""

    document: Cle
    page: Texte


class Releve(Strict):
    """A value as it was printed or counted, at a period."""

    valeur: Valeur
    periode: Periode
    source: Citation


class Depart(Strict):
    """Where an objective starts. Without `valeur`, the start is the release's own figure.

    `perimetre`: that of the quarters it is about, where it is not the contract's.
    """

    periode: Periode
    valeur: Valeur | None = None
    source: Citation | None = None
    perimetre: CodeDePerimetre | None = None

    @model_validator(mode="after")
    def _says_who_printed_it(self) -> Self:
        if self.valeur is not None and self.source is None:
            raise KeyFault("source", "un départ chiffré dit le document et la page qui l'impriment")
        return self


class Cible(Strict):
    """What is aimed at: a bound (`au_moins`, `au_plus`) or a direction (`hausse`, `baisse`)."""

    operateur: Operateur
    valeur: Valeur | None = None
    annee: int = Field(ge=2014, le=2060)
    source: Citation

    @model_validator(mode="after")
    def _bounds_have_a_value(self) -> Self:
        if self.operateur.startswith("au_") != (self.valeur is not None):
            said = "une borne (au_moins, au_plus) a une valeur, une direction n'en a pas"
            raise KeyFault("valeur", said)
        return self


class Comptage(Strict):
    """A list that the contract's team counts itself, and what it counted."""

    liste: Texte
    unite: Annotated[str, Field(min_length=1, max_length=30)]
    arrondi: int = Field(default=0, ge=0, le=3)
    releves: list[Releve] = Field(default_factory=list)


class Objectif(Strict):
    """One objective: an indicator of the release on a territory, or a list that is counted."""

    code: Cle
    libelle: Texte
    orientation: Cle
    indicateur: Cle | None = None
    territoire: str | None = None
    comptage: Comptage | None = None
    depart: Depart | None = None
    cible: Cible

    @model_validator(mode="after")
    def _is_measured_by_one_thing(self) -> Self:
        if (self.indicateur is None) == (self.comptage is None):
            raise KeyFault("indicateur", "un objectif a un `indicateur` ou un `comptage`")
        if self.comptage and self.territoire:
            raise KeyFault("territoire", "une liste comptée n'a pas de territoire de publication")
        if self.comptage and self.depart and self.depart.valeur is None:
            raise KeyFault("depart.valeur", "le départ d'une liste comptée est chiffré")
        return self


class Orientation(Strict):
    """A heading of the contract, which groups objectives and credits."""

    libelle: Texte
    source: Citation | None = None


class Comite(Strict):
    """A committee, or another date of the contract's life."""

    date: date
    libelle: Texte
    source: Citation | None = None


class Habitants(Strict):
    """How many people the contract says live in a quarter, for its euros per inhabitant."""

    valeur: Annotated[int, Field(ge=1, le=1_000_000)]
    source: Citation


class PerimetresDuContrat(Strict):
    """The contract's territories: its QPV by perimeter, local ones, those under watch."""

    qpv: dict[CodeDePerimetre, list[str]]
    habitants: dict[str, Habitants] = Field(default_factory=dict)
    locaux: list[str] = Field(default_factory=list)
    veille_active: list[str] = Field(default_factory=list)


class Contrat(Strict):
    """One contract. `exemple`: what is not true of it, said at the head of its page."""

    siren: Annotated[str, Field(pattern=r"^[0-9]{9}$")]
    titre: Texte
    exemple: Annotated[str, Field(min_length=1, max_length=900)] | None = None
    debut: int = Field(ge=2014, le=2060)
    fin: int = Field(ge=2014, le=2060)
    perimetre: CodeDePerimetre
    documents: dict[Cle, Document]
    perimetres: PerimetresDuContrat
    orientations: dict[Cle, Orientation] = Field(min_length=1)
    objectifs: list[Objectif] = Field(min_length=1, max_length=200)
    credits: Annotated[str, Field(pattern=r"^[\w-]+\.csv$")] | None = None
    comites: list[Comite] = Field(default_factory=list)

    @property
    def quartiers(self) -> list[str]:
        """The quarters of the contract's own perimeter."""
        return self.perimetres.qpv[self.perimetre]

    @property
    def ensemble(self) -> str:
        """The set of the quarters of its EPCI, which an objective is about if it names no other."""
        return f"QPV@EPCI:{self.siren}"

    def citations(self) -> list[tuple[str, Citation]]:
        """Each citation, with the path of its key."""
        found: list[tuple[str, Citation | None]] = []
        for rank, one in enumerate(self.objectifs):
            here = f"objectifs.{rank}"
            found.append((f"{here}.cible.source", one.cible.source))
            found.append((f"{here}.depart.source", one.depart.source if one.depart else None))
            for point, seen in enumerate(one.comptage.releves if one.comptage else ()):
                found.append((f"{here}.comptage.releves.{point}.source", seen.source))
        found += [(f"orientations.{k}.source", o.source) for k, o in self.orientations.items()]
        found += [(f"comites.{rank}.source", c.source) for rank, c in enumerate(self.comites)]
        people = self.perimetres.habitants.items()
        found += [(f"perimetres.habitants.{k}.source", h.source) for k, h in people]
        return [(key, cited) for key, cited in found if cited]


@dataclass(frozen=True)
class ContratLu:
    """A contract and the file that declares it."""

    contrat: Contrat
    path: Path

    def refusal(self, faults: Sequence[tuple[str, str]]) -> QpvError:
        """Every fault of the file in one paragraph, each with its line."""
        return refusal(self.path, [(line_of(self.path, key), f"{key} : {m}") for key, m in faults])


def refusal(path: Path, faults: Sequence[tuple[int, str]]) -> QpvError:
    """The faults of a contract's file, each with its line and what to write."""
    count = f"{len(faults)} fautes" if len(faults) > 1 else "une faute"
    said = " ; ".join(f"ligne {line}, {message}" for line, message in sorted(faults))
    lines = ", ".join(str(line) for line in sorted({line for line, _ in faults}))
    return QpvError(
        f"le contrat {path.name} est refusé, {count} : {said}",
        ou=f"{path}, ligne{'s' if ',' in lines else ''} {lines}",
        faire=f"corriger ces lignes ; {FORME}",
    )


def load_contrats(folder: Path) -> list[ContratLu]:
    """The contracts of a folder, one file each, named after its EPCI.

    Raises:
        QpvError: no such folder, no contract in it, or a file that is not of the form: every fault
            of every file is told, with its line.
    """
    paths = sorted(folder.glob("*.yml")) if folder.is_dir() else []
    if not 0 < len(paths) <= _CONTRATS:
        raise QpvError(
            "aucun contrat à lire" if not paths else f"{len(paths)} contrats, c'est trop",
            ou=str(folder),
            attendu="un dossier de contrats : un fichier <siren>.yml par EPCI",
            faire=f"vérifier --contrats ; {FORME}",
        )
    read: list[ContratLu] = []
    faults: list[QpvError] = []
    for path in paths:
        try:
            read.append(_load(path))
        except QpvError as error:
            faults.append(error)
    if faults:
        raise together(faults)
    return read


def given_contrats(folder: str, layout: Layout) -> list[ContratLu]:
    """The contracts of a folder, else those of the data folder, where it has any.

    Raises:
        QpvError: the folder holds none, or one is not of the form.
    """
    if folder:
        return load_contrats(Path(folder).expanduser())
    return load_contrats(layout.contracts) if layout.contracts.is_dir() else []


def _contradictions(contrat: Contrat) -> Iterator[tuple[str, str]]:
    """What parts of one contract say against one another: the path of each key, and why."""
    if contrat.fin < contrat.debut:
        yield "fin", f"{contrat.fin} précède {contrat.debut}"
    yield from _of_places(contrat)
    codes: set[str] = set()
    for rank, one in enumerate(contrat.objectifs):
        if one.code in codes:
            yield f"objectifs.{rank}.code", f"{one.code!r} a déjà son objectif"
        codes.add(one.code)
        if one.orientation not in contrat.orientations:
            known = ", ".join(contrat.orientations)
            words = f"orientation inconnue : {one.orientation!r} ; un de : {known}"
            yield f"objectifs.{rank}.orientation", words
    for key, cited in contrat.citations():
        if cited.document not in contrat.documents:
            known = ", ".join(contrat.documents)
            yield f"{key}.document", f"document inconnu : {cited.document!r} ; un de : {known}"


def _of_places(contrat: Contrat) -> Iterator[tuple[str, str]]:
    if contrat.perimetre not in contrat.perimetres.qpv:
        yield "perimetres.qpv", f"les QPV du périmètre {contrat.perimetre} manquent"
    said: set[str] = set()
    for perimetre, quarters in contrat.perimetres.qpv.items():
        for rank, code in enumerate(quarters):
            key = f"perimetres.qpv.{perimetre}.{rank}"
            if perimeter_of(code) != perimetre:
                yield key, f"{code!r} n'est pas un code de quartier du périmètre {perimetre}"
            elif code in said:
                yield key, f"{code} est nommé deux fois"
            said.add(code)
    for code in contrat.perimetres.habitants:
        if code not in said:
            yield f"perimetres.habitants.{code}", f"{code} n'est pas un QPV de ce contrat"
    for list_key in ("locaux", "veille_active"):
        for rank, code in enumerate(getattr(contrat.perimetres, list_key)):
            if not code.startswith("LOC:"):
                words = f"{code!r} : un périmètre local s'écrit LOC:…"
                yield f"perimetres.{list_key}.{rank}", words


def _load(path: Path) -> ContratLu:
    try:
        contrat = load_yaml(path, Contrat)
    except FormFault as error:
        told = [(line_of(path, key), f"{key or 'racine'} : {said}") for key, said in error.fautes]
        raise refusal(path, told) from error
    one = ContratLu(contrat, path)
    if path.stem != contrat.siren:
        raise one.refusal([("siren", f"le fichier se nomme {contrat.siren}.yml")])
    if faults := [*_contradictions(contrat)]:
        raise one.refusal(faults)
    return one
