"""Our own lints find what they are for, and nothing else."""

from __future__ import annotations

import pytest

from tests import lint_names


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
