"""The indicator dictionary and the editions: models, loading, cross-checks. Computes no figure."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from warehouse.base.errors import QpvError
from warehouse.base.layout import DICTIONARY_DIR, EDITIONS_DIR
from warehouse.base.strict import KeyFault, Strict, load_yaml
from warehouse.declared.bornes import Bornes, BornesDeclarees, bornes_of
from warehouse.declared.comparability import Periode, Rupture
from warehouse.declared.same_formula import refuse_same_formula
from warehouse.declared.wording import refuse_unfillable
from warehouse.domain.perimetres import CodeDePerimetre
from warehouse.domain.periods import bounds
from warehouse.domain.types_territoire import CodeDeReference

TypeIndicateur = Literal["effectif", "part", "ratio", "montant", "indice", "ecart", "superficie"]
Agregation = Literal["somme", "rapport", "aucune"]
Sens = Literal["favorable", "defavorable", "neutre"]
Grandeur = Literal["niveau", "comparaison", "evolution_nb", "evolution_pct", "evolution_pts"]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _not_zero(value: float) -> float:
    if value == 0:
        raise ValueError("un coefficient nul n'a pas de sens")
    return value


Coefficient = Annotated[float, Field(allow_inf_nan=False), AfterValidator(_not_zero)]


class Rapprochement(Strict):
    """A territory beside its territory of comparison, on the figures of other indicators.

    `par: ecart` is the difference, of one indicator; `ecart_relatif` is the mean over the
    indicators of 100 × (territory / reference - 1): 0 where both are equal.
    """

    indicateurs: list[Code] = Field(min_length=1)
    a: CodeDeReference
    par: Literal["ecart", "ecart_relatif"]

    @model_validator(mode="after")
    def _a_difference_is_of_one_indicator(self) -> Rapprochement:
        if self.par == "ecart" and len(self.indicateurs) > 1:
            raise KeyFault("indicateurs", "un écart porte sur un seul indicateur")
        return self


class Indicateur(Strict):
    """One definition: a linear numerator over a linear denominator, times `facteur`; or, with
    `rapprochement`, other indicators of the territory beside those of its territory of comparison.

    `num`, `den`: mesure → coefficient. `publiee`: the mesure under which a producer publishes
    the indicator itself; it is preferred to the formula where it is diffuse. `agregation`: how
    the value of a set of QPV is made from its parts. `arrondi`: decimals shown, never stored.
    `constat`: what a level says once the place is said (« Dans {lieu}, … »): `{valeur}` with its
    unit in words, `{s}` where a plural follows the value.
    `ruptures`: changes of this definition alone; those of a mesure are in the registry.
    `bornes`: lowest and highest value, where they are not those of the type.
    `autres_noms`: codes that stand for this one wherever a user gives one. `sens`: what a higher
    value is; neutral where in doubt, and wherever it would rank people. `structure`: it tells what
    kind of place a quarter is, and which quarters are like it.
    """

    libelle: str
    unite: str
    type: TypeIndicateur
    bornes: BornesDeclarees | None = None
    arrondi: int = Field(ge=0, le=3)
    num: dict[str, Coefficient] = Field(default_factory=dict)
    den: dict[str, Coefficient] = Field(default_factory=dict)
    den_ensemble: bool = False
    facteur: Coefficient = 1
    publiee: str | None = None
    rapprochement: Rapprochement | None = None
    agregation: Agregation
    sens: Sens
    structure: bool = False
    definition: str
    lecture: str
    constat: str | None = None
    ruptures: list[Rupture] = Field(default_factory=list)
    autres_noms: list[Code] = Field(default_factory=list)
    publier: bool = False

    @model_validator(mode="after")
    def _formula_and_aggregation_agree(self) -> Indicateur:
        if self.rapprochement and (self.num or self.den or self.den_ensemble or self.publiee):
            raise KeyFault("rapprochement", "un rapprochement n'a ni formule ni valeur publiée")
        if self.rapprochement and self.agregation != "aucune":
            raise KeyFault("agregation", "un rapprochement ne s'agrège pas")
        if any(rupture.mesures for rupture in self.ruptures):
            raise KeyFault("ruptures", "la rupture d'une mesure se déclare au registre, à son bloc")
        if not self.rapprochement and not self.num:
            raise KeyFault("num", "il faut au moins 1 terme")
        if self.agregation == "somme" and (self.den or self.type not in ("effectif", "superficie")):
            said = "seul un effectif ou une superficie, sans dénominateur, s'additionne"
            raise KeyFault("agregation", said)
        if self.sens != "neutre" and self.type in ("effectif", "superficie"):
            raise KeyFault("sens", "un nombre ou une étendue est neutre")
        if self.structure and self.type in ("effectif", "superficie", "ecart"):
            said = "un nombre, une étendue ou un écart ne dit pas ce qu'est un quartier"
            raise KeyFault("structure", said)
        if self.agregation == "rapport" and not self.den:
            raise KeyFault("agregation", "un rapport recomposé a un dénominateur")
        if self.den_ensemble and self.den:
            raise KeyFault("den", "le dénominateur est soit une formule, soit l'ensemble")
        return self

    @property
    def limites(self) -> Bornes:
        """Between which values it lies, but for a difference (`definition_bounds`)."""
        return bornes_of(self.type, self.bornes)


class ColonneTableau(Strict):
    """One column of an exhibit: an indicator, and its level or evolution."""

    indicateur: str
    grandeur: Grandeur = "niveau"
    titre: str


class Tableau(Strict):
    """One exhibit of the fiche. The first column is the sort key, descending.

    `etendue`: the indicators drawn as ranges, lowest, middle and highest.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    titre: str
    colonnes: list[ColonneTableau] = Field(min_length=1)
    note: str | None = None
    etendue: list[Code] | None = Field(default=None, min_length=3, max_length=3)

    @model_validator(mode="after")
    def _draws_what_it_shows(self) -> Tableau:
        shown = {c.indicateur for c in self.colonnes if c.grandeur == "niveau"}
        if not shown >= {*(self.etendue or ())}:
            raise KeyFault("etendue", "chaque indicateur dessiné est une colonne du tableau")
        return self


class Rubrique(Strict):
    """One dictionary file: a question, its indicators, its exhibits."""

    rubrique: str
    theme: str
    question: str
    ordre: int
    indicateurs: dict[Code, Indicateur]
    tableaux: list[Tableau]


class Dictionary(Strict):
    """All rubriques, in the order of the fiche."""

    rubriques: list[Rubrique]

    @property
    def indicateurs(self) -> dict[str, Indicateur]:
        """Indicator code → definition."""
        return {code: i for r in self.rubriques for code, i in r.indicateurs.items()}

    def code_de(self, nom: str) -> str:
        """The code of the indicator that bears this other name; the name itself if none does."""
        return next((c for c, i in self.indicateurs.items() if nom in i.autres_noms), nom)

    def mesures(self) -> set[str]:
        """Every mesure that a formula names."""
        return {
            m
            for i in self.indicateurs.values()
            for m in [*i.num, *i.den, *([i.publiee] if i.publiee else [])]
        }

    def check_against(self, known: Collection[str], communes: Collection[str] = ()) -> None:
        """Refuse a formula over a mesure that no source declares, or one that would add up figures
        of communes over quarters: neighbours carry the same.

        Args:
            communes: mesures that are about the communes of a quarter.
        """
        for rubrique in self.rubriques:
            for code, indicateur in rubrique.indicateurs.items():
                terms = {"num": indicateur.num, "den": indicateur.den}
                terms["publiee"] = {indicateur.publiee: 1} if indicateur.publiee else {}
                for key, mesures in terms.items():
                    for mesure in mesures:
                        if mesure not in known:
                            raise QpvError(
                                f"l'indicateur {code} s'appuie sur la mesure inconnue {mesure!r}",
                                ou=f"{rubrique.rubrique}.yml, clé indicateurs.{code}.{key}",
                                faire="déclarer cette mesure dans une source, ou corriger la "
                                "formule",
                            )
                        if mesure in communes and indicateur.agregation != "aucune":
                            raise QpvError(
                                f"l'indicateur {code} additionnerait {mesure!r} sur des quartiers "
                                "des mêmes communes",
                                ou=f"{rubrique.rubrique}.yml, clé indicateurs.{code}.agregation",
                                attendu="agregation: aucune, pour une mesure qui porte sur les "
                                "communes du quartier",
                            )


#: What an edition may choose of a block: the period that it puts forward, and an earlier one.
CHOIX = ("niveau", "comparaison")


class BlocEdition(Strict):
    """The period of one block that an edition shows, and the one it is compared with.

    A block may hold only the earlier figures of mesures that another block shows. One of which
    neither is said is chosen by rule (`orchestration.edition_by_rule`), unless it is only read for
    the series (`serie`). All its other periods are held too, in every millésime that is there.
    """

    bloc: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    periode: Periode | None = None
    comparaison: Periode | None = None
    serie: bool = False

    @model_validator(mode="after")
    def _compares_with_the_past(self) -> BlocEdition:
        if self.periode and self.comparaison and bounds(self.comparaison) >= bounds(self.periode):
            raise KeyFault("comparaison", f"{self.comparaison} ne précède pas {self.periode}")
        if self.serie and (self.periode or self.comparaison):
            raise KeyFault("serie", "un bloc lu pour la série seule ne met rien en avant")
        return self

    @property
    def source_id(self) -> str:
        return self.bloc.split(".")[0]

    @property
    def nom(self) -> str:
        return self.bloc.split(".")[1]


class Edition(Strict):
    """Which period of which source a yearly fiche shows, and what it is compared with.

    `blocs` is in order of preference where two sources carry the same mesure. `references`:
    source → millésimes of the lists, contours and memberships that it reads. `composition`: year of
    the EPCI in which its territories lie, the newest read if not said; a later one only serves
    figures of its own year. `par_defaut`: the one edition that a build takes when none is named.
    """

    id: str = Field(pattern=r"^[0-9a-z_-]+$")
    titre: str
    perimetre: CodeDePerimetre
    par_defaut: bool = False
    composition: str | None = Field(default=None, pattern=r"^20[0-9]{2}$")
    blocs: list[BlocEdition] = Field(min_length=1)
    references: dict[str, list[str]]

    @model_validator(mode="after")
    def _names_each_block_once(self) -> Edition:
        named = [bloc.bloc for bloc in self.blocs]
        for index, bloc in enumerate(named):
            if bloc in named[:index]:
                raise KeyFault(f"blocs.{index}.bloc", f"le bloc {bloc} est nommé deux fois")
        return self


def load_dictionary(folder: Path = DICTIONARY_DIR) -> Dictionary:
    """Every rubrique of the folder, in the order of the fiche.

    Raises:
        QpvError: malformed file, no file at all, a code, formula, exhibit or rank defined twice, a
            sentence that cannot be filled in, an exhibit that shows an unknown or unpublished
            indicator; it names the file and the key.
    """
    rubriques = []
    for path in sorted(folder.glob("*.y*ml")):
        rubrique = load_yaml(path, Rubrique)
        if path.name != f"{rubrique.rubrique}.yml":
            raise QpvError(
                f"{path.name} déclare la rubrique {rubrique.rubrique!r}",
                ou=f"{path.name}, clé rubrique",
                attendu=f"un fichier nommé {rubrique.rubrique}.yml",
            )
        rubriques.append(rubrique)
    if not rubriques:
        raise QpvError("aucune rubrique au dictionnaire", ou=str(folder))
    dictionary = Dictionary(rubriques=sorted(rubriques, key=lambda r: r.ordre))
    _refuse_twice(dictionary)
    _refuse_unknown_bases(dictionary)
    refuse_same_formula(dictionary)
    refuse_unfillable(dictionary)
    _refuse_unshowable(dictionary)
    return dictionary


def _refuse_twice(dictionary: Dictionary) -> None:
    homes: dict[tuple[str, str | int], str] = {}
    for rubrique in dictionary.rubriques:
        defined: list[tuple[str, str | int, str]] = [("l'ordre", rubrique.ordre, "ordre")]
        defined += [
            ("l'indicateur", name, f"indicateurs.{code}")
            for code, i in rubrique.indicateurs.items()
            for name in (code, *i.autres_noms)
        ]
        defined += [
            ("le tableau", t.id, f"tableaux.{i}.id") for i, t in enumerate(rubrique.tableaux)
        ]
        for kind, name, key in defined:
            place = f"{rubrique.rubrique}.yml, clé {key}"
            home = homes.setdefault((kind, name), place)
            if home != place:
                raise QpvError(
                    f"{kind} {name} est défini deux fois",
                    ou=f"{place} ; et {home}",
                    faire="garder une seule définition",
                )


def _refuse_unknown_bases(dictionary: Dictionary) -> None:
    known = dictionary.indicateurs
    for rubrique in dictionary.rubriques:
        for code, indicateur in rubrique.indicateurs.items():
            for base in indicateur.rapprochement.indicateurs if indicateur.rapprochement else []:
                if base not in known or known[base].rapprochement:
                    raise QpvError(
                        f"l'indicateur {code} rapproche {base!r}, qui n'est pas un indicateur "
                        "calculé sur un territoire",
                        ou=f"{rubrique.rubrique}.yml, clé indicateurs.{code}.rapprochement",
                        faire="nommer un indicateur du dictionnaire qui a une formule",
                    )


def _refuse_unshowable(dictionary: Dictionary) -> None:
    known = dictionary.indicateurs
    for rubrique in dictionary.rubriques:
        for rank, tableau in enumerate(rubrique.tableaux):
            for index, colonne in enumerate(tableau.colonnes):
                shown = known.get(colonne.indicateur)
                if shown is None or not shown.publier:
                    state = "inconnu" if shown is None else "non publié"
                    raise QpvError(
                        f"le tableau {tableau.id} montre l'indicateur {state} {colonne.indicateur}",
                        ou=f"{rubrique.rubrique}.yml, clé tableaux.{rank}.colonnes.{index}",
                        faire="le définir avec `publier: true`, ou l'ôter du tableau",
                    )


def default_edition(folder: Path = EDITIONS_DIR) -> str:
    """The id of the edition that says `par_defaut`, which a build takes when none is named.

    Raises:
        QpvError: none says it, or several do.
    """
    found = [p.stem for p in sorted(folder.glob("*.yml")) if load_yaml(p, Edition).par_defaut]
    if len(found) != 1:
        raise QpvError(
            f"{len(found)} éditions par défaut au lieu d'une",
            ou=", ".join(f"{folder.name}/{stem}.yml" for stem in found) or folder.name,
            faire="écrire `par_defaut: true` dans une seule édition",
        )
    return found[0]


def load_edition(edition_id: str, folder: Path = EDITIONS_DIR, said_by: str = "") -> Edition:
    """One edition by its id.

    Args:
        said_by: who names it, for the refusal.

    Raises:
        QpvError: no such edition (the message lists those that exist), or a malformed file.
    """
    known = {path.stem: path for path in sorted(folder.glob("*.yml"))}
    path = known.get(edition_id)
    if path is None:
        raise QpvError(
            f"l'édition {edition_id!r} n'existe pas",
            ou=said_by or str(folder.name),
            attendu=f"une de : {', '.join(known)}",
        )
    edition = load_yaml(path, Edition)
    if edition.id != path.stem:
        raise QpvError(
            f"{path.name} déclare l'édition {edition.id!r}",
            ou=f"{path.name}, clé id",
            attendu=path.stem,
        )
    return edition
