"""A YAML file written by hand is read within bounds, and each refusal names it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ingest.extracts_folder import CHAMP_FILE, Champ, ExtractsFolder, said_edition
from warehouse.base.errors import QpvError
from warehouse.base.strict import load_yaml

#: Nine levels of ten references each: a thousand million texts for 400 bytes.
LAUGHS = "\n".join(
    ["a0: &a0 [lol, lol]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
)

#: Each one level deeper than the one before, in a flat text.
CHAIN = "\n".join(["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 900)])


def refusal(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    start = time.process_time()
    with pytest.raises(QpvError) as refused:
        load_yaml(path, Champ)
    assert time.process_time() - start < 2
    assert path.name in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (LAUGHS, "donne plus de 100000 valeurs"),
        ("remarque: *a\nedition: &a x\n", "le renvoi *a ne désigne rien"),
        ("remarque: &a [*a]\n", "le renvoi *a ne désigne rien"),
        (CHAIN, "30 niveaux"),
        ("remarque: " + "[" * 900 + "]" * 900, "30 niveaux"),
        ("remarque: " + "[" * 100_000, "30 niveaux"),
        ("edition: 2024-13-45\n", "n'est pas un YAML lisible"),
        ("edition: " + "9" * 5000, "n'est pas un YAML lisible"),
        ("remarque: " + "x" * 1_000_001, "est trop lourd : 2 Mo"),
        ("".join(f"cle{n}: 1\n" for n in range(70_000)), "plus de 100000 valeurs"),
        ("".join(f"cle{n}: 1\n" for n in range(7_000)), "7000 autre(s) faute(s)"),
        ("a: 1\nb: 2\na: 3\n", "clé 'a' écrite deux fois"),
    ],
    ids="laughs alias itself chain deep deeper day digits heavy many keys twice".split(),  # noqa: SIM905
)
def test_a_hostile_yaml_is_refused_at_once(tmp_path: Path, content: str, words: str) -> None:
    assert words in refusal(tmp_path / CHAMP_FILE, content)


def test_an_alias_of_a_few_values_is_read(tmp_path: Path) -> None:
    path = tmp_path / CHAMP_FILE
    path.write_text('edition: &a "2023"\nremarque: *a\nensembles_complets: []\n', "utf-8")
    assert load_yaml(path, Champ).remarque == "2023"


def test_a_wrong_value_is_repeated_short_without_being_written_out(tmp_path: Path) -> None:
    said = refusal(
        tmp_path / CHAMP_FILE, "ensembles_complets: []\nremarque: [" + "abcdefgh, " * 90_000 + "z]"
    )
    assert "un texte est attendu" in said and len(said) < 400


def test_a_link_to_nothing_is_refused_and_not_taken_for_no_file(tmp_path: Path) -> None:
    (tmp_path / CHAMP_FILE).symlink_to(tmp_path / "parti.yml")
    with pytest.raises(QpvError, match=CHAMP_FILE):
        ExtractsFolder(tmp_path).champ_of(tmp_path / "liste.csv")


def test_what_is_no_regular_file_is_refused_by_its_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / CHAMP_FILE)
    folder = ExtractsFolder(tmp_path)
    for read in (
        lambda: load_yaml(tmp_path / CHAMP_FILE, Champ),
        lambda: said_edition([tmp_path]),
        lambda: folder.champ_of(tmp_path / "a.csv"),
    ):
        with pytest.raises(
            QpvError, match=r"champ\.yml n'est pas un fichier ordinaire.*tube nommé"
        ):
            read()
    with pytest.raises(QpvError, match="périphérique"):
        load_yaml(Path("/dev/zero"), Champ)


def test_a_pipe_named_like_a_zip_does_not_hold_the_search(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "extraits.zip")
    assert ExtractsFolder(tmp_path).find(["absent.csv"], ".*") is None
