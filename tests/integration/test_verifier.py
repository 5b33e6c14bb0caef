"""`qpv verifier`: what it finds on a published fiche, what it refuses, its exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.conftest import SHARED, invoke_qpv

PUBLISHED = SHARED / "published"
CONSTATS = Path(__file__).parents[1] / "golden" / "constats.yml"
HEAD = "fichier,colonne,code_indicateur,mesure,periode,periode_comparaison\n"
POPULATION = HEAD + "fiche,pop,population_municipale,niveau,2018,\n"


@pytest.fixture
def no_arbitrage(tmp_path: Path) -> str:
    path = tmp_path / "aucun.yml"
    path.write_text("arbitrages: []\n", encoding="utf-8")
    return str(path)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"tableaux publiés absents : {PUBLISHED}")
def test_the_published_tables_hold_these_faults_and_no_other(
    tmp_path: Path, no_arbitrage: str
) -> None:
    report = tmp_path / "constats.json"
    code, output = invoke_qpv(
        "verifier", str(PUBLISHED), "--json", str(report), "--arbitrages", no_arbitrage
    )
    fields = ("regle", "severite", "territoire", "indicateur", "periode")
    found = json.loads(report.read_text(encoding="utf-8"))["constats"]
    expected = yaml.safe_load(CONSTATS.read_text(encoding="utf-8"))
    assert sorted(tuple(f[k] for k in fields) for f in found) == sorted(
        tuple(e[k] for k in fields) for e in expected
    )
    assert code == 1
    said = output.replace("\u202f", " ")
    assert "11 248 − 7 469 = 3 779, contre 6 211 + 464 = 6 675" in said
    assert "minima_sociaux_caf_2016_2021.csv, ligne 18, evol_nb" in said
    assert "3 519 ÷ 7 488 = 47,0 %" in said
    assert "contrat_2024_qpv.csv : golden_map.csv ne dit rien de ce fichier" in said


def _table(folder: Path, text: str, named: str = POPULATION) -> str:
    (folder / "fiche.csv").write_text(text, encoding="utf-8")
    (folder / "golden_map.csv").write_text(named, encoding="utf-8")
    return str(folder / "fiche.csv")


def test_sound_tables_exit_with_0(tmp_path: Path, no_arbitrage: str) -> None:
    path = _table(tmp_path, "territoire,pop\nQP000001,10\nQP000002,20\nQPV@EPCI:200000001,30\n")
    code, output = invoke_qpv("verifier", path, "--arbitrages", no_arbitrage)
    assert (code, "Rien à signaler" in output) == (0, True), output


def test_a_signed_reason_accepts_a_finding_and_shows_it(tmp_path: Path) -> None:
    path = _table(tmp_path, "territoire,pop\nQP000001,10\nQP000002,20\nQPV@EPCI:200000001,31\n")
    signed = tmp_path / "arbitrages.yml"
    signed.write_text(
        "arbitrages:\n"
        '  - {regle: P04, territoire: "QPV@EPCI:200000001", indicateur: population_municipale,\n'
        '     periode: "2018", motif: "un QPV sans nom compte un habitant", signature: "essai",\n'
        "     date: 2026-01-31}\n",
        encoding="utf-8",
    )
    code, output = invoke_qpv("verifier", path, "--arbitrages", str(signed))
    assert code == 0
    assert "un QPV sans nom compte un habitant (essai, 31/01/2026)" in output
    signed.write_text("arbitrages: []\n", encoding="utf-8")
    assert invoke_qpv("verifier", path, "--arbitrages", str(signed))[0] == 1


@pytest.mark.parametrize(
    ("text", "named", "said"),
    [
        ("territoire,pop\nQP000001,1x0\n", POPULATION, "un nombre illisible : '1x0'"),
        (
            "territoire,pop\nQP000001,10,20\n",
            POPULATION,
            "une ligne a plus de cellules que d'en-têtes",
        ),
        ("territoire,autre\nQP000001,10\n", POPULATION, "colonne absente : pop"),
        ("territoire,pop\n", POPULATION, "un tableau sans ligne"),
        (
            "territoire,pop\nQP000001,10\n",
            HEAD + "fiche,pop,habitants,niveau,2018,\n",
            "l'indicateur 'habitants' n'est pas au dictionnaire",
        ),
        (
            "territoire,pop\nQP000001,10\n",
            HEAD + "fiche,pop,population_municipale,evolution_nb,2018,\n",
            "une évolution a une période de comparaison",
        ),
        (
            "territoire,pop\nQP000001,10\n",
            HEAD + "fiche,pop,population_municipale,niveau,l'an dernier,\n",
            "période illisible",
        ),
    ],
)
def test_what_cannot_be_read_is_one_paragraph(
    text: str, named: str, said: str, tmp_path: Path
) -> None:
    code, output = invoke_qpv("verifier", _table(tmp_path, text, named))
    assert code == 1
    assert said in output
    assert len(output.strip().splitlines()) == 1
    assert "Traceback" not in output


def test_no_map_no_file_and_an_unknown_rule_are_refused(tmp_path: Path) -> None:
    path = _table(tmp_path, "territoire,pop\nQP000001,10\n")
    shutil.move(tmp_path / "golden_map.csv", tmp_path / "carte.csv")
    code, output = invoke_qpv("verifier", path)
    assert (code, "la correspondance des colonnes manque" in output) == (1, True)
    assert invoke_qpv("verifier", path, "--colonnes", str(tmp_path / "carte.csv"))[0] == 0
    code, output = invoke_qpv("verifier", str(tmp_path / "absente.csv"))
    assert code == 1 and "Traceback" not in output
    bad = tmp_path / "arbitrages.yml"
    bad.write_text(
        "arbitrages: [{regle: P99, territoire: a, indicateur: b, periode: c, "
        "motif: rien de plus, signature: moi, date: 2026-01-01}]\n",
        encoding="utf-8",
    )
    code, output = invoke_qpv("verifier", path, "--arbitrages", str(bad))
    assert (code, "règle inconnue" in output) == (1, True)


def test_hostile_labels_are_text(tmp_path: Path, no_arbitrage: str) -> None:
    name = '"[bold]\x1b[31m=cmd()"'
    path = _table(tmp_path, f"territoire,pop,{name}\nQP000001,10,x\n")
    code, output = invoke_qpv("verifier", path, "--arbitrages", no_arbitrage)
    assert code == 0
    assert "\x1b" not in output and "[bold] [31m=cmd()" in output


# --- counts rounded to a base

ROUNDED = HEAD.replace("comparaison\n", "comparaison,arrondi_a\n")


def _counts(*values: int) -> str:
    """Quarters then the set of their EPCI, one count each."""
    lines = [f"QP{at:06d},{value}" for at, value in enumerate(values[:-1], 1)]
    return "\n".join(["territoire,pop", *lines, f"QPV@EPCI:200000001,{values[-1]}", ""])


def _verify(folder: Path, text: str, base: str, no_arbitrage: str) -> tuple[int, str]:
    named = ROUNDED + f"fiche,pop,population_municipale,niveau,2018,,{base}\n"
    return invoke_qpv("verifier", _table(folder, text, named), "--arbitrages", no_arbitrage)


def test_a_declared_rounding_loosens_sums_by_half_a_base_each(
    tmp_path: Path, no_arbitrage: str
) -> None:
    # 385 + 630 = 1 015: three figures to ± 2.5, 7.5 at most between them.
    for total, base, wanted in ((1020, "", 1), (1020, "5", 0), (1025, "5", 1), (1020, "1", 1)):
        code, output = _verify(tmp_path, _counts(385, 630, total), base, no_arbitrage)
        assert code == wanted, output
    # To ten, 15 at most.
    assert _verify(tmp_path, _counts(380, 630, 1020), "10", no_arbitrage)[0] == 0
    assert _verify(tmp_path, _counts(380, 630, 1030), "10", no_arbitrage)[0] == 1


def test_a_column_of_multiples_of_5_is_taken_as_rounded_and_said(
    tmp_path: Path, no_arbitrage: str
) -> None:
    parts = (1730, 385, 630, 245, 1115, 90, 60, 75)
    code, output = _verify(tmp_path, _counts(*parts, sum(parts) + 5), "", no_arbitrage)
    assert (code, "tous ses effectifs sont des multiples de 5" in output) == (0, True), output
    assert "± 2,5" in output
    # Beyond what rounding leaves, the fault stands.
    assert _verify(tmp_path, _counts(*parts, sum(parts) + 25), "", no_arbitrage)[0] == 1
    # The map says that they are exact.
    assert _verify(tmp_path, _counts(*parts, sum(parts) + 5), "1", no_arbitrage)[0] == 1
    # One count that is no multiple, and the column is exact.
    assert _verify(tmp_path, _counts(*parts, sum(parts) + 6), "", no_arbitrage)[0] == 1


def test_few_multiples_of_5_are_chance(tmp_path: Path, no_arbitrage: str) -> None:
    # Seven figures, zeros apart.
    parts = (1730, 385, 630, 245, 0, 0, 1115, 90)
    code, output = _verify(tmp_path, _counts(*parts, sum(parts) + 5), "", no_arbitrage)
    assert (code, "Pris pour arrondis" in output) == (1, False), output


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("cinq", "arrondi_a illisible : 'cinq'"),
        ("0", "arrondi_a illisible : '0'"),
        ("-5", "arrondi_a illisible"),
        ("10", "385 n'est pas un multiple de 10"),
        ("9" * 5000, "arrondi_a illisible"),
    ],
    ids=["word", "nothing", "negative", "another", "digits"],
)
def test_a_rounding_that_cannot_be_is_refused(
    base: str, said: str, tmp_path: Path, no_arbitrage: str
) -> None:
    code, output = _verify(tmp_path, _counts(385, 630, 1015), base, no_arbitrage)
    assert (code, said in output) == (1, True), output


def test_only_counts_are_rounded_to_a_base(tmp_path: Path, no_arbitrage: str) -> None:
    named = ROUNDED + "fiche,pop,part_defm_abc_femmes,niveau,2021-12-31,,5\n"
    path = _table(tmp_path, "territoire,pop\nQP000001,45\n", named)
    code, output = invoke_qpv("verifier", path, "--arbitrages", no_arbitrage)
    assert (code, "arrondi_a se dit d'un effectif" in output) == (1, True), output
