"""What the real national extracts must give: figures printed in the published fiche."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import EXTRACTS, SHARED

PUBLISHED = SHARED / "published"
EPCI = "QPV@EPCI:200042190"


@pytest.fixture(scope="module")
def figures(national_release: Path) -> dict[tuple[str, str, str], tuple]:
    """(territory, indicator, period) → (valeur, statut, motif)."""
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select code_territoire, code_indicateur, periode, valeur, statut, motif "
            "from fct_indicateur"
        ).fetchall()
    return {(t, i, p): (v, s, m) for t, i, p, v, s, m in rows}


def published(table: str) -> list[dict[str, str]]:
    """One printed table."""
    with (PUBLISHED / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def rounded(value: float, decimals: int) -> Decimal:
    """Half away from zero, as printed."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def test_population_of_the_quarters_and_their_three_sums(figures: dict) -> None:
    rows = [r for r in published("population_2018") if r["territoire"].startswith("Q")]
    assert len(rows) == 16
    for row in rows:
        valeur, statut, _ = figures[row["territoire"], "population_municipale", "2018"]
        assert (valeur, statut) == (float(row["population_2018"]), "diffuse"), row
    sums = [figures[c, "population_municipale", "2018"][0] for c in (EPCI, "QPV@DEP:59")]
    assert [*sums, figures["QPV@FRMETRO", "population_municipale", "2018"][0]] == [
        45519,
        361125,
        4829250,
    ]


def test_every_cell_of_the_job_seekers_table(figures: dict) -> None:
    columns = {
        "defm_abc": ("nb_defm_abc", 0),
        "part_femmes_pct": ("part_defm_abc_femmes", 1),
        "part_moins_26_pct": ("part_defm_abc_moins_26_ans", 1),
        "part_etrangers_pct": ("part_defm_abc_etrangers", 1),
        "part_bac2_pct": ("part_defm_abc_sup_bac", 1),
        "part_plus_2_ans_pct": ("part_defm_abc_plus_2_ans", 1),
    }
    compared = shares = 0
    for row in published("defm_annuel_2021"):
        if not row["territoire"].startswith("QP0"):
            continue
        for column, (indicateur, decimals) in columns.items():
            valeur, statut, motif = figures[row["territoire"], indicateur, "2021-12-31"]
            if row[column] == "nd":
                assert valeur is None and statut == "secret_producteur" and motif, row
            else:
                assert rounded(valeur, decimals) == Decimal(row[column]), (row, column)
            compared += 1
            shares += column != "defm_abc"
    assert (compared, shares) == (78, 65)
    assert figures[EPCI, "nb_defm_abc", "2021-12-31"][0] == 7601
    assert figures["QPV@DEP:59", "nb_defm_abc", "2021-12-31"][0] == 57678


def test_the_people_that_the_caf_covers_over_the_population_of_the_same_row(
    figures: dict,
) -> None:
    """Insee's file read here on its own: the quotient of two of its columns, quarter by quarter."""
    path = EXTRACTS / "insee_demo" / "DEMO_2022.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = {row["CODGEO"]: row for row in csv.DictReader(lines, delimiter=";")}

    def number(cell: str) -> float | None:
        digits = "".join(cell.split())
        return float(digits) if digits.isdigit() else None

    seen = 0
    for code, row in rows.items():
        covered, people = number(row["PERCOU"]), number(row["POP_MUN"])
        valeur, statut, _ = figures.get(
            (code, "part_population_couverte_caf", "2020-12-31"), (None, "absent", None)
        )
        if covered is not None and people:
            assert statut == "diffuse" and valeur == pytest.approx(100 * covered / people), code
            seen += 1
        else:
            assert valeur is None, code
    assert seen > 1200
    assert max(v for (_, i, _), (v, *_) in figures.items() if "couverte_caf" in i and v) > 100


def test_a_share_covers_the_same_quarters_above_and_below(figures: dict) -> None:
    """46.3 % is printed: 3 519 women of 12 quarters over 7 601 job seekers of 13."""
    valeur, statut, motif = figures[EPCI, "part_defm_abc_femmes", "2021-12-31"]
    assert statut == "diffuse"
    assert rounded(valeur, 1) == Decimal("47.0")
    assert valeur == pytest.approx(100 * 3519 / 7488)
    assert motif == "calculé sur 12 des 13 QPV : 1 laissé de côté (QP059058)"


def test_a_count_with_a_masked_part_is_not_published(figures: dict) -> None:
    valeur, statut, motif = figures["QPV@DEP:59", "nb_couverts_c2s", "2021-01-01"]
    assert valeur is None and statut != "diffuse"
    assert "3 des 91 QPV" in motif and "QP059041" in motif


def test_a_median_is_never_recomposed(figures: dict) -> None:
    for code in (EPCI, "QPV@DEP:59", "QPV@FRMETRO"):
        valeur, statut, motif = figures[code, "revenu_median", "2018"]
        assert (valeur, statut) == (None, "non_disponible")
        assert "une médiane" in motif and "ne se recomposent pas" in motif
    # Filosofi covers no quarter of Guyane: that is the reason, and no other.
    valeur, statut, motif = figures["QPV@DEP:973", "revenu_median", "2018"]
    assert (valeur, statut) == (None, "hors_champ")
    assert motif.endswith("la source ne couvre pas ce territoire")
    assert figures["FRMETRO", "revenu_median", "2018"][0] == 21730


def test_the_producer_s_own_line_is_a_territory_that_says_what_it_covers(figures: dict) -> None:
    """The line « Ensemble » of data_filo18_qp_revdis.csv, and of DEMO_2017.csv, as printed."""
    champ = "ligne nationale du producteur : QPV de France métropolitaine"
    filosofi = f"{champ}, de La Réunion et de Martinique"
    for indicateur, printed in (
        ("revenu_median", 13770),
        ("taux_pauvrete", 44.7),
        ("indice_gini", 0.243),
        ("part_revenus_impots", 10.2),
    ):
        assert figures["QPV@INSEE", indicateur, "2018"] == (printed, "diffuse", filosofi)
    counts = f"{champ} et de La Réunion ; effectifs arrondis à la centaine"
    assert figures["QPV@INSEE", "nb_allocataires_caf", "2015-12-31"] == (1428400, "diffuse", counts)
    # DEMO_2017 prints 5,019,573; DEMO_2020, the newest file of that period, has no such line.
    valeur, statut, motif = figures["QPV@INSEE", "population_municipale", "2013"]
    assert (valeur, statut) == (None, "non_disponible")
    assert motif == "la source lue ne donne pas ce chiffre pour ce territoire"
    assert figures["QPV@INSEE", "part_pop_etrangere", "2010"] == (18.6, "diffuse", champ)
    # It is set beside nothing: no metropolitan figure covers the same quarters.
    assert figures["QPV@INSEE", "ecart_relatif_revenu_median_france", "2018"][1] == "sans_objet"


def test_all_of_france_is_there(national_release: Path) -> None:
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as con:
        counts = con.execute(
            "select count(*) filter (est_metropole), count(*) filter (not est_metropole) "
            "from dim_territoire where type_territoire = 'qpv' and perimetre = '2015'"
        ).fetchone()
        orphan = con.execute(
            "select count(*) from dim_territoire where type_territoire = 'qpv' "
            "and perimetre = '2015' and code_territoire not in (select code_qpv from pont_qpv_epci)"
        ).fetchone()
    assert counts == (1296, 140)
    assert orphan[0] == 0
    pages = {path.stem for path in (national_release / "fiches" / "qpv").glob("*.html")}
    assert len(pages) > 140 and len({code[2:5] for code in pages}) > 60  # départements
