"""Of a table about several kinds of territory, each part reads the rows of its own kind."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.archive import archive_local
from ingest.landing import land
from ingest.registry import load_registry
from warehouse.base.errors import QpvError

FILE = "insee_NAT1_detailed_inferred.csv"
REST = (
    "Français de naissance,Français par acquisition,Portugais,Italiens,Espagnols,"
    "Autres nationalités de l'UE,Autres nationalités d'Europe,Algériens,Marocains,Tunisiens,"
    "Autres nationalités d'Afrique,Turcs,Autres nationalités"
)
ROWS = (
    ("country", "france metro", 900, 100),
    ("country", "france entiere", 950, 110),
    ("dept", "1", 80, 20),
    ("dept-", "1", 30, 7),
    ("com", "1053", 50, 13),
    ("com-", "2A004", 30, 7),
)


def landed(tmp_path: Path, rows: tuple = ROWS, kind: str = "Type") -> dict[str, float]:
    """Territory → its foreigners, of a made-up file of the third party's layout."""
    lines = [f"{t},{code},{fr},{et},{fr + et}," + "," * 12 for t, code, fr, et in rows]
    header = f"{kind},Code,Français,Etrangers,Ensemble,{REST}"
    path = tmp_path / FILE
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    source = load_registry()["insee_rp_nationalite"]
    file = archive_local(path, archive=tmp_path / "archive", attendu="csv")
    out = tmp_path / "out.parquet"
    files = [(partie, file) for partie in source.parts_of("2022")]
    report = land(source, "2022", files, out=out, codes_qpv=None)
    assert report.par_cle == {"commune": 2, "departement": 1, "pays": 2}
    cells = pq.read_table(out).to_pylist()
    return {c["code_territoire"]: c["valeur"] for c in cells if c["mesure"] == "rp_pop_etrangere"}


def test_each_part_reads_the_rows_of_its_kind_and_the_remainders_are_no_territory(
    tmp_path: Path,
) -> None:
    assert landed(tmp_path) == {
        "COM:01053": 13,
        "COM:2A004": 7,
        "DEP:01": 20,
        "FRMETRO": 100,
        "FR": 110,
    }


def test_a_table_without_the_column_that_tells_its_rows_apart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match="colonnes absentes : Type"):
        landed(tmp_path, kind="Sorte")


def test_a_place_that_the_file_writes_otherwise_is_refused(tmp_path: Path) -> None:
    rows = (*ROWS[:1], ("country", "france", 1, 1), *ROWS[2:])
    with pytest.raises(QpvError, match="clé illisible : 'france'"):
        landed(tmp_path, rows)
