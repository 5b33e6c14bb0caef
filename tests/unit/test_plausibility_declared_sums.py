"""P16: the sums that the registry declares, put to what is published of each territory."""

from __future__ import annotations

import pytest

from ingest.registry import load_registry
from quality.plausibility.corpus import ChiffreJuge, TerritoireJuge, fill, open_corpus
from quality.plausibility.counts import derive
from quality.plausibility.registry_sums import declared_sums
from warehouse.declared.dictionary import load_dictionary
from warehouse.declared.sommes import somme_rows

REGISTRY = load_registry()
#: All job seekers are women and men; those of some levels of diploma are among them.
TOUS, FEMMES, HOMMES = "nb_defm_abc", "nb_defm_abc_femmes", "nb_defm_abc_hommes"
BAC = "nb_defm_abc_bac"


def _found(**figures: float) -> list[tuple[str, str]]:
    con = open_corpus(load_dictionary(), REGISTRY.estimees, somme_rows(REGISTRY.sommes))
    fill(con, "territoire", [TerritoireJuge("QP1", "QP1", "2015", "qpv")])
    for indicateur, value in figures.items():
        one = ChiffreJuge("QP1", indicateur, "2021", None, "niveau", *[float(value)] * 3, "ici")
        fill(con, "chiffre", [one])
    derive(con)
    return [(f.regle, f.indicateur) for f in declared_sums(con)]


@pytest.mark.parametrize(
    ("figures", "refused"),
    [
        ({TOUS: 100, FEMMES: 60, HOMMES: 40}, False),
        ({TOUS: 101, FEMMES: 60, HOMMES: 40}, True),
        ({TOUS: 99, FEMMES: 60, HOMMES: 40}, True),
        # One part is missing: what is left of the total is its own.
        ({TOUS: 100, FEMMES: 60}, False),
        ({TOUS: 59, FEMMES: 60}, True),
        ({FEMMES: 60, HOMMES: 40}, False),
        # Some diplomas are unknown: the total may be more.
        ({TOUS: 100, BAC: 30}, False),
        ({TOUS: 20, BAC: 30}, True),
    ],
)
def test_a_total_that_is_not_the_sum_of_its_parts_is_to_be_checked(
    figures: dict[str, float], refused: bool
) -> None:
    assert _found(**figures) == ([("P16", TOUS)] if refused else [])
