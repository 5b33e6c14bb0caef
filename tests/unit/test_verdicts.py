"""An indicator that sets a territory beside another one is judged for both."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from quality.verdicts import verdicts
from warehouse.declared.comparability import Comparabilite, Fourniture, Rupture
from warehouse.declared.dictionary import Edition, Indicateur, Rapprochement
from warehouse.declared.indicator_periods import indicator_periods

COMMON = {
    "unite": "%",
    "arrondi": 1,
    "definition": "d",
    "lecture": "{territoire}{valeur}{periode}",
    "agregation": "aucune",
    "sens": "neutre",
}


def told(effet: str, portee: list[str]) -> dict[str, str]:
    """Type of territory → verdict of the gap to the EPCI, under one rule of this reach."""
    rules = Comparabilite(
        ruptures=[Rupture(le="2018", effet=effet, motif="m", document="d", portee=portee)]
    )
    sides = [
        Fourniture("m", choix, "s.b", periode, 0, "2015", rules, contour="2020")
        for choix, periode in (("niveau", "2021"), ("comparaison", "2016"))
    ]
    plan = [
        {"mesure": "m", "choix": one.choix, "periode": one.periode, "etat": "lue", "rang": 0,
         "vaut_pour_annees": 0, "couvre": couvre}
        for one in sides
        for couvre in ("qpv", "epci", "departement")
    ]  # fmt: skip
    level = Indicateur(libelle="Taux", type="part", num={"m": 1}, **COMMON)
    beside = Rapprochement(indicateurs=["taux"], a="epci", par="ecart")
    gap = Indicateur(libelle="Écart", type="ecart", rapprochement=beside, **COMMON)
    dictionary = SimpleNamespace(indicateurs={"taux": level, "ecart_epci": gap})
    edition = Edition.model_construct(perimetre="2015")
    rows = verdicts(dictionary, edition, sides, indicator_periods(dictionary, plan))
    return {
        r["type_territoire"]: r["verdict"] for r in rows if r["code_indicateur"] == "ecart_epci"
    }


@pytest.mark.parametrize(
    ("effet", "expected"),
    [("non_comparable", "non_comparable"), ("reserve", "comparable_avec_reserve")],
)
def test_a_rule_on_the_epci_holds_for_the_gap_of_a_quarter_to_it(effet: str, expected: str) -> None:
    assert told(effet, ["epci"])["qpv"] == expected
    assert told(effet, ["departement"])["qpv"] == "comparable"


def test_a_rule_on_quarters_does_not_hold_for_the_gap_of_a_departement() -> None:
    found = told("non_comparable", ["qpv"])
    assert (found["qpv"], found["departement"]) == ("non_comparable", "comparable")
