"""A file that is replaced is the old one or the new one, whole, whatever stops the writer."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from warehouse.base import whole_files
from warehouse.base.whole_files import whole_file, write_whole_text


def full(path: Path) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def test_a_new_text_takes_the_place_of_the_old_with_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "un.json"
    write_whole_text(path, "été\n", 0o640)
    before = path.stat()
    write_whole_text(path, "hiver\n", 0o644)
    assert path.read_bytes() == b"hiver\n"
    assert (before.st_mode & 0o777, path.stat().st_mode & 0o777) == (0o640, 0o644)
    assert path.stat().st_ino != before.st_ino  # whoever reads the old one reads it to its end
    assert [*tmp_path.iterdir()] == [path]


def test_a_writer_that_is_stopped_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "un.json"
    path.write_text("été\n", encoding="utf-8")
    monkeypatch.setattr(whole_files, "sync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole_text(path, "hiver\n")
    assert path.read_text("utf-8") == "été\n"
    assert [*tmp_path.iterdir()] == [path]


def test_what_is_its_owner_s_alone_is_so_from_its_first_byte(tmp_path: Path) -> None:
    path, beside = tmp_path / "un.csv", tmp_path / ".un.csv.tmp"
    beside.write_text("of a writer that was killed", encoding="utf-8")
    beside.chmod(0o644)
    with beside.open("rb") as reader, whole_file(path, 0o600) as out:
        assert beside.stat().st_mode & 0o777 == 0o600
        out.write(b"secret")
        out.flush()
        assert b"secret" not in reader.read()
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"secret", 0o600)
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_half_written_beside_is_no_file_of_the_folder(tmp_path: Path) -> None:
    """Killed in the middle: a registry that reads `*.y*ml` does not read what lies beside."""
    beside: list[Path] = []

    def killed(path: Path) -> None:
        beside.append(path)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(whole_files, "sync", killed)
        write_whole_text(tmp_path / "une.yml", "a: 1\n")
    [name] = {path.name for path in beside}
    assert not Path(name).match("*.y*ml") and not Path(name).match("*.json")
