"""The registry holds every official table on QPV, and finds each file by the name it is given."""

from __future__ import annotations

import re

import pytest

from ingest.coherence import first_fault
from ingest.header_names import A_ETABLIR, fill
from ingest.registry import Registry, Source, load_registry

#: Theme → (source, perimeters on which it is declared).
THEMES = {
    "population": ("insee_population", {"2015", "2024"}),
    "population by commune": ("insee_population_communes", {"2015", "2024"}),
    "RP, estimations démographiques": ("insee_rp", {"2015", "2024"}),
    "Filosofi, disposable": ("insee_filosofi", {"2015", "2024"}),
    "Filosofi, declared": ("insee_filosofi_declare", {"2015", "2024"}),
    "Cnaf": ("cnaf_allocataires", {"2015", "2024"}),
    "Cnam": ("cnam_complementaire_sante", {"2015"}),
    "France Travail, annual": ("insee_defm", {"2015", "2024"}),
    "France Travail, quarterly": ("insee_defm_trimestres", {"2015", "2024"}),
    "RPLS": ("sdes_rpls", {"2015", "2024"}),
    "logement": ("insee_logement", {"2015"}),
    "éducation": ("depp_scolarite", {"2015", "2024"}),
    "brevet": ("depp_dnb", {"2024"}),
    "entreprises": ("insee_side", {"2015", "2024"}),
    "appartenance": ("insee_appartenance", {"2015", "2024"}),
    "passage": ("anct_passage", {"2024"}),
    "contours": ("anct_contours", {"2024"}),
    "liste": ("anct_liste_qpv", {"2015", "2024"}),
    "thematic, démographie": ("insee_demo", {"2015"}),
    "thematic, revenus": ("insee_revn", {"2015"}),
    "thematic, insertion": ("insee_ipro", {"2015"}),
    "comparison, Filosofi": ("insee_filosofi_territoires", {""}),
    "comparison, RP": ("insee_rp_territoires", {""}),
    "comparison, RPLS": ("sdes_rpls_territoires", {""}),
    "comparison, Cnaf": ("cnaf_minima_territoires", {""}),
}

#: File names quoted from the producers' pages → the millésime whose link finds them.
FICHIERS = {
    "pop_QPV24.csv": ("insee_population", "2020-qp24"),
    "pop_reference_communales_QPV24.csv": ("insee_population_communes", "2020-qp24"),
    "pop_legales_communales_qpv_2018.xlsx": ("insee_population_communes", "2018"),
    "estimations-demographiques_2022_QPV2024_csv.zip": ("insee_rp", "2022-qp24"),
    "revenus_pauvrete_2021_qp24_v2_csv.zip": ("insee_filosofi", "2021-qp24"),
    "revenus_pauvrete_2021_qp15_csv.zip": ("insee_filosofi", "2021"),
    "DEFM2024_QP24_csv.zip": ("insee_defm", "2024-qp24"),
    "beneficiaires_CAF_31-12-2024_QP24.zip": ("cnaf_allocataires", "2024-qp24"),
    "EDUC_2024_2025_QP24.zip": ("depp_scolarite", "2024-qp24"),
    "DNB_2025_QP24.zip": ("depp_dnb", "2025"),
    "RPLS_01-01-2025_QPV_2024.zip": ("sdes_rpls", "2025-qp24"),
    "RPLS_01-01-2024_Iris.zip": ("sdes_rpls_territoires", "2024"),
    "side_2023_QPV2024.zip": ("insee_side", "2023-qp24"),
    "TAG_QPV2024_2025_csv.zip": ("insee_appartenance", "2025-qp24"),
    "TAG_QPV2015_2025_csv.zip": ("insee_appartenance", "2025"),
    "table_appartenance_geo_QPV_2023_csv.zip": ("insee_appartenance", "2023"),
    "indic-struct-distrib-revenu-2021-SUPRA_csv.zip": ("insee_filosofi_territoires", "2021"),
    "base-cc-evol-struct-pop-2021_csv.zip": ("insee_rp_territoires", "2021"),
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def link_of(source: Source, millesime: str) -> str:
    return fill(source.millesimes[millesime].lien or source.lien or "", millesime)


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_has_its_entry_on_its_perimeters(registry: Registry, theme: str) -> None:
    source_id, perimetres = THEMES[theme]
    source = registry[source_id]
    assert {source.perimetre_of(m) for m in source.millesimes} == perimetres


def test_every_entry_has_page_licence_calendar_and_producer(registry: Registry) -> None:
    for source in registry.sources.values():
        assert source.producteur and source.licence and source.calendrier.texte, source.id
        assert source.calendrier.jours, source.id
        for page in {source.page, *(m.page for m in source.millesimes.values() if m.page)}:
            assert page.startswith("https://"), source.id


@pytest.mark.parametrize("nom", FICHIERS)
def test_a_published_file_is_found_by_its_name(registry: Registry, nom: str) -> None:
    source_id, millesime = FICHIERS[nom]
    link = f"/fr/statistiques/fichier/8210600/{nom}"
    assert re.search(link_of(registry[source_id], millesime), link)


def test_a_link_never_finds_the_file_of_another_millesime(registry: Registry) -> None:
    """Two editions of a source are told apart by name, the two perimeters of a year included."""
    for nom, (source_id, millesime) in FICHIERS.items():
        source, link = registry[source_id], f"/fr/statistiques/fichier/8210600/{nom}"
        for other in source.millesimes.keys() - {millesime}:
            pattern = link_of(source, other)
            assert not pattern or not re.search(pattern, link), (source_id, other, nom)


def test_the_links_of_declared_figures_are_those_of_their_twin(registry: Registry) -> None:
    declared, disposable = registry["insee_filosofi_declare"], registry["insee_filosofi"]
    for millesime, name in (("2021", "qp15_csv"), ("2021-qp24", "qp24_v2_csv")):
        link = f"/fr/statistiques/fichier/8243167/revenus_pauvrete_2021_{name}.zip"
        for source in (declared, disposable):
            assert re.search(link_of(source, millesime), link), source.id


def test_the_key_of_a_millesime_says_its_perimeter(registry: Registry) -> None:
    for source in registry.sources.values():
        for millesime in source.millesimes:
            suffix = millesime.partition("-qp")[2]
            assert not suffix or source.perimetre_of(millesime) == f"20{suffix}", source.id


def test_what_is_not_known_stands_only_where_nobody_has_seen_the_file(registry: Registry) -> None:
    waiting = {
        (source.id, millesime)
        for source in registry.sources.values()
        for millesime, edition in source.millesimes.items()
        for bloc in edition.periodes
        for column, header, periode in source.columns_of(bloc, millesime)
        if header.startswith(A_ETABLIR) or periode.startswith(A_ETABLIR)
    }
    assert all(registry[s].is_unseen(m) for s, m in waiting)
    assert {s for s, _ in waiting} == {
        "depp_dnb", "depp_scolarite", "insee_defm_trimestres", "insee_logement", "insee_side",
    }  # fmt: skip


def test_no_fault_is_left_in_the_registry(registry: Registry) -> None:
    assert all(first_fault(source) is None for source in registry.sources.values())
