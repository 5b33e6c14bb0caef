"""Our own lints find what they are for, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests import lint_files, lint_names, module_map


@pytest.mark.parametrize(
    "name", ["relire", "_ecrire_json", "exiger_place", "rendre", "suivre", "faire_place", "ouvrir"]
)
def test_a_french_verb_is_told(name: str) -> None:
    assert lint_names.french_verb(name) == name.strip("_").partition("_")[0]


@pytest.mark.parametrize(
    "name",
    ["read", "_write_json", "require_space", "fiche", "millesime_yaml", "fichier", "territoires",
     "render_fiche", "poser", "verifier", "_never_alone", "__enter__"],
)  # fmt: skip
def test_english_verbs_domain_nouns_and_what_users_type_are_not(name: str) -> None:
    assert lint_names.french_verb(name) is None


def test_the_product_has_no_such_function() -> None:
    assert lint_names.faults() == []


@pytest.fixture(scope="module")
def real() -> dict[Path, str]:
    """The pages of `make docs`, written once."""
    return lint_files.written()


@pytest.mark.parametrize("name", ["modules.md", "dictionnaire.md", "plausibilite.md"])
def test_a_page_that_make_docs_would_write_otherwise_is_told(
    monkeypatch: pytest.MonkeyPatch, real: dict[Path, str], name: str
) -> None:
    monkeypatch.setattr(lint_files, "written", lambda: real)
    assert lint_files.stale() == []
    [page] = [p for p in real if p.name == name]
    monkeypatch.setattr(lint_files, "written", lambda: real | {page: real[page] + "\n"})
    assert lint_files.stale() == [f"docs/{name}: stale, `make docs` writes it"]


def test_a_commit_runs_what_make_lint_runs() -> None:
    """pre-commit's hooks are the recipe of `make lint`, command for command."""
    repo = module_map.REPO
    makefile = (repo / "Makefile").read_text(encoding="utf-8")
    [recipe] = re.findall(r"^lint: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    asked = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()]
    config = yaml.safe_load((repo / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [one["repo"] for one in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert [hook["entry"] for hook in hooks] == asked
    for hook in hooks:
        assert (hook["language"], hook["pass_filenames"], hook["always_run"]) == (
            "system", False, True,
        )  # fmt: skip
