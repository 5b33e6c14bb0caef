"""`qpv localiser --comptes`, as a newcomer has it: what is written, and what is said of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from orchestration.list_tables import counts_file
from tests.integration.test_localiser import X, Y, at, run, square, write
from warehouse.declared.secret import rule_of_lists

BASE = rule_of_lists().arrondi


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with one quarter here; what else there is is elsewhere."""
    write(tmp_path / "q24.geojson", {"code_qp": "QN05901M", "lib_qp": "A"}, square(X, Y))
    write(tmp_path / "q15.geojson", {"code_qp": "QP059001", "lib_qp": "B"}, square(X + 9e3, Y))
    write(tmp_path / "local.geojson", {"code": "P", "libelle": "P"}, square(X + 9e3, Y))
    return tmp_path


def test_the_command_writes_multiples_and_no_count_as_it_is(here: Path) -> None:
    ages = ["=18"] * 23 + ["26"] * 17 + ["60"] * 2
    rows = [f"{n % 40};{at(500, 250)};{age}\n" for n, age in enumerate(ages)]
    rows += [f"h{n};{at(1200, 250)};26\n" for n in range(12)] + ["z;nan;nan;26\n"]
    (here / "l.csv").write_text("id;lon;lat;âge\n" + "".join(rows))
    words = ["--comptes", "âge", "--identifiant", "id"]
    code, said = run(here, "localiser", str(here / "l.csv"), *words, "--a-moins-de", "300")
    assert code == 0, said
    with (here / "l_comptes_age.csv").open(encoding="utf-8") as content:
        table = list(csv.DictReader(content))
    figures = {(r["territoire"], r["modalite"]): int(r["effectif"]) for r in table}
    assert all(figure % BASE == 0 for figure in figures.values())
    assert figures["QN05901M", "Ensemble"] in (40, 45)  # 42 rows, 40 people
    assert ("QN05901M", "'=18") in figures
    assert figures["PRES", "26"] in (10, 15)
    whole = [r for r in table if r["territoire"] == "LISTE"]
    assert sum(int(r["effectif"]) for r in whole[:-1]) == int(whole[-1]["effectif"])
    assert "Lignes d'une personne déjà comptée : 2" in said
    assert "0 exposé(s)" in said
    proof = json.loads((here / "l_comptes_age.audit.json").read_text("utf-8"))
    assert proof["exposees"] == 0
    assert proof["relations"] >= 2


def test_counts_given_again_say_their_day_their_column_and_their_distance(here: Path) -> None:
    rows = [f"{at(500, 250)};{18 + n % 2};{'FH'[n % 2]}{'x' * (n < 3)}\n" for n in range(40)]
    rows += [f"{at(1200, 250)};26;X\n"] * 12
    (here / "l.csv").write_text("lon;lat;âge;a ge\n" + "".join(rows))

    def counted(column: str, *words: str) -> tuple[str, list[dict[str, str]]]:
        code, said = run(here, "localiser", str(here / "l.csv"), "--comptes", column, *words)
        assert code == 0, said
        [written] = here.glob("l_comptes_*.csv")
        with written.open(encoding="utf-8") as content:
            table = list(csv.DictReader(content))
        written.unlink()
        return said, table

    said, first = counted("âge", "--a-moins-de", "300")
    assert "redonnés" not in said
    [given] = json.loads((here / "data/listes/comptes.json").read_text("utf-8"))["donnes"]
    # Nobody else is near from 300 to 320 m, and three people alone are called otherwise.
    said, table = counted("a ge", "--a-moins-de", "320")
    assert table == first
    assert {row["colonne"] for row in table} == {"âge"}
    near = {row["libelle"] for row in table if row["territoire"] == "PRES"}
    assert near == {"Hors quartier, à moins de 300 m"}
    for words in (
        f"ont changé depuis le {given['date']}",
        "Comptes par âge,",
        "de son effectif d'alors",
        "la colonne d'alors, âge, non de a ge",
        "comptés comme alors, à moins de 300 m",
    ):
        assert words in said, words
    said, _ = counted("âge", "--a-moins-de", "300")
    assert "colonne d'alors" not in said
    assert "comptés comme alors" not in said


def test_two_columns_of_one_list_are_never_one_file() -> None:
    header = ["a b", "a_b", "a b 2", "a b-2", "é", "e!", "?", "x" * 50, "x" * 60, "seul"]
    found = [counts_file(Path("l.csv"), name, header).name for name in header]
    assert len({*found}) == len(header)
    assert {Path(name).with_suffix(".audit.json") for name in found}.isdisjoint(found)
    assert counts_file(Path("l.csv"), "Âge", ["Âge", "nom"]).name == "l_comptes_age.csv"
