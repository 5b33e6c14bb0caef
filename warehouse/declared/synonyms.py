"""Other words for what the dictionary names: how reports call its indicators. Matches nothing."""

from __future__ import annotations

from functools import cache

from pydantic import Field

from warehouse.base.layout import SYNONYMES
from warehouse.base.strict import Strict, load_yaml


class Synonymes(Strict):
    """`vides`: words that say nothing; `mots`: a word, and the dictionary's for it;
    `indicateurs`: other names of one.
    """

    vides: str
    mots: dict[str, str] = Field(default_factory=dict)
    indicateurs: dict[str, list[str]] = Field(default_factory=dict)


@cache
def synonymes() -> Synonymes:
    """Those of `dbt_project/synonymes.yml`.

    Raises:
        QpvError: a key is unknown.
    """
    return load_yaml(SYNONYMES, Synonymes)
