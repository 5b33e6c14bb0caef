"""Figures of Insee's « chiffres détaillés », where a release holds the same thing.

The printed cells stay outside the repository (../shared/published_elsewhere). Every cell is either
compared, or listed with the reason why no release has its like: a figure that comes to a release
at a territory and period of the list must be looked at, and compared or named.
"""

from __future__ import annotations

import csv
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import SHARED

PRINTED = SHARED.parent / "published_elsewhere" / "insee_chiffres_detailles.csv"
#: Themes in which a figure of the census would be.
THEMES = ("démographie", "ménages et familles", "emploi et chômage", "éducation")
#: Filosofi's households are no census figures.
OTHER = ("nb_menages_fiscaux", "nb_personnes_menages_fiscaux", "nb_unites_consommation",
         "personnes_par_menage_fiscal", "personnes_par_unite_consommation")  # fmt: skip
FRANCE = ("FRMETRO", "2019")
AGES, EMPLOI = ("POP T0", "population"), ("EMP T2", "population 15-64")
OCCUPES = ("EMP T2", "actifs ayant un emploi 15-64")

#: Indicator of a release → the cells (table, row, column) above, below, and decimals shown.
COMPARED = {
    "pop_60_74_ans": (["60 à 74 ans"], [], AGES, AGES, 0),
    "pop_75_ans_plus": (["75 ans ou plus"], [], AGES, AGES, 0),
    "pop_60_ans_plus": (["60 à 74 ans", "75 ans ou plus"], [], AGES, AGES, 0),
    "taux_emploi_15_64_ans": (["Ensemble"], ["Ensemble"], OCCUPES, EMPLOI, 1),
    "taux_emploi_15_64_ans_hommes": (["Hommes"], ["Hommes"], OCCUPES, EMPLOI, 1),
    "taux_emploi_15_64_ans_femmes": (["Femmes"], ["Femmes"], OCCUPES, EMPLOI, 1),
    "nb_emploi_15_64_ans": (["Ensemble"], [], OCCUPES, EMPLOI, 0),
}
#: Indicator → (Insee's, ours): the fiche does not say which count of the census it prints.
DIVERGENCES = {"nb_emploi_15_64_ans": (Decimal(26180810), Decimal(26170658))}

#: (territoire, periode) → number of cells that no release has, and the figures of those themes that
#: releases hold there, none of which is one of the cells. The registry declares the census of
#: communes alone (insee_rp_territoires), no file of it is at hand, and none of its counts is an
#: indicator yet: an EPCI, a département, a région has the printed fiche's figures or none.
LEFT = {
    FRANCE: (7, {
        "ecart_scolarisation_femmes_ensemble", "ecart_scolarisation_femmes_hommes",
        "ecart_taux_emploi_femmes_ensemble", "ecart_taux_emploi_femmes_hommes",
        "indice_generations_agees", "indice_jeunesse", "nb_scolarises_15_24_ans",
        "part_75_ans_plus_seniors", "part_pop_etrangere", "population_municipale",
        "pop_etrangere", "pop_moins_20_ans", "taux_scolarisation_15_24_ans",
        "taux_scolarisation_15_24_ans_femmes", "taux_scolarisation_15_24_ans_hommes",
    }),  # the cells: other ages, active people; communes add up to 50 people more than « Ensemble »
    ("EPCI:200042190", "2018"): (3, {"population_municipale"}),  # the cells: jobs
    ("DEP:59", "2018"): (4, {"population_municipale"}),  # the cells: jobs, 15-24 years
    ("FRMETRO", "2013"): (3, set()),
    ("FRMETRO", "2016"): (3, set()),
    ("EPCI:200042190", "2020"): (5, {"population_municipale"}),  # compared in test_foreigners
    ("EPCI:200042190", "2014"): (3, set()),
    ("DEP:59", "2016"): (4, set()),
    ("DEP:59", "2006"): (1, set()),
    ("DEP:62", "2019"): (1, {"population_municipale"}),  # the cell: households
    ("REG:32", "2016"): (2, set()),
    ("REG:32", "2019"): (3, {"population_municipale"}),  # the cells: households
    ("FRANCE", "2020"): (4, set()),
    ("FRANCE", "2022"): (3, set()),
}  # fmt: skip

Cell = tuple[str, str, str, str, str]  # territoire, periode, tableau, ligne, colonne

pytestmark = pytest.mark.skipif(
    not PRINTED.is_file(),
    reason="cells of Insee's pages (../shared/published_elsewhere) are not here",
)


def printed() -> dict[Cell, Decimal]:
    with PRINTED.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    fields = ("territoire", "periode", "tableau", "ligne", "colonne")
    cells = {tuple(row[f] for f in fields): Decimal(row["valeur"]) for row in rows}
    assert len(cells) == len(rows)
    return cells


def keys(rows: list[str], column: tuple[str, str]) -> list[Cell]:
    return [(*FRANCE, column[0], row, column[1]) for row in rows]


def shown(value: float | Decimal, decimals: int) -> Decimal:
    exact = Decimal(str(value))
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def figures_of(release: Path) -> dict[tuple[str, str], dict[str, float]]:
    """(territoire, periode) → figures of those themes that the release diffuses."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    with duckdb.connect(str(release / "qpv.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select f.code_territoire, f.periode, f.code_indicateur, f.valeur "
            "from fct_indicateur as f inner join dim_indicateur as i using (code_indicateur) "
            "where f.statut = 'diffuse' and i.theme in (select unnest($1)) "
            "and f.code_indicateur not in (select unnest($2))",
            [THEMES, OTHER],
        ).fetchall()
    for territoire, periode, indicateur, valeur in rows:
        found.setdefault((territoire, periode), {})[indicateur] = valeur
    return found


def test_every_cell_is_compared_or_left_with_its_reason() -> None:
    cells = printed()
    used = {
        key
        for above, below, num, den, _ in COMPARED.values()
        for key in (*keys(above, num), *keys(below, den))
    }
    assert used <= cells.keys()
    left = Counter(cell[:2] for cell in cells.keys() - used)
    assert left == {place: count for place, (count, _) in LEFT.items()}
    assert (len(cells), len(used)) == (54, 8)


def test_the_figures_of_a_release_are_insee_s(sample_release: Path) -> None:
    cells, ours = printed(), figures_of(sample_release)[FRANCE]
    diverging = {}
    for indicateur, (above, below, num, den, decimals) in COMPARED.items():
        theirs = sum(cells[key] for key in keys(above, num))
        if below:
            theirs = 100 * theirs / sum(cells[key] for key in keys(below, den))
        pair = (shown(theirs, decimals), shown(ours[indicateur], decimals))
        if pair[0] != pair[1]:
            diverging[indicateur] = pair
    assert diverging == DIVERGENCES


def refuse_unlooked_at(release: Path) -> None:
    """A release has no figure of the census, at a listed place, that nobody has looked at."""
    held = figures_of(release)
    for place, (_, known) in LEFT.items():
        known = known | (COMPARED.keys() if place == FRANCE else set())
        assert held.get(place, {}).keys() <= known, place


def test_no_figure_at_those_places_is_left_unlooked_at(sample_release: Path) -> None:
    refuse_unlooked_at(sample_release)
