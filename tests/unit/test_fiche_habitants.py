"""How many people of the quarters live in the EPCI is said where it is not their population."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from warehouse.publication.fiches.data import Lien
from warehouse.publication.fiches.habitants import habitants, premieres_communes
from warehouse.publication.fiches.tableaux import Rang
from warehouse.release.published import Territoire

SIREN, CONTRAT = "200000001", ("contrat", "2024")


def data(*quarters: list[Lien]) -> SimpleNamespace:
    """A release of these quarters, each with the EPCI that it touches."""
    links = {f"QN0010{n}M": found for n, found in enumerate(quarters, 1)}
    source = SimpleNamespace(
        source_id="contrat", millesime="2024", titre="Contrat", tierce=True, confiance="tierce"
    )
    places = {qpv: SimpleNamespace(libelle=f"Quartier {qpv}") for qpv in links}
    return SimpleNamespace(epci_des_qpv=links, territoires=places, sources=[source])


def link(inside: float | None, whole: float, siren: str = SIREN) -> Lien:
    return Lien(siren, "CA", None, "", inside, whole, CONTRAT)


def test_whole_quarters_counted_alike_say_nothing_more() -> None:
    assert habitants(data([link(500, 500)], [link(700, 700)]), SIREN, "CA") == ""


@pytest.mark.parametrize(
    "quarters",
    [
        ([link(450, 500)], [link(700, 700)]),
        ([link(450, 500), link(50, 500, "200000002")], [link(700, 700)]),
    ],
    ids=["counted otherwise", "shared"],
)
def test_people_of_the_epci_are_summed_where_they_are_not_the_quarters_people(quarters) -> None:
    said = habitants(data(*quarters), SIREN, "CA").replace("\u202f", " ")
    assert said.startswith("1 150 personnes vivent à la fois dans l'un de ces 2 quartiers")


def test_an_unknown_part_gives_no_sum_and_is_named() -> None:
    shared = [link(None, 500), link(50, 500, "200000002")]
    said = habitants(data(shared, [link(700, 700)]), SIREN, "CA")
    assert "n'est pas connu" in said and "QN00101M" in said and "700" not in said


def quarters(*complete: bool) -> tuple[SimpleNamespace, list[Rang]]:
    """A release of quarters whose communes are all known, or only the first one."""
    ranks = [Rang(Territoire(f"QP{n}", "qpv", f"Quartier {n}")) for n in range(len(complete))]
    links = {
        rank.territoire.code: [Lien("59014", "Anzin", None, complete=known)]
        for rank, known in zip(ranks, complete, strict=True)
    }
    return SimpleNamespace(communes_des_qpv=links), ranks


def test_a_list_of_first_communes_says_so_and_of_which_quarters() -> None:
    assert premieres_communes(*quarters(True, True)) == ""
    assert premieres_communes(*quarters(False)).startswith(
        "La liste lue ne donne que la première commune du quartier"
    )
    assert "de chaque quartier" in premieres_communes(*quarters(False, False))
    said = premieres_communes(*quarters(True, False))
    assert "Quartier 1" in said and "Quartier 0" not in said
