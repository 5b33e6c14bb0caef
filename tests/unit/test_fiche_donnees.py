"""A small release written by hand, and what loading it promises."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary, Edition
from warehouse.domain.format import propre
from warehouse.publication.fiches.data import Donnees
from warehouse.publication.fiches.lecture import load_donnees

SCRIPT = "<script>alert(1)</script>"
HOSTILE = SCRIPT + " \"' onmouseover=x {{ 7*7 }} {valeur}"
SECRET = "case laissée vide par le producteur (secret statistique ou précision)"
RESERVE = "calculé sur 2 des 3 QPV : 1 laissé de côté (QP001002)"

SCHEMA = """
create table fct_indicateur(code_territoire text, type_territoire text, perimetre text,
    code_indicateur text, periode text, periode_debut date, periode_fin date, valeur double,
    statut text, motif text, source_id text, millesime text, en_avant boolean);
create table fct_evolution(code_territoire text, type_territoire text, perimetre text,
    code_indicateur text, periode text, periode_comparaison text, evolution_nb double,
    evolution_pct double, evolution_pts double, statut text, motif text,
    comparabilite text, en_avant boolean);
create table fct_ecart(code_territoire text, type_territoire text, perimetre text,
    code_indicateur text, reference text, code_reference text, periode text, valeur double,
    valeur_reference double, ecart double, unite_ecart text, periode_comparaison text,
    ecart_comparaison double, evolution_ecart double, tendance text, motif text,
    precedente boolean, premiere boolean);
create table fct_position(code_territoire text, perimetre text, code_indicateur text,
    periode text, valeur double, rang_france int, nb_france int, cinquieme_france int,
    classe_taille text, rang_taille int, nb_taille int, cinquieme_taille int,
    rang_semblables int, nb_semblables int, cinquieme_semblables int, niveau text,
    periode_comparaison text, rang_mouvement int, nb_mouvement int, mouvement text);
create table pont_qpv_semblable(code_qpv text, perimetre text, code_semblable text, rang int,
    distance double, nb_indicateurs int);
create table dim_comparabilite(code_indicateur text, type_territoire text, relation text,
    periode text, periode_comparaison text, comparabilite text, motif text);
create table dim_periode(periode text, periode_debut date, periode_fin date, libelle text);
create table dim_territoire(code_territoire text, type_territoire text, libelle text,
    libelle_long text, perimetre text, code_departement text, code_region text,
    code_epci text, codes_communes text, est_metropole boolean, nb_qpv bigint);
create table dim_indicateur(code_indicateur text, libelle text, unite text, type text,
    arrondi int, definition text, lecture text, theme text, rubrique text, agregation text,
    formule text, citation text, producteur text, periode text, periode_comparaison text,
    sens text);
create table dim_source(source_id text, millesime text, titre text, producteur text, page text,
    licence text, confiance text, remarque text, fichier text, sha256 text, etat text,
    periodes text);
create table pont_qpv_epci(code_qpv text, perimetre text, code_epci text, libelle_epci text,
    rang int, population_qpv double, periode_qpv text, population_dans_epci double,
    part_population double, motif_part text, source_id text, millesime text, origine text);
create table passage_qpv(code_qpv text, code_qpv_origine text, statut_passage text,
    relation text);
create table pont_qpv_commune(code_qpv text, perimetre text, code_commune text,
    libelle_commune text, code_commune_entiere text, part_population double,
    motif_part text, est_complete boolean);
"""

TERRITOIRES = [
    ("QP001001", "qpv", HOSTILE, "2015", "01", 1),
    ("QP001002", "qpv", "Elnon", "2015", "01", 1),
    ("QP001003", "qpv", "Arenberg", "2015", "01", 1),
    ("QN00101M", "qpv", "Quartier de 2024", "2024", "01", 1),
    ("QPV@EPCI:200000001", "qpv_epci", "QP de la CA Un", "2015", None, 3),
    ("QPV@EPCI:200000002", "qpv_epci", "QP de la CC Deux", "2015", None, 1),
    ("QPV@DEP:01", "qpv_departement", "QP de l'Ain", "2015", "01", 3),
    ("QPV@FRMETRO", "qpv_france", "QP de France métropolitaine", "2015", None, 3),
    ("EPCI:200000001", "epci", "CA Un", "", None, None),
    ("EPCI:200000002", "epci", "CC Deux", "", None, None),
    ("DEP:01", "departement", "Ain", "", "01", None),
    ("FRMETRO", "france", "France métropolitaine", "", None, None),
]

#: indicator → periods shown and compared
PERIODES = {
    "population_municipale": ("2018", "2013"),
    "nb_defm_abc": ("2021-12-31", None),
    "part_defm": ("2021-12-31", None),
    "revenu_median": (None, None),
}

#: territory, indicator, period, value, statut, motif
CHIFFRES = [
    ("QP001001", "population_municipale", "2018", 1000, "diffuse", None),
    ("QP001002", "population_municipale", "2018", 2000, "diffuse", None),
    ("QP001003", "population_municipale", "2018", 3000, "diffuse", None),
    ("QPV@EPCI:200000001", "population_municipale", "2018", 6000, "diffuse", None),
    ("QPV@EPCI:200000001", "population_municipale", "2013", 6100, "diffuse", None),
    ("EPCI:200000001", "population_municipale", "2018", 158837, "diffuse", None),
    ("QPV@FRMETRO", "population_municipale", "2018", 4829250, "diffuse", None),
    ("QP001001", "part_defm", "2021-12-31", 12.25, "diffuse", None),
    ("QP001002", "part_defm", "2021-12-31", 77.7, "secret_producteur", SECRET),
    ("QP001003", "part_defm", "2021-12-31", 46.3, "diffuse", None),
    ("QPV@EPCI:200000001", "part_defm", "2021-12-31", 40.1, "diffuse", RESERVE),
    ("QPV@EPCI:200000002", "part_defm", "2021-12-31", None, "non_disponible", None),
    ("FRMETRO", "part_defm", "2021-12-31", 51.6, "diffuse", None),
    ("QP001001", "nb_defm_abc", "2021-12-31", 0, "diffuse", None),
    ("QP001002", "nb_defm_abc", "2021-12-31", None, "secret_producteur", SECRET),
    ("QP001003", "nb_defm_abc", "2021-12-31", 232, "diffuse", None),
    ("QN00101M", "nb_defm_abc", "2021-12-31", 888, "diffuse", None),
    ("FRMETRO", "revenu_median", None, None, "non_disponible", "raison de la France"),
    ("QP001003", "revenu_median", None, None, "non_disponible", "fichier absent : filo.csv"),
]

SOURCES = [
    ("insee_a", "2022", HOSTILE, "insee", "https://www.insee.fr/a", "LO 2.0", "producteur",
     None, "a.csv", "0123456789abcdef", "lue", "2018, 2021-12-31"),
    ("tierce_b", "2023", "Une fiche", "observatoire", "javascript:alert(1)", "LO 2.0", "tierce",
     None, "b.csv", "fedcba9876543210", "lue", "2018"),
    ("insee_c", "2020", "Filosofi", "insee", None, "LO 2.0", "producteur",
     "introuvable", "filo.csv", None, "absente", "2020"),
]  # fmt: skip


def _indicateur(libelle: str, unite: str, kind: str, arrondi: int, lecture: str) -> dict:
    return {
        "libelle": libelle, "unite": unite, "type": kind, "arrondi": arrondi, "num": {"m": 1},
        "agregation": "aucune", "sens": "neutre", "definition": f"Définition de {libelle}.",
        "lecture": lecture, "publier": True,
    }  # fmt: skip


DICTIONNAIRE = Dictionary.model_validate(
    {
        "rubriques": [
            {
                "rubrique": "population", "theme": "démographie", "question": "Combien ?",
                "ordre": 1,
                "indicateurs": {
                    "population_municipale": _indicateur(
                        "Population municipale", "habitants", "effectif", 0,
                        "{territoire} compte {valeur} habitants en {periode}",
                    )
                },
                "tableaux": [
                    {
                        "id": "population", "titre": "Population",
                        "note": "Une note <b>méthodologique</b>.",
                        "colonnes": [
                            {"indicateur": "population_municipale", "titre": "Population"},
                            {"indicateur": "population_municipale", "titre": "Évolution (nombre)",
                             "grandeur": "evolution_nb"},
                            {"indicateur": "population_municipale", "titre": "Évolution (%)",
                             "grandeur": "evolution_pct"},
                        ],
                    }
                ],
            },
            {
                "rubrique": "chomage", "theme": "emploi", "question": "Qui ?", "ordre": 2,
                "indicateurs": {
                    "nb_defm_abc": _indicateur(
                        "Demandeurs", "personnes", "effectif", 0, "{territoire} : {valeur}"
                    ),
                    "part_defm": _indicateur(
                        "Part", "%", "part", 1,
                        "{valeur} % des demandeurs de {territoire} au {periode}",
                    ),
                    "revenu_median": _indicateur(
                        "Niveau de vie", "€ par an", "montant", 0, "{valeur}"
                    ),
                },
                "tableaux": [
                    {
                        "id": "defm", "titre": "Demandeurs d'emploi",
                        "colonnes": [
                            {"indicateur": "part_defm", "titre": "Part (%)"},
                            {"indicateur": "nb_defm_abc", "titre": "Demandeurs"},
                            {"indicateur": "revenu_median", "titre": "Revenu (€)"},
                        ],
                    },
                    {
                        "id": "revenus", "titre": "Niveau de vie médian",
                        "colonnes": [{"indicateur": "revenu_median", "titre": "Médiane (€)"}],
                    },
                ],
            },
        ]
    }
)  # fmt: skip

EDITION = Edition.model_validate(
    {
        "id": "2023", "titre": "Édition 2023", "perimetre": "2015", "references": {},
        "blocs": [{"bloc": "insee_a.rp", "periode": "2018"}],
    }
)  # fmt: skip


def write_release(path: Path) -> Path:
    with duckdb.connect(str(path)) as link:
        link.execute(SCHEMA)
        kinds = {code: (kind, perimetre) for code, kind, _, perimetre, _, _ in TERRITOIRES}
        for code, kind, libelle, perimetre, dep, nb in TERRITOIRES:
            link.execute(
                "insert into dim_territoire values (?, ?, ?, ?, ?, ?, null, null, null, true, ?)",
                [code, kind, libelle, libelle, perimetre, dep, nb],
            )
        for code, (periode, comparaison) in PERIODES.items():
            link.execute(
                "insert into dim_indicateur (code_indicateur, libelle, arrondi, agregation,"
                " formule, citation, periode, periode_comparaison, sens)"
                " values ($1, $1, 1, 'aucune', $1, $2, $3, $4, 'neutre')",
                [code, "Insee, une base" if periode else None, periode, comparaison],
            )
        for code, indicateur, periode, valeur, statut, motif in CHIFFRES:
            kind, perimetre = kinds[code]
            source = ("insee_a", "2022") if kind == "qpv" else ("tierce_b", "2023")
            link.execute(
                "insert into fct_indicateur values (?, ?, ?, ?, ?, null, null, ?, ?, ?, ?, ?, ?)",
                [
                    code,
                    kind,
                    perimetre,
                    indicateur,
                    periode,
                    valeur,
                    statut,
                    motif,
                    *source,
                    periode == PERIODES[indicateur][0],
                ],
            )
        # The same code in the other perimeter: its figures belong to other quarters.
        link.execute(
            "insert into fct_indicateur values ('QPV@EPCI:200000001', 'qpv_epci', '2024',"
            " 'nb_defm_abc', '2021-12-31', null, null, 999, 'diffuse', null, 'insee_a', '2022',"
            " true)"
        )
        for code, nb, pct in (
            ("QPV@EPCI:200000001", -100.0, -1.64),
            ("QP001003", 150.0, 5.25),
            ("QP001002", 0.0, None),
        ):
            link.execute(
                "insert into fct_evolution values (?, ?, '2015', 'population_municipale', '2018',"
                " '2013', ?, ?, null, 'diffuse', null, 'comparable', true)",
                [code, kinds[code][0], nb, pct],
            )
        link.execute(
            "insert into fct_evolution values ('QPV@EPCI:200000001', 'qpv_epci', '2024',"
            " 'population_municipale', '2018', '2013', 999, 999, null, 'diffuse', null,"
            " 'comparable', true)"
        )
        link.execute(
            "insert into fct_evolution values ('QP001001', 'qpv', '2015', 'population_municipale',"
            " '2018', '2013', null, null, null, 'non_disponible',"
            " '2013-12-31 : masqué, comme QP001002.', 'comparable', true)"
        )
        link.executemany(
            "insert into dim_source values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", SOURCES
        )
        for qpv, epci, libelle, rang in (
            ("QP001001", "200000001", "CA Un", 1),
            ("QP001002", "200000001", "CA Un", 1),
            ("QP001003", "200000001", "CA Un", 1),
            ("QP001003", "200000002", "CC Deux", 2),
        ):
            link.execute(
                "insert into pont_qpv_epci values (?, '2015', ?, ?, ?, null, null, null, null,"
                " 'non lue', null, null, 'x')",
                [qpv, epci, libelle, rang],
            )
        link.execute(
            "insert into pont_qpv_commune values ('QP001002', '2015', '01004', ?, '01004', null,"
            " 'non lue', false)",
            [HOSTILE],
        )
    return path


@pytest.fixture(scope="module")
def donnees(tmp_path_factory) -> Donnees:
    db = write_release(tmp_path_factory.mktemp("release") / "qpv.duckdb")
    return load_donnees(db, DICTIONNAIRE, EDITION)


def test_only_the_perimeter_of_the_edition_is_read(donnees):
    assert donnees.qpv == ["QP001001", "QP001002", "QP001003"]
    code = "QPV@EPCI:200000001"
    assert donnees.fait(("nb_defm_abc", "niveau"), code).texte == ""
    assert donnees.fait(("population_municipale", "evolution_nb"), code).texte == "\u2212100"


def test_a_value_without_the_statut_diffuse_is_not_even_kept(donnees):
    masked = donnees.fait(("part_defm", "niveau"), "QP001002")
    assert (masked.texte, masked.valeur, masked.motif) == ("", None, SECRET)


def test_a_missing_row_says_why(donnees):
    said = {
        ("part_defm", "niveau"): "aucun chiffre",
        ("part_defm", "evolution_nb"): "comparaison",
        ("revenu_median", "niveau"): "pas de source",
    }
    for column, words in said.items():
        assert words in donnees.fait(column, "DEP:01").motif


def test_a_reason_says_its_period_in_words_and_names_its_quarters(donnees):
    motif = donnees.fait(("population_municipale", "evolution_nb"), "QP001001").motif
    assert motif == "31 décembre 2013 : masqué, comme QP001002 Elnon"


def test_a_reason_calls_places_by_their_names(tmp_path):
    database = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(database)) as con:
        con.execute(
            "update fct_indicateur set statut = 'sans_objet', motif = 'retiré : EPCI:200000001"
            " contient QPV@EPCI:200000001 (DEP:01)' where code_indicateur = 'part_defm'"
        )
    said = load_donnees(database, DICTIONNAIRE, EDITION).fait(("part_defm", "niveau"), "QP001001")
    assert said.motif == "retiré : CA Un contient QP de la CA Un (Ain)"


def test_an_evolution_from_zero_has_a_count_but_no_percentage(donnees):
    assert donnees.fait(("population_municipale", "evolution_nb"), "QP001002").texte == "0"
    percentage = donnees.fait(("population_municipale", "evolution_pct"), "QP001002")
    assert percentage.texte == "" and "valeur de départ nulle" in percentage.motif


def test_a_link_to_a_producer_is_http_or_nothing(donnees):
    pages = {s.source_id: s.page for s in donnees.sources}
    assert pages == {"insee_a": "https://www.insee.fr/a", "tierce_b": None, "insee_c": None}


def test_labels_lose_control_and_direction_characters():
    assert propre(" a\x00b\u202ec\n d ") == "a b c d"


def test_a_release_without_a_table_is_refused_in_words(tmp_path):
    db = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(db)) as link:
        link.execute("drop table fct_evolution")
    with pytest.raises(QpvError, match="fct_evolution"):
        load_donnees(db, DICTIONNAIRE, EDITION)
    with pytest.raises(QpvError, match="absente"):
        load_donnees(tmp_path / "rien.duckdb", DICTIONNAIRE, EDITION)


def test_quarters_that_bear_one_name_tell_their_towns(tmp_path):
    db = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(db)) as link:
        for code, label, town in (
            ("QP001002", "Centre-Ville", "Bourg"),
            ("QP001003", "centre ville", "Oyonnax"),
        ):
            link.execute(
                "update dim_territoire set libelle = $1, libelle_long = $1 || ' (' || $2 || ')'"
                " where code_territoire = $3",
                [label, town, code],
            )
    known = load_donnees(db, DICTIONNAIRE, EDITION).territoires
    assert known["QP001002"].libelle == "Centre-Ville (Bourg)"
    assert known["QP001003"].libelle == "centre ville (Oyonnax)"
    assert known["QPV@EPCI:200000001"].libelle == "QP de la CA Un"


def test_the_first_commune_alone_is_known_as_such(donnees):
    [commune] = donnees.communes_des_qpv["QP001002"]
    assert not commune.complete
    assert all(link.complete for links in donnees.epci_des_qpv.values() for link in links)
