"""One content under two millésimes is refused, wherever the other one is known from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.archive import ArchivedFile, archive_local
from ingest.known_files import refuse_beginning_of, refuse_file_of_another
from ingest.receipts import FileReceipt, Receipt
from ingest.registry import Registry
from tests.fixtures.small_source import ID, Essai
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout


def _receipt(millesime: str, sha256: str) -> Receipt:
    file = FileReceipt(
        nom=f"ESSAI_{millesime}.csv", sha256=sha256, octets=1, origine="x", obtenu_le=""
    )
    return Receipt(
        source_id=ID, millesime=millesime, fichiers=[file], absents=[], raisons=[], territoires=1
    )


def _check(tmp_path: Path, *found: Receipt, earlier: Receipt | None = None) -> None:
    layout = Layout(tmp_path)
    registry = Registry(sources={ID: Essai(tmp_path).source()}, regles={})
    if earlier:
        path = layout.landed(ID, earlier.millesime)
        path.parent.mkdir(parents=True)
        path.touch()
        path.with_suffix(".json").write_text(earlier.model_dump_json())
    refuse_file_of_another(found, layout, registry, tmp_path / "locks")


def test_two_contents_for_two_millesimes_pass(tmp_path: Path) -> None:
    _check(tmp_path, _receipt("2017", "aa"), earlier=_receipt("2021", "bb"))


def test_a_copy_in_the_same_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match=r"2017 et 2021.*ESSAI_2017\.csv et ESSAI_2021\.csv"):
        _check(tmp_path, _receipt("2017", "aa"), _receipt("2021", "aa"))


def test_a_copy_of_what_an_earlier_run_landed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match="une construction antérieure"):
        _check(tmp_path, _receipt("2017", "aa"), earlier=_receipt("2021", "aa"))


def test_a_copy_of_what_the_lock_knows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "locks").mkdir()
    entry = {"2021": {"fichiers": {"ESSAI_2021.csv": {"sha256": "aa", "octets": 1}}}}
    (tmp_path / "locks" / f"{ID}.json").write_text(json.dumps(entry))
    with pytest.raises(QpvError, match=rf"2017 et 2021.*ingest/locks/{ID}\.json"):
        _check(tmp_path, _receipt("2017", "aa"))


def test_the_beginning_of_what_an_earlier_run_read_is_refused(tmp_path: Path) -> None:
    archive, path = tmp_path / "archive", tmp_path / "ESSAI_2021.csv"

    def read(content: bytes) -> ArchivedFile:
        path.write_bytes(content)
        return archive_local(path, archive=archive, attendu="csv")

    whole = read(b"CODGEO;A\nQP059050;1558\n")
    earlier = _receipt("2021", whole.sha256)
    seen = earlier.fichiers[0].model_copy(update={"octets": whole.octets})
    earlier = earlier.model_copy(update={"fichiers": [seen]})
    with pytest.raises(QpvError, match=r"ESSAI_2021\.csv est coupé : ses 21 octets"):
        refuse_beginning_of(earlier, [read(b"CODGEO;A\nQP059050;155")], archive)
    for other in (
        b"CODGEO;A\nQP059050;15\n",
        whole.path.read_bytes(),
        b"CODGEO;A\nQP059050;15589\n",
    ):
        refuse_beginning_of(earlier, [read(other)], archive)
    refuse_beginning_of(None, [read(b"CODGEO;A\n")], archive)
