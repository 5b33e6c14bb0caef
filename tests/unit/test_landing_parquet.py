"""What lands is one faithful Parquet file, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.landing import MESURES_SCHEMA, schema_of
from tests.fixtures.small_source import ROW, Essai, table
from warehouse.base.errors import QpvError


def test_the_parquet_has_the_promised_columns_and_says_where_each_cell_comes_from(
    tmp_path: Path,
) -> None:
    essai = Essai(tmp_path)
    essai.land(table(ROW, ROW.replace("QP059050", "QP02A003").replace("200", "")))
    landed = pq.read_table(essai.out)
    assert landed.schema.equals(MESURES_SCHEMA) and schema_of(essai.source()) is MESURES_SCHEMA
    rows = landed.to_pylist()
    assert len(rows) == 8
    assert {(r["source_id"], r["millesime"], r["fichier"], r["sha256"]) for r in rows} == {
        ("essai_quartiers", "2021", "ESSAI_2021.csv", "ab" * 32)
    }
    assert all((r["valeur"] is None) == (r["statut"] != "diffuse") for r in rows)
    assert essai.report.statuts == {"diffuse": 7, "secret_producteur": 1}


def test_a_refused_file_leaves_the_previous_landing_untouched(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    essai.land(table())
    before = essai.out.read_bytes()
    with pytest.raises(QpvError):
        essai.land(table(ROW, ROW))
    assert essai.out.read_bytes() == before
    assert [p.name for p in essai.out.parent.iterdir()] == ["out.parquet"]


def test_a_disk_that_refuses_is_said_in_words(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    (tmp_path / "landing").write_text("un fichier là où il faut un dossier")
    with pytest.raises(QpvError, match="écriture impossible"):
        essai.land(table())
