"""Codes of an earlier list are known to landing, and both lists say who follows which."""

from __future__ import annotations

from ingest.former_codes import former_codes, former_rows
from ingest.registry import load_registry
from tests.unit.test_registry import refusal

LISTE = [("anct_liste_qpv", "2024")]


def test_the_forty_two_of_mayotte_and_no_other_are_known() -> None:
    """The official list holds 1,584 quarters, the one before it 1,609."""
    former = former_codes(load_registry(), LISTE, "2024")
    assert (len(former), 1584 - 17 + len(former)) == (42, 1609)
    assert "QN97601M" in former and not {"QN97602M", "QN97651C", "QN00101M"} & former
    assert former_codes(load_registry(), LISTE, "2015") == frozenset()


def test_each_code_has_its_nature_and_says_why_its_figures_are_missing() -> None:
    rows = list(former_rows(load_registry(), LISTE))
    assert len({row["code_qpv"] for row in rows}) == len(rows) == 59
    natures = [row["nature"] for row in rows]
    assert (natures.count("ancien"), natures.count("remplacant")) == (42, 17)
    said = {row["nature"]: row["motif"] for row in rows}
    assert "suit encore la liste précédente (Mayotte)" in said["remplacant"]
    assert "42 anciens codes (QN97601M…)" in said["remplacant"]
    assert "cette source suit la liste en vigueur" in said["ancien"]


def test_a_code_is_not_its_own_successor(tmp_path) -> None:
    said = refusal(
        tmp_path,
        (
            '  "2021":\n',
            '  "2021":\n    anciens_codes:\n'
            "      - {territoire: T, codes: [QN1], remplaces_par: [QN1]}\n",
        ),
    )
    assert "clé millesimes.2021.anciens_codes.0" in said and "QN1" in said
