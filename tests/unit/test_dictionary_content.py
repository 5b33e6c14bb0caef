"""The house's dictionary: eight themes, one definition each, texts that a reader can print."""

from __future__ import annotations

import csv
import re
from collections import Counter
from string import Formatter

import pytest

from ingest.registry import load_registry
from tests.conftest import SHARED
from warehouse.base.layout import DICTIONARY_DIR
from warehouse.declared.dictionary import Dictionary, Indicateur, load_dictionary

THEMES = {
    "démographie",
    "ménages et familles",
    "revenus et pauvreté",
    "prestations",
    "emploi et chômage",
    "éducation",
    "logement",
    "activité économique",
}
MAPPING = SHARED / "published" / "golden_map.csv"
UNITS = {
    "effectif": r"habitants|personnes|ménages|foyers|enfants|logements|établissements"
    r"|contrats|unités de consommation|élèves|candidats|écoles|collèges",
    "part": "%",
    "ratio": r"ratio|\w+ par [\w ]+",
    "montant": r"€ par (an|m²)",
    "indice": "indice",
    "ecart": "points",
    "superficie": "ha",
}


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return load_dictionary()


@pytest.fixture(scope="module")
def indicateurs(dictionary: Dictionary) -> dict[str, Indicateur]:
    return dictionary.indicateurs


def refused(indicateurs: dict[str, Indicateur], rule) -> list[str]:
    """Codes of the indicators that break a rule: a failure names them all."""
    return [code for code, i in indicateurs.items() if not rule(code, i)]


def twice(values: dict[str, object]) -> dict[object, list[str]]:
    """Value → the codes that share it, where there are several."""
    shared = {v for v, n in Counter(values.values()).items() if n > 1}
    return {v: [code for code, own in values.items() if own == v] for v in shared}


def test_there_are_enough_indicators_in_exactly_eight_themes(dictionary: Dictionary) -> None:
    assert len(dictionary.indicateurs) >= 180
    assert {r.theme for r in dictionary.rubriques if r.indicateurs} == THEMES
    assert {r.theme for r in dictionary.rubriques} == THEMES


def test_a_file_stays_short_enough_to_read() -> None:
    lengths = {p.name: len(p.read_text("utf-8").splitlines()) for p in DICTIONARY_DIR.glob("*.yml")}
    assert {name: n for name, n in lengths.items() if n > 400} == {}


def test_a_code_is_stable_and_names_no_year(indicateurs: dict[str, Indicateur]) -> None:
    assert refused(indicateurs, lambda code, i: not re.search(r"(19|20)\d\d", code)) == []
    assert refused(indicateurs, lambda code, i: not re.search(r"__|_$", code)) == []


def test_a_definition_is_one_sentence_and_its_own(indicateurs: dict[str, Indicateur]) -> None:
    sentence = re.compile(r"[A-ZÀ-Ý0-9][^\n]+[^ .]\.")
    assert refused(indicateurs, lambda code, i: sentence.fullmatch(i.definition)) == []
    assert twice({code: i.definition.casefold() for code, i in indicateurs.items()}) == {}


def test_a_reading_is_no_whole_sentence_and_gives_its_unit(
    indicateurs: dict[str, Indicateur],
) -> None:
    assert refused(indicateurs, lambda c, i: not i.lecture.endswith(".")) == []
    shown = {"part": "{valeur} %", "montant": "{valeur} €", "ecart": "{valeur} points"}
    assert refused(indicateurs, lambda c, i: shown.get(i.type, "{valeur}") in i.lecture) == []


def test_every_mesure_is_in_the_registry(dictionary: Dictionary) -> None:
    assert dictionary.mesures() - set(load_registry().mesures) == set()


def test_the_unit_suits_the_type(indicateurs: dict[str, Indicateur]) -> None:
    assert refused(indicateurs, lambda code, i: re.fullmatch(UNITS[i.type], i.unite)) == []
    assert refused(indicateurs, lambda code, i: i.type != "effectif" or i.arrondi == 0) == []
    assert refused(indicateurs, lambda code, i: i.type != "effectif" or i.facteur == 1) == []


def test_a_share_of_counts_is_in_percent(indicateurs: dict[str, Indicateur]) -> None:
    shares = {c: i for c, i in indicateurs.items() if i.type == "part"}
    assert refused(shares, lambda c, i: i.facteur == (100 if i.den or i.den_ensemble else 1)) == []


def test_a_rate_published_without_its_counts_is_never_summed(
    indicateurs: dict[str, Indicateur],
) -> None:
    types = load_registry().mesures
    counts = {"effectif", "effectif_estime", "superficie"}

    def recomposes_counts_only(code: str, i: Indicateur) -> bool:
        return i.agregation == "aucune" or {types[m] for m in [*i.num, *i.den]} <= counts

    assert refused(indicateurs, recomposes_counts_only) == []


@pytest.mark.skipif(not MAPPING.is_file(), reason="published tables not on this machine")
def test_every_code_of_the_published_tables_is_defined(indicateurs: dict[str, Indicateur]) -> None:
    with MAPPING.open(encoding="utf-8") as lines:
        codes = {row["code_indicateur"] for row in csv.DictReader(lines)}
    assert codes and codes - set(indicateurs) == set()


def test_a_finding_needs_its_value_and_no_place(indicateurs: dict[str, Indicateur]) -> None:
    """« Dans les 13 QPV…, » comes before it: it starts in lower case and ends without a stop."""
    said = {code: i for code, i in indicateurs.items() if i.constat}
    assert len(said) >= 25

    def fits(code: str, i: Indicateur) -> bool:
        fields = {name for _, name, *_ in Formatter().parse(i.constat) if name is not None}
        return "valeur" in fields and fields <= {"valeur", "s"} and not i.constat.endswith(".")

    assert refused(said, fits) == []
    assert refused(said, lambda c, i: i.constat[0].islower() or i.constat[0] == "{") == []
    shown = {"part": "{valeur} %", "montant": "{valeur} €"}
    assert refused(said, lambda c, i: shown.get(i.type, "{valeur}") in i.constat) == []


def texts(i: Indicateur) -> str:
    return " ".join(filter(None, (i.libelle, i.definition, i.lecture, i.constat)))


def test_no_household_is_said_where_the_caf_counts_foyers(indicateurs: dict) -> None:
    """A foyer allocataire is no household: what receives a benefit is never « % des ménages »."""

    def rule(code: str, i: Indicateur) -> bool:
        counts_foyers = all(m.startswith("caf_") for m in i.num) and bool(i.num)
        if not counts_foyers:
            return True
        claims = re.search(r"% des ménages (de \{territoire\} )?(sont|perçoivent|ont)", texts(i))
        return not claims and ("rp_menages" in i.den or "en % des ménages" not in i.definition)

    assert refused(indicateurs, rule) == []


def test_the_insured_of_the_cnam_include_their_dependants(indicateurs: dict) -> None:
    def rule(code: str, i: Indicateur) -> bool:
        of_the_insured = "cnam_assures" in {*i.num, *i.den} or "taux_c2s" in code
        said = (i.definition, i.lecture, *([i.constat] if i.constat else []))
        return not of_the_insured or all("ayants droit" in text for text in said)

    assert refused(indicateurs, rule) == []


def test_a_count_of_job_seekers_says_that_it_is_a_stock(indicateurs: dict) -> None:
    """Others print the mean of a quarter: every count says which it is, or that it is not known."""

    def rule(code: str, i: Indicateur) -> bool:
        counts = i.type == "effectif" and all(m.startswith("ft_") for m in i.num)
        return not counts or "stock au 31 décembre" in i.definition

    assert refused(indicateurs, rule) == []


def test_one_mesure_of_job_seekers_is_called_one_thing(indicateurs: dict) -> None:
    """The level of training that France Travail records is no diploma."""

    def rule(code: str, i: Indicateur) -> bool:
        levels = any(re.search("bac|cap", m) for m in i.num if m.startswith("ft_"))
        return not levels or "diplôm" not in texts(i).lower()

    assert refused(indicateurs, rule) == []


def test_a_rate_of_vacancy_says_of_which_dwellings(indicateurs: dict) -> None:
    for code in ("taux_vacance_parc_social", "taux_vacance_3_mois_parc_social"):
        one = indicateurs[code]
        assert "proposés à la location" in one.definition and "proposés" in one.lecture, code


def test_dependence_counts_every_foyer_and_says_so(indicateurs: dict) -> None:
    found = {c: i for c, i in indicateurs.items() if re.search("_(moitie|toutes)_ressources", c)}
    assert len(found) == 4
    for code, one in found.items():
        assert "foyers allocataires" in one.libelle.lower(), code
        assert "Tous les foyers allocataires" in one.definition, code


def test_another_name_leads_to_one_indicator(dictionary: Dictionary) -> None:
    other, code = "part_monoparentales_allocataires_caf", "part_monoparentales_menages_caf"
    assert dictionary.code_de(other) == code and dictionary.code_de(code) == code
    assert dictionary.code_de("inconnu") == "inconnu"


@pytest.mark.parametrize(
    ("code", "sens"),
    [
        ("revenu_median", "favorable"),
        ("taux_emploi_15_64_ans", "favorable"),
        ("taux_scolarisation_15_24_ans", "favorable"),
        ("taux_pauvrete", "defavorable"),
        ("part_diplome_inferieur_bac", "defavorable"),
        ("taux_vacance_parc_social", "defavorable"),
        ("population_municipale", "neutre"),
        ("part_pop_etrangere", "neutre"),
        ("indice_jeunesse", "neutre"),
        ("part_monoparentales_menages_caf", "neutre"),
    ],
)
def test_what_a_higher_value_of_a_known_indicator_is(
    indicateurs: dict[str, Indicateur], code: str, sens: str
) -> None:
    assert indicateurs[code].sens == sens


def test_nothing_ranks_people(dictionary: Dictionary) -> None:
    """Who lives there, how many, of what age or nationality, in what family: never better.

    Living on benefits alone says something of resources, and is the only one that does.
    """
    about_people = {"démographie", "ménages et familles", "prestations"}
    neutral = [r for r in dictionary.rubriques if r.theme in about_people]
    assert {"nationalite", "ages", "familles"} <= {r.rubrique for r in neutral}
    about_resources = {
        "part_allocataires_prestations_moitie_ressources",
        "part_allocataires_prestations_toutes_ressources",
    }
    ranked = {c for r in neutral for c, i in r.indicateurs.items() if i.sens != "neutre"}
    assert ranked == about_resources


def test_a_count_is_neutral_and_a_gap_to_elsewhere_reads_as_its_figure(
    indicateurs: dict[str, Indicateur],
) -> None:
    assert refused(indicateurs, lambda c, i: i.type != "effectif" or i.sens == "neutre") == []
    made = {c: i for c, i in indicateurs.items() if i.rapprochement}
    bases = {c: {indicateurs[b].sens for b in i.rapprochement.indicateurs} for c, i in made.items()}
    assert made and refused(made, lambda c, i: {i.sens} == bases[c]) == []
