"""The edition that a build takes when none is named: the one that says so, and only one does."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.dictionary import default_edition
from warehouse.errors import QpvError
from warehouse.layout import EDITIONS_DIR


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


def test_the_bundled_sample_is_built_without_naming_an_edition() -> None:
    assert default_edition(EDITIONS_DIR) == "2023"
