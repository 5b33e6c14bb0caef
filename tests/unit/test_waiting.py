"""A draft waits for a person: only what was judged, beside what still stands, is published."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import invoke_qpv
from tests.fixtures.told_releases import Figures, write_release
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.release import promotion
from warehouse.release.promotion import latest_release, standing_releases, start_draft
from warehouse.release.register import read_register
from warehouse.release.seal import faults
from warehouse.release.waiting import (
    JOURS,
    Waiting,
    clear_under_way,
    drop_expired,
    find_waiting,
    keep_waiting,
    publish_waiting,
    waiting_drafts,
)
from warehouse.release.withdrawal import withdraw

FIGURES: Figures = {("QP1", "pop", "2018"): (10, "diffuse")}
NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    write_release(layout, "2022-1-a", FIGURES, edition="2022")
    return layout


def waiting(layout: Layout, edition: str = "2023", now: datetime = NOW) -> Waiting:
    draft = start_draft(layout, edition, [])
    (draft.path / "fiches").mkdir()
    (draft.path / "fiches" / "index.html").write_text("<p>", encoding="utf-8")
    manifest = {"release_id": draft.release_id, "edition": edition, "titre": "x", "publiee_le": "",
                "statuts": {}}  # fmt: skip
    return keep_waiting(layout, draft, manifest, {}, "# À relire\n", now)


def test_a_waiting_draft_is_no_release_and_no_reader_reaches_it(layout: Layout) -> None:
    one = waiting(layout)
    assert [path.name for path in standing_releases(layout)] == ["2022-1-a"]
    assert latest_release(layout).name == "2022-1-a"
    assert not [*layout.releases.glob(".brouillon-*")]
    assert {p.stat().st_mode & 0o077 for p in (layout.drafts, *layout.drafts.rglob("*"))} == {0}
    start_draft(layout, "2022", [])  # another build begins: what waits still does
    assert [found.id for found in waiting_drafts(layout)] == [one.id]


def test_a_name_promotes_it_and_stays_in_the_manifest(layout: Layout) -> None:
    one = waiting(layout)
    release = publish_waiting(layout, one, " Camille\n Exemple ", NOW + timedelta(days=2))
    manifest = json.loads((release / "RELEASE.json").read_text("utf-8"))
    assert (manifest["relu_par"], manifest["relu_le"]) == (
        "Camille Exemple",
        "2026-03-03T06:00:00+00:00",
    )
    assert manifest["publiee_le"] == manifest["relu_le"]
    assert latest_release(layout) == release
    assert faults(release, read_register(layout.releases)[release.name]) == []
    assert {p.stat().st_mode & 0o777 for p in release.rglob("*") if p.is_file()} == {0o444}
    assert waiting_drafts(layout) == [] and [*layout.drafts.iterdir()] == []


def test_a_new_draft_of_an_edition_takes_the_place_of_the_one_before(layout: Layout) -> None:
    waiting(layout)
    other, last = waiting(layout, "2022"), waiting(layout)
    assert {one.id for one in waiting_drafts(layout)} == {other.id, last.id}


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_nobody_is_no_reader(layout: Layout, name: str) -> None:
    with pytest.raises(QpvError, match="pas de relecteur"):
        publish_waiting(layout, waiting(layout), name, NOW)


def test_a_draft_expires_and_the_next_run_says_so(layout: Layout) -> None:
    one, end = waiting(layout), NOW + timedelta(days=JOURS)
    assert drop_expired(layout, end - timedelta(seconds=1)) == []
    with pytest.raises(QpvError, match="a expiré le 31 mars 2026"):
        publish_waiting(layout, one, "Camille", end)
    assert drop_expired(layout, end) == [one.id]
    assert waiting_drafts(layout) == []


def test_what_the_audit_did_not_see_stops_it(layout: Layout) -> None:
    """The audit attacked it beside what stood: another release may give masked cells back."""
    one = waiting(layout)
    other = write_release(layout, "2024-9-z", FIGURES, edition="2024")
    with pytest.raises(QpvError, match=r"a paru ou a été retirée.*2024-9-z"):
        publish_waiting(layout, one, "Camille", NOW)
    two = waiting(layout)
    withdraw(layout, other, "faux")
    with pytest.raises(QpvError, match=r"a paru ou a été retirée.*2024-9-z"):
        publish_waiting(layout, two, "Camille", NOW)


@pytest.mark.parametrize("change", ["changed", "extra", "missing"])
def test_a_file_that_changed_since_it_was_judged_stops_it(layout: Layout, change: str) -> None:
    one = waiting(layout)
    page = one.draft.path / "fiches" / "index.html"
    if change == "missing":
        page.unlink()
    else:
        (page if change == "changed" else page.with_name("x.html")).write_text("y", "utf-8")
    with pytest.raises(QpvError, match="n'est plus celui qui a été jugé"):
        publish_waiting(layout, one, "Camille", NOW)
    assert [path.name for path in standing_releases(layout)] == ["2022-1-a"]


def test_a_kill_leaves_nothing_that_waits(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        waiting(layout)
    monkeypatch.undo()
    assert waiting_drafts(layout) == []
    clear_under_way(layout)
    assert [*layout.drafts.iterdir()] == []


@pytest.mark.parametrize("step", ["open_to_readers", "register", "point_latest"])
def test_a_promotion_that_is_killed_is_done_again_or_was_done(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    one = waiting(layout)
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(promotion, step, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        publish_waiting(layout, one, "Camille", NOW)
    if step == "point_latest":  # it stands: the rename was done
        assert waiting_drafts(layout) == []
        clear_under_way(layout)
        assert [*layout.drafts.iterdir()] == []
        return
    release = publish_waiting(layout, find_waiting(layout, one.id), "Camille", NOW)
    assert latest_release(layout) == release


def test_the_commands_say_what_waits_and_drop_it(layout: Layout) -> None:
    one = waiting(layout, now=datetime.now(UTC))
    data = ("--data", str(layout.root))
    code, said = invoke_qpv("brouillon", "list", *data)
    assert code == 0 and one.id in said
    code, said = invoke_qpv("publier", "2021", "--relu-par", "Camille", *data)
    assert code == 1 and f"Attendu : {one.id}" in said and len(said.strip().splitlines()) == 1
    code, said = invoke_qpv("brouillon", "abandonner", one.id[:6], *data)
    assert (code, said.strip()) == (0, f"Abandonné : {one.id}")
    with pytest.raises(QpvError, match="aucun brouillon"):
        find_waiting(layout, one.id)
    two = waiting(layout, now=datetime.now(UTC))
    code, said = invoke_qpv("publier", two.id, "--relu-par", "Camille Exemple", *data)
    assert code == 0 and f"Publication : {layout.releases / two.id}" in said, said
