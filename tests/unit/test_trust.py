"""A third party's figures enter a level of territory only once checked against the producer's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.plan import plan_rows
from ingest.registry import Registry, load_registry
from ingest.trust import niveau_of
from tests.fixtures.small_source import YAML, Essai, table
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Edition

VERIFIE = """verifications:
  - millesimes: ["2017", "2021"]
    niveaux: [qpv]
    compare: "trois quartiers, égaux"
    document: "fiche du producteur"
    cellules: 3
    ecart_maximal: 0.4
"""
TIERCE = YAML.replace("acces: publique\n", "acces: publique\nconfiance: tierce\n")
CHECKED = TIERCE.replace("blocs:\n", f"{VERIFIE}blocs:\n", 1)
#: One block of the newer file is refused, and said to be.
REFUSE = """niveaux_refuses:
  - {millesimes: ["2021"], blocs: [caf], niveaux: [qpv], motif: "le producteur dit deux fois plus"}
"""
PARTLY = TIERCE.replace(
    "blocs:\n",
    VERIFIE.replace('["2017", "2021"]', '["2017"]')
    + VERIFIE.replace("verifications:\n", "")
    .replace('["2017", "2021"]', '["2021"]')
    .replace("    niveaux", "    blocs: [population, rp]\n    niveaux")
    + REFUSE
    + "blocs:\n",
    1,
)


def refusal(folder: Path, *edits: tuple[str, str], yaml: str = CHECKED) -> str:
    with pytest.raises(QpvError) as refused:
        Essai(folder).source(*edits, yaml=yaml)
    return str(refused.value)


def test_a_third_party_s_source_without_a_check_is_refused_at_load(tmp_path: Path) -> None:
    said = refusal(tmp_path, yaml=TIERCE)
    assert "clé verifications" in said and "le bloc population de 2017 vient d'un tiers" in said
    assert "au niveau qpv qu'avec une vérification contre le chiffre du producteur" in said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('["2017", "2021"]', '["2017"]', "le bloc population de 2021 vient d'un tiers"),
        ("    niveaux: [qpv]", "    blocs: [population]\n    niveaux: [qpv]",
         "le bloc caf de 2017 vient d'un tiers"),
        ("niveaux: [qpv]", "niveaux: [qpv, epci]", "le niveau epci n'est pas de ce fichier"),
        ('["2017", "2021"]', '["2017", "2021", "2019"]', "2019 n'est pas un millésime d'un tiers"),
        ("ecart_maximal: 0.4", "ecart_maximal: 5.8", "verifications.0.ecart_maximal"),
        ("cellules: 3", "cellules: 0", "verifications.0.cellules"),
        ('document: "fiche du producteur"', 'document: ""', "verifications.0.document"),
        ("    niveaux: [qpv]", "    blocs: [impots]\n    niveaux: [qpv]", "n'a pas impots"),
    ],
)  # fmt: skip
def test_a_check_says_what_it_covers_and_how_near_it_is(before, after, said, tmp_path) -> None:
    assert said in refusal(tmp_path, (before, after))


def test_a_level_is_checked_or_refused_and_not_both(tmp_path: Path) -> None:
    both = CHECKED.replace("blocs:\n  population", f"{REFUSE}blocs:\n  population")
    assert "le niveau qpv est aussi vérifié" in refusal(tmp_path, yaml=both)


def test_only_a_third_party_owes_checks(tmp_path: Path) -> None:
    assert Essai(tmp_path).source(yaml=YAML).verifications == []
    official = CHECKED.replace('"2017":\n', '"2017":\n    confiance: officielle\n')
    assert "2017 n'est pas un millésime d'un tiers" in refusal(tmp_path, yaml=official)


def test_a_refused_level_does_not_land_and_the_plan_says_why(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    source = essai.source(yaml=PARTLY)
    rows = essai.land(table(), source=source)
    assert {r["bloc"] for r in rows} == {"population", "rp"}
    assert essai.report.ignorees["bloc caf, niveau qpv"] == "le producteur dit deux fois plus"

    known = load_registry(tmp_path / "sources")
    wanted = Edition(
        id="essai", titre="Essai", perimetre="2015",
        blocs=[{"bloc": "essai_quartiers.caf", "periode": "2019-12-31"}], references={},
    )  # fmt: skip
    rows = plan_rows(wanted, known, {})
    found = {(r["mesure"], r["couvre"], r["etat"], r["motif"]) for r in rows}
    assert ("caf_allocataires", "qpv", "niveau_refuse", "le producteur dit deux fois plus") in found


@pytest.mark.parametrize(
    ("code", "niveau"),
    [
        ("QP059050", "qpv"), ("QN05950M", "qpv"), ("QPV@EPCI:200042190", "qpv_epci"),
        ("QPV@DEP:59", "qpv_departement"), ("QPV@FRMETRO", "qpv_france"), ("COM:59172", "commune"),
        ("EPCI:200042190", "epci"), ("DEP:59", "departement"), ("FRMETRO", "france"),
    ],
)  # fmt: skip
def test_a_code_says_its_level(code: str, niveau: str) -> None:
    assert niveau_of(code) == niveau


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def test_aah_above_the_epci_does_not_enter_and_rsa_does(registry: Registry) -> None:
    source = registry["cnaf_minima_territoires"]
    wanted = Edition(
        id="essai", titre="Essai", perimetre="2015",
        blocs=[
            {"bloc": "cnaf_minima_territoires.aah", "periode": "2021-12-31"},
            {"bloc": "cnaf_minima_territoires.rsa", "periode": "2021-12-31"},
        ],
        references={},
    )  # fmt: skip
    refused = {
        (r["mesure"], r["couvre"]): r["motif"]
        for r in plan_rows(wanted, registry, {})
        if r["etat"] == "niveau_refuse"
    }
    above = ("departement", "region", "france_entiere")
    assert refused.keys() == {("caf_aah", niveau) for niveau in above}
    assert "5,8 % en médiane" in refused["caf_aah", "departement"]
    assert "MSA" in source.remarque


def test_every_third_party_s_figure_of_the_registry_is_checked(registry: Registry) -> None:
    checked = {s.id for s in registry.sources.values() if s.verifications}
    assert checked == {
        "cnaf_minima_territoires", "compilation_qpv", "fiche_publiee", "insee_population",
        "insee_rp_nationalite",
    }  # fmt: skip
