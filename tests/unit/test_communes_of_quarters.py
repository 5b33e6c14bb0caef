"""Of a file by commune, the communes of quarters are read, and the others are counted."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.archive import archive_local
from ingest.landing import LandingReport, land
from ingest.quarter_communes import named_communes
from ingest.registry import load_registry

FILE = "cc_filosofi_2021_COM.csv"
HEADER = (
    "CODGEO;NBMENFISC21;NBPERSMENFISC21;MED21;PIMP21;TP6021;PACT21;PTSA21;PCHO21;PBEN21;PPEN21;"
    "PPAT21;PPSOC21;PPFAM21;PPMINI21;PPLOGT21;PIMPOT21;D121;D921;RD21"
)


def row(code: str) -> str:
    return ";".join([code, "10", "20", "15000", "40", "21", *["s"] * 14])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("59172;59606", {"59172", "59606"}),
        ('="03095;03310"', {"03095", "03310"}),
        ("5917259606", {"59172", "59606"}),
        ("1053", {"01053"}),
        ("105301344", {"01053", "01344"}),
        ("2A004, 2B033", {"2A004", "2B033"}),
        (None, set()),
    ],
)
def test_every_way_of_writing_communes_is_heard(text: str | None, named: set[str]) -> None:
    assert named_communes([text], {}) >= named


def test_the_commune_of_an_arrondissement_is_read_too() -> None:
    assert "75056" in named_communes(["75118"], {"75118": "75056", "69381": "69123"})
    assert "69123" not in named_communes(["75118"], {"75118": "75056", "69381": "69123"})


def landed(tmp_path: Path, communes: frozenset[str] | None) -> tuple[list[str], LandingReport]:
    """The communes whose cells landed, and what the landing says."""
    path = tmp_path / FILE
    path.write_text("\n".join([HEADER, *map(row, ("1053", "59172", "99999")), ""]), "utf-8")
    source = load_registry()["insee_filosofi_communes"]
    [partie] = source.parts_of("2021")
    files = [(partie, archive_local(path, archive=tmp_path / "archive", attendu="csv"))]
    out = tmp_path / "out.parquet"
    report = land(source, "2021", files, out=out, codes_qpv=None, communes=communes)
    read = pq.read_table(out)["code_territoire"].unique().to_pylist()
    return read, report


def test_only_communes_of_quarters_land_and_all_are_counted(tmp_path: Path) -> None:
    codes, report = landed(tmp_path, frozenset({"01053", "59172", "62000"}))
    assert codes == ["COM:01053", "COM:59172"]
    assert (report.par_cle, report.territoires) == ({"commune": 3}, 3)
    assert landed(tmp_path, None)[0] == ["COM:01053", "COM:59172", "COM:99999"]


def test_a_file_without_a_commune_of_a_quarter_gives_nothing_and_is_whole(tmp_path: Path) -> None:
    codes, report = landed(tmp_path, frozenset({"62000"}))
    assert codes == [] and report.par_cle == {"commune": 3}
