"""The `qpv` command: words, exit codes, paragraphs."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli.main import app
from tests.conftest import invoke_qpv, run_qpv
from warehouse.release.connect import connect


@pytest.mark.parametrize(
    "words",
    [["build", "--inconnu"], ["inconnu"], ["build", "--sample", "--extracts", "x"], ["fiche"]],
    ids=" ".join,
)
def test_wrong_words_exit_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build", "--edition", "1999", "--sample"], "2022, 2023"),
        (["build", "--edition", "../dictionary/ages", "--sample"], "n'existe pas"),
        (["build", "--sample", "--edition", "2024"], "l'échantillon fourni est celui de l'édition"),
        (["build", "--extracts", "/nulle/part"], "le dossier des extraits n'existe pas"),
        (["build", "--sample", "--perimetres-locaux", "/nulle/part"], "périmètres locaux n'existe"),
        (["build", "--sample", "--contrats", "/nulle/part"], "aucun contrat à lire"),
        (["fiche", "QP059050"], "aucune publication"),
        (["barometre", "200042190"], "aucune publication"),
    ],
    ids=[
        "edition",
        "edition outside its folder",
        "edition of no sample",
        "no folder",
        "no perimeters",
        "no contracts",
        "no release",
        "no release to print",
    ],
)
def test_bad_input_is_one_paragraph_and_exits_with_1(
    words: list[str], said: str, tmp_path: Path
) -> None:
    code, output = invoke_qpv(*words, "--data", str(tmp_path / "data"))
    assert code == 1
    assert said in output
    assert "Traceback" not in output
    assert len(output.strip().splitlines()) == 1


def test_every_command_has_a_help() -> None:
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        result = CliRunner().invoke(app, [name, "--help"])
        assert result.exit_code == 0
        said = " ".join(command.callback.__doc__.split())
        assert said and said in " ".join(result.output.split())


def test_sources_tell_what_landed_and_what_is_expected(sample_data: Path) -> None:
    done = run_qpv("sources", "--data", str(sample_data))
    assert done.returncode == 0
    _, _, after = done.stdout.partition(" insee_demo ")
    said = re.split(r"│ \w+_\w+ +│", after)[0]  # a long list of millésimes goes on below
    assert "2023*" in said and "2022*" not in said and "0 j" in said


def test_strict_refuses_a_missing_file_and_keeps_the_release(
    sample_data: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(sample_data, tmp_path / "data", symlinks=True)
    before = (data / "releases" / "latest").resolve()
    code, output = invoke_qpv("build", "--sample", "--strict", "--data", str(data))
    assert code == 1
    assert "fichiers absents (" in output and "--strict" in output
    assert (data / "releases" / "latest").resolve() == before


def test_typed_files_never_pass_for_the_producers(sample_data: Path) -> None:
    with connect(sample_data) as con:
        query = "select distinct confiance, remarque from dim_source where etat = 'lue'"
        ((confiance, remarque),) = con.execute(query).fetchall()
    assert confiance == "tierce"
    assert "saisi depuis les tableaux d'une fiche publiée" in remarque


def test_an_analyst_opens_the_latest_release_read_only(sample_data: Path) -> None:
    with connect(sample_data) as con:
        found = con.sql("select valeur from fct_indicateur where code_territoire = 'QP059050'")
        assert found.fetchall()
        with pytest.raises(Exception, match="read-only"):
            con.execute("delete from fct_indicateur")


def test_a_link_to_itself_is_named_as_it_was_given(tmp_path: Path) -> None:
    loop = tmp_path / "boucle"
    loop.symlink_to(loop.name)
    for words in (
        ("build", "--sample", "--data", str(loop)),
        ("build", "--extracts", str(loop)),
        ("build", "--sample", "--perimetres-locaux", str(loop), "--data", str(tmp_path / "data")),
        ("explain", "QP059050", "pop_municipale", "--data", str(loop)),
    ):
        code, said = invoke_qpv(*words)
        assert code == 1 and str(loop) in said and "inattendue" not in said, said


def test_what_cannot_be_read_is_refused_in_the_project_s_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typer would refuse it first, in English and with code 2."""
    folder, path = tmp_path / "extraits", tmp_path / "tableau.csv"
    folder.mkdir()
    path.write_text("a\n")
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    for words in (
        ("build", "--extracts", str(folder), "--data", str(tmp_path / "data")),
        ("sources", "--extracts", str(folder)),
        ("verifier", str(path), "--colonnes", str(path), "--arbitrages", str(path)),
        ("audit", str(path), "--relations", str(path), "--rules", str(path)),
    ):
        code, said = invoke_qpv(*words)
        assert code in (0, 1) and "Usage" not in said, said
