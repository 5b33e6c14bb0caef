"""A cut copy of a known file is refused, whatever was cut; another file is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.archive import archive_local
from ingest.fingerprints import BLOCKS, fingerprint, is_cut_copy, known_contents, refuse_cut_copy
from warehouse.base.errors import QpvError

WHOLE = b"CODGEO;A\n" + b"".join(b"QP%06d;%d\n" % (i, 1000 + i) for i in range(558, 1559))


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    (tmp_path / "whole.csv").write_bytes(WHOLE)
    entry = {"sha256": "aa", "octets": len(WHOLE), **fingerprint(tmp_path / "whole.csv")}
    folder = tmp_path / "locks"
    folder.mkdir()
    text = json.dumps({"2021": {"fichiers": {"DEMO_2021.csv": entry}}})
    (folder / "essai_source.json").write_text(text)
    return folder


def _judge(tmp_path: Path, locks: Path, content: bytes) -> None:
    path = tmp_path / "DEMO_2022.csv"
    path.write_bytes(content)
    file = archive_local(path, archive=tmp_path / "archive", attendu="csv")
    refuse_cut_copy("essai_source", file, locks)


@pytest.mark.parametrize("kept", [-1, -2, -5, len(WHOLE) // 2, 400])
def test_the_beginning_of_a_known_file_is_refused(tmp_path: Path, locks: Path, kept: int) -> None:
    # -2: « 2558 » would land as « 255 ».
    with pytest.raises(QpvError, match=r"DEMO_2022\.csv est coupé .* DEMO_2021\.csv"):
        _judge(tmp_path, locks, WHOLE[:kept])


def test_a_cut_copy_that_was_given_its_last_end_of_line_is_refused(
    tmp_path: Path, locks: Path
) -> None:
    with pytest.raises(QpvError, match="millésime 2021"):
        _judge(tmp_path, locks, WHOLE[:-3] + b"\n")


def test_other_files_pass(tmp_path: Path, locks: Path) -> None:
    _judge(tmp_path, locks, WHOLE + b"QP009999;1\n")
    _judge(tmp_path, locks, WHOLE.replace(b"1700", b"170"))
    # Rows of one EPCI, as a partial folder has them.
    lines = WHOLE.splitlines(keepends=True)
    _judge(tmp_path, locks, lines[0] + b"".join(lines[300:320]))
    # Less than a block: nothing is concluded from a header.
    _judge(tmp_path, locks, WHOLE[:40])


def test_a_lock_without_blocks_concludes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(WHOLE[:-5])
    assert not is_cut_copy(path, {"octets": len(WHOLE)})


@pytest.mark.parametrize("octets", [1, 63, 64, 8192, 8193, 1_000_003])
def test_a_fingerprint_is_short_whatever_the_file(tmp_path: Path, octets: int) -> None:
    path = tmp_path / "f.bin"
    path.write_bytes(bytes(octets))
    found = fingerprint(path)
    assert len(str(found["blocs"])) == 8 * (octets // int(found["pas"])) <= 8 * BLOCKS
    assert found["pas"] == 64 or octets > int(found["pas"]) * BLOCKS / 2


def test_a_damaged_lock_is_told(tmp_path: Path) -> None:
    (tmp_path / "essai_source.json").write_text("{")
    with pytest.raises(QpvError, match="le verrou ne se lit pas"):
        known_contents("essai_source", tmp_path)
