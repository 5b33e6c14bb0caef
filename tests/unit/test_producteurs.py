"""Who produces a figure is declared once, with the name that is printed."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from orchestration.partitions import REGISTRY
from warehouse.domain.producteurs import CodeDeProducteur, libelle_producteur, producteurs


def test_each_producer_of_the_registry_has_a_name() -> None:
    named = {s.producteur for s in REGISTRY.sources.values()}
    named |= {b.producteur for s in REGISTRY.sources.values() for b in s.blocs.values()}
    assert named <= producteurs().keys()
    assert libelle_producteur("france_travail") == "France Travail"


def test_a_producer_without_a_name_is_refused_with_what_to_write() -> None:
    with pytest.raises(
        ValidationError, match="producteur sans nom : 'ademe' ; l'ajouter à"
    ) as said:
        TypeAdapter(CodeDeProducteur).validate_python("ademe")
    assert "dbt_project/domain/producteurs.yml" in str(said.value)


def test_an_older_release_prints_a_code_that_has_no_name_here() -> None:
    assert libelle_producteur("un_autre") == "un_autre"
