"""Indicators over files of units, from made-up stock to the published table."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.fixtures import made_up_stock as stock
from tests.fixtures.micro_warehouse import build, dbt, edition, rows
from tests.integration.test_microdata import ANNEE, QUARTIERS, expected_rpls, expected_sirene
from warehouse.base.layout import Layout

STOCK, PARC = "2026-09-01", "2025-01-01"
SEUIL = 11  #: of dwellings, as in the producer's own file by QPV
SETS = {
    "QPV@DEP:59": [c for c in stock.codes("2024", QUARTIERS) if c[2:5] == "059"],
    "QPV@DEP:93": [c for c in stock.codes("2024", QUARTIERS) if c[2:5] == "093"],
}
Lu = dict[tuple[str, str], tuple[float | None, str, str | None]]


@pytest.fixture(scope="module")
def extraits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stock")
    stock.write_stock(folder, etablissements=18_000, logements=12_000, seed=11, quartiers=QUARTIERS)
    return folder


def published(extraits: Path, data: Path) -> Lu:
    """(territory, indicator) → value, statut, motif, as the release's table has them."""
    layout: Layout = build(extraits, data, edition(str(ANNEE)), complets=sorted(SETS))
    dbt(layout, "run", "--select", "+fct_indicateur")
    query = (
        "select code_territoire, code_indicateur, valeur, statut, motif from marts.fct_indicateur"
        " where en_avant"
    )
    return {(t, i): (valeur, statut, motif) for t, i, valeur, statut, motif in rows(layout, query)}


@pytest.fixture(scope="module")
def lu(extraits: Path, tmp_path_factory: pytest.TempPathFactory) -> Lu:
    return published(extraits, tmp_path_factory.mktemp("data"))


def members() -> dict[str, list[str]]:
    """Territory → the QPV it is made of: each covered QPV alone, and the sets."""
    alone = {c: [c] for c in stock.codes("2024", QUARTIERS) if c[2:5] != "976"}
    return alone | SETS


def total(counts: Counter, codes: list[str], periode: str, *mesures: str) -> int:
    return sum(counts[code, mesure, periode] for code in codes for mesure in mesures)


def test_counts_and_shares_of_establishments_reach_the_published_table(
    lu: Lu, extraits: Path
) -> None:
    counts = expected_sirene(extraits)
    for territoire, codes in members().items():
        actifs = total(counts, codes, STOCK, "sirene_actifs")
        inconnue = total(counts, codes, STOCK, "sirene_actifs_section_inconnue")
        commerce = (f"sirene_actifs_section_{letter}" for letter in "ghi")
        part = total(counts, codes, STOCK, *commerce) / (actifs - inconnue)
        seuls = total(counts, codes, STOCK, "sirene_actifs_entrepreneurs_individuels")
        crees = total(counts, codes, str(ANNEE), "sirene_crees")
        assert actifs > 10
        assert lu[territoire, "nb_etab_actifs"][:2] == (actifs, "diffuse")
        assert lu[territoire, "nb_etab_crees"][:2] == (crees, "diffuse")
        shown = lu[territoire, "part_etab_commerce_transports_restauration"]
        assert shown[:2] == (pytest.approx(100 * part), "diffuse")
        shown = lu[territoire, "part_etab_entrepreneurs_individuels"]
        assert shown[:2] == (pytest.approx(100 * seuls / actifs), "diffuse")


def test_energy_labels_are_shares_of_the_labelled_dwellings_or_masked(
    lu: Lu, extraits: Path
) -> None:
    """Dwellings are counted from units: no share tells of 1 to 10 of them, nor of the rest."""
    counts = expected_rpls(extraits)
    told = Counter()
    for territoire, codes in members().items():
        tous = total(counts, codes, PARC, "rpls_detail_logements")
        connus = total(counts, codes, PARC, "rpls_detail_dpe_etiquetes")
        abc = total(counts, codes, PARC, *(f"rpls_detail_dpe_{letter}" for letter in "abc"))
        assert 0 < connus < tous
        for code, num, den in (
            ("part_logements_sociaux_dpe_abc", abc, connus),
            ("part_logements_sociaux_dpe_connu", connus, tous),
        ):
            valeur, statut, _ = lu[territoire, code]
            told[code, statut] += 1
            if any(0 < n < SEUIL for n in (num, den, den - num)):
                assert (valeur, statut) == (None, "secret"), (territoire, code)
            elif statut == "diffuse":
                assert valeur == pytest.approx(100 * num / den)
            else:
                assert (valeur, statut) == (None, "secret")
    assert told["part_logements_sociaux_dpe_connu", "diffuse"] > len(SETS)
    assert told["part_logements_sociaux_dpe_abc", "diffuse"] > 0


def test_what_the_producer_masks_elsewhere_is_not_published(lu: Lu) -> None:
    """Rooms, epochs and counts of dwellings by QPV are masked below 11 in the producer's file."""
    codes = {code for _, code in lu}
    assert "part_logements_sociaux_dpe_abc" in codes
    assert not {c for c in codes if "_localises" in c or c.startswith("nb_pieces")}


def test_a_department_outside_the_file_and_an_absent_file_say_so(
    lu: Lu, extraits: Path, tmp_path: Path
) -> None:
    [mayotte, *_] = [c for c in stock.codes("2024", QUARTIERS) if c[2:5] == "976"]
    assert lu[mayotte, "nb_etab_actifs"][:2] == (None, "hors_champ")
    folder = tmp_path / "extraits"
    folder.mkdir()
    for name in stock.LISTES.values():
        (folder / name).symlink_to(extraits / name)
    without = published(folder, tmp_path / "data")
    [quartier, *_] = SETS["QPV@DEP:59"]
    for indicateur, fichier in (
        ("nb_etab_actifs", stock.ETABLISSEMENTS),
        ("part_logements_sociaux_dpe_abc", "rpls_logements_2025.csv"),
    ):
        valeur, statut, motif = without[quartier, indicateur]
        assert (valeur, statut) == (None, "non_disponible")
        assert motif == f"fichier absent : {fichier}"
