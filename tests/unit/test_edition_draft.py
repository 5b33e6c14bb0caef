"""A new edition by the rules, and every fault of one at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from ingest.registry import Registry, load_registry
from orchestration.edition_draft import next_id, propose_edition
from orchestration.edition_faults import verify_edition
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Edition, load_edition

MODEL = """\
id: essai
titre: "Essai"
perimetre: "2015"
blocs:
  - {bloc: insee_demo.population, periode: "2013"}
  - {bloc: insee_ipro.france_travail, periode: "2021-12-31", comparaison: "2018-12-31"}
  - {bloc: insee_ipro.rp, periode: "2019", comparaison: "2010"}
  - {bloc: insee_revn.filosofi, comparaison: "2013"}
  - {bloc: insee_rp.rp, serie: true}
references:
  insee_qpv_epci: ["2021"]
  insee_epci: ["2015", "2018"]
"""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def saved(folder: Path, text: str, name: str = "essai") -> Path:
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def test_each_block_shows_its_newest_period_and_only_what_was_compared_is(
    tmp_path: Path, registry: Registry
) -> None:
    model = load_edition("essai", saved(tmp_path, MODEL))
    draft = propose_edition(model, registry, "suite", ["essai"])
    edition = Edition.model_validate(yaml.safe_load(draft.texte))
    said = {bloc.bloc: (bloc.periode, bloc.comparaison) for bloc in edition.blocs}
    assert said == {
        "insee_demo.population": ("2018", None),
        "insee_ipro.france_travail": ("2022-12-31", "2016-12-31"),
        "insee_ipro.rp": ("2019", "2010"),
        "insee_revn.filosofi": (None, "2013"),
        "insee_rp.rp": (None, None),
    }
    assert edition.references["insee_qpv_epci"] == ["2021"]
    assert edition.references["insee_epci"][:3] == ["2015", "2018", "2019"]
    assert (edition.par_defaut, edition.perimetre) == (False, "2015")
    assert len(draft.changements) == 3
    assert verify_edition("suite", registry, saved(tmp_path, draft.texte, "suite")).fautes == []


@pytest.mark.parametrize(("new", "said"), [("essai", "existe déjà"), ("../x", "identifiant")])
def test_an_id_that_is_taken_or_no_id_is_refused(
    tmp_path: Path, registry: Registry, new: str, said: str
) -> None:
    model = load_edition("essai", saved(tmp_path, MODEL))
    with pytest.raises(QpvError, match=said):
        propose_edition(model, registry, new, ["essai"])


def test_an_edition_that_is_not_named_is_of_the_year_after_the_last() -> None:
    assert next_id(["2022", "2024", "essai"]) == "2025"
    with pytest.raises(QpvError, match="aucune édition"):
        next_id(["essai"])


def test_all_faults_are_said_at_once(tmp_path: Path, registry: Registry) -> None:
    text = MODEL.replace("insee_demo.population", "insee_demo.habitants")
    text = text.replace('"2021-12-31"', '"2041-12-31"').replace('"2018"]', '"1918"]')
    text = text.replace("insee_qpv_epci", "insee_quartiers")
    found = verify_edition("essai", registry, saved(tmp_path, text))
    assert [said.split(" : ")[0] for said in found.fautes] == [
        "clé references.insee_quartiers",
        "clé references.insee_epci",
        "clé blocs.0",
        "clé blocs.1",
    ]
    assert "insee_demo.caf" in found.fautes[2]


def test_all_malformed_keys_are_said_at_once(tmp_path: Path, registry: Registry) -> None:
    text = MODEL.replace("titre:", "titres:").replace('periode: "2013"', 'periode: "hier"')
    found = verify_edition("essai", registry, saved(tmp_path, text))
    keys = {said.split(" : ")[0] for said in found.fautes}
    assert keys == {"clé titre", "clé titres", "clé blocs.0.periode"}


def test_a_comparison_that_the_rules_forbid_is_said_beforehand(
    tmp_path: Path, registry: Registry
) -> None:
    text = MODEL.replace('"2019", comparaison: "2010"', '"2019", comparaison: "2018"')
    found = verify_edition("essai", registry, saved(tmp_path, text))
    assert found.fautes == []
    assert any(
        said.startswith("insee_ipro.rp : 2018 et 2019 ne se comparent") for said in found.dits
    )


def test_the_editions_of_the_product_have_no_fault_and_it_takes_less_than_two_seconds(
    registry: Registry,
) -> None:
    start = time.process_time()
    assert [verify_edition(one, registry).fautes for one in ("2022", "2023", "2024")] == [
        [],
        [],
        [],
    ]
    assert time.process_time() - start < 2
