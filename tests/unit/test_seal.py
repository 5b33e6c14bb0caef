"""What was published can be checked: one changed byte, one file gone or added is named."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.archive import archive_local
from tests.conftest import invoke_qpv
from warehouse.base.layout import Layout
from warehouse.base.working_folders import private
from warehouse.release.promotion import Draft, promote, standing_releases, start_draft
from warehouse.release.register import read_register
from warehouse.release.withdrawal import withdraw


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def publish(layout: Layout, release_id: str = "") -> Path:
    """A release of one table and three files, promoted as builds are."""
    draft = start_draft(layout, "2023", ["a"])
    if release_id:
        draft = Draft(release_id, draft.path.rename(layout.releases / f".brouillon-{release_id}"))
    with duckdb.connect(str(draft.path / "qpv.duckdb")) as con:
        con.execute("create table fct_indicateur as select range as n from range(9000)")
    for name in ("tables/fct_indicateur.parquet", "fiches/epci/1.html", "fiches/epci/1.pdf"):
        path = draft.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"ce que {name} dit")
    said = {"release_id": draft.release_id, "edition": "2023", "titre": "Essai", "statuts": {}}
    return promote(layout, draft, said | {"publiee_le": "2023-06-30T10:00:00+00:00"})


def verify(layout: Layout, *words: str) -> tuple[int, str]:
    return invoke_qpv("release", "verify", *words, "--data", str(layout.root))


def test_an_untouched_release_is_whole_for_us_and_for_sha256sum(layout: Layout) -> None:
    release = publish(layout)
    assert verify(layout) == (0, f"{release.name} : intacte, 5 fichiers\n")
    done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=release, check=False)
    assert done.returncode == 0


def flip(path: Path) -> None:
    """Change one bit in the middle of a file, whose size and date stay."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    os.utime(path, (before.st_atime, before.st_mtime))


@pytest.mark.parametrize(
    "name",
    [
        "qpv.duckdb",
        "tables/fct_indicateur.parquet",
        "fiches/epci/1.html",
        "fiches/epci/1.pdf",
        "RELEASE.json",
    ],
)
def test_a_flipped_bit_is_named(name: str, layout: Layout) -> None:
    release = publish(layout)
    flip(release / name)
    code, said = verify(layout)
    assert code == 1 and f"  {name} : changé\n" in said and "1 écart\n" in said


def _lose(release: Path) -> None:
    (release / "fiches/epci/1.pdf").unlink()


def _add(release: Path) -> None:
    (release / "fiches/epci/2.html").write_text("ajouté")


def _link(release: Path) -> None:
    (release / "ailleurs").symlink_to("/etc")


def _swap(release: Path) -> None:
    """The same content behind a link: whoever owns its target can change it."""
    path = release / "fiches/epci/1.pdf"
    path.rename(release.parent / "dehors.pdf")
    path.symlink_to(release.parent / "dehors.pdf")


def _forge(release: Path) -> None:
    """A figure changed, and its fingerprint with it."""
    path, sums = release / "fiches/epci/1.html", release / "SHA256SUMS"
    old = subprocess.check_output(["sha256sum", str(path)], text=True)[:64]
    flip(path)
    new = subprocess.check_output(["sha256sum", str(path)], text=True)[:64]
    sums.chmod(0o644)
    sums.write_text(sums.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_lose, "fiches/epci/1.pdf : absent"),
        (_add, "fiches/epci/2.html : en trop"),
        (_link, "ailleurs : en trop"),
        (_swap, "fiches/epci/1.pdf : changé"),
        (_forge, "SHA256SUMS : changé depuis la publication"),
        (lambda r: (r / "SHA256SUMS").unlink(), "rien ne dit ce que cette publication contenait"),
        (lambda r: (r.parent / "registre.json").unlink(), "registre : cette publication n'y est"),
    ],
)
def test_what_is_gone_added_or_forged_is_named(
    harm: Callable[[Path], None], said: str, layout: Layout
) -> None:
    harm(publish(layout))
    code, output = verify(layout)
    assert code == 1 and said in output


def test_all_releases_are_verified_one_after_the_other(layout: Layout) -> None:
    first, second, third = (publish(layout) for _ in range(3))
    flip(second / "fiches/epci/1.html")
    code, said = verify(layout, "--tous")
    assert code == 1
    lines = [line for line in said.splitlines() if not line.startswith(" ")]
    assert lines == [
        f"{first.name} : intacte, 5 fichiers",
        f"{second.name} : 1 écart",
        f"{third.name} : intacte, 5 fichiers",
    ]
    withdraw(layout, second, "un chiffre changé")
    assert verify(layout, "--tous")[0] == 0
    subprocess.run(["rm", "-r", str(first)], check=True)
    code, said = verify(layout, "--tous")
    assert code == 1 and f"{first.name} : publiée, et introuvable" in said


def test_a_promotion_killed_before_the_rename_published_nothing(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, draft = publish(layout), start_draft(layout, "2023", ["b"])
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(Path, "rename", _die)
        promote(layout, draft, {"release_id": draft.release_id})
    assert draft.release_id in read_register(layout.releases)
    code, said = verify(layout, "--tous")
    assert code == 0 and f"{draft.release_id} : brouillon d'une construction" in said
    start_draft(layout, "2023", ["c"])
    assert list(read_register(layout.releases)) == [first.name]
    code, said = verify(layout, "--tous")
    assert code == 0 and draft.release_id not in said


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_commands_that_read_a_damaged_database_say_so(layout: Layout) -> None:
    release = publish(layout)
    flip(release / "qpv.duckdb")
    for words in (("explain", "QP059050", "pop"), ("fiche", "QP059050")):
        code, said = invoke_qpv(*words, "--data", str(layout.root))
        assert code == 1 and len(said.strip().splitlines()) == 1, said
        assert "qpv.duckdb n'est plus celui qui a été publié" in said
        assert "`qpv release verify`" in said


def test_a_clock_set_back_does_not_reorder_releases(layout: Layout) -> None:
    first = publish(layout)
    second = publish(layout, "2023-20200101T000000000000Z-aaaaaaaa")
    third = publish(layout, "2023-20190101T000000000000Z-aaaaaaaa")
    assert standing_releases(layout) == [first, second, third]
    assert layout.latest.resolve() == third
    withdraw(layout, third, "essai")
    assert layout.latest.resolve() == second


def test_a_damaged_register_is_said(layout: Layout) -> None:
    publish(layout)
    (layout.releases / "registre.json").write_text("{")
    code, said = verify(layout)
    assert code == 1 and "le registre des publications est abîmé" in said


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user may enter: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="qpv-essai-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_another_user_reads_releases_and_nothing_else(open_folder: Path) -> None:
    layout = Layout(open_folder / "data")
    before = os.umask(0o022)
    try:
        stale = layout.root / "archive" / "partial" / "local-0.tmp"
        stale.parent.mkdir(parents=True)
        stale.write_text("reste d'une construction tuée")
        extract = open_folder / "ESSAI.csv"
        extract.write_text("CODGEO;A\nQP059050;1\n")
        with private(layout):
            file = archive_local(extract, archive=layout.archive, attendu="csv")
            layout.build.mkdir(exist_ok=True)
            (layout.build / "journal.log").write_text("une valeur")
            (layout.landing / "essai").mkdir(parents=True)
            (layout.landing / "essai" / "2021.parquet").write_text("une valeur")
            with tempfile.NamedTemporaryFile(delete=False) as left:
                left.write(b"une valeur")
            assert layout.root in Path(left.name).parents
            release, withdrawn = publish(layout), publish(layout)
            withdraw(layout, withdrawn, "essai")
        (open_folder / "apres").touch()
        assert stat.S_IMODE((open_folder / "apres").stat().st_mode) == 0o644
    finally:
        os.umask(before)
    assert not stale.exists() and not Path(left.name).exists()
    closed = [layout.archive, layout.landing, layout.build, layout.withdrawn]
    for folder in closed:
        for place, _, names in os.walk(folder):
            assert stat.S_IMODE(Path(place).stat().st_mode) & 0o077 == 0, place
            for name in names:
                assert stat.S_IMODE((Path(place) / name).stat().st_mode) & 0o077 == 0, name
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    private_files = [file.path, layout.build / "journal.log", layout.withdrawn / withdrawn.name]
    for path in (*private_files, layout.landing / "essai" / "2021.parquet"):
        assert _as_nobody("test", "-r", str(path)) != 0, path
    public = [p for p in release.rglob("*") if p.is_file()]
    assert len(public) == 6 and all(_as_nobody("cat", str(p)) == 0 for p in public)
    assert _as_nobody("cat", str(layout.latest / "qpv.duckdb")) == 0
    assert all(not p.stat().st_mode & 0o222 for p in public)


def _as_nobody(*command: str) -> int:
    return subprocess.run(command, user=65534, group=65534, capture_output=True).returncode
