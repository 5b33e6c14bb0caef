"""The ready-made queries on the sample's release, against what its fiche printed."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from warehouse import connect, poser
from warehouse.base.errors import QpvError
from warehouse.declared.table_models import TABLES
from warehouse.release.connect import open_release
from warehouse.release.requetes import DOSSIER, requetes

EPCI = "200042190"
#: Populations of 2018, as printed.
POPULATIONS = {"QP059050": 13_204, "QP059021": 10_744, "QP059058": 1_190}

#: Without a row on the sample: its quarters are each in one EPCI, and of one perimeter; its figures
#: are typed from a document, and none of those enters a rank; where no quarter has a diffused
#: figure, none lacks a comparison.
VIDES = ("qpv_a_cheval", "passage_entre_perimetres", "position_d_un_quartier",
         "ce_qui_a_le_plus_bouge", "comparaisons_absentes")  # fmt: skip


@pytest.fixture(scope="module")
def con(sample_data: Path) -> duckdb.DuckDBPyConnection:
    return connect(sample_data)


@pytest.fixture(scope="module")
def valeurs(sample_release: Path) -> dict[str, str]:
    """A value for each parameter that a query may have."""
    return {
        "epci": EPCI,
        "qpv": "QP059050",
        "departement": "59",
        "commune": "59172",
        "indicateur": "taux_emploi_15_64_ans",
        "reference": "epci",
        "precedente": str(sample_release),
    }


def rows(found: duckdb.DuckDBPyRelation) -> list[dict]:
    return found.to_arrow_table().to_pylist()


def by(found: list[dict], *key: str) -> dict:
    """Rows by key; a key that two rows share is an error."""
    indexed = {tuple(r[k] for k in key) if len(key) > 1 else r[key[0]]: r for r in found}
    assert len(indexed) == len(found)
    return indexed


def changed(release: Path, *orders: str) -> duckdb.DuckDBPyConnection:
    """A copy of a release's tables in memory, changed by each order."""
    con = duckdb.connect()
    con.execute(f"attach '{release / 'qpv.duckdb'}' as publiee (read_only)")
    for table in TABLES:
        con.execute(f"create table {table} as from publiee.{table}")
    for order in orders:
        con.execute(order)
    return con


@pytest.mark.parametrize("nom", requetes())
def test_each_file_says_what_it_answers(nom: str) -> None:
    head = (DOSSIER / f"{nom}.sql").read_text(encoding="utf-8").split("\nselect")[0]
    assert re.match(r"-- Question : .+ \?\n", head)
    assert re.search(r"^-- Paramètres? : ", head, re.M)
    assert re.search(r"^-- Attention : ", head, re.M)
    for name in requetes()[nom]:
        assert f"${name}" in re.search(r"^-- Paramètres?.*?(?=^-- Attention)", head, re.M | re.S)[0]


@pytest.mark.parametrize("nom", requetes())
def test_no_query_shows_a_value_that_is_not_diffused(
    sample_release: Path, valeurs: dict[str, str], nom: str
) -> None:
    # A release that would leave its values under the statuts: no query may rely on their absence.
    con = changed(
        sample_release,
        "update fct_indicateur set valeur = 8675309, statut = 'secret'",
        "update fct_evolution set evolution_nb = 8675309, evolution_pct = 8675309,"
        " evolution_pts = 8675309, statut = 'secret'",
    )
    parametres = {name: valeurs[name] for name in requetes()[nom]}
    found = rows(poser(con, nom, **parametres))
    assert found or nom in VIDES
    assert "8675309" not in repr(found)


def test_there_are_ten_and_more() -> None:
    assert len(requetes()) >= 10


def test_an_unknown_query_names_those_that_exist(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QpvError, match="rang_dans_epci"):
        poser(con, "rangs")


def test_a_wrong_parameter_names_those_that_exist(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QpvError, match=r"il manque indicateur.*epci, indicateur"):
        poser(con, "ecart_a_l_epci", epci=EPCI)
    with pytest.raises(QpvError, match=r"siren n'en est pas un.*epci"):
        poser(con, "chiffres_absents", epci=EPCI, siren=EPCI)
    with pytest.raises(QpvError, match="aucun paramètre"):
        poser(con, "qpv_a_cheval", epci=EPCI)


def test_a_parameter_is_a_value_and_never_sql(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QpvError, match="territoire inconnu"):
        poser(con, "chiffres_absents", epci="' or 1=1 --")


@pytest.mark.parametrize(
    ("nom", "parametres", "said"),
    [
        ("chiffres_absents", {"epci": "200042191"}, "EPCI:200042190"),
        ("chiffres_absents", {"epci": "DEP:59"}, "n'est pas un territoire de la sorte 'epci'"),
        ("rang_dans_epci", {"qpv": "QP059500"}, "QP059050"),
        ("rang_dans_epci", {"qpv": "QN05931M"}, "périmètre 2024"),
        ("chiffres_de_la_commune", {"commune": "59173"}, "59172 (Denain)"),
        ("evolutions_comparables", {"epci": EPCI, "indicateur": "revenu_mediann"}, "revenu_median"),
    ],
)
def test_an_unknown_value_is_said_instead_of_no_row(
    con: duckdb.DuckDBPyConnection, nom: str, parametres: dict[str, str], said: str
) -> None:
    with pytest.raises(QpvError) as no:
        poser(con, nom, **parametres)
    assert said in str(no.value)


def test_values_are_read_as_people_type_them(con: duckdb.DuckDBPyConnection) -> None:
    assert rows(poser(con, "rang_dans_epci", qpv=" qp059050 "))
    assert rows(poser(con, "chiffres_absents", epci=f"EPCI:{EPCI}"))
    typed = {"departement": "59", "indicateur": "PART_DEFM_ABC_FEMMES"}
    assert rows(poser(con, "plus_forts_du_departement", **typed))


def test_the_strongest_of_a_departement(con: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        poser(con, "plus_forts_du_departement", departement="59", indicateur="part_defm_abc_femmes")
    )
    assert len(found) == 13
    # Printed: 56.3 % in Collinière, 52.2 % in Couture Savonnerie, 50.9 % in Boulevard De La Liberté
    assert [(r["rang"], r["code_territoire"], round(r["valeur"], 1)) for r in found[:3]] == [
        (1, "QP059057", 56.3),
        (2, "QP059053", 52.2),
        (3, "QP059051", 50.9),
    ]
    last = found[-1]
    assert (last["code_territoire"], last["rang"], last["valeur"]) == ("QP059058", None, None)
    assert last["statut"] == "secret_producteur" and last["motif"]
    assert {r["periode"] for r in found} == {"2021-12-31"}
    assert all(r["citation"] and r["source_id"] for r in found)


def test_an_indicator_may_be_asked_by_its_other_name(con: duckdb.DuckDBPyConnection) -> None:
    names = ("part_monoparentales_menages_caf", "part_monoparentales_allocataires_caf")
    one, other = (
        poser(con, "plus_forts_du_departement", departement="59", indicateur=name).fetchall()
        for name in names
    )
    assert one == other and len(one) == 13


def test_the_rank_of_a_quarter_in_its_epci(con: duckdb.DuckDBPyConnection) -> None:
    found = by(rows(poser(con, "rang_dans_epci", qpv="QP059057")), "code_indicateur")
    women = found["part_defm_abc_femmes"]
    assert (women["rang"], women["classes"], women["sans_chiffre"]) == (1, 12, 1)
    # 46.3 % is printed for the 13 quarters: the 12 that have both terms give 47.0 %
    assert round(women["valeur_ensemble"], 1) == 47.0
    assert "12 des 13" in women["motif_ensemble"]
    people = found["population_municipale"]
    assert (people["rang"], people["classes"], people["valeur"]) == (9, 13, 1_315)
    assert people["valeur_ensemble"] == 45_519
    poor = found["taux_pauvrete"]
    assert poor["rang"] is None and poor["classes"] == 0 and poor["motif"]


def test_only_comparable_evolutions_have_a_figure(con: duckdb.DuckDBPyConnection) -> None:
    found = by(
        rows(
            poser(
                con,
                "evolutions_comparables",
                epci=EPCI,
                indicateur="nb_allocataires_minima_sociaux",
            )
        ),
        "code_territoire",
    )
    # Printed: -154 and -6.8 % in QP059050, -464 in the 13 quarters
    largest = found["QP059050"]
    assert (largest["evolution_nb"], round(largest["evolution_pct"], 1)) == (-154, -6.8)
    assert (largest["periode_comparaison"], largest["periode"]) == ("2016-12-31", "2021-12-31")
    assert found[f"QPV@EPCI:{EPCI}"]["evolution_nb"] == -464
    # The EPCI starts below its own quarters: no figure, and the rule says so.
    epci = found[f"EPCI:{EPCI}"]
    assert epci["statut"] == "non_comparable" and "P02" in epci["motif"]
    assert (epci["evolution_nb"], epci["evolution_pct"]) == (None, None)
    for row in found.values():
        if row["evolution_nb"] is None:
            assert row["motif"]


def test_the_gap_to_the_epci(con: duckdb.DuckDBPyConnection) -> None:
    found = by(
        rows(poser(con, "ecart_a_l_epci", epci=EPCI, indicateur="taux_emploi_15_64_ans")),
        "code_territoire",
    )
    # Printed: 34.5 % in QP059050 and 54.6 % in the EPCI
    assert len(found) == 13
    assert round(found["QP059050"]["ecart"], 1) == -20.1
    assert found["QP059050"]["unite_ecart"] == "points"
    assert rows(poser(con, "ecart_a_l_epci", epci=EPCI, indicateur="nb_defm_abc")) == []
    alone = rows(poser(con, "ecart_a_l_epci", epci=EPCI, indicateur="taux_pauvrete"))
    assert all(r["ecart"] is None and r["motif_qpv"] and r["motif_epci"] for r in alone)


def test_missing_figures_are_all_counted_with_their_reason(con: duckdb.DuckDBPyConnection) -> None:
    found = rows(poser(con, "chiffres_absents", epci=EPCI))
    (missing,) = con.sql(
        "select count(*) from fct_indicateur where type_territoire = 'qpv' and statut <> 'diffuse'"
    ).fetchone()
    assert sum(r["chiffres"] for r in found) == missing
    assert all(r["motif"] for r in found)
    assert any(r["statut"] == "secret_producteur" for r in found)


def test_the_distribution_of_incomes(sample_release: Path, con: duckdb.DuckDBPyConnection) -> None:
    # The sample has no income: every row says it.
    found = by(rows(poser(con, "distribution_des_revenus", epci=EPCI)), "code_territoire")
    assert len(found) == 14
    assert all(
        r["mediane"] is None and r["sans_chiffre"] == 8 and r["motifs"] for r in found.values()
    )
    told = changed(
        sample_release,
        "update fct_indicateur set valeur = 9000, statut = 'diffuse', motif = null"
        " where code_territoire = 'QP059050' and periode = '2020'"
        " and code_indicateur = 'revenu_premier_decile'",
        "update fct_indicateur set valeur = 12345, statut = 'diffuse', motif = null"
        " where code_territoire = 'QP059050' and periode = '2020'"
        " and code_indicateur = 'revenu_median'",
    )
    first = rows(poser(told, "distribution_des_revenus", epci=EPCI))[0]
    assert (first["code_territoire"], first["premier_decile"], first["mediane"]) == (
        "QP059050",
        9_000,
        12_345,
    )
    assert first["sans_chiffre"] == 6


def test_quarters_that_straddle(sample_release: Path, con: duckdb.DuckDBPyConnection) -> None:
    assert rows(poser(con, "qpv_a_cheval")) == []
    two = changed(
        sample_release,
        "update pont_qpv_epci set part_population = 0.75 where code_qpv = 'QP059030'",
        "insert into pont_qpv_epci by name select * replace ('200000001' as code_epci, 2 as rang,"
        " 0.25 as part_population) from pont_qpv_epci where code_qpv = 'QP059030'",
    )
    found = rows(poser(two, "qpv_a_cheval"))
    assert [(r["code_qpv"], r["code_epci"], r["part_population"]) for r in found] == [
        ("QP059030", EPCI, 0.75),
        ("QP059030", "200000001", 0.25),
    ]


def test_the_passage_from_one_perimeter_to_the_other(
    sample_release: Path, con: duckdb.DuckDBPyConnection
) -> None:
    assert rows(poser(con, "passage_entre_perimetres", epci=EPCI)) == []
    passed = changed(
        sample_release,
        "insert into passage_qpv values"
        " ('QN05957I', 'QP059057', 'INCHANGE', 'inchange'),"
        " ('QN05958I', 'QP059058', 'INCHANGE', 'inchange'),"
        " ('QN05959M', 'QP059058', 'MODIFIE', 'modifie'),"
        " ('QN00101I', 'QP001001', 'INCHANGE', 'inchange')",
    )
    found = rows(poser(passed, "passage_entre_perimetres", epci=EPCI))
    assert [(r["code_qpv"], r["continu"]) for r in found] == [
        ("QN05957I", True),
        ("QN05958I", False),  # another quarter of today takes some of QP059058 as well
        ("QN05959M", False),
    ]


def test_the_figures_of_a_commune(con: duckdb.DuckDBPyConnection) -> None:
    found = by(rows(poser(con, "chiffres_de_la_commune", commune="59172")), "code_indicateur")
    people = found["population_municipale"]
    assert (people["libelle_commune"], people["code_territoire"]) == ("Denain", "QP059050")
    assert (people["valeur"], people["periode"]) == (13_204, "2018")
    # Saint-Amand-les-Eaux has two quarters
    both = rows(poser(con, "chiffres_de_la_commune", commune="59526"))
    assert {r["code_territoire"] for r in both} == {"QP059057", "QP059058"}


def test_the_wide_table(con: duckdb.DuckDBPyConnection) -> None:
    found = by(rows(poser(con, "tableau_large", epci=EPCI)), "code_territoire")
    assert len(found) == 15
    for code, people in POPULATIONS.items():
        assert found[code]["population_municipale"] == people
        assert found[code]["population_municipale_statut"] == "diffuse"
    assert found[f"QPV@EPCI:{EPCI}"]["population_municipale"] == 45_519
    assert found[f"EPCI:{EPCI}"]["population_municipale"] == 158_837
    poor = found["QP059050"]
    assert (poor["taux_pauvrete"], poor["taux_pauvrete_statut"]) == (None, "non_disponible")
    for row in found.values():
        for name in [n for n in row if f"{n}_statut" in row]:
            assert (row[name] is not None) == (row[f"{name}_statut"] == "diffuse")


def test_changes_between_two_releases(sample_release: Path, tmp_path: Path) -> None:
    nom = "changements_entre_publications"
    with open_release(sample_release) as con:
        assert rows(poser(con, nom, precedente=str(sample_release))) == []
    (tmp_path / "tables").mkdir()
    old = tmp_path / "tables" / "fct_indicateur.parquet"
    before = changed(
        sample_release,
        "update fct_indicateur set valeur = 13000 where code_territoire = 'QP059050'"
        " and code_indicateur = 'population_municipale' and periode = '2018'",
        "update fct_indicateur set valeur = 777, statut = 'diffuse' where statut <> 'diffuse'"
        " and code_territoire = 'QP059058' and code_indicateur = 'part_defm_abc_femmes'"
        " and periode = '2021-12-31'",
        "update fct_indicateur set valeur = null, statut = 'non_disponible'"
        " where code_territoire = 'QP059021' and code_indicateur = 'population_municipale'"
        " and periode = '2018'",
    )
    before.execute(f"copy fct_indicateur to '{old}' (format parquet)")
    with open_release(sample_release) as con:
        found = rows(poser(con, nom, precedente=str(tmp_path)))
    said = by(found, "code_territoire", "code_indicateur")
    revised = said["QP059050", "population_municipale"]
    assert (revised["valeur_avant"], revised["valeur"], revised["difference"]) == (
        13_000,
        13_204,
        204,
    )
    added = said["QP059021", "population_municipale"]
    assert (added["statut_avant"], added["valeur"]) == ("non_disponible", 10_744)
    # What is no longer told is not told from the old release.
    gone = said["QP059058", "part_defm_abc_femmes"]
    assert (gone["valeur_avant"], gone["valeur"], gone["statut"]) == (
        None,
        None,
        "secret_producteur",
    )
    assert len(said) == 3


def test_a_set_of_other_quarters_is_another_territory(sample_release: Path, tmp_path: Path) -> None:
    """One code, two perimeters: a population of 13 quarters does not become that of others."""
    (tmp_path / "tables").mkdir()
    before = changed(
        sample_release,
        f"update fct_indicateur set perimetre = '2024', valeur = 54868"
        f" where code_territoire = 'QPV@EPCI:{EPCI}'"
        " and code_indicateur = 'population_municipale' and periode = '2018'",
    )
    old = tmp_path / "tables" / "fct_indicateur.parquet"
    before.execute(f"copy fct_indicateur to '{old}' (format parquet)")
    with open_release(sample_release) as con:
        found = rows(poser(con, "changements_entre_publications", precedente=str(tmp_path)))
    said = {r["perimetre"]: (r["valeur_avant"], r["valeur"], r["difference"]) for r in found}
    assert said == {"2015": (None, 45_519, None), "2024": (None, None, None)}
