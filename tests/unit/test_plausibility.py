"""Each plausibility rule on a tiny table that breaks it, and on one that rounding explains."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.registry import load_registry
from quality.plausibility.findings import Finding
from quality.plausibility.judge import judge
from quality.plausibility.rules import REGLES
from quality.plausibility.tables import read_tables
from warehouse.declared.dictionary import load_dictionary

EPCI, ENSEMBLE = "EPCI:200000001", "QPV@EPCI:200000001"
DICTIONARY = load_dictionary()
ESTIMEES = load_registry().estimees
#: Column → (indicator, what it shows, period, compared period).
COLUMNS = {
    "rsa": ("nb_allocataires_rsa_socle", "niveau", "2021-12-31", ""),
    "rsa_nb": ("nb_allocataires_rsa_socle", "evolution_nb", "2021-12-31", "2016-12-31"),
    "rsa_pct": ("nb_allocataires_rsa_socle", "evolution_pct", "2021-12-31", "2016-12-31"),
    "rsa_bis": ("nb_allocataires_rsa_socle", "niveau", "2021-12-31", ""),
    "minima": ("nb_allocataires_minima_sociaux", "niveau", "2021-12-31", ""),
    "couverture": ("taux_couverture_minima_sociaux", "niveau", "2021-12-31", ""),
    "part_aah": ("part_menages_aah", "niveau", "2021-12-31", ""),
    "part_rsa": ("part_menages_rsa", "niveau", "2021-12-31", ""),
    "defm": ("nb_defm_abc", "niveau", "2021-12-31", ""),
    "femmes": ("part_defm_abc_femmes", "niveau", "2021-12-31", ""),
    "jeunes": ("pop_moins_20_ans", "niveau", "2019", ""),
    "indice": ("indice_jeunesse", "niveau", "2019", ""),
    "seniors": ("pop_60_74_ans", "niveau", "2019", ""),
    "ages": ("pop_75_ans_plus", "niveau", "2019", ""),
    "etrangers": ("pop_etrangere", "niveau", "2019", ""),
    "etrangers_nb": ("pop_etrangere", "evolution_nb", "2019", "2011"),
    "etrangers_pct": ("pop_etrangere", "evolution_pct", "2019", "2011"),
    "emploi": ("taux_emploi_15_64_ans", "niveau", "2019", ""),
    "emploi_f": ("taux_emploi_15_64_ans_femmes", "niveau", "2019", ""),
    "ecart": ("ecart_taux_emploi_femmes_hommes", "niveau", "2019", ""),
    "population": ("part_population_qp_epci", "niveau", "2018", ""),
    "idt_evol": ("idt", "evolution_nb", "2019", "2011"),
}


def check(folder: Path, table: str) -> list[Finding]:
    """The findings on one table, written as `territoire colonne…` then a row per line."""
    rows = [line.split() for line in table.strip().splitlines()]
    codes = {"CA": EPCI, "QP": ENSEMBLE, "A": "QP000001", "B": "QP000002", "C": "QP000003"}
    lines = [",".join(rows[0]), *(",".join([codes.get(r[0], r[0]), *r[1:]]) for r in rows[1:])]
    (folder / "fiche.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    head = "fichier,colonne,code_indicateur,mesure,periode,periode_comparaison"
    named = [f"fiche,{c},{','.join(COLUMNS[c])}" for c in rows[0][1:]]
    (folder / "golden_map.csv").write_text("\n".join([head, *named]) + "\n", encoding="utf-8")
    return judge(read_tables([folder / "fiche.csv"], None, DICTIONARY, ESTIMEES).con)


#: Rule → (table that breaks it, what the finding must show, table that does not break it).
CASES = {
    "P01": ("territoire rsa\nQP 120\nCA 100", "100, contre 120", "territoire rsa\nQP 99\nCA 100"),
    # 150 + 20 in 2016 in the QPV, 500 - 400 in the whole EPCI.
    "P02": (
        "territoire rsa rsa_nb\nQP 150 -20\nCA 500 400",
        "500 − 400 = 100, contre 150 + 20 = 170",
        "territoire rsa rsa_nb\nQP 150 -20\nCA 500 300",
    ),
    # 60 % of 100 is 60 women in the QPV, 25 % of 200 is 50 in the EPCI.
    "P03": (
        "territoire defm femmes\nQP 100 60.0\nCA 200 25.0",
        "25 % × 200 = 50, contre 60 % × 100 = 60",
        "territoire defm femmes\nQP 100 60.0\nCA 200 30.0",
    ),
    "P04": (
        "territoire rsa\nA 10\nB 20\nQP 31",
        "le total est 31, la somme des 2 parties connues est 30",
        "territoire rsa\nA 10\nB 20\nQP 30",
    ),
    "P05": (
        "territoire emploi\nA 40.0\nB 50.0\nQP 50.2",
        "50,2 alors que ses 2 parties vont de 40,0 à 50,0",
        # 50.05 may be behind both.
        "territoire emploi\nA 40.0\nB 50.0\nQP 50.1",
    ),
    # 100 women of 200, and 50 job seekers whose women are masked: 40.0 = 100 / 250.
    "P06": (
        "territoire defm femmes\nA 100 50.0\nB 100 50.0\nC 50 nd\nQP 250 40.0",
        "100 ÷ 200 = 50,0 %",
        "territoire defm femmes\nA 100 50.0\nB 100 50.0\nC 50 nd\nQP 250 50.0",
    ),
    "P07": (
        "territoire rsa rsa_nb rsa_pct\nA 110 10 11.0",
        "+10 ÷ 100 = +10,00 %",
        "territoire rsa rsa_nb rsa_pct\nA 110 10 10.0",
    ),
    # Women 30, gap -10: men 40, and the total is not between them.
    "P08": (
        "territoire emploi emploi_f ecart\nA 45.0 30.0 -10.0",
        "hommes (30 + 10 = 40)",
        "territoire emploi emploi_f ecart\nA 35.0 30.0 -10.0",
    ),
    "P09": (
        "territoire jeunes seniors ages indice\nA 300 150 50 1.6",
        "300 ÷ 200 = 1,50",
        "territoire jeunes seniors ages indice\nA 300 150 50 1.5",
    ),
    "P10": (
        "territoire idt_evol\n" + "\n".join(f"QP00001{i} {i - 4}" for i in range(9)) + "\nCA 96",
        "celles des 9 QPV vont de −4,0 à +4,0",
        "territoire idt_evol\n" + "\n".join(f"QP00001{i} {i - 4}" for i in range(9)) + "\nCA 12",
    ),
    "P11": (
        "territoire rsa rsa_bis\nA 10 12",
        "imprimé 10,0 et 12,0",
        "territoire rsa rsa_bis\nA 10 10",
    ),
    "P12": (
        "territoire population\nA 40.0\nB 59.0\nQP 100",
        "font 99,0 %",
        "territoire population\nA 40.0\nB 59.9\nQP 100",
    ),
    # (33.6 % of 1 000 - 20 % of 750) / 250 = 74.4 %.
    "P13": (
        "territoire defm femmes\nA 400 19.0\nB 350 21.1\nC 9 15.0\nQP 750 20.0\nCA 1000 33.6",
        "74,4 %",
        "territoire defm femmes\nA 400 19.0\nB 350 21.1\nC 9 15.0\nQP 750 20.0\nCA 1000 22.0",
    ),
}


#: They need to know which communes a figure is about, or the registry's sums:
#: `test_plausibility_communes`, `test_plausibility_declared_sums`.
AILLEURS = {"P14", "P15", "P16"}


def test_every_rule_has_its_case() -> None:
    assert set(CASES) | AILLEURS == set(REGLES)


@pytest.mark.parametrize("regle", CASES)
def test_rule_finds_what_breaks_it_with_its_arithmetic(regle: str, tmp_path: Path) -> None:
    broken, arithmetic, _ = CASES[regle]
    found = [f.phrase.replace("\u202f", " ") for f in check(tmp_path, broken) if f.regle == regle]
    assert found, "nothing found"
    assert any(arithmetic in phrase for phrase in found), found


@pytest.mark.parametrize("regle", CASES)
def test_rule_is_silent_on_what_holds(regle: str, tmp_path: Path) -> None:
    sound = CASES[regle][2]
    assert [f.phrase for f in check(tmp_path, sound) if f.regle == regle] == []


def test_masked_parts_cannot_hold_more_than_their_denominator(tmp_path: Path) -> None:
    # 90 women in all, 50 known: 40 left for a quarter of 30 job seekers.
    table = "territoire defm femmes\nA 100 50.0\nC 30 nd\nQP 130 69.2"
    found = [f for f in check(tmp_path, table) if f.regle == "P04"]
    assert len(found) == 1
    assert "90 − 50 = 40" in found[0].phrase and "30" in found[0].phrase


def test_a_change_of_estimates_is_not_refused_for_its_rounding(tmp_path: Path) -> None:
    # 206.4 - 142.6 prints 206 and 64; 63.8 / 142.6 = 44.7 while 64 / 142 = 45.1.
    table = "territoire etrangers etrangers_nb etrangers_pct\nA 206 64 44.7"
    assert check(tmp_path, table) == []
    # The same numbers of whole people leave no such room.
    counted = "territoire rsa rsa_nb rsa_pct\nA 206 64 44.7"
    assert [f.regle for f in check(tmp_path, counted)] == ["P07"]


def test_estimates_of_a_set_need_not_be_the_sum_of_estimates(tmp_path: Path) -> None:
    near = check(tmp_path, "territoire jeunes\nA 500\nB 500\nQP 1012")
    assert [(f.regle, f.severite) for f in near] == [("P04", "information")]
    far = check(tmp_path, "territoire jeunes\nA 500\nB 500\nQP 1100")
    assert [(f.regle, f.severite) for f in far] == [("P04", "a_verifier")]


def test_a_rounded_total_is_not_refused_for_its_rounding(tmp_path: Path) -> None:
    # 1 964 and -84 print 1 960 and -80 of a whole EPCI: -84 / 2 048 = -4.1 %.
    assert check(tmp_path, "territoire rsa rsa_nb rsa_pct\nCA 1960 -80 -4.1") == []
    # No producer rounds a QPV: -80 / 2 040 = -3.9 %.
    quarter = check(tmp_path, "territoire rsa rsa_nb rsa_pct\nA 1960 -80 -4.1")
    assert [f.regle for f in quarter] == ["P07"]


@pytest.mark.parametrize(("total", "regles"), [("29.8", ["P08"]), ("30.0", []), ("40.2", ["P08"])])
def test_a_total_is_neither_below_nor_above_both_sexes(
    total: str, regles: list[str], tmp_path: Path
) -> None:
    table = f"territoire emploi emploi_f ecart\nA {total} 30.0 -10.0"
    assert [f.regle for f in check(tmp_path, table)] == regles


def test_a_low_rate_of_masked_parts_is_not_zero_for_all_that(tmp_path: Path) -> None:
    # 112 women of 250, 100 of them known: 12 of the 50 others, fewer than elsewhere but not none.
    table = "territoire defm femmes\nA 100 50.0\nB 100 50.0\nC 50 nd\nQP 250 44.8"
    assert check(tmp_path, table) == []


def test_parts_of_a_rate_add_up(tmp_path: Path) -> None:
    # 400 of 1 000 households: 10 % AAH and 20 % RSA are 300.
    broken = "territoire minima couverture part_aah part_rsa\nA 400 40.0 10.0 20.0"
    assert "P09" in [f.regle for f in check(tmp_path, broken)]
    sound = "territoire minima couverture part_aah part_rsa\nA 400 40.0 10.0 30.0"
    assert check(tmp_path, sound) == []


@pytest.mark.parametrize("missing", ["nd", "-", "", "Référence"])
def test_a_missing_figure_is_never_zero(missing: str, tmp_path: Path) -> None:
    (tmp_path / "fiche.csv").write_text(
        f"territoire,rsa\nQP000001,10\nQP000002,{missing}\n{ENSEMBLE},30\n", encoding="utf-8"
    )
    (tmp_path / "golden_map.csv").write_text(
        "fichier,colonne,code_indicateur,mesure,periode,periode_comparaison\n"
        f"fiche,rsa,{','.join(COLUMNS['rsa'])}\n",
        encoding="utf-8",
    )
    reading = read_tables([tmp_path / "fiche.csv"], None, DICTIONARY, ESTIMEES)
    assert (reading.chiffres, reading.manquants) == (2, 1)
    assert judge(reading.con) == []
