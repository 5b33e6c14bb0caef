"""The edition that a build takes when none is named: the one that says so, and only one does."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.defs.resources import Reglages
from warehouse.base.errors import QpvError
from warehouse.base.layout import EDITIONS_DIR, SAMPLE_DIR
from warehouse.declared.dictionary import default_edition


def edition(folder: Path, name: str, more: str = "") -> None:
    text = f'id: "{name}"\ntitre: t\nperimetre: "2015"\n{more}'
    text += 'blocs: [{bloc: a.b, periode: "2018"}]\nreferences: {}\n'
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")


def test_it_is_declared_not_the_newest(tmp_path: Path) -> None:
    edition(tmp_path, "2001", "par_defaut: true\n")
    edition(tmp_path, "2002")
    assert default_edition(tmp_path) == "2001"


@pytest.mark.parametrize("more", ["", "par_defaut: true\n"])
def test_none_or_two_are_refused(tmp_path: Path, more: str) -> None:
    edition(tmp_path, "2001", more)
    edition(tmp_path, "2002", more)
    with pytest.raises(QpvError, match="éditions par défaut au lieu d'une"):
        default_edition(tmp_path)


def test_it_is_the_edition_on_the_quarters_in_force() -> None:
    """That a build, a schedule and the page of Dagster take when nothing is said."""
    assert default_edition(EDITIONS_DIR) == Reglages().load_edition().id == "2024"


def test_the_bundled_sample_is_built_without_naming_an_edition() -> None:
    assert Reglages(extracts=["sample"]).load_edition().id == "2023"
    copy = Reglages(extracts=[str(SAMPLE_DIR)])
    assert copy.load_edition().id == "2023"


def test_folders_that_say_different_editions_are_not_chosen_between(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("2022", "2023", "rien")]
    for folder in folders:
        folder.mkdir()
        said = f'edition: "{folder.name}"' if folder.name != "rien" else ""
        (folder / "champ.yml").write_text(f"ensembles_complets: []\n{said}\n", encoding="utf-8")
    reglages = Reglages(extracts=[str(folder) for folder in folders])
    with pytest.raises(QpvError, match="d'éditions différentes : 2022, 2023"):
        reglages.load_edition()
    assert Reglages(extracts=[str(f) for f in folders[1:]]).load_edition().id == "2023"
    assert Reglages(extracts=reglages.extracts, edition="2022").load_edition().id == "2022"


@pytest.mark.parametrize("said", ["1999", "../../etc/passwd", "9" * 100_000])
def test_an_edition_that_does_not_exist_names_the_file_that_says_it(
    tmp_path: Path, said: str
) -> None:
    path = tmp_path / "champ.yml"
    path.write_text(f'ensembles_complets: []\nedition: "{said}"\n', encoding="utf-8")
    with pytest.raises(QpvError, match="n'existe pas") as refused:
        Reglages(extracts=[str(tmp_path)]).load_edition()
    assert f"Où : {path}. Attendu : une de : 2022" in str(refused.value)
    with pytest.raises(QpvError, match="Où : editions"):
        Reglages(extracts=[str(tmp_path)], edition="1999").load_edition()
