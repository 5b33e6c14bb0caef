"""What `pip wheel` makes holds all that a build reads: it runs away from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import duckdb
import pytest

from tests.conftest import REPO
from tests.fixtures.runbooks import FIRST_BUILD

#: What a checkout holds beside what is built into a wheel.
ASIDE = shutil.ignore_patterns(".*", "data", "target", "logs", "build", "*.egg-info")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and the dependencies, and nothing of the checkout."""
    base = tmp_path_factory.mktemp("wheel")
    shutil.copytree(REPO, base / "source", ignore=ASIDE)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheel = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(base), "./source"]
    subprocess.run([*pip, *wheel], cwd=base, check=True, timeout=120)
    shutil.rmtree(base / "source")
    home = base / "environment"
    venv.create(home, symlinks=True)
    [packages] = home.glob("lib/*/site-packages")
    # A path alone: the link to the checkout that an editable install leaves there is not followed.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    [made] = base.glob("*.whl")
    target = ["--python", str(home / "bin/python"), "install", "--no-deps", "--no-index", str(made)]
    subprocess.run([*pip, *target], check=True, timeout=120)
    return home


def run(installed: Path, *words: str, where: Path) -> str:
    """What a command of that environment prints."""
    known = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "QPV"))}
    done = subprocess.run(
        [str(installed / "bin" / words[0]), *words[1:]],
        cwd=where,
        env=known | {"QPV_DATA": str(where / "essai")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_product_builds_explains_and_connects(
    installed: Path, tmp_path: Path
) -> None:
    told = "import warehouse, ingest, orchestration, quality as q\nprint(warehouse.__file__)"
    assert run(installed, "python", "-c", told, where=tmp_path).startswith(str(installed))
    run(installed, "qpv", *FIRST_BUILD.split(), "--sans-documents", where=tmp_path)
    [draft] = (tmp_path / "essai/brouillons").iterdir()
    run(installed, "qpv", "publier", draft.name, "--relu-par", "Camille", where=tmp_path)
    assert not (tmp_path / "dbt_project").exists()
    database = tmp_path / "essai/releases/latest/qpv.duckdb"
    with duckdb.connect(str(database), read_only=True) as con:
        [[rows]] = con.sql("select count(*) from fct_indicateur").fetchall()
    counted = "from warehouse import connect\n" \
        "print(connect().sql('select count(*) from fct_indicateur').fetchone()[0])"  # fmt: skip
    assert int(run(installed, "python", "-c", counted, where=tmp_path)) == rows > 9_000
    asked = "from warehouse import connect, poser\n" \
        "print(len(poser(connect(), 'chiffres_absents', epci='200042190').fetchall()))"  # fmt: skip
    assert int(run(installed, "python", "-c", asked, where=tmp_path)) > 0
    said = run(installed, "qpv", "explain", "QP059050", "nb_defm_abc", where=tmp_path)
    assert "IPRO_2022.csv, ligne 5, colonne ABC" in said
