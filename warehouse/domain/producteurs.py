"""The producers of figures: their codes, and their names as they are printed."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import Field

from warehouse.base.layout import DOMAIN_DIR
from warehouse.base.strict import Strict, load_yaml, one_of

FICHIER = DOMAIN_DIR / "producteurs.yml"


class _Producteurs(Strict):
    producteurs: dict[
        Annotated[str, Field(pattern="^[a-z][a-z_]*$")], Annotated[str, Field(min_length=1)]
    ] = Field(min_length=1)


@cache
def producteurs() -> dict[str, str]:
    """Code of each producer → its name."""
    return load_yaml(FICHIER, _Producteurs).producteurs


def libelle_producteur(code: str) -> str:
    """A producer's name; its code in a release that is older than its name here."""
    return producteurs().get(code, code)


_SANS_NOM = "producteur sans nom : '{code}' ; l'ajouter à dbt_project/domain/producteurs.yml"
#: The code of a producer, in a declared truth.
CodeDeProducteur = Annotated[str, one_of(producteurs, _SANS_NOM)]
