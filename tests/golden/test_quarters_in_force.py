"""QPV 2024 from real files: partial populations, new quarters, and why no evolution is there."""

from __future__ import annotations

import csv
import html
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.conftest import SHARED
from tests.fixtures import forked_qpv
from warehouse.base.layout import Layout

CONTRAT = SHARED / "published" / "contrat_2024_qpv.csv"
COMPILATION = SHARED / "extracts" / "geo" / "qpv2024_indicators_third_party_compilation.csv"
HAINAUT, VALENCIENNES = "200042190", "245901160"
#: The only ones that are looked at.
FICHES = (HAINAUT, "200033579", "246300701", "QN06307N")


@pytest.fixture(scope="module")
def release(
    national_release: Path,
    all_extracts: tuple[Path, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Edition 2024, from the extracts (official list, whole outlines) and the contract's list.

    In a folder where edition 2022 landed: what both read is not landed again.
    """
    if not CONTRAT.is_file():
        pytest.skip("the contract's list (../shared/data/published) is not here")
    data = tmp_path_factory.mktemp("en-vigueur")
    shutil.copytree(Layout(national_release.parents[1]).landing, Layout(data).landing)
    words = ("--edition", "2024", "--sans-documents", "--data", str(data))
    words += ("--extracts", str(SHARED), "--extracts", str(all_extracts[1]))
    shown = forked_qpv.Setting(fiches=FICHES)
    done = forked_qpv.run("build", *words, stderr=data / "dit.txt", setting=shown)
    assert done.returncode == 0, done.stderr
    return (data / "releases" / "latest").resolve()


@pytest.fixture(scope="module")
def con(release: Path):
    with duckdb.connect(str(release / "qpv.duckdb"), read_only=True) as link:
        yield link


def fiche(release: Path, page: str) -> str:
    """The words of a page, on one line, plain spaces."""
    text = (release / "fiches" / f"{page}.html").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text)))


def test_people_of_the_quarters_who_live_in_the_epci(con, release: Path) -> None:
    with CONTRAT.open(encoding="utf-8", newline="") as lines:
        printed = {r["code_qpv"]: float(r["population_2024"]) for r in csv.DictReader(lines)}
    rows = con.execute(
        "select code_qpv, population_dans_epci from pont_qpv_epci"
        " where code_epci = ? and perimetre = '2024'",
        [HAINAUT],
    ).fetchall()
    assert dict(rows) == printed
    assert sum(printed.values()) == 32305
    page = fiche(release, f"annexes/epci/{HAINAUT}")
    assert "32 305 personnes vivent à la fois dans l'un de ces 13 quartiers et dans" in page
    assert "(64 de ses 2 327 habitants†)" in page


def test_a_quarter_in_two_epci_is_in_both_sets_with_the_part_that_lives_there(con) -> None:
    rows = con.execute(
        "select code_epci, part_population, motif_part from pont_qpv_epci"
        " where code_qpv = 'QN05920M' order by code_epci"
    ).fetchall()
    assert [(code, part) for code, part, _ in rows] == [
        (HAINAUT, pytest.approx(64 / 2327)),
        (VALENCIENNES, None),
    ]
    assert "une part approchée" in rows[0][2] and "aucun fichier lu" in rows[1][2]


@pytest.mark.parametrize(("siren", "population"), [("200033579", 13716), ("242500361", 25627)])
def test_six_quarters_of_arras_and_besancon(con, siren: str, population: int) -> None:
    """25 627 is a count by hand over the six rows of the compilation."""
    row = con.execute(
        "select t.nb_qpv, f.valeur, f.periode, s.confiance from fct_indicateur as f"
        " inner join dim_territoire as t using (code_territoire, perimetre)"
        " inner join dim_source as s on s.source_id = f.source_id and s.millesime = f.millesime"
        " where code_territoire = ? and code_indicateur = 'population_municipale'",
        [f"QPV@EPCI:{siren}"],
    ).fetchall()
    assert row == [(6, population, "2020", "tierce")]


def test_metropolitan_france_is_what_insee_says(con) -> None:
    """Insee Première 2008: 1 362 quarters, 5.3 million people, 132 500 in the largest."""
    number, people, largest = con.execute(
        "select count(*), sum(f.valeur), max(f.valeur) from fct_indicateur as f"
        " inner join dim_territoire as t using (code_territoire, perimetre)"
        " where code_indicateur = 'population_municipale' and t.est_metropole"
    ).fetchone()
    assert (number, round(people / 1e6, 1), round(largest, -2)) == (1362, 5.3, 132500)


def test_the_official_list_is_in_force_and_the_quarters_before_it_in_mayotte_are_apart(con) -> None:
    """The list holds 1,584 codes; the older contours 1,609, of which 42 are its former ones."""
    sets = con.execute(
        "select code_territoire, nb_qpv from dim_territoire where perimetre = '2024'"
        " and type_territoire = 'qpv_departement'"
    ).fetchall()
    assert sum(number for _, number in sets) == 1584
    assert dict(sets)["QPV@DEP:976"] == 17
    former, people = con.execute(
        "select count(*), sum(valeur) from fct_indicateur as f inner join dim_territoire as t"
        " using (code_territoire, perimetre) where code_indicateur = 'population_municipale'"
        " and code_departement = '976' and f.type_territoire = 'qpv' and f.statut = 'diffuse'"
        " and t.libelle like 'Ancien quartier de Mayotte QN976%'"
    ).fetchone()
    with COMPILATION.open(encoding="utf-8", newline="") as lines:
        printed = {r["codeQPV"]: float(r["popMuniQPV"]) for r in csv.DictReader(lines)
                   if r["codeQPV"].startswith("QN976") and r["popMuniQPV"]}  # fmt: skip
    assert (former, people) == (len(printed), sum(printed.values())) and former == 42
    reasons = con.execute(
        "select distinct motif from fct_indicateur where code_territoire like 'QN976__C'"
        " and code_indicateur = 'population_municipale'"
    ).fetchall()
    assert [said[:36] for (said,) in reasons] == ["le producteur suit encore la liste p"]


def test_whole_outlines_are_read_and_the_simplified_ones_said_to_be_left(con) -> None:
    rows = con.execute(
        "select fichier, remarque from dim_source where source_id = 'anct_contours'"
    ).fetchall()
    assert rows == [
        (
            "QP2024_France_Hexagonale_Outre_Mer_WGS84.geojson",
            "préféré à qpv2024_simplified.geojson, aussi dans les extraits et non lu",
        )
    ]
    approximate = con.execute(
        "select count(*) from fct_indicateur where motif like '%simplifi%'"
    ).fetchone()
    assert approximate == (0,)


def test_no_evolution_crosses_the_perimeters_and_each_says_why(con, release: Path) -> None:
    assert con.execute(
        "select distinct type_territoire, periode_comparaison >= '2021' from fct_evolution"
        " where statut = 'diffuse'"
    ).fetchall() == [("commune", False)]
    by_letter = dict(
        con.execute(
            "select right(code_territoire, 1), string_agg(distinct motif, '|') from fct_evolution"
            " where type_territoire = 'qpv' and code_indicateur = 'population_municipale'"
            " group by 1"
        ).fetchall()
    )
    assert set(by_letter) == {"I", "M", "N"}
    assert by_letter["N"] == "quartier nouveau : aucune donnée antérieure"
    assert by_letter["M"].startswith("quartier au périmètre modifié")
    assert by_letter["I"].startswith("quartier au périmètre inchangé")
    for page in ("annexes/qpv/QN06307N", "annexes/epci/246300701"):
        # Other quarters bear this name: its commune tells it apart.
        assert (
            "« Centre (Clermont-Ferrand) » : quartier nouveau : aucune donnée antérieure"
            in fiche(release, page)
        )


def test_every_figure_bears_the_mark_of_its_source(release: Path) -> None:
    text = (release / "fiches" / "annexes" / "epci" / "200033579.html").read_text(encoding="utf-8")
    sections = {
        part.partition('"')[0]: re.findall(r"<td>(\d.*?)</td>", part)
        for part in text.split('<section class="rubrique" aria-labelledby="r-')[1:]
    }
    areas = sections.pop("superficie")
    assert areas and not any("source tierce" in cell for cell in areas)
    cells = [cell for found in sections.values() for cell in found]
    assert len(cells) > 12
    official = [cell for cell in cells if 'title="source tierce"' not in cell]
    assert official[0] == "100,0"  # the set, in % of itself
    # Insee's populations of the EPCI, the département and France; then the EPCI with a quarter.
    assert len(official) == 5
    assert all("communes, composition du 1er janvier 2023" in cell for cell in official[1:4])
    assert re.search(r'title="somme de ses \d+ EPCI', official[4])


def test_an_official_file_that_is_absent_is_named(con) -> None:
    row = con.execute(
        "select distinct statut, motif from fct_indicateur"
        " where code_indicateur = 'nb_defm_abc' and type_territoire = 'qpv'"
    ).fetchall()
    assert row == [("non_disponible", "fichier absent : DEFM2024_QP24_csv.zip")]


def test_no_column_whose_period_is_unknown_is_published(con) -> None:
    shown = con.execute(
        "select distinct code_indicateur from fct_indicateur where statut = 'diffuse'"
        " and starts_with(type_territoire, 'qpv')"
    ).fetchall()
    assert {code for (code,) in shown} == {
        "population_municipale",
        "part_population_qp_epci",
        "taux_pauvrete",
        "superficie",
    }
