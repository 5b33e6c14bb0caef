"""Witness columns land apart: evidence of a period, and never a figure."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.fixtures.small_source import Essai, table
from warehouse.base.errors import QpvError
from warehouse.base.layout import witnesses_of

BLOC = "note: [{entete: NOTE_CNAF}]\n"
TEMOIN = BLOC + (
    "    temoins: [{entete: EVOL_A, mesure: caf_allocataires, nature: evolution, annees: 1}]\n"
)
HEADER = "CODGEO;POP_MUN;TX_F;A;MED_A21;NOTE_CNAF;EVOL_A"
ROWS = ("QP059050;1 345;51,5;200;10 620;0;-3,5", "QP059051;900;50;100;9 000;0;")


def test_a_witness_is_kept_with_what_it_speaks_of_and_gives_no_figure(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    source = essai.source((BLOC, TEMOIN))
    rows = essai.land(table(*ROWS, header=HEADER), source=source)
    assert "EVOL_A" not in {r["entete"] for r in rows}
    [said] = pq.read_table(witnesses_of(essai.out)).to_pylist()
    assert (said["code_territoire"], said["valeur"], said["periode"], said["annees"]) == (
        "QP059050", -3.5, "2019-12-31", 1,
    )  # fmt: skip
    # a next file without the column takes the old witness away
    essai.land(table(), source=source)
    assert not witnesses_of(essai.out).exists()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("mesure: caf_allocataires, nature", "mesure: pop_municipale, nature", "pop_municipale"),
        ("annees: 1", "annees: 0", "au moins une année"),
        ("entete: EVOL_A", "entete: A", "à la fois"),
    ],
)
def test_a_witness_that_cannot_speak_is_refused_at_load(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    with pytest.raises(QpvError, match=said):
        Essai(tmp_path).source((BLOC, TEMOIN.replace(before, after)))
