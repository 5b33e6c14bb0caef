"""The change log tells every kind of change once, and no value that is masked now."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.fixtures.told_releases import Figures, write_release
from warehouse.base.layout import Layout
from warehouse.publication.changelog import as_json, page, write_changelog
from warehouse.publication.changes import compare

#: Values that would be recognised anywhere: 7771 and 7772 are masked or withdrawn afterwards.
AVANT: Figures = {
    ("QP1", "pop", "2018"): (1000, "diffuse"),
    ("QP2", "pop", "2018"): (7771, "diffuse"),
    ("QP3", "pop", "2018"): (7772, "diffuse"),
    ("QP4", "pop", "2018"): (None, "secret_producteur"),
    ("QP5", "pop", "2018"): (None, "non_disponible"),
    ("QP6", "pop", "2018"): (0.1 + 0.2, "diffuse"),
    ("QP7", "pop", "2018"): (7773, "diffuse"),
}
APRES: Figures = {
    ("QP1", "pop", "2018"): (1010, "diffuse"),
    ("QP2", "pop", "2018"): (None, "secret"),
    ("QP3", "pop", "2018"): (None, "non_disponible"),
    ("QP4", "pop", "2018"): (44, "diffuse"),
    ("QP5", "pop", "2018"): (55, "diffuse"),
    ("QP6", "pop", "2018"): (0.3, "diffuse"),
    ("QP8", "pop", "2018"): (88, "diffuse"),
}
NATURES = {
    "QP1": "revise",
    "QP2": "masque",
    "QP3": "retire",
    "QP4": "demasque",
    "QP5": "ajoute",
    "QP7": "retire",
    "QP8": "ajoute",
}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def test_each_kind_of_change_is_found_once(layout: Layout, tmp_path: Path) -> None:
    before = write_release(layout, "2023-1-a", AVANT)
    after = write_release(layout, "2023-2-b", APRES, files={"DEMO.csv": "b" * 64})
    rows = tmp_path / "lignes.parquet"
    found = compare(before, after, rows=rows)
    assert found.totaux == {"ajoute": 2, "revise": 1, "retire": 2, "masque": 1, "demasque": 1}
    told = duckdb.sql(f"from '{rows}'").to_arrow_table().to_pylist()
    assert {row["code_territoire"]: row["nature"] for row in told} == NATURES
    (revised,) = found.revisions
    assert (revised["valeur_avant"], revised["valeur"]) == (1000, 1010)
    assert revised["cause"] == "fichier_revise"
    (changed,) = found.fichiers
    assert (changed["avant"], changed["apres"]) == ("a" * 64, "b" * 64)


def test_evolutions_are_counted_by_nature_and_told_without_a_value(layout: Layout) -> None:
    before = write_release(
        layout,
        "2023-1-a",
        {},
        evolutions={
            ("QP1", "2013"): (10, "diffuse"),
            ("QP2", "2013"): (0.1 + 0.2, "diffuse"),
            ("QP3", "2013"): (7771, "diffuse"),
            ("QP4", "2013"): (None, "non_comparable"),
            ("QP5", "2013"): (7772, "diffuse"),
            ("QP6", "2013"): (1, "diffuse"),
        },
    )
    after = write_release(
        layout,
        "2023-2-b",
        {},
        evolutions={
            ("QP1", "2013"): (11, "diffuse"),
            ("QP2", "2013"): (0.3, "diffuse"),
            ("QP3", "2013"): (None, "secret"),
            ("QP4", "2013"): (4, "diffuse"),
            ("QP5", "2013"): (None, "non_comparable"),
            ("QP6", "2014"): (1, "diffuse"),  # another comparison
        },
    )
    found = compare(before, after)
    assert found.evolutions == {"ajoute": 2, "revise": 1, "retire": 2, "masque": 1, "demasque": 0}
    text = page(found) + json.dumps(as_json(found))
    assert "Évolutions ajoutées : 2 ; révisées : 1 ; retirées : 2 ; désormais masquées : 1." in text
    assert "777" not in text


def test_no_output_holds_a_value_that_is_not_shown_any_more(layout: Layout) -> None:
    before = write_release(layout, "2023-1-a", AVANT)
    after = write_release(layout, "2023-2-b", APRES)
    found = write_changelog(after, [before], {"release_id": "2023-2-b", "edition": "2023"})
    assert found is not None
    rows = duckdb.sql(f"from '{after / 'changements.parquet'}'").fetchall()
    texts = [str(rows), str(found), (after / "CHANGELOG.md").read_text("utf-8")]
    texts.append((after / "changelog.json").read_text("utf-8"))
    for text in texts:
        assert not any(hidden in text.replace("\u202f", "") for hidden in ("7771", "7772", "7773"))
    assert all(str(1010) in text.replace("\u202f", "") for text in texts)


def test_same_bytes_and_other_figures_are_laid_to_the_computation(layout: Layout) -> None:
    before = write_release(layout, "2023-1-a", {("QP1", "pop", "2018"): (10, "diffuse")})
    after = write_release(layout, "2023-2-b", {("QP1", "pop", "2018"): (11, "diffuse")})
    found = compare(before, after)
    assert not found.fichiers
    assert [r["cause"] for r in found.revisions] == ["calcul"]


def test_the_log_is_against_the_newest_release_of_the_same_edition(layout: Layout) -> None:
    figures: Figures = {("QP1", "pop", "2018"): (10, "diffuse")}
    old = write_release(layout, "2023-1-a", figures)
    other = write_release(layout, "2022-2-b", figures, edition="2022")
    draft = write_release(layout, "2023-3-c", figures)
    write_changelog(draft, [old, other], {"release_id": "2023-3-c", "edition": "2023"})
    assert json.loads((draft / "changelog.json").read_text())["precedente"] == "2023-1-a"
    write_changelog(draft, [other], {"release_id": "2023-3-c", "edition": "2023"})
    assert json.loads((draft / "changelog.json").read_text())["precedente"] == "2022-2-b"
    assert "deux éditions" in (draft / "CHANGELOG.md").read_text("utf-8")
    write_changelog(draft, [], {"release_id": "2023-3-c", "edition": "2023"})
    assert "Première publication" in (draft / "CHANGELOG.md").read_text("utf-8")


def test_a_hostile_label_stays_text(layout: Layout) -> None:
    before = write_release(layout, "2023-1-a", AVANT)
    label = "[x](javascript:alert(1)) | <script>\n# titre"
    after = write_release(layout, "2023-2-b", APRES, label=label)
    found = compare(before, after)
    said = page(found)
    assert "<script" not in said.replace("\\<", "") and "\n# titre" not in said
    assert r"\[x\](javascript:alert(1)) \| \<script\> # titre" in said
    assert as_json(found)["plus_grandes_revisions"][0]["libelle"] == label
