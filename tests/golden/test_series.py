"""Series of the national release against the raw files, read here cell by cell."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import duckdb
import pytest

#: Period → file and column, as the producers' notices date them.
MEDIANE = {
    "2013": ("REVN_2017", "DISP_Q2"),
    "2014": ("REVN_2018", "DISP_Q2"),
    "2015": ("REVN_2019", "DISP_Q2"),
    "2016": ("data_filo16_qp_revdis", "disp_q2_a16"),
    "2017": ("REVN_2021", "DISP_Q2"),
    "2018": ("data_filo18_qp_revdis", "DISP_MED_A18"),
    "2021": ("filosofi_2021_qp15", "DISP_MED_A21"),
}


#: The poverty rate, in the same files but those that do not hold it.
PAUVRETE = {
    periode: (name, column)
    for periode, (name, _) in MEDIANE.items()
    if (
        column := {"2016": "tp60_a16", "2018": "DISP_TP60_A18", "2021": "DISP_TP60_A21"}.get(
            periode, "TP60"
        )
    )
}
CMUC = {
    "2016-01-01": ("REVN_2017", "CCMUC"),
    "2017-01-01": ("REVN_2018", "CCMUC"),
    "2018-01-01": ("REVN_2019", "CCMUC"),
}
#: 31 December → base Insertion professionnelle, and census year → the same.
IPRO = {f"{year}-12-31": f"IPRO_{year + 1}" for year in range(2016, 2022)}
IPRO_RP = {"2010": "IPRO_2018"} | {str(year): f"IPRO_{year + 4}" for year in range(2015, 2019)}
#: The same for the base Démographie, whose name changed.
DEMO = {f"{year}-12-31": f"DEMO_{year + 2}" for year in range(2015, 2021)}
DEMO["2018-12-31"] = "data_DEMO_2020_V1_QP"
DEMO_RP = {"2010": "DEMO_2018"} | {str(y): DEMO[f"{y + 2}-12-31"] for y in range(2015, 2019)}
#: For the base Revenus no millésime 2020 is at hand.
REVN = {f"{year}-12-31": f"REVN_{year + 2}" for year in (2015, 2016, 2017, 2019, 2020)}


def _column(files: dict[str, str], column: str) -> dict[str, tuple[str, str]]:
    return {periode: (name, column) for periode, name in files.items()}


SERIES = {
    "revenu_median": MEDIANE,
    "taux_pauvrete": PAUVRETE,
    "nb_couverts_cmuc": CMUC,
    "nb_defm_abc": _column(IPRO, "ABC"),
    "nb_defm_abc_femmes": _column(IPRO, "ABC_F"),
    "taux_emploi_15_64_ans": _column(IPRO_RP, "TX_TOT_EMPL"),
    "part_pop_etrangere": _column(DEMO_RP, "TX_TOT_ET"),
    "part_menages_1_personne": _column(DEMO_RP, "TX_TOT_MEN1"),
    "nb_personnes_couvertes_caf": _column(DEMO, "PERCOU"),
    "nb_familles_monoparentales_caf": _column(DEMO, "AM"),
    "nb_allocataires_rsa_socle": _column(REVN, "ARSAS"),
}
#: The quarters of CA de la Porte du Hainaut, as its published fiche lists them.
HAINAUT = [f"QP0590{n}" for n in (21, 22, 30, *range(50, 60))]
#: Fewest quarters that a file gives a figure of, whatever the column.
FEWEST = 900


@pytest.fixture(scope="module")
def con(national_release: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True)


def cells(folders: tuple[Path, ...], name: str, column: str) -> dict[str, float]:
    """Quarter → the number that its row holds in a column; a blank or a word is none."""
    [path] = [found for folder in folders for found in folder.rglob(f"{name}.csv")]
    with path.open(encoding="utf-8-sig") as lines:
        head = lines.readline()
        mark = ";" if head.count(";") > head.count(",") else ","
        names = [n.strip() for n in head.strip().split(mark)]
        found = {}
        for row in csv.reader(lines, delimiter=mark):
            text = "".join(row[names.index(column)].split()).replace(",", ".")
            if row[0].startswith("QP") and text.replace(".", "", 1).lstrip("-").isdigit():
                found[row[0]] = float(text)
    return found


@pytest.mark.parametrize("indicateur", SERIES)
def test_each_cell_of_each_period_is_the_file_s(
    con: duckdb.DuckDBPyConnection, all_extracts: tuple[Path, ...], indicateur: str
) -> None:
    published = con.execute(
        "select periode, code_territoire, valeur from fct_indicateur "
        "where code_indicateur = ? and type_territoire = 'qpv' and statut = 'diffuse'",
        [indicateur],
    ).fetchall()
    by_period: dict[str, dict[str, float]] = {}
    for periode, code, valeur in published:
        by_period.setdefault(periode, {})[code] = valeur
    assert {*SERIES[indicateur]} == {*by_period}
    for periode, (name, column) in SERIES[indicateur].items():
        raw = cells(all_extracts, name, column)
        assert len(raw) >= FEWEST, (periode, len(raw))
        own = {code: by_period[periode].get(code) for code in raw}
        wrong = {c: (v, own[c]) for c, v in raw.items() if own[c] is None or own[c] != v}
        assert not wrong, (periode, len(wrong), [*wrong.items()][:5])


#: Overseas: how the number of a quarter there begins.
OVERSEAS = ("97", "98")
#: Counts of quarters whose sums are looked at.
SUMMED = ["nb_defm_abc", "nb_personnes_couvertes_caf", "nb_familles_monoparentales_caf"]


@pytest.mark.parametrize("indicateur", SUMMED)
def test_the_thirteen_quarters_are_summed_at_each_date(
    con: duckdb.DuckDBPyConnection, all_extracts: tuple[Path, ...], indicateur: str
) -> None:
    told = _of_set(con, indicateur, "QPV@EPCI:200042190")
    assert told.keys() == SERIES[indicateur].keys() and len(told) == 6
    for periode, (valeur, statut, _) in told.items():
        raw = cells(all_extracts, *SERIES[indicateur][periode])
        assert (valeur, statut) == (sum(raw[code] for code in HAINAUT), "diffuse"), periode


@pytest.mark.parametrize("indicateur", SUMMED)
def test_the_metropolitan_sum_says_how_many_quarters_it_lacks_at_each_date(
    con: duckdb.DuckDBPyConnection, all_extracts: tuple[Path, ...], indicateur: str
) -> None:
    """A blank is never 0: a total without some of its 1,296 quarters is none."""
    told = _of_set(con, indicateur, "QPV@FRMETRO")
    assert told.keys() == SERIES[indicateur].keys()
    for periode, (valeur, _, motif) in told.items():
        raw = cells(all_extracts, *SERIES[indicateur][periode])
        known = sum(code[2:4] not in OVERSEAS for code in raw)
        assert valeur is None and f" : {1296 - known} des 1296 QPV " in motif, (periode, motif)


def test_the_metropolitan_population_is_summed_at_each_date(
    con: duckdb.DuckDBPyConnection, all_extracts: tuple[Path, ...]
) -> None:
    told = _of_set(con, "population_municipale", "QPV@FRMETRO")
    for periode in ("2013", "2018"):
        raw = cells(all_extracts, "population_qpv_2013_2018", f"pop_{periode}")
        known = [value for code, value in raw.items() if code[2:4] not in OVERSEAS]
        assert len(known) == 1296 and told[periode][:2] == (sum(known), "diffuse")


def _of_set(
    con: duckdb.DuckDBPyConnection, indicateur: str, code: str
) -> dict[str, tuple[float | None, str, str]]:
    """Period → value, statut and motif of a set."""
    rows = con.execute(
        "select periode, valeur, statut, motif from fct_indicateur"
        " where code_indicateur = ? and code_territoire = ?",
        [indicateur, code],
    ).fetchall()
    return {periode: tuple(rest) for periode, *rest in rows}


@pytest.mark.parametrize(
    ("reference", "fichier", "fewest"),
    [("epci", "EPCI", 1_100), ("departement", "DEP", 1_300), ("france", "METROPOLE", 1_200)],
)
def test_gaps_of_median_income_and_whether_they_close(
    con: duckdb.DuckDBPyConnection,
    all_extracts: tuple[Path, ...],
    reference: str,
    fichier: str,
    fewest: int,
) -> None:
    """2016 to 2018, recomputed from the raw files for each quarter that the release speaks of."""
    told = con.execute(
        "select code_territoire, code_reference, ecart, ecart_comparaison, tendance from fct_ecart "
        "where code_indicateur = 'revenu_median' and type_territoire = 'qpv' and reference = ? "
        "and periode = '2018' and periode_comparaison = '2016'",
        [reference],
    ).fetchall()
    assert len(told) > fewest
    quarters = [cells(all_extracts, *MEDIANE[year]) for year in ("2016", "2018")]
    places = [places_of(all_extracts, fichier, year) for year in ("16", "18")]
    counted = {"se_resserre": 0, "se_creuse": 0, "stable": 0}
    for code, place, now, before, tendance in told:
        key = place.rpartition(":")[2]
        gaps = [
            100 * (quarter[code] / where.get(key, where.get("")) - 1)
            for quarter, where in zip(quarters, places, strict=True)
        ]
        assert math.isclose(before, gaps[0], abs_tol=1e-6)
        assert math.isclose(now, gaps[1], abs_tol=1e-6)
        moved = abs(gaps[1]) - abs(gaps[0])
        expected = "stable" if abs(moved) <= 0.2 else "se_creuse" if moved > 0 else "se_resserre"
        assert tendance == expected, (code, gaps)
        counted[tendance] += 1
    assert min(counted.values()) > 50, counted


def places_of(folders: tuple[Path, ...], fichier: str, year: str) -> dict[str, float]:
    """Code of a place → its median; the only row of a file of metropolitan France is under ''."""
    [path] = [f for d in folders for f in d.rglob(f"FILO20{year}_DISP_{fichier}.csv")]
    with path.open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    found = {r["CODGEO"]: float(r[f"Q2{year}"].replace(",", ".")) for r in rows if r[f"Q2{year}"]}
    return found if len(rows) > 1 else {"": next(iter(found.values()))}


def test_no_forbidden_pair_is_an_evolution_or_a_link(con: duckdb.DuckDBPyConnection) -> None:
    """Over all pairs: the census five years apart, Filosofi and Cnam two."""
    pairs = con.execute(
        "select distinct code_indicateur, periode, periode_comparaison from dim_comparabilite "
        "where comparabilite <> 'non_comparable' and type_territoire = 'qpv' union "
        "select distinct code_indicateur, periode, periode_comparaison from fct_evolution "
        "where statut = 'diffuse' union "
        "select distinct code_indicateur, periode, periode_comparaison from fct_ecart "
        "where periode_comparaison is not null"
    ).fetchall()
    apart = {
        "taux_emploi_15_64_ans": 5,
        "revenu_median": 2,
        "taux_pauvrete": 2,
        "nb_couverts_cmuc": 2,
    }
    seen = dict.fromkeys(apart, 0)
    for code, later, earlier in pairs:
        if code in apart:
            seen[code] += 1
            assert int(later[:4]) - int(earlier[:4]) >= apart[code], (code, later, earlier)
    assert all(seen.values()), seen


def test_a_portal_and_a_spreadsheet_open_each_file_of_the_series(national_release: Path) -> None:
    """100 MB is what the preview of the national open-data portal reads."""
    tables = national_release / "tables"
    paths = [*(tables / "rubriques").glob("*.csv"), *tables.glob("tableau_large*")]
    assert len(paths) > 20
    assert max(path.stat().st_size for path in paths) < 100_000_000
    with (tables / "tableau_large.csv").open(encoding="utf-8") as lines:
        assert 3_000 < sum(1 for _ in lines) < 1_048_576
