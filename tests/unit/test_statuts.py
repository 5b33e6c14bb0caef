"""The statuts are declared once: doors, marts, pages and files of producers read one list."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import warehouse.domain.statuts as module
from ingest.blocks import NOTES_USUELLES
from orchestration.defs.dbt_manifest import ensure_manifest
from tests.fixtures.altered_yaml import refusal
from tests.module_map import product_files
from warehouse.declared.table_models import read_models
from warehouse.domain.statuts import (
    blanks,
    masked_here,
    meanings,
    signe_de,
    statuts,
    statuts_of_evolutions,
    statuts_of_levels,
)
from warehouse.publication.explain.facts import CONFIDENTIELS
from warehouse.publication.fiches.textes import ND, SECRET
from warehouse.release.domain_tables import domain_tables


def test_an_evolution_has_the_statuts_of_a_level_and_its_own() -> None:
    assert {*statuts_of_evolutions()} == {*statuts()}
    assert {*statuts_of_evolutions()} - {*statuts_of_levels()} == {"non_comparable"}


def test_the_marts_accept_the_declared_statuts() -> None:
    models = read_models(json.loads(ensure_manifest().read_text(encoding="utf-8")))
    accepted = {
        t: m.colonnes["statut"].valeurs for t, m in models.items() if "statut" in m.colonnes
    }
    assert accepted == {
        "fct_indicateur": statuts_of_levels(),
        "fct_evolution": statuts_of_evolutions(),
    }


def test_dbt_is_given_which_statut_is_an_absence_and_which_a_level_has() -> None:
    rows = {r["statut"]: r for r in domain_tables()["statuts"].to_pylist()}
    assert [c for c, r in rows.items() if not r["est_absence"]] == ["diffuse"]
    assert [c for c, r in rows.items() if not r["est_de_niveau"]] == ["non_comparable"]


def test_our_masks_alone_have_a_sign_of_their_own() -> None:
    assert masked_here() == CONFIDENTIELS == ("secret",)
    assert (SECRET, ND) == ("s", "nd")
    absences = {c for c in statuts() if c != "diffuse"}
    assert {c for c in absences if signe_de(c) == SECRET} == {*masked_here()}
    assert signe_de("un statut de demain") == ND


def test_what_a_file_says_is_never_taken_for_our_own_mask() -> None:
    assert {*NOTES_USUELLES.values()} <= blanks().keys() <= meanings().keys()
    assert not {*masked_here(), "diffuse"} & meanings().keys()


@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        ("    signe: s\n", "", "une absence a un signe"),
        ("  diffuse:\n", "  diffuse:\n    signe: v\n", "une valeur n'en a pas"),
        ("    secret: producteur\n", "    secret: nous\n", "statuts.secret_producteur.secret"),
    ],
)
def test_a_statut_half_said_is_refused(line: str, wrong: str, said: str, tmp_path: Path) -> None:
    assert said in refusal(module.FICHIER, module._Statuts, line, wrong, tmp_path)


def test_no_meaning_of_a_statut_is_written_elsewhere() -> None:
    files = product_files(".py", ".js")
    said = [s for one in statuts().values() for s in (one.sens, one.signifie, one.case_vide) if s]
    for path in files:
        text = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))
        assert [s for s in said if len(s) > 20 and f'"{s}"' in text] == [], path
