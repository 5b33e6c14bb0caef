"""`qpv verifier --publication`: tables printed elsewhere against a release, figure by figure."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.conftest import SHARED, invoke_qpv

PUBLISHED = SHARED / "published"
DIVERGENCES = Path(__file__).parents[1] / "golden" / "divergences.yml"
HEAD = "fichier,colonne,code_indicateur,mesure,periode,periode_comparaison\n"
MAP = HEAD + (
    "fiche,pop,population_municipale,niveau,2018,\n"
    "fiche,femmes,part_defm_abc_femmes,niveau,2021-12-31,\n"
    "fiche,etrangers,pop_etrangere,evolution_nb,2019,2011\n"
)


def checked(folder: Path, data: Path, rows: str, *words: str) -> tuple[int, list[dict[str, str]]]:
    """Exit code, and the verdict of each figure."""
    (folder / "fiche.csv").write_text(f"territoire,pop,femmes,etrangers\n{rows}", encoding="utf-8")
    (folder / "golden_map.csv").write_text(MAP, encoding="utf-8")
    report = folder / "r.json"
    asked = words or ("--publication", str(folder / "fiche.csv"))
    code, output = invoke_qpv("verifier", *asked, "--data", str(data), "--json", str(report))
    assert report.exists(), output
    return code, json.loads(report.read_text(encoding="utf-8"))["chiffres"]


def test_each_figure_has_its_verdict(sample_data: Path, tmp_path: Path) -> None:
    rows = (
        "QP059050,13204,46.3,291\n"  # the share of another set, the rest right
        "QP059021,13204,nd,1\n"  # the population of another quarter, a move that is not so
        "QN05950M,13920,,\n"  # a quarter of the other perimeter
        "QP999999,12,,\n"
    )
    code, found = checked(tmp_path, sample_data, rows)
    said = {(one["ou"].split(", ", 1)[1]): one["verdict"] for one in found}
    assert code == 1
    assert said["ligne 2, pop"] == "conforme"
    assert said["ligne 2, etrangers"] == "conforme"
    assert said["ligne 3, pop"] == "autre_territoire"
    assert said["ligne 3, etrangers"] == "introuvable"
    assert said["ligne 4, pop"] == "autre_territoire"
    assert said["ligne 5, pop"] == "introuvable"
    assert "ligne 3, femmes" not in said


def test_what_is_masked_there_is_said_masked(sample_data: Path, tmp_path: Path) -> None:
    # Elnon's job seekers by sex are under secrecy.
    code, found = checked(tmp_path, sample_data, "QP059058,1731,50.0,\n")
    verdicts = {one["ou"].rsplit(", ", 1)[1]: one["verdict"] for one in found}
    assert (code, verdicts["femmes"]) == (1, "masque")
    assert next(one for one in found if "femmes" in one["ou"])["valeur"] is None


def test_a_table_that_agrees_exits_with_0_whatever_the_order_of_the_words(
    sample_data: Path, tmp_path: Path
) -> None:
    fiche = str(tmp_path / "fiche.csv")
    rows = "QP059050,13204,,\n"
    assert checked(tmp_path, sample_data, rows)[0] == 0
    assert checked(tmp_path, sample_data, rows, fiche, "--publication")[0] == 0
    assert checked(tmp_path, sample_data, rows, fiche, "--publication", "2023")[0] == 0
    code, output = invoke_qpv(
        "verifier", fiche, "--publication", "1999", "--data", str(sample_data)
    )
    assert (code, "aucune publication" in output) == (1, True)
    assert invoke_qpv("verifier", "--publication", "--data", str(sample_data))[0] == 2


def test_a_table_of_which_the_map_says_nothing_does_not_pass(
    sample_data: Path, tmp_path: Path
) -> None:
    checked(tmp_path, sample_data, "QP059050,13204,,\n")
    other = tmp_path / "autre.csv"
    other.write_text("territoire,pop\nQP059050,99\n", encoding="utf-8")
    words = ("--publication", "--data", str(sample_data))
    code, output = invoke_qpv("verifier", str(other), *words)
    assert (code, "aucun chiffre à vérifier" in output) == (1, True), output
    # In a folder, what the map describes and is not there is said.
    (tmp_path / "fiche.csv").rename(tmp_path / "fiche.bak")
    (tmp_path / "tiers.csv").write_text("territoire,pop\nQP059050,13204\n", encoding="utf-8")
    (tmp_path / "golden_map.csv").write_text(
        MAP + "tiers,pop,population_municipale,niveau,2018,\n", encoding="utf-8"
    )
    code, output = invoke_qpv("verifier", str(tmp_path), *words)
    assert (code, "fiche : golden_map.csv le décrit, il manque" in output) == (0, True), output


def test_an_identifier_is_no_table_though_a_folder_has_its_name(
    sample_data: Path, sample_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(tmp_path, sample_data, "QP059050,13204,,\n")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tableaux").mkdir()
    for name in ("fiche.csv", "golden_map.csv"):
        (tmp_path / "tableaux" / name).write_bytes((tmp_path / name).read_bytes())
    asked = ("--data", str(sample_data))
    for folder in (sample_release.name, "2023", "latest"):
        (tmp_path / folder).mkdir()
        code, output = invoke_qpv("verifier", "fiche.csv", "--publication", folder, *asked)
        assert (code, "1 conforme" in output) == (0, True), output
        assert invoke_qpv("verifier", "--publication", folder, *asked)[0] == 2
    code, output = invoke_qpv("verifier", "--publication", "tableaux", *asked)
    assert (code, "1 conforme" in output) == (0, True), output
    # An identifier that a variable left empty is not « apply the rules », nor this folder.
    for empty in (("--publication", ""), ("--publication=",)):
        assert (
            "contre la publication 2023-" in invoke_qpv("verifier", "fiche.csv", *empty, *asked)[1]
        )


def test_an_option_that_would_change_nothing_is_refused(tmp_path: Path) -> None:
    page, fiche = tmp_path / "a.md", tmp_path / "fiche.csv"
    other, both = str(tmp_path / "autre"), ["--colonnes", "--arbitrages"]
    for words, named in (
        (("--texte", str(page), "--colonnes", other), ["--colonnes"]),
        (("--texte", str(page), "--arbitrages", other), ["--arbitrages"]),
        (("--texte", str(page), "--arbitrages", other, "--colonnes", other), both),
        ((str(fiche), "--publication", "--arbitrages", other), ["--arbitrages"]),
    ):
        code, output = invoke_qpv("verifier", *words, "--data", str(tmp_path))
        said = f"sans effet ici, {' et '.join(named)} :"
        assert (code, said in " ".join(output.split())) == (1, True), output


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"tableaux publiés absents : {PUBLISHED}")
def test_the_published_fiche_agrees_but_where_the_house_diverges_from_it(
    sample_data: Path, tmp_path: Path
) -> None:
    report = tmp_path / "r.json"
    words = ("--publication", str(PUBLISHED), "--data", str(sample_data), "--json", str(report))
    code, _ = invoke_qpv("verifier", *words)
    found = json.loads(report.read_text(encoding="utf-8"))["chiffres"]
    counts = Counter(one["verdict"] for one in found)
    assert code == 1
    declared = yaml.safe_load(DIVERGENCES.read_text(encoding="utf-8"))
    known = {(d["fichier"], d["colonne"], d["territoire"]) for d in _flat(declared)}
    for one in found:
        file, _, column = one["ou"].split(", ")
        cell = (file.removesuffix(".csv"), column, one["territoire"])
        if one["verdict"] not in ("conforme", "arrondi"):
            assert cell in known, one
    assert counts["conforme"] > 900


def _flat(declared: object) -> list[dict[str, str]]:
    """The cells of the list of divergences, wherever it holds them."""
    if isinstance(declared, list):
        return [cell for one in declared for cell in _flat(one)]
    if isinstance(declared, dict):
        if {"fichier", "colonne", "territoire"} <= declared.keys():
            return [declared]
        return [cell for one in declared.values() for cell in _flat(one)]
    return []
