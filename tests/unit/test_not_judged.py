"""What masks do not judge is said, block by block, in the quality report of an edition."""

from __future__ import annotations

from pathlib import Path

from ingest.registry import load_registry
from ingest.secret_rules import edition_rules
from quality.report import write_report
from tests.fixtures.planted_secrets import SOURCE, write_registry
from warehouse.declared.dictionary import load_edition


def test_a_block_under_agreement_says_what_nobody_judges(tmp_path: Path) -> None:
    registry = load_registry(write_registry(tmp_path / "sources"))
    rows = edition_rules(load_edition("2022"), registry)
    theirs = [row for row in rows if row["bloc"].startswith(f"{SOURCE}.")]
    counts = [row for row in theirs if row["bloc"].endswith((".caf", ".cnam"))]
    assert counts and all(any("0 %" in said for said in row["non_juge"]) for row in counts)
    assert all(row["non_juge"] for row in theirs)
    assert all(row["non_juge"] == [] for row in rows if row["acces"] == "publique")


def test_amounts_say_that_no_unit_is_known() -> None:
    registry = load_registry()
    sources = {n: s.model_copy(update={"acces": "convention"}) for n, s in registry.sources.items()}
    closed = registry.model_copy(update={"sources": sources})
    rows = edition_rules(load_edition("2022"), closed)
    filosofi = [row for row in rows if row["regle"] == "insee_filosofi"]
    assert filosofi
    for row in filosofi:
        assert any("dominance" in said and "85 %" in said for said in row["non_juge"])


def test_the_report_prints_it(tmp_path: Path) -> None:
    block = {"bloc": "s.b", "acces": "convention", "regle": "r", "seuil": 5, "document": "d",
             "confirme": False, "non_juge": ["groupe entier <b>"]}  # fmt: skip
    names = ("controles", "plausibilite", "attendus", "fichiers", "non_prouves", "non_lus")
    write_report(
        tmp_path,
        {"release_id": "x", "titre": "x", "statuts": {}, "secret": {"blocs": [block]}}
        | {name: [] for name in names},
        {},
    )
    page = (tmp_path / "rapport.html").read_text(encoding="utf-8")
    assert "Non jugé" in page and "groupe entier &lt;b&gt;" in page
