"""The rules of evidence on made-up cells: each one both ways, and its threshold's edges."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.landing import MESURES_SCHEMA
from ingest.witnesses import TEMOINS_SCHEMA
from quality.period_evidence.evidence_cells import Landed
from quality.period_evidence.evidence_rules import Examen, examine
from quality.period_evidence.words import refusal, rows
from warehouse.base.layout import witnesses_of

BASE = [100.0 + 7 * i for i in range(100)]


class Files:
    """Landed files of made-up figures, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.landed: list[Landed] = []

    def add(
        self,
        source: str,
        millesime: str,
        periode: str,
        valeurs: list[float | None],
        *,
        temoin: tuple[str, int, list[float]] | None = None,
        perimetre: str = "2015",
        courant: bool = True,
    ) -> Files:
        out = self.folder / f"{source}-{millesime}.parquet"
        common = {"source_id": source, "millesime": millesime, "bloc": "b", "periode": periode}
        cells = [
            common
            | {
                "code_territoire": f"QP{i:06}",
                "perimetre": perimetre,
                "mesure": "m",
                "valeur": v,
                "statut": "secret_producteur" if v is None else "diffuse",
                "fichier": f"{source}_{millesime}.csv",
            }
            for i, v in enumerate(valeurs)
        ]
        pq.write_table(pa.Table.from_pylist(cells, schema=MESURES_SCHEMA), out)
        if temoin:
            nature, annees, dites = temoin
            said = [
                common
                | {
                    "code_territoire": f"QP{i:06}",
                    "mesure": "m",
                    "nature": nature,
                    "annees": annees,
                    "entete": "EVOL",
                    "valeur": v,
                }
                for i, v in enumerate(dites)
            ]
            table = pa.Table.from_pylist(said, schema=TEMOINS_SCHEMA)
            pq.write_table(table, witnesses_of(out))
        self.landed.append(Landed(out, witnesses_of(out), courant))
        return self

    def judged(self) -> Examen:
        return examine(self.landed)

    def rules(self) -> list[str]:
        return [c.regle for c in self.judged().contradictions]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def _differing(count: int) -> list[float]:
    return [v + 1 if i < count else v for i, v in enumerate(BASE)]


@pytest.mark.parametrize(("differ", "found"), [(0, []), (10, []), (11, ["E01"]), (100, ["E01"])])
def test_twins_of_one_period_agree_on_nine_cells_of_ten(
    files: Files, differ: int, found: list[str]
) -> None:
    files.add("a_x", "2020", "2018", BASE).add("b_x", "2020", "2018", _differing(differ))
    assert files.rules() == found


@pytest.mark.parametrize(("differ", "found"), [(0, ["E02"]), (10, ["E02"]), (11, []), (100, [])])
def test_two_periods_do_not_bear_the_same_values(
    files: Files, differ: int, found: list[str]
) -> None:
    files.add("a_x", "2020", "2018", BASE).add("b_x", "2020", "2017", _differing(differ))
    assert files.rules() == found


@pytest.mark.parametrize(("count", "found"), [(29, []), (30, ["E02"])])
def test_a_few_territories_prove_nothing(files: Files, count: int, found: list[str]) -> None:
    files.add("a_x", "2020", "2018", BASE[:count]).add("b_x", "2020", "2017", BASE[:count])
    assert files.rules() == found


@pytest.mark.parametrize(("distinct", "found"), [(1, []), (19, []), (20, ["E02"])])
def test_a_mesure_of_few_values_proves_nothing(
    files: Files, distinct: int, found: list[str]
) -> None:
    same = [float(i % distinct) for i in range(100)]
    files.add("a_x", "2020", "2018", same).add("b_x", "2020", "2017", same)
    assert files.rules() == found


def test_masked_cells_and_other_perimeters_are_not_compared(files: Files) -> None:
    files.add("a_x", "2020", "2018", BASE)
    files.add("b_x", "2020", "2017", [*BASE[:29], *[None] * 71])
    files.add("c_x", "2020", "2016", BASE, perimetre="2024")
    assert files.judged().rapprochements == 0


def test_a_file_that_rounds_more_is_compared_at_its_own_precision(files: Files) -> None:
    files.add("a_x", "2020", "2018", [v + 0.4 for v in BASE])
    files.add("b_x", "2020", "2018", BASE)
    assert files.rules() == []
    assert files.judged().verdicts[0].etat == "verifiee"


def test_the_paragraph_names_both_files_their_periods_and_counts_but_no_value(
    files: Files,
) -> None:
    secret = [v + 0.123 for v in BASE]
    files.add("a_x", "2020", "2018", secret).add("b_x", "2021", "2017", secret)
    message = str(refusal(files.judged()))
    for word in ("a_x_2020.csv", "b_x_2021.csv", "déclaré 2018", "déclaré 2017", "100 cases"):
        assert word in message
    assert "ingest/sources/a_x.yml" in message and ".123" not in message


def test_two_files_swapped_are_named_together(files: Files) -> None:
    other = [v * 1.5 for v in BASE]
    files.add("a_x", "2020", "2018", other).add("a_x", "2021", "2019", BASE)
    files.add("b_x", "2020", "2018", BASE).add("b_x", "2021", "2019", other)
    assert ("a_x_2020.csv", "a_x_2021.csv") in files.judged().echanges
    assert "sans doute échangés" in str(refusal(files.judged()))


def test_an_earlier_landing_is_evidence_but_is_not_judged(files: Files) -> None:
    files.add("a_x", "2020", "2018", BASE).add("b_x", "2020", "2018", BASE, courant=False)
    assert [(r["source_id"], r["etat"]) for r in rows(files.judged())] == [("a_x", "verifiee")]
    files.add("c_x", "2020", "2017", BASE, courant=False)
    assert "supprimer le dossier landing" in str(refusal(files.judged()))


def test_earlier_landings_alone_are_not_quarrelled_with(files: Files) -> None:
    files.add("a_x", "2020", "2018", BASE, courant=False)
    files.add("b_x", "2020", "2017", BASE, courant=False)
    assert files.rules() == []


NOW = [v * (1 + 0.002 * (i % 13) - 0.01) for i, v in enumerate(BASE)]
EVOLUTION = [100 * (n / v - 1) for n, v in zip(NOW, BASE, strict=True)]


def test_the_published_evolution_verifies_its_two_years(files: Files) -> None:
    files.add("a_x", "2021", "2020-12-31", BASE)
    files.add("a_x", "2022", "2021-12-31", NOW, temoin=("evolution", 1, EVOLUTION))
    assert files.rules() == []
    proofs = [r["preuves"] for r in rows(files.judged())]
    assert all("EVOL de a_x_2022.csv" in p and "corrélation 1,00" in p for [p] in proofs)


def test_the_published_evolution_refuses_another_year_before(files: Files) -> None:
    files.add("a_x", "2021", "2020-12-31", [v * (1 + i % 7) for i, v in enumerate(BASE)])
    files.add("a_x", "2022", "2021-12-31", NOW, temoin=("evolution", 1, EVOLUTION))
    message = str(refusal(files.judged()))
    assert "EVOL" in message and "a_x_2021.csv" in message and "a_x_2022.csv" in message


def test_the_published_evolution_tells_from_which_year_it_starts(files: Files) -> None:
    """No file of the right year before: that of a year declared otherwise has its values."""
    files.add("a_x", "2023", "2022-12-31", BASE)
    files.add("a_x", "2022", "2021-12-31", NOW, temoin=("evolution", 1, EVOLUTION))
    examen = files.judged()
    assert [c.regle for c in examen.contradictions] == ["E03"]
    assert examen.echanges == [("a_x_2022.csv", "a_x_2023.csv")]


@pytest.mark.parametrize(("factor", "found"), [(1.029, []), (1.031, ["E03"])])
def test_a_published_level_is_the_one_of_its_year(
    files: Files, factor: float, found: list[str]
) -> None:
    level = [v * factor for v in BASE]
    files.add("a_x", "2022", "2021-12-31", NOW, temoin=("niveau", 1, level))
    files.add("a_x", "2021", "2020-12-31", BASE)
    assert files.rules() == found


def test_nothing_landed_is_nothing_said() -> None:
    examen = examine([])
    assert (examen.contradictions, examen.verdicts, refusal(examen)) == ([], [], None)
