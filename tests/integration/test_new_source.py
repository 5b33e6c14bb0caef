"""Adding a source of QPV tables: CONTRIBUTING followed to the letter, in a copy of the checkout.

The YAML are read from the page itself; nothing else of the copy is touched.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.defs.dbt_manifest import MANIFEST, PARTIAL
from tests.conftest import REPO
from tests.integration.test_fiches import Page
from warehouse.base.layout import SAMPLE_DIR

CODE, FILE = "part_passoires", "ENERGIE_QPV_{}.csv"
EDITION, PRODUCERS = "dbt_project/editions/2023.yml", "dbt_project/domain/producteurs.yml"
#: What the command `qpv` runs, of the modules of the folder it is run in.
QPV = "from orchestration.cli.main import main; main()"
#: A year later by the recipe of a millésime: one line of the source, one word of the edition.
LATER = '  "2023": {periodes: {energie: "2023"}}\n'
SHOWN, COMPARED = ', periode: "2022"}', ', periode: "2023", comparaison: "2022"}'
ASIDE = shutil.ignore_patterns(".*", "data", "target", "logs", "build", "*.egg-info", "docs")


def recipe() -> dict[str, str]:
    """Path → text of each file that « Add a source » has one write: two whole ones, two lines."""
    page = (REPO / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page.split("\n## Add a source\n")[1].split("\n## ")[0]
    found = [textwrap.dedent(b) for b in re.findall(r"```yaml\n(.*?\n) *```", section, re.DOTALL)]
    blocks = {block.partition(":")[0]: block for block in found}
    source, rubrique = blocks["id"], blocks["rubrique"]
    source_id, name = (block.split()[1] for block in (source, rubrique))
    [named] = re.findall(r"`(\w+: \w+)`", section.split(PRODUCERS)[1].partition("\n")[0])
    [line] = re.findall(r"`(\{bloc: [^`]+\})`", section)
    return {
        f"ingest/sources/{source_id}.yml": source,
        f"dbt_project/dictionary/{name}.yml": rubrique,
        EDITION: f"  - {line}\n",
        PRODUCERS: f"  {named}\n",
    }


@dataclass(frozen=True)
class Built:
    """The copy's release, and what its made-up files say: year → QPV → dwellings, F or G."""

    release: Path
    counted: dict[str, dict[str, tuple[int, int | None]]]

    def rows(self, query: str, **more: Path) -> list[tuple]:
        with duckdb.connect(str(self.release / "qpv.duckdb"), read_only=True) as con:
            for name, path in more.items():
                con.execute(f"attach '{path}' as {name} (read_only)")
            return con.execute(query).fetchall()


def made_up(folder: Path) -> dict[str, dict[str, tuple[int, int | None]]]:
    """Two years of the invented file, for the sample's quarters; one cell is masked."""
    with (SAMPLE_DIR / "liste-qp2015.csv").open(encoding="utf-8-sig", newline="") as lines:
        codes = [row["code"] for row in csv.DictReader(lines, delimiter=";")]
    counted: dict[str, dict[str, tuple[int, int | None]]] = {}
    for year, few in (("2022", 20), ("2023", 17)):
        counted[year] = {c: (200 + 10 * i, few + i or None) for i, c in enumerate(codes)}
        counted[year][codes[3]] = (230, None)
        rows = [
            f"{c};{all_};{'' if bad is None else bad}" for c, (all_, bad) in counted[year].items()
        ]
        text = "\n".join(["code_qpv;nb_logements;nb_f_g", *rows]) + "\n"
        (folder / FILE.format(year)).write_text(text, encoding="utf-8")
    return counted


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    home = tmp_path_factory.mktemp("source")
    copy, extracts = home / "qpv", home / "extraits"
    shutil.copytree(REPO, copy, ignore=ASIDE)
    shutil.copytree(SAMPLE_DIR, extracts)
    (copy / "dbt_project" / "target").mkdir()
    for read in (MANIFEST, MANIFEST.with_name(PARTIAL)):  # dbt reads again what changed only
        shutil.copy2(read, copy / "dbt_project" / "target")
    counted = made_up(extracts)
    for path, text in recipe().items():
        place = copy / path
        if path == EDITION:
            assert text.count(SHOWN) == 1
            held = place.read_text(encoding="utf-8")
            assert held.count("references:\n") == 1
            text = held.replace("references:\n", text.replace(SHOWN, COMPARED) + "references:\n")
        elif path == PRODUCERS:
            text = place.read_text(encoding="utf-8") + text
        else:
            assert not place.exists()
            text += LATER if "sources" in path else ""
        place.write_text(text, encoding="utf-8")
    known = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "QPV"))}
    build = f"build --edition 2023 --extracts {extracts} --data {home / 'data'} --sans-documents"
    done = subprocess.run(
        [sys.executable, "-c", QPV, *build.split()],
        cwd=copy,
        env=known | {"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Built((home / "data/releases/latest").resolve(), counted)


def test_the_recipe_is_two_files_and_two_lines() -> None:
    """One line less where the producer is known."""
    lines = {path: text for path, text in recipe().items() if text.count("\n") == 1}
    assert len(recipe()) == 4 and set(lines) == {EDITION, PRODUCERS}


def test_its_figures_its_masks_and_its_sets_are_in_the_release(built: Built) -> None:
    found = {
        code: rest
        for code, *rest in built.rows(
            "select code_territoire, valeur, statut, periode, source_id from fct_indicateur "
            f"where code_indicateur = '{CODE}'"
        )
    }
    for code, (dwellings, bad) in built.counted["2023"].items():
        value, statut, *where = found[code]
        assert where == ["2023", "onel_energie"]
        wanted = ("secret_producteur", None) if bad is None else \
            ("diffuse", pytest.approx(100 * bad / dwellings))  # fmt: skip
        assert (statut, value) == wanted
    known = [(d, bad) for d, bad in built.counted["2023"].values() if bad is not None]
    assert len(known) == len(built.counted["2023"]) - 1
    dwellings, bad = (sum(side) for side in zip(*known, strict=True))
    assert found["QPV@EPCI:200042190"][0] == pytest.approx(100 * bad / dwellings)


def test_the_millesime_before_gives_the_evolution(built: Built) -> None:
    rows = built.rows(
        "select code_territoire, periode_comparaison, evolution_pts from fct_evolution "
        f"where code_indicateur = '{CODE}' and evolution_pts is not null"
    )
    quarters = {code: rest for code, *rest in rows if code in built.counted["2022"]}
    assert len(quarters) == len(built.counted["2022"]) - 1
    for code, (compared, points) in quarters.items():
        sides = (built.counted[year][code] for year in ("2022", "2023"))
        before, after = (100 * bad / dwellings for dwellings, bad in sides if bad)
        assert (compared, points) == ("2022", pytest.approx(after - before))


def test_the_fiche_asks_its_question_and_cites_its_source(built: Built) -> None:
    page = built.release / "fiches" / "annexes" / "epci" / "200042190.html"
    assert len(Page(page).tables["passoires"]) > len(built.counted["2023"])
    text = page.read_text(encoding="utf-8")
    assert "Les logements sont-ils économes" in text and "Onel, étiquettes énergie" in text


def test_no_other_figure_moves(built: Built, sample_release: Path) -> None:
    columns = "code_territoire, code_indicateur, periode, valeur, statut, motif, source_id"
    [[moved]] = built.rows(
        f"select count(*) from (select {columns} from sample.fct_indicateur "
        f"except all select {columns} from fct_indicateur)",
        sample=sample_release / "qpv.duckdb",
    )
    assert moved == 0
