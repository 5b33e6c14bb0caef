"""Files of units as a cluster reads them: the rows of their view, typed alike, written once."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import pytest

from ingest.micro import MicroFile, micro_view
from ingest.unit_partitions import partitioned_view
from orchestration.partitions import REGISTRY
from tests.fixtures import made_up_stock as stock
from tests.fixtures.micro_warehouse import RPLS, SIRENE

FILES = {
    SIRENE: ("2026", stock.ETABLISSEMENTS),
    "insee_sirene_geolocalisation": ("2026", stock.GEOLOCALISATION),
    "insee_sirene_unites_legales": ("2026", stock.UNITES_LEGALES),
    RPLS: ("2025", "rpls_logements_2025.csv"),
}


@pytest.fixture(scope="module")
def stocks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stock")
    stock.write_stock(folder, etablissements=600, logements=600, seed=9, quartiers=14)
    return folder


def _file(stocks: Path, source_id: str, sha256: str = "0") -> MicroFile:
    millesime, name = FILES[source_id]
    return MicroFile(millesime, stocks / name, name, sha256)


@pytest.mark.parametrize("source_id", FILES)
def test_partitions_hold_the_rows_of_the_view(source_id: str, stocks: Path, tmp_path: Path) -> None:
    source, files = REGISTRY[source_id], [_file(stocks, source_id)]
    there = partitioned_view(source, files, tmp_path, shared=False)
    with duckdb.connect() as con:
        columns = ", ".join(c for c, *_ in con.execute(f"describe {there}").fetchall())
        one, other = f"select {columns} from ({micro_view(source, files)})", f"from ({there})"
        kinds = [con.execute(f"describe {query}").fetchall() for query in (one, other)]
        assert kinds[0] == kinds[1] and "millesime" in columns
        for a, b in ((one, other), (other, one)):
            assert con.execute(f"select count(*) from ({a} except all {b})").fetchone() == (0,)
        assert con.execute(f"select count(*) from ({there})").fetchone() > (400,)


def test_a_partition_is_written_once_and_named_by_its_content(stocks: Path, tmp_path: Path) -> None:
    source, folder = REGISTRY[SIRENE], tmp_path / SIRENE / "millesime=2026"
    partitioned_view(source, [_file(stocks, SIRENE)], tmp_path, shared=False)
    [path] = folder.iterdir()
    before = path.stat().st_mtime_ns
    moved = tmp_path / "ailleurs.parquet"
    moved.write_bytes((stocks / stock.ETABLISSEMENTS).read_bytes())
    again = MicroFile("2026", moved, stock.ETABLISSEMENTS, "0")
    partitioned_view(source, [again], tmp_path, shared=False)
    assert [p.stat().st_mtime_ns for p in folder.iterdir()] == [before]
    partitioned_view(source, [_file(stocks, SIRENE, "1")], tmp_path, shared=False)
    assert len(list(folder.iterdir())) == 2


def test_a_shared_folder_is_read_by_its_group_alone(stocks: Path, tmp_path: Path) -> None:
    partitioned_view(REGISTRY[SIRENE], [_file(stocks, SIRENE)], tmp_path, shared=True)
    [path] = (tmp_path / SIRENE).glob("*/*.parquet")
    rights = [stat.S_IMODE(p.stat().st_mode) for p in (path, path.parent, path.parent.parent)]
    assert rights == [0o640, 0o750, 0o750]
