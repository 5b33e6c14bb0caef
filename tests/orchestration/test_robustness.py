"""Whatever happens to a run, the last good release is whole and the message says what happened."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.defs.door_results import DOORS, recorded, results
from orchestration.defs.resources import Reglages
from quality.expectations import DoorResult
from tests.conftest import REPO, invoke_qpv
from tests.fixtures import forked_qpv
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.release import promotion

SAMPLE = REPO / "ingest" / "sample"


def tables(release: Path) -> dict[str, list]:
    """Every table of a release, ordered."""
    found = {}
    with duckdb.connect(str(release / "qpv.duckdb"), read_only=True) as con:
        for (name,) in con.execute("select table_name from duckdb_tables()").fetchall():
            found[name] = con.execute(f"select * from {name} order by all").fetchall()
    return found


def whole(release: Path) -> bool:
    """Whether every part of a release is there and readable."""
    manifest = json.loads((release / "RELEASE.json").read_text(encoding="utf-8"))
    parts = [
        "datapackage.json",
        "catalogue.jsonld",
        "dictionnaire.html",
        "fiches/index.html",
        "qualite/rapport.json",
        "qualite/rapport.html",
    ]
    rows = {name: len(content) for name, content in tables(release).items()}
    wide = {"tableau_large", "tableau_large_colonnes"}
    exported = {p.stem for p in (release / "tables").glob("*.parquet")} - wide
    return (
        manifest["release_id"] == release.resolve().name
        and all((release / part).is_file() for part in parts)
        and rows["fct_indicateur"] == sum(manifest["statuts"].values())
        and exported | wide
        == set(rows) | wide
        == {p.stem for p in (release / "tables").glob("*.csv")}
        and any((release / "tables" / "rubriques").glob("*.csv"))
    )


def _landed(data: Path) -> bool:
    return any((data / "landing").glob("*/*.parquet"))


def _loaded(data: Path) -> bool:
    return (data / "build" / "warehouse.duckdb").exists()


def _judged(data: Path) -> bool:
    return any((data / "build" / "controles").glob("*/porte_atterrissage-*.json"))


def doors(release: Path) -> set[str]:
    """The doors that a release says it passed."""
    manifest = json.loads((release / "RELEASE.json").read_text(encoding="utf-8"))
    return {door["nom"] for door in manifest["controles"] if door["passe"]}


def _sealed(data: Path) -> bool:
    return any((data / "releases").glob(".brouillon-*/RELEASE.json"))


def test_killed_at_several_points_the_next_run_ends_with_the_same_tables(
    sample_data: Path, tmp_path: Path
) -> None:
    data, said = tmp_path / "data", tmp_path / "messages"
    words = ("build", "--sample", "--sans-documents", "--data", str(data))
    shutil.copytree(sample_data, data, symlinks=True)
    latest = data / "releases" / "latest"
    before = latest.readlink()
    points: list[Callable[[Path], bool]] = [_landed, _loaded, _sealed]
    for reached in points:
        shutil.rmtree(data / "landing", ignore_errors=True)
        (data / "build" / "warehouse.duckdb").unlink(missing_ok=True)
        run = forked_qpv.start(*words, stderr=said)
        deadline = time.monotonic() + 120
        while not reached(data) and run.exitcode is None and time.monotonic() < deadline:
            time.sleep(0.01)
        run.kill()
        run.join()
        assert run.exitcode == -signal.SIGKILL, reached.__name__
        assert whole(latest)
        if reached is not _sealed:
            assert latest.readlink() == before
    shutil.rmtree(data / "build" / "controles")
    run = forked_qpv.start(*words, stderr=said)
    while not _judged(data) and run.exitcode is None:
        time.sleep(0.01)
    # A second run is refused, and harms nothing of the first one: it keeps what its doors said.
    refused = forked_qpv.run(*words, stderr=tmp_path / "second")
    assert refused.returncode == 1 and "une autre construction" in refused.stderr
    run.join(120)
    assert run.exitcode == 0, said.read_text(encoding="utf-8")
    assert latest.readlink() != before
    assert whole(latest)
    assert not list((data / "releases").glob(".*"))
    first = sample_data / "releases" / "latest"
    assert tables(latest) == tables(first)
    assert doors(latest) == doors(first)
    assert {name for name in doors(latest) if ":" not in name} == {*DOORS, "dbt"}
    assert len(doors(latest)) > len(DOORS) + 3


def test_a_release_without_all_its_doors_is_not_promoted(tmp_path: Path) -> None:
    reglages, wanted = Reglages(data=str(tmp_path)), ["porte_secret", "porte_publication"]
    recorded("porte_secret", DoorResult(3, []), reglages)
    with pytest.raises(QpvError, match="sans jugement : porte_publication"):
        results(reglages, wanted)
    recorded("porte_publication", DoorResult(3, []), reglages)
    assert [one["nom"] for one in results(reglages, wanted)] == ["porte_publication", *wanted[:1]]
    with pytest.raises(QpvError, match="non attendues : porte_secret"):
        results(reglages, ["porte_publication"])
    recorded("porte_secret", DoorResult(3, ["une faute"]), reglages)
    with pytest.raises(QpvError, match="qui refusent : porte_secret"):
        results(reglages, wanted)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_says_so_and_exits_with_1(by: signal.Signals, tmp_path: Path) -> None:
    data, said = tmp_path / "data", tmp_path / "messages"
    run = forked_qpv.start("build", "--sample", "--data", str(data), stderr=said)
    deadline = time.monotonic() + 120
    while not _landed(data) and run.exitcode is None and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(run.pid, by)
    run.join(120)
    assert run.exitcode == 1
    last = said.read_text(encoding="utf-8").strip().splitlines()[-1]
    assert last == "Interrompu ; la publication précédente reste en place."
    assert not (data / "releases" / "latest").exists()


@pytest.mark.parametrize("call", ["rename", "symlink_to", "replace"])
def test_a_promotion_stopped_anywhere_leaves_the_old_release_or_the_new(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = Layout(tmp_path)
    first = promotion.start_draft(layout, "2023", ["a"])
    old = promotion.promote(layout, first, {"release_id": first.release_id})
    second = promotion.start_draft(layout, "2023", ["b"])

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(Path, call, die)
        promotion.promote(layout, second, {"release_id": second.release_id})
    assert promotion.latest_release(layout) == old
    third = promotion.start_draft(layout, "2023", ["c"])
    new = promotion.promote(layout, third, {"release_id": third.release_id})
    assert promotion.latest_release(layout) == new
    assert promotion.read_manifest(old)["release_id"] == first.release_id


def test_two_runs_at_once_one_is_told_to_wait(sample_data: Path, tmp_path: Path) -> None:
    from orchestration.defs.resources import single_writer

    before = (sample_data / "releases" / "latest").readlink()
    with single_writer(Layout(sample_data)):
        words = ("build", "--sample", "--data", str(sample_data))
        done = forked_qpv.run(*words, stderr=tmp_path / "messages")
    assert done.returncode == 1
    assert "une autre construction" in done.stderr
    assert "Traceback" not in done.stderr
    assert (sample_data / "releases" / "latest").readlink() == before


def test_a_refused_file_leaves_the_previous_release(sample_data: Path, tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "extraits"
    shutil.copytree(sample_data / "releases", data / "releases", symlinks=True)
    shutil.copytree(SAMPLE, folder)
    path = folder / "DEMO_2023.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("QP059058", "QP059999"), "utf-8")
    before = (data / "releases" / "latest").readlink()
    code, output = invoke_qpv("build", "--extracts", str(folder), "--data", str(data))
    assert code == 1
    said = output.strip().splitlines()[-1]
    for word in ("QP059999", "DEMO_2023.csv", "ligne ", "CODGEO", "À faire"):
        assert word in said, output
    assert "Traceback" not in output
    assert (data / "releases" / "latest").readlink() == before
    assert whole(data / "releases" / "latest")


def test_a_full_disk_is_told_and_the_previous_release_stands(
    sample_data: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data / "releases", data / "releases", symlinks=True)
    before = (data / "releases" / "latest").readlink()
    words = ("build", "--sample", "--data", str(data))
    full = forked_qpv.Setting(file_limit=40 * 1024)
    done = forked_qpv.run(*words, stderr=tmp_path / "messages", setting=full)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "espace disque" in done.stderr or "disque" in done.stderr, done.stderr
    assert (data / "releases" / "latest").readlink() == before
    assert whole(data / "releases" / "latest")


def test_one_file_given_for_two_millesimes_is_refused(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "extraits"
    shutil.copytree(SAMPLE, folder)
    shutil.copy(folder / "IPRO_2022.csv", folder / "IPRO_2023.csv")
    code, output = invoke_qpv("build", "--extracts", str(folder), "--data", str(data))
    assert code == 1
    said = output.strip().splitlines()[-1]
    for word in ("insee_ipro", "2022", "2023", "même fichier"):
        assert word in said, output
    assert not (data / "releases" / "latest").exists()
