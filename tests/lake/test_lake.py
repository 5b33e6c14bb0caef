"""The shared lake on real servers: the same figures, whole or not at all, and who may do what."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.conftest import run_qpv
from tests.lake.lakes import Lake
from tests.lake.servers import HOST, SeaweedFS
from warehouse import chercher, connect, poser
from warehouse.base.errors import QpvError
from warehouse.lake.access import opened
from warehouse.lake.releases import releases_of
from warehouse.lake.seals import faults_in_lake
from warehouse.lake.sending import forget_the_past, send, send_if_asked, take_out

Releases = tuple[Path, Path]


def _held(lake: Lake) -> list[str]:
    return [one.publication for one in releases_of(lake.lac) if one.retiree_le is None]


def _is_whole(lake: Lake, release: Path) -> bool:
    return faults_in_lake(lake.lac, release.name) == (release.name, [])


def _objects(lake: Lake) -> list[str]:
    """The data files of a lake, as its storage lists them."""
    with opened(lake.lac, read_only=True) as con:
        rows = con.execute(f"select file from glob('s3://{SeaweedFS.SEAU}/{lake.base}/**')")
        return [name for (name,) in rows.fetchall()]


def test_what_the_lake_gives_is_what_was_published(lake: Lake, two_releases: Releases) -> None:
    release = two_releases[0]
    assert send(lake.lac, release)
    assert not send(lake.lac, release)
    with connect("lac") as con:
        tables = sorted((release / "tables").glob("*_*.parquet"))
        known = {name for (name,) in con.execute("select table_name from duckdb_tables()"
                 " where schema_name like 'p#_%' escape '#'").fetchall()}  # fmt: skip
        read = [path for path in tables if path.stem in known]
        assert {path.stem for path in read} == known and len(known) == 14
        for path in read:
            mine, theirs = f"from {path.stem}", f"from read_parquet('{path}')"
            for one, other in ((mine, theirs), (theirs, mine)):
                assert con.sql(f"{one} except all {other}").fetchall() == [], path.stem
        assert con.execute("select count(*) from fct_indicateur").fetchone() > (10_000,)
        said = "select count(*) from duckdb_columns() where database_name = 'lac'"
        assert con.execute(f"{said} and comment is not null").fetchone() > (50,)
        assert poser(con, "chiffres_absents", epci="200042190").fetchall()
        assert "QP059050" in str(chercher(con, "denain"))
    assert _is_whole(lake, release)


def test_another_row_is_told(lake: Lake, two_releases: Releases) -> None:
    send(lake.lac, two_releases[0])
    [found] = releases_of(lake.lac)
    with opened(lake.lac, read_only=False) as con:
        con.execute(
            f"update lac.{found.schema}.fct_indicateur set valeur = valeur + 1"
            " where code_territoire = 'QP059050' and valeur is not null"
        )
    _, [said] = faults_in_lake(lake.lac, None)
    assert said.startswith("fct_indicateur : d'autres lignes")


def test_a_release_of_the_lake_is_read_by_its_name(lake: Lake, two_releases: Releases) -> None:
    for release in two_releases:
        send(lake.lac, release)
    for release in two_releases:
        with connect("lac", publication=release.name) as con:
            [(schema,)] = con.execute("select current_schema()").fetchall()
        assert schema.startswith("p_" + release.name[:4])
    with pytest.raises(QpvError, match="2 publications du lac"):
        connect("lac", publication="20")
    with pytest.raises(QpvError, match="aucune publication du lac de nom '1999'"):
        connect("lac", publication="1999")


def _in_process(target: Callable[..., object], *args: object) -> multiprocessing.Process:
    process = multiprocessing.get_context("spawn").Process(target=target, args=args)
    process.start()
    return process


def test_two_releases_sent_at_once_are_both_there(lake: Lake, two_releases: Releases) -> None:
    both = [_in_process(send, lake.lac, release) for release in two_releases]
    for one in both:
        one.join(120)
        assert one.exitcode == 0
    assert sorted(_held(lake)) == sorted(release.name for release in two_releases)
    assert all(_is_whole(lake, release) for release in two_releases)


def test_a_sender_that_is_killed_leaves_nothing(lake: Lake, two_releases: Releases) -> None:
    release = two_releases[0]
    for after in (0.6, 1.2, 1.8):
        killed = subprocess.Popen(
            [sys.executable, "-c", f"from pathlib import Path\n"
             f"from warehouse.lake.access import required_lake\n"
             f"from warehouse.lake.sending import send\n"
             f"print('prêt', flush=True)\n"
             f"send(required_lake(), Path({str(release)!r}))\n"],
            stdout=subprocess.PIPE, env={**os.environ}, cwd=Path.cwd(),
        )  # fmt: skip
        assert killed.stdout and killed.stdout.readline()
        time.sleep(after)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        killed.stdout.close()
        assert _held(lake) in ([], [release.name])
        if _held(lake):
            assert _is_whole(lake, release)
    send(lake.lac, release)
    assert _is_whole(lake, release)


def test_a_withdrawn_release_leaves_no_file(lake: Lake, two_releases: Releases) -> None:
    first, second = two_releases
    send(lake.lac, first)
    schema = releases_of(lake.lac)[0].schema
    send(lake.lac, second)
    held = _objects(lake)
    assert any(f"/{schema}/" in name for name in held)
    take_out(lake.lac, first.name, "un chiffre sous secret y était")
    left = _objects(lake)
    assert left and not any(f"/{schema}/" in name for name in left)
    with opened(lake.lac, read_only=True) as con:
        assert con.execute("select count(*) from lac.snapshots()").fetchone() == (1,)
        with pytest.raises(duckdb.Error):
            con.execute(f"from lac.{schema}.fct_indicateur")
    assert _is_whole(lake, second)
    with pytest.raises(QpvError, match="retirée du lac : un chiffre sous secret y était"):
        connect("lac", publication=first.name)
    with pytest.raises(QpvError, match="a été retirée du lac"):
        send(lake.lac, first)
    [gone] = [one for one in releases_of(lake.lac) if one.retiree_le]
    assert gone.publication == first.name


def test_the_catalogue_keeps_no_figure_of_a_withdrawn_release(
    lake: Lake, two_releases: Releases
) -> None:
    def _kept() -> str:
        return lake.catalogue.client("pg_dump", "qpv", "-d", lake.base).stdout

    send(lake.lac, two_releases[0])
    assert "QP059" in _kept()  # least and greatest values of each column, and small tables whole
    take_out(lake.lac, two_releases[0].name, "un chiffre sous secret y était")
    assert "QP059" not in _kept()


def test_forgetting_the_past_touches_no_release(lake: Lake, two_releases: Releases) -> None:
    for release in two_releases:
        send(lake.lac, release)
    forget_the_past(lake.lac)
    assert all(_is_whole(lake, release) for release in two_releases)


def test_a_reader_reads_and_changes_nothing(
    lake: Lake, two_releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(lake.lac, two_releases[0])
    lake.open_to_readers()
    for name, value in lake.environment("lecteur").items():
        monkeypatch.setenv(name, value)
    with connect("lac") as con:
        assert con.execute("select count(*) from fct_indicateur").fetchone() > (10_000,)
        with pytest.raises(duckdb.Error):
            con.execute("delete from fct_indicateur")
        with pytest.raises(duckdb.Error):
            con.execute(f"copy (select 1) to 's3://{SeaweedFS.SEAU}/{lake.base}/x.parquet'")
    reader = lake.environment("lecteur")
    folder = str(two_releases[0].parent.parent)
    gone = ["withdraw", two_releases[0].name, "--motif", "essai", "--data", "lac"]
    for words in (["lac", "envoyer", "--data", folder], ["release", *gone]):
        done = run_qpv(*words, **reader)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False) or "Déjà" in done.stdout
    for name, value in lake.environment().items():
        monkeypatch.setenv(name, value)
    assert _held(lake) == [two_releases[0].name]


def test_a_lake_out_of_reach_is_one_paragraph_without_a_secret(
    lake: Lake, sample_data: Path
) -> None:
    latest = (sample_data / "releases" / "latest").resolve()
    told = lake.environment()
    hidden = ("une-autre-cle", "un-autre-mot")
    for name, value in (
        ("QPV_LAC", re.sub(r"port=\d+", "port=1", told["QPV_LAC"])),
        ("AWS_ENDPOINT_URL", f"http://{HOST}:1"),
        ("AWS_SECRET_ACCESS_KEY", hidden[0]),
        ("PGPASSWORD", hidden[1]),
    ):
        done = run_qpv("lac", "envoyer", "--data", str(sample_data), **{**told, name: value})
        said = done.stdout + done.stderr
        assert done.returncode == 1 and "le lac refuse ou ne répond pas" in said, said
        assert "Traceback" not in said
        for secret in (told["PGPASSWORD"], told["AWS_SECRET_ACCESS_KEY"], *hidden):
            assert secret not in said
    assert (sample_data / "releases" / "latest").resolve() == latest


def test_a_release_that_cannot_be_sent_stands_and_a_withdrawal_takes_it_out(
    lake: Lake, two_releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(two_releases[0].parent, tmp_path / "releases", symlinks=True)
    release, told = tmp_path / "releases" / two_releases[0].name, lake.environment()
    (tmp_path / "releases" / "latest").symlink_to(release.name)
    monkeypatch.setenv("QPV_LAC", re.sub(r"port=\d+", "port=1", told["QPV_LAC"]))
    with pytest.raises(QpvError, match=f"{release.name} tient dans ce dossier de données"):
        send_if_asked(release)
    monkeypatch.setenv("QPV_LAC", told["QPV_LAC"])
    assert send_if_asked(release) == f"Envoyée au lac : {release.name}"
    words = ["release", "withdraw", release.name, "--motif", "essai", "--data", str(tmp_path)]
    assert "Retirée du lac" in run_qpv(*words).stdout
    assert _held(lake) == []


def test_what_is_said_of_releases_is_said_of_those_of_the_lake(
    lake: Lake, two_releases: Releases
) -> None:
    for release in two_releases:
        send(lake.lac, release)
    here, there = str(two_releases[0].parent.parent), "lac"
    both = [release.name for release in two_releases]
    told = [run_qpv("release", "diff", *both, "--data", data).stdout for data in (here, there)]
    # Both folders hold the same manifest: only what is said beside their names is compared.
    ours, theirs = (re.sub(r"\d{4}-\d{8}T\w+-\w+", "", said) for said in told)
    assert ours == theirs and "Changements" in ours and both[0] in told[1]
    listed = run_qpv("release", "list", "--data", there).stdout
    assert all(name in listed for name in both) and "latest" in listed
    done = run_qpv("release", "verify", "--tous", "--data", there)
    assert done.returncode == 0 and done.stdout.count("intacte dans le lac") == 2
    [first, _] = releases_of(lake.lac)
    with opened(lake.lac, read_only=False) as con:
        con.execute(f"delete from lac.{first.schema}.dim_source")
    done = run_qpv("release", "verify", first.publication, "--data", there)
    assert done.returncode == 1 and "dim_source : d'autres lignes" in done.stdout
    out = ["withdraw", first.publication, "--motif", "essai", "--data", there]
    assert f"Retirée du lac : {first.publication}" in run_qpv("release", *out).stdout
    assert _held(lake) == [one for one in both if one != first.publication]


def test_a_release_sent_before_there_were_seals_can_be_taken_out(
    lake: Lake, two_releases: Releases
) -> None:
    for release in two_releases:
        send(lake.lac, release)
    with opened(lake.lac, read_only=False) as con:
        con.execute("drop table lac.registre.sceaux")
    name, said = faults_in_lake(lake.lac, two_releases[0].name)
    assert name == two_releases[0].name and len(said) == 1 and "avant que le lac" in said[0]
    assert take_out(lake.lac, two_releases[0].name, "essai") == two_releases[0].name
    assert _held(lake) == [two_releases[1].name]
