"""How many territories a whole file lists, and what proves it whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.archive import ArchivedFile
from ingest.expected import expected, proofs, refuse_short, unproven
from ingest.receipts import FileReceipt, Receipt
from ingest.registry import Source
from tests.fixtures.small_source import Essai
from warehouse.base.errors import QpvError

CODES = frozenset({"QP059050", "QP059051", "QP972001"})


def _source(tmp_path: Path, *edits: tuple[str, str]) -> Source:
    return Essai(tmp_path).source(*edits)


def _asked(source: Source, codes: frozenset[str] | None = CODES) -> dict[str, int]:
    return expected(source, "2021", source.parts_of("2021"), codes)


SAID = '  "2021":\n    periodes'


def test_what_the_millesime_says_comes_first(tmp_path: Path) -> None:
    said = _source(tmp_path, (SAID, SAID.replace("\n", "\n    territoires_attendus: 1400\n", 1)))
    assert _asked(said) == {"qpv": 1400}
    by_key = _source(
        tmp_path, (SAID, SAID.replace("\n", "\n    territoires_attendus: {qpv: 7}\n", 1))
    )
    assert _asked(by_key) == {"qpv": 7}


def test_else_the_metropolitan_quarters_of_the_list(tmp_path: Path) -> None:
    assert _asked(_source(tmp_path)) == {"qpv": 2}
    assert _asked(_source(tmp_path), None) == {}


def test_nothing_is_asked_of_a_file_that_nobody_has_read(tmp_path: Path) -> None:
    unseen = SAID.replace("\n", "\n    statut_entetes: non_verifiees\n", 1)
    assert _asked(_source(tmp_path, (SAID, unseen))) == {}


def test_a_number_for_a_key_that_the_source_has_not_is_refused(tmp_path: Path) -> None:
    wrong = SAID.replace("\n", "\n    territoires_attendus: {epci: 7}\n", 1)
    with pytest.raises(QpvError, match=r"un nombre, ou un par clé de fichier : qpv"):
        _source(tmp_path, (SAID, wrong))


def test_fewer_territories_are_refused_by_kind_of_key(tmp_path: Path) -> None:
    source = _source(tmp_path)
    refuse_short(source, "2021", {"epci": 2, "qpv": 3}, {"epci": 2, "qpv": 3})
    with pytest.raises(
        QpvError, match=r"que 1 territoires.*lignes par qpv.*au moins 3.*champ\.yml"
    ):
        refuse_short(source, "2021", {"epci": 2, "qpv": 3}, {"epci": 2, "qpv": 1})
    with pytest.raises(QpvError, match="que 0 territoires"):
        refuse_short(source, "2021", {"qpv": 3}, {})


def test_rows_counted_prove_nothing_of_a_last_cell_without_end(tmp_path: Path) -> None:
    source = _source(tmp_path)
    [partie] = source.parts_of("2021")
    path = tmp_path / "f.csv"
    file = ArchivedFile(path, "ab" * 32, 1, "f.csv", "f.csv", "", None, False)
    path.write_text("CODGEO;A\nQP059050;155")
    assert proofs(source, partie, file, {"qpv": 1}) == []
    path.write_text("CODGEO;A\nQP059050;1558\n")
    assert proofs(source, partie, file, {"qpv": 1}) == ["1 territoires attendus, tous là"]
    assert proofs(source, partie, file, {}) == []


def test_what_nothing_proves_is_listed_with_its_last_line(tmp_path: Path) -> None:
    def receipt(nom: str, sha256: str, *preuves: str) -> Receipt:
        file = FileReceipt(
            nom=nom, sha256=sha256, octets=1, origine="x", obtenu_le="", preuves=[*preuves]
        )
        return Receipt(
            source_id="essai_source",
            millesime="2021",
            fichiers=[file],
            absents=[],
            raisons=[],
            territoires=1,
        )

    objects = tmp_path / "objects" / "aa"
    objects.mkdir(parents=True)
    (objects / "aa1").write_bytes(b"a;1\n")
    (objects / "aa2").write_bytes(b"a;1")
    found = unproven(
        [receipt("a.csv", "aa1"), receipt("b.csv", "aa2"), receipt("c.csv", "aa2", "longueur")],
        tmp_path,
    )
    assert [f["fichier"] for f in found] == ["a.csv", "b.csv"]
    assert "dernière case" not in found[0]["constat"]
    assert "sa dernière case peut être coupée" in found[1]["constat"]
