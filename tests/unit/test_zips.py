"""A zip gives the member that the registry names; what is damaged or would swell is refused."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ingest.keys import is_key
from ingest.limits import TABLES
from ingest.readers import read_table
from tests.fixtures.archives import zipped
from tests.unit.test_readers import read, refusal
from warehouse.base.bounded_files import MO
from warehouse.base.errors import QpvError

DATA = "CODGEO;A\nQP059050;1\n"
PATTERN = r"data_.*_QP\.csv"


def test_a_zip_gives_the_one_member_that_the_registry_names(tmp_path: Path) -> None:
    content = zipped(
        {
            "dossier/": "",
            "dossier/data_x_QP.csv": DATA,
            "data_x_ENSQP.csv": "autre",
            "meta_x_QP.csv": "autre",
            "__MACOSX/dossier/._data_x_QP.csv": "bruit",
            "__MACOSX/data_x_QP.csv": "bruit",
        }
    )
    table = read(tmp_path, content, "essai.zip", fmt="zip", membre=PATTERN)
    assert table.nom == "essai.zip!data_x_QP.csv"
    assert table.rows == [(2, ["QP059050", "1"])]


def test_a_zip_with_commune_rows_beside_the_quarters_gives_the_quarters(tmp_path: Path) -> None:
    """Arrondissements of Paris, Lyon and Marseille in a member of their own, same columns."""
    path = tmp_path / "objet"
    path.write_bytes(
        zipped(
            {
                "data_QP24.csv": "CODGEO;A\nEnsemble;3\nQN07501M;1\n",
                "data_COM.csv": "CODGEO;A\n75113;7\n69381;8\n",
                "data_autre.csv": "CLE;A\n1;2\n",
            }
        )
    )

    def rows(kind: str) -> list[tuple[int, list[str]]]:
        return read_table(
            path,
            nom="essai.zip",
            fmt="csv",
            entete_cle="CODGEO",
            membre=r"data_.*\.csv",
            feuille=None,
            est_cle=partial(is_key, kind),
        ).rows

    assert rows("qpv")[-1] == (3, ["QN07501M", "1"])
    assert [cells[0] for _, cells in rows("commune")] == ["75113", "69381"]
    with pytest.raises(QpvError, match="contient 0 fichiers qui répondent"):
        rows("epci")


@pytest.mark.parametrize(
    ("members", "count"),
    [
        (["meta.csv"], 0),
        (["a/data_x_QP.csv", "b/data_y_QP.csv"], 2),
        (["a/data_x_QP.csv", "b/data_x_QP.csv"], 2),
    ],
)
def test_none_or_several_such_members_are_refused(tmp_path: Path, members, count: int) -> None:
    said = refusal(tmp_path, zipped(dict.fromkeys(members, DATA)), "essai.zip", membre=PATTERN)
    assert f"{count} fichiers qui répondent" in said
    assert all(name.split("/")[-1] in said for name in members)


@pytest.mark.parametrize(
    "name",
    ["../../etc/data_x_QP.csv", "/etc/data_x_QP.csv", "..\\..\\data_x_QP.csv", "C:\\data_x_QP.csv"],
)
def test_a_member_that_climbs_out_is_read_in_memory_only(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    table = read(inside, zipped({name: DATA}), "essai.zip", membre=PATTERN)
    assert table.nom == "essai.zip!data_x_QP.csv"
    assert {p.name for p in tmp_path.rglob("*")} == {"a", "b", "objet"}


def declaring(content: bytes, octets: int, packed: int | None = None) -> bytes:
    """The same zip whose directory says what its member weighs, once read and in the archive."""
    at = content.index(b"PK\x01\x02")
    packed = struct.unpack_from("<I", content, at + 20)[0] if packed is None else packed
    return content[: at + 20] + struct.pack("<II", packed, octets) + content[at + 28 :]


def test_a_member_is_as_heavy_as_its_source_says(tmp_path: Path) -> None:
    content = declaring(zipped({"data_x_QP.csv": DATA}), 100_000_001)
    said = refusal(tmp_path, content, "essai.zip", membre=PATTERN)
    assert "101 Mo une fois lue" in said and "au plus 100 Mo" in said
    assert "membre data_x_QP.csv" in said
    text = "CODGEO;A\n" + f"1;{'2' * 1000}\n" * 1100
    with pytest.raises(QpvError, match="2 Mo une fois lue"):
        read(tmp_path, zipped({"a.csv": text}), "essai.zip", limites=replace(TABLES, octets=MO))
    assert len(read(tmp_path, zipped({"a.csv": text}), "essai.zip").rows) == 1100


def test_members_that_answer_to_one_name_are_weighed_together(tmp_path: Path) -> None:
    text = "CODGEO;A\n" + "1;2\n" * 150_000
    content = zipped({"a/data_x_QP.csv": text, "b/data_y_QP.csv": text})
    with pytest.raises(QpvError, match=r"2 Mo une fois lue.*membre data_y_QP\.csv"):
        read(tmp_path, content, "essai.zip", membre=PATTERN, limites=replace(TABLES, octets=MO))


def test_a_damaged_or_locked_zip_is_refused(tmp_path: Path) -> None:
    content = zipped({"data_x_QP.csv": DATA * 50})
    at = content.index(b"PK\x01\x02")
    locked = content[: at + 8] + b"\x01\x00" + content[at + 10 :]
    spoiled = content[:50] + bytes(b ^ 0x55 for b in content[50:60]) + content[60:]
    for damaged in (content[:-40], locked, spoiled, b"PK\x03\x04"):
        assert "archive zip illisible" in refusal(tmp_path, damaged, "e.zip", membre=PATTERN)


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_refused_however_it_was_compressed(tmp_path: Path, kind: int) -> None:
    content = zipped({"data_x_QP.csv": DATA * 50}, kind)
    refused = 0
    for at in range(45, content.index(b"PK\x01\x02")):
        damaged = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
        try:
            read(tmp_path, damaged, "e.zip", fmt="zip", membre=PATTERN)
        except QpvError as error:
            assert "archive zip illisible" in str(error)
            refused += 1
    assert refused > 10
