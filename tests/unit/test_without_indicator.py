"""No mesure is declared for nothing, and an indicator whose file nobody has read says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.fingerprints import read_lock
from ingest.never_read import levels_never_read, never_read
from ingest.registry import Registry, load_registry
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary, load_dictionary
from warehouse.declared.without_indicator import without_indicator
from warehouse.publication.dictionary_page import jamais_lus_en_mots, niveaux_en_mots

LIST = """\
sans_indicateur:
  - {mesures: "controle_[ab]", raison: "comptes de contrôle"}
"""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return load_dictionary()


def test_every_declared_mesure_has_an_indicator_or_a_reason(
    registry: Registry, dictionary: Dictionary
) -> None:
    left = without_indicator(registry.mesures, dictionary.mesures())
    assert {m for mesures in left.values() for m in mesures} == (
        registry.mesures.keys() - dictionary.mesures()
    )


def said(tmp_path: Path, declared: set[str], used: set[str], text: str = LIST) -> dict:
    path = tmp_path / "sans_indicateur.yml"
    path.write_text(text, encoding="utf-8")
    return without_indicator(declared, used, path)


def test_the_list_gives_each_reason_its_mesures(tmp_path: Path) -> None:
    declared = {"pop", "controle_b", "controle_a"}
    assert said(tmp_path, declared, {"pop"}) == {
        "comptes de contrôle": ["controle_a", "controle_b"]
    }


@pytest.mark.parametrize(
    ("declared", "used", "refusal"),
    [
        ({"pop", "controle_a"}, set(), "sans indicateur ni raison : pop"),
        ({"controle_ab", "controle_a"}, set(), "sans indicateur ni raison : controle_ab"),
        ({"controle_a"}, {"controle_a"}, "aucune mesure sans indicateur n'est 'controle_"),
    ],
)
def test_what_the_list_forgets_or_says_for_nothing_is_named(
    tmp_path: Path, declared: set[str], used: set[str], refusal: str
) -> None:
    with pytest.raises(QpvError) as refused:
        said(tmp_path, declared, used)
    assert refusal in str(refused.value) and "sans_indicateur.yml" in str(refused.value)


def test_a_pattern_that_cannot_be_read_is_refused_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match=r"expression régulière illisible.*sans_indicateur\.0"):
        said(tmp_path, {"controle_a"}, set(), LIST.replace("[ab]", "[ab"))


@pytest.mark.parametrize(
    ("code", "files"),
    [
        # Given by the files of earlier years too, or by another source that was read.
        ("nb_allocataires_caf", None),
        ("part_pop_0_14_ans", None),
        ("taux_vacance_logements", None),
        # One file, to come.
        ("taux_reussite_brevet", "Depp, diplôme national du brevet dans les QPV"),
        ("part_pop_immigree", "Insee, estimations démographiques des QPV"),
        # A term was read, the other was not.
        ("part_allocataires_apl", "Cnaf, allocataires des Caf dans les QPV"),
    ],
)
def test_an_indicator_says_the_files_that_nobody_has_read(
    registry: Registry, dictionary: Dictionary, code: str, files: str | None
) -> None:
    found = jamais_lus_en_mots(dictionary, never_read(registry))
    assert (files in found[code]) if files else (code not in found)


def test_a_millesime_that_nobody_has_read_has_no_lock(registry: Registry) -> None:
    locked = {(s.id, m) for s in registry.sources.values() for m in read_lock(s.id)}
    assert len(locked) > 30
    assert [(s, m) for s, m in sorted(locked) if registry[s].is_unseen(m)] == []


def test_a_published_value_that_was_read_is_enough(dictionary: Dictionary) -> None:
    minima = "nb_allocataires_minima_sociaux"
    assert dictionary.indicateurs[minima].publiee == "caf_minima_sociaux"
    to_come = {"caf_aah": ["à venir"], "caf_minima_sociaux": ["à venir"]}
    assert jamais_lus_en_mots(dictionary, to_come)[minima] == "à venir"
    to_come.pop("caf_minima_sociaux")
    assert minima not in jamais_lus_en_mots(dictionary, to_come)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        # Its page says that the same base holds communes and EPCI.
        ("nb_defm_abc", "commune, EPCI (Insee, données par thématique sur les QPV : Insertion"),
        ("nb_couverts_c2s", "IRIS, commune, EPCI (Cnam, bénéficiaires"),
        # Files by commune and by EPCI were read.
        ("revenu_median", None),
        ("superficie_ha", None),
    ],
)
def test_an_indicator_says_the_places_that_files_to_come_would_give(
    registry: Registry, dictionary: Dictionary, code: str, told: str | None
) -> None:
    found = niveaux_en_mots(dictionary, levels_never_read(registry))
    assert (told in found[code]) if told else (code not in found)
