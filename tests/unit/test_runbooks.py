"""Each command that a runbook gives is one that `qpv` takes, and each page that it leads to is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from orchestration.cli.main import app
from tests.conftest import REPO
from tests.fixtures.runbooks import PAGES, commands

#: What a command is refused with for its words.
USAGE = typer.BadParameter.__bases__[0]
_LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")


def accepted(words: list[str]) -> None:
    """Parse the words of a command as `qpv` does, and run nothing.

    Raises:
        USAGE: a command, an option or an argument that does not exist, or is missing.
    """
    command, context = typer.main.get_command(app), None
    while hasattr(command, "commands"):
        context = command.make_context(None, ["--"], parent=context, resilient_parsing=True)
        name, *words = words
        command = command.get_command(context, name)
        assert command is not None, name
    command.make_context(command.name, list(words), parent=context)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_command_of_a_runbook_is_one_of_ours(page: Path) -> None:
    found = commands(page)
    assert found or page.stem == "brouillon-arrete"
    for words in found:
        accepted(words)


def test_a_command_that_is_not_ours_is_seen() -> None:
    for words in (["release", "montrer"], ["build", "--brouillons"], ["publier", "X"]):
        with pytest.raises((USAGE, AssertionError)):
            accepted(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_page_that_a_runbook_leads_to_is_there(page: Path) -> None:
    for target, _ in _LINK.findall(page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target


def test_the_readme_leads_to_each_runbook() -> None:
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f"docs/runbooks/{page.name}" not in readme] == []
