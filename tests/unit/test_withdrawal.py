"""A withdrawn release leaves a notice, and nothing that a reader could still take for figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import invoke_qpv
from tests.fixtures.told_releases import Figures, write_release
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.release import withdrawal
from warehouse.release.promotion import latest_release, standing_releases
from warehouse.release.withdrawal import find_release, finish_withdrawals, withdraw

FIGURES: Figures = {("QP1", "pop", "2018"): (10, "diffuse")}
IDS = ("2023-1-a", "2022-2-b", "2023-3-c")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    for release_id in IDS:
        write_release(layout, release_id, FIGURES, edition=release_id[:4])
    return layout


def names(layout: Layout) -> list[str]:
    return [path.name for path in standing_releases(layout)]


def test_releases_are_in_the_order_of_their_instants(layout: Layout) -> None:
    assert names(layout) == [*IDS]


def test_a_notice_stands_where_the_release_stood(layout: Layout) -> None:
    release = layout.releases / "2023-3-c"
    withdraw(layout, release, "<b>chiffre</b> faux")
    assert sorted(p.name for p in release.iterdir()) == ["RETIREE.json", "index.html"]
    notice = json.loads((release / "RETIREE.json").read_text("utf-8"))
    assert notice["motif"] == "<b>chiffre</b> faux"
    assert notice["remplacee_par"] == "2023-1-a"  # the same edition before a newer other one
    page = (release / "index.html").read_text("utf-8")
    assert "&lt;b&gt;chiffre&lt;/b&gt; faux" in page and "<b>" not in page
    assert 'href="../2023-1-a/fiches/index.html"' in page and "30 juin 2023" in page
    assert (layout.withdrawn / "2023-3-c" / "qpv.duckdb").is_file()
    assert names(layout) == ["2023-1-a", "2022-2-b"]
    assert latest_release(layout).name == "2022-2-b"


def test_the_fiches_rendered_alone_from_a_release_go_with_it(layout: Layout) -> None:
    for release_id in IDS:
        page = layout.rendered(release_id) / "qpv" / "QP1.html"
        page.parent.mkdir(parents=True)
        page.touch()
    withdraw(layout, layout.releases / "2023-3-c", "faux")
    assert sorted(p.name for p in (layout.root / "fiches").iterdir()) == ["2022-2-b", "2023-1-a"]


def test_latest_stays_when_an_older_one_is_withdrawn(layout: Layout) -> None:
    withdraw(layout, layout.releases / "2023-1-a", "faux")
    assert latest_release(layout).name == "2023-3-c"


def test_the_last_one_leaves_no_latest(layout: Layout) -> None:
    for release_id in IDS:
        withdraw(layout, layout.releases / release_id, "faux")
    assert names(layout) == [] and not layout.latest.is_symlink()
    with pytest.raises(QpvError, match="aucune publication"):
        latest_release(layout)


def test_a_kill_after_the_mark_is_finished_by_the_next_run(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = layout.releases / "2023-3-c"

    def killed(_: Layout) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(withdrawal, "finish_withdrawals", killed)
        withdraw(layout, release, "faux")
    assert "2023-3-c" not in names(layout)
    assert layout.latest.readlink().name == "2022-2-b"
    finish_withdrawals(layout)
    assert not (release / "qpv.duckdb").exists() and (release / "index.html").is_file()
    assert latest_release(layout).name == "2022-2-b"


def test_a_kill_before_the_mark_withdraws_nothing(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(withdrawal, "_mark", killed)
        withdraw(layout, layout.releases / "2023-3-c", "faux")
    # Whatever comes of the withdrawal, `latest` leads to a release that stands.
    assert layout.latest.readlink().name == "2022-2-b"
    finish_withdrawals(layout)
    assert names(layout) == [*IDS] and latest_release(layout).name == "2023-3-c"
    assert not [*layout.releases.glob(".retrait-*")]


def test_the_only_release_is_led_to_again_after_a_kill_before_its_mark(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    for release_id in IDS[1:]:
        withdraw(layout, layout.releases / release_id, "faux")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(withdrawal, "_mark", killed)
        withdraw(layout, layout.releases / IDS[0], "faux")
    finish_withdrawals(layout)
    assert names(layout) == [IDS[0]] and latest_release(layout).name == IDS[0]


def test_a_kill_of_the_mark_itself_leaves_the_release_as_it_was(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = layout.releases / "2023-3-c"
    before = sorted(release.iterdir())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "rename", killed)
        withdraw(layout, release, "faux")
    assert sorted(release.iterdir()) == before
    finish_withdrawals(layout)
    assert sorted(release.iterdir()) == before and names(layout) == [*IDS]


@pytest.mark.parametrize(("wanted", "found"), [("latest", "2023-3-c"), ("2022", "2022-2-b")])
def test_a_release_is_found_by_the_start_of_its_name(
    layout: Layout, wanted: str, found: str
) -> None:
    assert find_release(layout, wanted).name == found


@pytest.mark.parametrize("wanted", ["2023", "2024", "", ".."])
def test_what_names_no_single_release_is_refused(layout: Layout, wanted: str) -> None:
    with pytest.raises(QpvError, match="qpv release list"):
        find_release(layout, wanted)


def test_the_commands(layout: Layout) -> None:
    data = ["--data", str(layout.root)]
    code, said = invoke_qpv("release", "withdraw", "2023-3", "--motif", " ", *data)
    assert code == 1 and "motif" in said and len(names(layout)) == 3
    code, said = invoke_qpv("release", "withdraw", "2023-3", "--motif", "faux", *data)
    assert code == 0 and "latest : 2022-2-b" in said
    code, said = invoke_qpv("release", "list", *data)
    assert code == 0 and said.index("2023-1-a") < said.index("2022-2-b") < said.index("2023-3-c")
    assert "latest" in said and ": faux" in said
    code, said = invoke_qpv("release", "diff", "2023-1", "latest", *data)
    assert code == 0 and "chiffres révisés : 0" in said and "Évolutions inchangées" in said
    code, said = invoke_qpv("release", "diff", "2023-1", "2023-3-c", *data)
    assert code == 1 and "retirée" in said
