"""What the real extracts say twice agrees: parts and their sum, part and whole, two files.

Where it does not, the number of quarters where it does not is a fact, written here.
"""

from __future__ import annotations

import duckdb
import pytest

DURATIONS = ("moins_6_mois", "6_11_mois", "12_23_mois", "24_mois_plus")
DIPLOMAS = ("inf_cap_bep", "cap_bep", "bac", "sup_bac")
FT = "ft_defm_abc"
BY_SEX = [
    "ft_defm_a", FT, "ft_defm_abcde", f"{FT}_rsa", *(f"{FT}_{x}" for x in (*DURATIONS, *DIPLOMAS)),
]  # fmt: skip
SUMS = [
    ("caf_allocataires", ["caf_isoles_sans_enfant", "caf_familles_monoparentales",
                          "caf_couples_sans_enfant", "caf_couples_avec_enfant"]),
    ("caf_enfants", [f"caf_enfants_{x}" for x in ("moins_3_ans", "3_5_ans", "6_10_ans",
                                                  "11_14_ans", "15_17_ans", "18_24_ans")]),
    (FT, [f"{FT}_{x}" for x in ("moins_26_ans", "26_49_ans", "50_ans_plus")]),
    *((f"{FT}{sex}", [f"{FT}_{x}{sex}" for x in DURATIONS]) for sex in ("", "_femmes", "_hommes")),
    *((whole, [f"{whole}_femmes", f"{whole}_hommes"]) for whole in BY_SEX),
]  # fmt: skip
#: Whole, parts → millésime → quarters with every cell, and those where the parts make less: the
#: nationality, the diploma or the qualification of some job seekers is not known.
INCOMPLETE = [
    (FT, [f"{FT}_francais", f"{FT}_etrangers"],
     {"2017": (1274, 640), "2018": (1283, 607), "2019": (1286, 563), "2020": (1258, 523),
      "2021": (1279, 518), "2022": (1291, 490)}),
    (FT, [f"{FT}_{x}" for x in DIPLOMAS],
     {"2017": (1320, 839), "2018": (1322, 838), "2020": (1302, 288), "2021": (1322, 299),
      "2022": (1330, 217)}),
    (f"{FT}_femmes", [f"{FT}_{x}_femmes" for x in DIPLOMAS],
     {"2017": (1173, 542), "2018": (1161, 561), "2020": (1170, 153), "2021": (1174, 150),
      "2022": (1206, 109)}),
    (f"{FT}_hommes", [f"{FT}_{x}_hommes" for x in DIPLOMAS],
     {"2017": (1173, 584), "2018": (1161, 577), "2020": (1170, 163), "2021": (1174, 176),
      "2022": (1206, 127)}),
    (FT, [f"{FT}_{x}" for x in ("agents_maitrise_cadres", "employes_qualifies",
                                "employes_non_qualifies", "ouvriers_qualifies",
                                "ouvriers_non_qualifies")],
     {"2017": (1159, 860), "2018": (1169, 891)}),
]  # fmt: skip
#: Part, whole, in the same file.
PARTS = [
    *((part, "caf_allocataires") for part in (
        "caf_etudiants", "caf_moins_25_ans_non_etudiants", "caf_familles_monoparentales",
        "caf_rsa", "caf_rsa_socle", "caf_aah", "caf_prime_activite",
        "caf_prestations_moitie_ressources")),
    ("caf_prestations_toutes_ressources", "caf_prestations_moitie_ressources"),
    ("caf_couples_3_enfants_plus", "caf_couples_avec_enfant"),
    ("caf_allocataires", "caf_personnes_couvertes"),
    ("caf_enfants", "caf_personnes_couvertes"),
    ("cnam_couverts_c2s", "cnam_assures"),
    *((f"ft_defm_a{sex}", f"{FT}{sex}") for sex in ("", "_femmes", "_hommes")),
    *((f"{FT}{sex}", f"ft_defm_abcde{sex}") for sex in ("", "_femmes", "_hommes")),
    *((f"{FT}_rsa{sex}", f"{FT}{sex}") for sex in ("", "_femmes", "_hommes")),
    ("pop_municipale", "pop_qpv_des_communes"),
    ("filo_d1", "filo_q1"), ("filo_q1", "filo_mediane"), ("filo_mediane", "filo_q3"),
    ("filo_q3", "filo_d9"),
    ("rpls_mises_en_service", "rpls_logements"),
    ("rpls_taux_vacance_3_mois", "rpls_taux_vacance"),
    ("rpls_loyer_q1", "rpls_loyer_median"), ("rpls_loyer_median", "rpls_loyer_q3"),
]  # fmt: skip
DISTRIBUTIONS = {
    "surface": ("moins_30_m2", "30_40_m2", "40_60_m2", "60_80_m2", "80_100_m2", "100_120_m2",
                "120_m2_plus"),
    "pièces": ("1_piece", "2_pieces", "3_pieces", "4_pieces", "5_pieces_plus"),
    "type": ("collectif", "individuel"),
    "époque": ("avant_1949", "1949_1975", "1976_1988", "1989_2000", "2001_2013", "apres_2013"),
    "financement": ("plai", "pli", "pls", "plus_apres_1977", "plus_avant_1977"),
}  # fmt: skip
#: Mesure, period, its two files → quarters in both, masked in one only, other value.
TWICE = {
    ("caf_allocataires", "2015-12-31", "insee_demo 2017", "insee_revn 2017"): (1345, 0, 0),
    ("caf_allocataires", "2016-12-31", "insee_demo 2018", "insee_revn 2018"): (1345, 0, 0),
    ("caf_allocataires", "2017-12-31", "insee_demo 2019", "insee_revn 2019"): (1345, 0, 0),
    ("caf_allocataires", "2019-12-31", "insee_demo 2021", "insee_revn 2021"): (1352, 6, 0),
    ("caf_allocataires", "2020-12-31", "insee_demo 2022", "insee_revn 2022"): (1352, 5, 0),
    ("pop_municipale", "2013", "insee_demo 2017", "insee_population 2018"): (1345, 0, 0),
    ("pop_municipale", "2013", "insee_demo 2019", "insee_population 2018"): (1345, 0, 0),
    ("pop_municipale", "2018", "insee_demo 2021", "insee_population 2018"): (1400, 0, 0),
    ("pop_municipale", "2018", "insee_demo 2022", "insee_population 2018"): (1400, 0, 0),
    # Communes merged between the two editions.
    ("pop_communes", "2013", "insee_demo 2017", "insee_demo 2019"): (1345, 0, 17),
    ("pop_communes", "2013", "insee_demo 2017", "insee_demo 2020"): (1345, 0, 25),
    ("pop_communes", "2013", "insee_demo 2018", "insee_demo 2019"): (1345, 0, 17),
    ("pop_communes", "2013", "insee_demo 2018", "insee_demo 2020"): (1345, 0, 25),
    ("pop_communes", "2013", "insee_demo 2019", "insee_demo 2020"): (1345, 0, 8),
    ("pop_qpv_des_communes", "2013", "insee_demo 2017", "insee_demo 2019"): (1345, 0, 1),
    ("pop_qpv_des_communes", "2013", "insee_demo 2017", "insee_demo 2020"): (1345, 0, 11),
    ("pop_qpv_des_communes", "2013", "insee_demo 2018", "insee_demo 2019"): (1345, 0, 1),
    ("pop_qpv_des_communes", "2013", "insee_demo 2018", "insee_demo 2020"): (1345, 0, 11),
    ("pop_qpv_des_communes", "2013", "insee_demo 2019", "insee_demo 2020"): (1345, 0, 10),
}
#: Figures of Filosofi 2018 and of the census of 2010, to the last one in both of their files.
SAME = {
    ("insee_filosofi 2018", "insee_revn 2022"): (12, 1352),
    ("insee_demo 2017", "insee_rp 2010"): (6, 1292),
    ("insee_ipro 2017", "insee_rp 2010"): (6, 1292),
    ("insee_ipro 2017", "insee_ipro 2018"): (6, 1345),
}

Cells = duckdb.DuckDBPyConnection


def summed(extracts_cells: Cells, whole: str, parts: list[str]) -> dict[str, tuple[int, int, int]]:
    """Millésime → quarters where all cells are diffused, where the parts make less, more."""
    rows = extracts_cells.execute(
        "with q as (select source_id, millesime, code_territoire, count(valeur) n, "
        "sum(valeur) filter (mesure = $whole) total, sum(valeur) filter (mesure <> $whole) somme "
        "from cellules where source_id in ('insee_demo', 'insee_ipro') "
        "and list_contains($all, mesure) group by all) "
        "select millesime, count(*), count(*) filter (somme < total), "
        "count(*) filter (somme > total) from q where n = len($all) group by source_id, millesime",
        {"whole": whole, "all": [whole, *parts]},
    ).fetchall()
    return {millesime: tuple(counts) for millesime, *counts in rows}


@pytest.mark.parametrize(("whole", "parts"), SUMS, ids=lambda x: x if isinstance(x, str) else "")
def test_the_parts_make_the_whole_wherever_all_are_diffused(
    extracts_cells: Cells, whole: str, parts: list[str]
) -> None:
    found = summed(extracts_cells, whole, parts)
    assert len(found) >= 3 and min(n for n, *_ in found.values()) > 1150
    assert {m: gaps for m, (_, *gaps) in found.items() if any(gaps)} == {}


@pytest.mark.parametrize(
    ("whole", "parts", "complete"),
    [
        # In 2018, women and men make 1 contract less or more than the total in eleven quarters.
        (
            "asp_contrats_aides",
            ["asp_contrats_aides_femmes", "asp_contrats_aides_hommes"],
            {"2017": (1080, 0, 0), "2018": (818, 10, 1)},
        ),
        ("asp_cui", ["asp_cui_cie", "asp_cui_cae"], {"2017": (553, 0, 0), "2018": (230, 0, 0)}),
    ],
)
def test_the_aided_contracts_are_told_apart_in_two_editions(
    extracts_cells: Cells, whole: str, parts: list[str], complete: dict[str, tuple[int, int, int]]
) -> None:
    assert summed(extracts_cells, whole, parts) == complete


@pytest.mark.parametrize(("whole", "parts", "expected"), INCOMPLETE)
def test_some_parts_leave_out_what_is_not_known(
    extracts_cells: Cells, whole: str, parts: list[str], expected: dict[str, tuple[int, int]]
) -> None:
    found = summed(extracts_cells, whole, parts)
    assert found == {m: (complete, less, 0) for m, (complete, less) in expected.items()}


def exceeding(extracts_cells: Cells, part: str, whole: str) -> dict[str, tuple[int, int]]:
    """Source and millésime → quarters where both are diffused, where the part is the greater."""
    rows = extracts_cells.execute(
        "select p.source_id || ' ' || p.millesime, count(*), count(*) filter (p.valeur > w.valeur) "
        "from cellules p join cellules w using (code_territoire, source_id, millesime, periode) "
        "where p.mesure = ? and w.mesure = ? and p.statut = 'diffuse' and w.statut = 'diffuse' "
        "and p.perimetre <> '' group by all",
        [part, whole],
    ).fetchall()
    return {file: (both, above) for file, both, above in rows}


@pytest.mark.parametrize(("part", "whole"), PARTS)
def test_a_part_never_exceeds_its_whole(extracts_cells: Cells, part: str, whole: str) -> None:
    found = exceeding(extracts_cells, part, whole)
    assert sum(both for both, _ in found.values()) >= 100
    assert {file: above for file, (_, above) in found.items() if above} == {}


def test_the_job_seekers_of_any_kind_are_at_most_all_of_them(extracts_cells: Cells) -> None:
    kinds = {
        mesure
        for (mesure,) in extracts_cells.execute(
            "select distinct mesure from cellules where starts_with(mesure, ?)", [f"{FT}_"]
        ).fetchall()
    }
    assert len(kinds) > 35
    found = {kind: exceeding(extracts_cells, kind, FT) for kind in kinds}
    assert [kind for kind in kinds if any(above for _, above in found[kind].values())] == []


def test_known_cases_where_the_whole_is_the_smaller(extracts_cells: Cells) -> None:
    """Quarters of one commune that counts fewer people than its own quarters, in two files;
    in a few small quarters, the Caf of a later year covers more people than the census counted.
    """
    communes = exceeding(extracts_cells, "pop_qpv_des_communes", "pop_communes")
    said = {file: above for file, (_, above) in communes.items() if above}
    assert said == {"insee_demo 2017": 1, "insee_demo 2018": 1}
    covered = extracts_cells.sql(
        "select c.millesime, count(*) filter (c.valeur > p.valeur) from cellules c "
        "join cellules p using (code_territoire, source_id, millesime) "
        "where c.mesure = 'caf_personnes_couvertes' and p.mesure = 'pop_municipale' group by all"
    ).fetchall()
    assert dict(covered) == {"2017": 1, "2018": 7, "2019": 10, "2020": 15, "2021": 12, "2022": 12}


@pytest.mark.parametrize("names", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
def test_a_distribution_of_dwellings_makes_a_hundred(
    extracts_cells: Cells, names: tuple[str, ...]
) -> None:
    """To the rounding of each share, printed with one decimal."""
    sums = extracts_cells.execute(
        "select sum(valeur) from cellules where list_contains(?, mesure) "
        "group by code_territoire having count(valeur) = ?",
        [[f"rpls_part_{name}" for name in names], len(names)],
    ).fetchall()
    assert len(sums) >= 60
    assert max(abs(total - 100) for (total,) in sums) <= 0.05 * len(names) + 1e-9


@pytest.fixture(scope="module")
def twice(extracts_cells: Cells) -> dict[tuple[str, str, str, str], tuple[int, int, int]]:
    """Every figure of one period that two files hold, keyed and counted as `TWICE`."""
    rows = extracts_cells.sql(
        "select a.mesure, a.periode, a.source_id || ' ' || a.millesime as une, "
        "b.source_id || ' ' || b.millesime as autre, count(*), "
        "count(*) filter ((a.valeur is null) <> (b.valeur is null)), "
        "count(*) filter (a.valeur <> b.valeur) "
        "from cellules a join cellules b using (code_territoire, perimetre, mesure, periode) "
        "where a.perimetre <> '' "
        "and a.source_id || ' ' || a.millesime < b.source_id || ' ' || b.millesime group by all"
    ).fetchall()
    return {tuple(row[:4]): tuple(row[4:]) for row in rows}


def test_one_figure_in_two_files_is_the_same(twice: dict) -> None:
    assert {key: twice[key] for key in TWICE} == TWICE
    differ = {key for key, (_, masked, other) in twice.items() if masked or other}
    assert differ <= TWICE.keys()


def test_the_year_of_a_file_is_not_the_year_of_its_figures(twice: dict) -> None:
    """REVN 2022 is Filosofi 2018; DEMO and IPRO 2017 are the census of 2010: cell by cell."""
    for files, (mesures, quarters) in SAME.items():
        same = [counts for key, counts in twice.items() if key[2:] == files]
        assert same == [(quarters, 0, 0)] * mesures
