"""`qpv verifier --texte`: every number of a text, traced or refused, never wrongly passed."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

import pytest
import typst

from quality.citations.documents import read_document
from quality.citations.passages import Passage
from quality.citations.text_check import Checked, TextChecker
from quality.citations.traces import ADMIS
from tests.conftest import SHARED, invoke_qpv
from tests.fixtures.made_up_sentences import Told
from tests.fixtures.report_files import docx
from tests.fixtures.untrue_sentences import UNTRUE, Liar
from warehouse.release.connect import open_release

PASSED = {"conforme", "arrondi"}
PUBLISHED = SHARED / "published"


@pytest.fixture(scope="module")
def checker(sample_release: Path) -> Iterator[TextChecker]:
    with open_release(sample_release) as con:
        yield TextChecker(con, sample_release.name)


def verdicts(checker: TextChecker, text: str, *titles: str) -> list[str]:
    found = checker.passages([Passage(text, "ligne 1", titles)])
    return [one.constat.sort for one in found.chiffres]


def test_of_300_sentences_none_untrue_passes_and_the_true_ones_are_traced(
    checker: TextChecker, sample_release: Path
) -> None:
    with open_release(sample_release) as con:
        teller = Liar(con, seed=20261201)
        true, untrue = teller.true_ones(150), teller.untrue_ones(150)
    assert (len(true), len(untrue)) == (150, 150)
    said: Counter[tuple[bool, str]] = Counter()
    passed: list[Told] = []
    traced = 0
    for told in [*true, *untrue]:
        found = verdicts(checker, told.phrase)
        assert found, f"no number was found in: {told.phrase}"
        said.update((told.vraie, sort) for sort in found)
        traced += told.vraie and set(found) <= PASSED
        # A sentence with one right number and one wrong has not passed.
        if not told.vraie and set(found) <= PASSED:
            passed.append(told)
    print(f"true: {traced} of {len(true)} traced; untrue passed: {len(passed)}; {dict(said)}")
    assert not passed
    assert traced >= 0.9 * len(true)
    kinds = {told.faute for told in untrue}
    # In thirteen quarters no two have one name, and no two levels of a forbidden pair are there.
    assert kinds == {*UNTRUE} - {"un quartier de même nom", "une comparaison interdite"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le quartier QP059050 compte 13 204 habitants en 2018.", ["conforme"]),
        ("En 2018, 13\u202f204 personnes habitent le quartier QP059050.", ["ambigu"]),
        ("Le quartier QP059050 compte environ 13 000 habitants en 2018.", ["arrondi"]),
        ("Le quartier QP059050 compte 13 200 habitants en 2018.", ["arrondi"]),
        ("Le quartier QP059050 compte 13 240 habitants en 2018.", ["introuvable"]),
        ("Le quartier QP059050 compte 10 744 habitants en 2018.", ["autre_territoire"]),
        ("Le quartier QP059050 ne compte plus 13 204 habitants en 2018.", ["ambigu"]),
        ("Le quartier QP059050 comptera 13 204 habitants en 2018.", ["ambigu"]),
        ("Le quartier QP059050 de Trifouillis compte 13 204 habitants en 2018.", ["ambigu"]),
        ("13 204 habitants en 2018.", ["ambigu"]),
        ("Le quartier QP059050 compte 13 204 ménages en 2018.", ["introuvable"]),
        ("Le quartier QP059050 compte 13 204 habitants de plus en 2018.", ["ambigu"]),
        ("Le quartier QP059050 compte 13 204 habitants d'ici 2018.", ["ambigu"]),
        ("Le quartier QP059050 compte plus de 13 000 habitants en 2018.", ["arrondi"]),
        ("Le quartier QP059050 compte plus de 14 000 habitants en 2018.", ["introuvable"]),
        ("Contrairement au QP059021, le QP059050 compte 13 204 habitants en 2018.", ["ambigu"]),
        ("Le QP059021 et le QP059050 comptent 10 744 et 13 204 habitants en 2018.", ["ambigu"] * 2),
        (
            "Dans le sud du QP059050, 13 204 habitants en 2018, soit 29,0 % de la population des"
            " QP de l'EPCI.",
            ["ambigu"] * 2,
        ),
        ("Le quartier Machin (Denain), avec 13 204 habitants en 2018.", ["ambigu"]),
        ("La page 12 de la loi n° 2014-173 et le QP059050, en 2018.", []),
        ("Le quartier QP059050 a reçu 1 200 000 € en 2018.", ["introuvable"]),
    ],
)  # fmt: skip
def test_what_a_sentence_claims(checker: TextChecker, text: str, expected: list[str]) -> None:
    assert verdicts(checker, text) == expected


def test_what_comes_before_gives_a_place_and_a_period_where_none_is_said(
    checker: TextChecker,
) -> None:
    assert verdicts(checker, "Il compte 13 204 habitants.", "QP059050 en 2018") == ["conforme"]
    assert verdicts(checker, "Il compte 10 744 habitants.", "QP059050 en 2018") == [
        "autre_territoire"
    ]
    two = "Le quartier QP059050 compte 13 204 habitants en 2018, le quartier QP059021 10 744."
    assert verdicts(checker, two) == ["conforme", "conforme"]


def test_several_readings_must_all_agree(checker: TextChecker, sample_release: Path) -> None:
    with open_release(sample_release) as con:
        rows = con.execute(
            "select periode, valeur from fct_indicateur where code_territoire = 'QP059050'"
            " and code_indicateur = 'nb_defm_a_trimestriel' and statut = 'diffuse' order by 1"
        ).fetchall()
    assert len(rows) > 1 and rows[0][1] != rows[-1][1]
    said = "Le quartier QP059050 compte {:.0f} demandeurs d'emploi de catégorie A au trimestre"
    assert verdicts(checker, said.format(rows[-1][1]) + ".") == ["ambigu"]
    year, quarter = rows[-1][0].split("-T")
    dated = said.format(rows[-1][1]).replace("au trimestre", f"au {quarter}e trimestre {year}")
    assert verdicts(checker, dated + ".") == ["conforme"]


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"tableaux publiés absents : {PUBLISHED}")
def test_the_prose_of_a_published_fiche_is_read(checker: TextChecker) -> None:
    """Its figures as a report would write them; one is known to be wrong: 46.3 % of women."""
    found: list[Checked] = []
    for text in _prose():
        found += checker.passages([Passage(text, text)]).chiffres
    said = Counter(one.constat.sort for one in found)
    print(f"{len(found)} figures: {dict(said)}")
    refused = [one for one in found if one.constat.sort not in ADMIS]
    assert [(one.claim.figure.texte, one.constat.territoire) for one in refused] == [
        ("46,3 %", "QPV@EPCI:200042190")
    ]
    assert said["conforme"] + said["arrondi"] >= 0.9 * len(found)


def _prose() -> Iterator[str]:
    def rows(name: str, *columns: str) -> Iterator[tuple[str, list[str]]]:
        with (PUBLISHED / f"{name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                cells = [row[column] for column in columns]
                place = row["territoire"]
                if all(cell.replace(".", "").isdigit() for cell in cells):
                    head = "le quartier" if place.startswith("QP0") else "l'ensemble"
                    yield f"{head} {place}", [cell.replace(".", ",") for cell in cells]

    for place, [people] in rows("population_2018", "population_2018"):
        yield f"En 2018, {place} compte {people} habitants."
    columns = ("defm_abc", "part_femmes_pct", "part_moins_26_pct")
    for place, [all_, women, young] in rows("defm_annuel_2021", *columns):
        yield (
            f"Fin décembre 2021, {place} compte {all_} demandeurs d'emploi de catégories A, B et C,"
            f" dont {women} % de femmes et {young} % de moins de 26 ans."
        )
    for place, [covered, rate] in rows("c2s_2020_2022", "couverts_c2s", "taux_total"):
        yield (
            f"Au 1er janvier 2022, {covered} personnes sont couvertes par la C2S dans {place}, dont"
            f" le taux de couverture par la C2S atteint {rate} %."
        )
    for place, [count, share] in rows(
        "nationalite_2011_2019", "etrangers_2019", "part_etrangers_pct"
    ):
        yield (
            f"{place[0].upper()}{place[1:]} compte {count} habitants de nationalité étrangère en"
            f" 2019 ({share} % des habitants)."
        )


TEXT = "Le quartier QP059050 compte 13 204 habitants en 2018."


def test_the_command_reads_markdown_word_and_pdf(sample_data: Path, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"# Denain\n\n{TEXT}\n", encoding="utf-8")
    (tmp_path / "b.docx").write_bytes(docx(f"<w:p><w:r><w:t>{TEXT}</w:t></w:r></w:p>"))
    source = tmp_path / "c.typ"
    source.write_text(TEXT, encoding="utf-8")
    (tmp_path / "c.pdf").write_bytes(typst.compile(source))
    for name in ("a.md", "b.docx", "c.pdf"):
        report = tmp_path / "r.json"
        words = ("--texte", str(tmp_path / name), "--data", str(sample_data), "--json", str(report))
        code, output = invoke_qpv("verifier", *words)
        assert (code, "1 conforme" in output) == (0, True), (name, output)
        [one] = json.loads(report.read_text(encoding="utf-8"))["rapports"][0]["chiffres"]
        assert (one["verdict"], one["territoire"], one["valeur"]) == ("conforme", "QP059050", 13204)
    wrong = TEXT.replace("204", "402") + "\n\n```\n12\n```\n"
    (tmp_path / "a.md").write_text(wrong, encoding="utf-8")
    words = ("--texte", str(tmp_path / "a.md"), "--data", str(sample_data), "--json", str(report))
    code, output = invoke_qpv("verifier", *words)
    assert (code, "la publication donne 13 204 habitants" in output.replace("\u202f", " ")) == (
        1,
        True,
    )
    assert "Non lu (1)\n  bloc de code, lignes 3 à 5" in output
    [told] = json.loads(report.read_text(encoding="utf-8"))["rapports"]
    assert told["non_lus"] == ["bloc de code, lignes 3 à 5"]


def test_an_enumeration_without_end_stays_in_doubt(checker: TextChecker) -> None:
    letters = "bcdfghjklm"
    words = map("".join, islice(product(letters, repeat=4), 400))
    parts = [f", dont {n} {word}" for n, word in enumerate(words, 2)]
    start = time.process_time()
    said = "Le quartier QP059050 compte 13 204 habitants en 2018" + "".join(parts)
    first, *rest = verdicts(checker, said)
    assert time.process_time() - start < 4
    assert (first, len(rest), set(rest) & PASSED) == ("conforme", 400, set())


def test_a_paragraph_without_end_is_read_in_pieces(checker: TextChecker, tmp_path: Path) -> None:
    path = tmp_path / "m.md"
    path.write_text("de " * 30_000 + "1 2 3 4 5 6 7 8 9 " * 300 + "x" * 30_000, encoding="utf-8")
    passages = read_document(path, [])
    assert max(len(one.texte) for one in passages) <= 4000
    found = checker.passages(passages)
    assert not {c.constat.sort for c in found.chiffres} & PASSED
