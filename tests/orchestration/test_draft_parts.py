"""A draft in parts: one is made again on the draft that stands, and the doors judge it again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import defs
from orchestration.defs.asset_keys import RELEASE_KEY, part_key
from orchestration.defs.door_results import DRAFT_DOORS, recorded, results
from orchestration.defs.landing_assets import land_millesime
from orchestration.defs.plausibility_assets import plausibility
from orchestration.defs.resources import Reglages, makes_parts_alone
from orchestration.defs.run_plan import Plan, Received
from orchestration.defs.standing_draft import whole_draft, without
from orchestration.partitions import REGISTRY, TOUS
from quality.expectations import DoorResult
from tests.orchestration.test_robustness import doors, tables, whole
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.publication.parts import PARTS, files_of, to_make
from warehouse.release.promotion import DRAFT_PREFIX
from warehouse.release.seal import SUMS

#: What a promotion adds to the parts.
_PROMOTION = {"RELEASE.json", SUMS, "qualite"}


@pytest.fixture
def stopped(sample_data: Path, tmp_path: Path) -> Path:
    """A data folder whose run made all parts, was judged, and stopped before its promotion."""
    data = tmp_path / "data"
    shutil.copytree(sample_data, data, symlinks=True)
    releases = data / "releases"
    (release,) = [path for path in releases.iterdir() if path.is_dir() and not path.is_symlink()]
    release.rename(releases / f"{DRAFT_PREFIX}{release.name}")
    (releases / "latest").unlink()
    return data


def _reglages(data: Path, run: str | None = None) -> Reglages:
    """The settings of a run that goes on with what the doors of a data folder said."""
    reglages = Reglages(data=str(data), extracts=["sample"], edition="2023")
    (folder,) = [run] if run else [path.name for path in reglages.layout.doors.iterdir()]
    reglages._run_id = folder
    return reglages


def _links(event: dg.DagsterEvent) -> list[str]:
    """The paths and addresses that a materialization gives."""
    kept = event.step_materialization_data.materialization.metadata.values()
    kinds = dg.PathMetadataValue | dg.UrlMetadataValue
    return [str(value.value) for value in kept if isinstance(value, kinds)]


def _materialize(data: Path, *keys: dg.AssetKey, edition: str = "2023") -> list[str]:
    """Materialize some assets as the UI does, outside of the job; what was refused."""
    config = {"edition": edition, "extracts": ["sample"] * (edition == "2023"), "data": str(data)}
    with dg.DagsterInstance.ephemeral() as instance:
        done = defs.resolve_implicit_global_asset_job_def().execute_in_process(
            asset_selection=list(keys),
            instance=instance,
            run_config={
                "resources": {"reglages": {"config": config}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            partition_key=TOUS if any(key.path[0] == "landing" for key in keys) else None,
            raise_on_error=False,
        )
    for event in done.get_asset_materialization_events():
        assert all(Path(link).exists() for link in _links(event)), event.asset_key
        assert len(_links(event)) == 6 or event.asset_key != RELEASE_KEY
    told = [event.step_failure_data.error for event in done.all_events if event.is_step_failure]
    return [(error.cause or error).message for error in told if error]


def _draft(data: Path) -> Path:
    (draft,) = (data / "releases").glob(f"{DRAFT_PREFIX}*")
    return draft


def test_every_file_of_a_release_is_of_one_part(sample_release: Path) -> None:
    owners: dict[Path, list[str]] = {}
    for part in PARTS:
        for path in files_of(sample_release, part):
            inside = path.rglob("*") if path.is_dir() else [path]
            for file in inside:
                owners.setdefault(file, []).append(part)
    assert [path for path, parts in owners.items() if len(parts) > 1] == []
    for path in sample_release.rglob("*"):
        name = path.relative_to(sample_release)
        if path.is_file() and name.parts[0] not in _PROMOTION:
            assert path in owners, name


def test_a_part_made_again_is_replaced_whole_and_leaves_the_others(stopped: Path) -> None:
    draft = _draft(stopped)
    page = next((draft / "fiches" / "qpv").glob("*.html"))
    first, stale = page.read_bytes(), page.with_name("QPVIEUX.html")
    for path in (page, stale):
        path.unlink(missing_ok=True)
        path.write_text("d'avant", encoding="utf-8")
    others = {
        path: path.stat().st_mtime_ns
        for part in PARTS
        if part != "fiches"
        for one in files_of(draft, part)
        for path in (one.rglob("*") if one.is_dir() else [one])
        if path.is_file()
    }
    assert _materialize(stopped, part_key("fiches")) == []
    assert page.read_bytes() == first and not stale.exists()
    assert {path: path.stat().st_mtime_ns for path in others} == others
    assert not (stopped / "releases" / "latest").exists()


def test_what_comes_from_a_part_made_again_is_made_and_judged_again_before_promotion(
    stopped: Path, sample_release: Path
) -> None:
    layout, draft = Layout(stopped), _draft(stopped)
    assert _materialize(stopped, part_key("explorateur")) == []
    (refused,) = _materialize(stopped, RELEASE_KEY)
    assert "à faire ou à refaire, publication/descripteurs" in refused
    assert _draft(stopped) == draft and not layout.latest.exists()
    assert _materialize(stopped, part_key("descripteurs"), RELEASE_KEY) == []
    assert whole(layout.latest) and not draft.exists()
    assert doors(layout.latest) == doors(sample_release)
    assert tables(layout.latest) == tables(sample_release)


def test_a_part_made_again_takes_back_what_the_doors_said_of_the_draft(stopped: Path) -> None:
    reglages = _reglages(stopped)
    judged = [path.stem.replace("-", ":") for path in reglages.doors.glob("*.json")]
    assert {*DRAFT_DOORS} < {*judged} and results(reglages, judged)
    for part in PARTS:
        for door in DRAFT_DOORS:
            recorded(door, DoorResult(1, []), reglages)
        if part == "tables":  # they begin another draft: `begun`
            continue
        with without(part, reglages):
            pass
        with pytest.raises(QpvError, match="sans jugement : audit_secret, porte_publication"):
            results(reglages, judged)


def test_a_part_stopped_halfway_is_to_be_made(stopped: Path) -> None:
    reglages = _reglages(stopped)
    assert whole_draft(reglages).path == _draft(stopped)
    with pytest.raises(KeyboardInterrupt), without("classeurs", reglages):
        raise KeyboardInterrupt
    with pytest.raises(QpvError, match="publication/classeurs, publication/descripteurs"):
        whole_draft(reglages)
    with (
        pytest.raises(QpvError, match="à refaire, publication/classeurs"),
        without("descripteurs", reglages),
    ):
        pass


def test_a_part_is_to_be_made_after_those_that_it_is_made_from() -> None:
    every = list(PARTS)
    assert to_make(every) == [] and to_make([]) == every
    old = ["carte", *(part for part in every if part != "carte")]
    assert to_make(old) == ["carte", "fiches", "explorateur", "descripteurs"]
    again = [*(p for p in every if p != "fiches"), "fiches"]
    assert to_make(again) == ["explorateur", "descripteurs"]


def test_without_a_draft_a_part_says_so(sample_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data / "build", data / "build")
    (refused,) = _materialize(data, part_key("carte"))
    for said in ("aucun brouillon de publication", "publication/tables", "qpv build"):
        assert said in refused


def test_a_draft_of_another_edition_is_left_alone(stopped: Path) -> None:
    before = sorted(_draft(stopped).rglob("*"))
    for part in ("carte", "tables"):
        (refused,) = _materialize(stopped, part_key(part), edition="2024")
        assert "de l'édition 2023, l'exécution demande l'édition 2024" in refused
    assert sorted(_draft(stopped).rglob("*")) == before


def test_a_draft_of_an_older_warehouse_is_not_gone_on_with(stopped: Path) -> None:
    landed = dg.AssetKey(["landing", "anct_liste_qpv"])
    assert _materialize(stopped, landed) == []
    (refused,) = _materialize(stopped, part_key("carte"))
    assert "n'est pas celui de cet entrepôt" in refused
    (refused,) = _materialize(stopped, RELEASE_KEY)
    assert "n'est pas celui de cet entrepôt" in refused


def test_a_step_executed_again_before_the_draft_leaves_none_to_promote(stopped: Path) -> None:
    """Under its first run's name, Dagster keeps what the doors of that run said."""
    reglages = _reglages(stopped)
    assert whole_draft(reglages)
    plausibility(reglages)
    with pytest.raises(QpvError, match="n'est pas celui de cet entrepôt"):
        whole_draft(reglages)


def test_only_a_run_of_parts_alone_goes_on_with_the_doors_of_another() -> None:
    def run(*keys: dg.AssetKey, checks: frozenset[dg.AssetCheckKey] = frozenset()) -> dg.DagsterRun:
        return dg.DagsterRun("j", asset_selection=frozenset(keys), asset_check_selection=checks)

    door = dg.AssetCheckKey(part_key("descripteurs"), "audit_secret")
    landing = dg.AssetCheckKey(dg.AssetKey(["landing", "insee_demo"]), "porte_atterrissage")
    assert makes_parts_alone(run(part_key("fiches")))
    assert makes_parts_alone(run(RELEASE_KEY, checks=frozenset({door})))
    assert makes_parts_alone(run(checks=frozenset({door})))
    assert not makes_parts_alone(run(part_key("fiches"), checks=frozenset({landing})))
    assert not makes_parts_alone(run(part_key("fiches"), dg.AssetKey(["marts", "dim_source"])))
    assert not makes_parts_alone(dg.DagsterRun("j"))


def test_a_run_computes_its_plan_once(stopped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[str] = []
    of_plan, of_received = Plan.of, Received.of
    monkeypatch.setattr(Plan, "of", lambda *a: computed.append("plan") or of_plan(*a))
    monkeypatch.setattr(Received, "of", lambda *a: computed.append("received") or of_received(*a))
    parts = ("carte", "fiches", "explorateur")
    assert _materialize(stopped, *map(part_key, parts)) == []
    assert computed == ["plan", "received"]


def test_a_file_that_lands_is_seen_by_what_follows(sample_data: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_data / "landing", tmp_path / "landing")
    shutil.copytree(sample_data / "archive", tmp_path / "archive")
    reglages = Reglages(data=str(tmp_path), extracts=["sample"], edition="2023")
    before = reglages.received
    assert reglages.received is before
    land_millesime(REGISTRY["insee_demo"], "2023", reglages)
    assert reglages.received is not before


def test_what_is_kept_of_a_draft_is_no_judgement(stopped: Path) -> None:
    """The doors' folder is read as one judgement per `.json`."""
    kept = _reglages(stopped).doors / "brouillon.etat"
    assert json.loads(kept.read_text("utf-8"))["faites"] == list(PARTS)
