"""A year of a dozen producers: what is published, and told, at its end; every runbook followed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml

from ingest.millesime_draft import propose
from tests.fixtures.runbooks import FIRST_BUILD, PAGES, commands
from tests.fixtures.served_product import sample
from tests.fixtures.simulated_year import CORRECTED, DRIFT, NEXT, REVISED, Year, lived
from warehouse.base.layout import DICTIONARY_DIR, SOURCES_DIR


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    return lived(tmp_path_factory.mktemp("annee"))


def test_each_event_is_told_once_and_no_other(year: Year) -> None:
    new = ("tard", "demenage", "travaux", "casse", "disparu", "colonne", "jeu")
    expected = [f"essai_{name} 2022 paru et non déclaré" for name in new]
    expected += [f"essai_{name} en retard" for name in ("tard", "perimetre", "muet")]
    expected += ["essai_disparu 2021 disparu", "insee_demo 2024 paru et non déclaré"]
    expected += [f"{one} révisé" for one in ("insee_demo 2024", "insee_ipro 2022")]
    expected += ["insee_revn 2023 révisé", "Construction refusée : Édition 2025, périmètre 2015"]
    expected += ["Publication : Édition 2025, périmètre 2015"] * 2
    draft = "Brouillon à relire : Édition 2025, périmètre 2015"
    expected += [draft] * 2 + [f"Publication retirée : {year.releases[0].name}"]
    assert sorted(year.posted) == sorted(expected)
    # The folder made again after the lost disk has a diary of its own, and tells its own draft.
    assert sorted(year.told) == sorted([*expected, draft])


def test_the_diary_reads_in_the_order_of_the_days(year: Year) -> None:
    days = [datetime.strptime(line[:10], "%d/%m/%Y").replace(tzinfo=UTC) for line in year.diary]
    assert days == sorted(days) and days[0].date() == date(2026, 4, 1)
    [late] = [line for line in year.diary if "essai_tard" in line and "en retard" in line]
    assert late.startswith("01/05/2026") and "attendu le 1er avril 2026" in late
    [refused] = [line for line in year.diary if "Construction refusée" in line]
    assert refused.startswith("14/08/2026") and "clé illisible : 'QN059021'" in refused
    assert "La publication précédente reste en place" in refused
    assert not [line for line in year.diary if ".." in line]


def test_no_run_is_made_twice_and_a_refused_source_asks_no_draft(year: Year) -> None:
    with dg.DagsterInstance.from_config(str(year.person.home)) as instance:
        runs = instance.get_runs()[::-1]
        [veille] = [one for one in instance.all_instigator_state() if one.name == "veille"]
        ticks = instance.get_ticks(veille.instigator_origin_id, veille.selector_id)
    keys = [run.tags["dagster/run_key"] for run in runs]
    both, refused = ["insee_demo:2026-06-10", "insee_ipro:2026-06-10"], "insee_revn:2026-08-14"
    # Two sources of one day: one after the other, then one draft of both.
    assert sorted(keys[:2]) == both and keys[2:] == [f"brouillon:{runs[1].run_id}", refused]
    assert [run.is_success for run in runs] == [True, True, True, False]
    # Newest first; the day after, what was refused is still revised: asked, and not run again.
    asked = [sorted(tick.run_keys) for tick in ticks if tick.run_keys]
    assert asked == [[refused], [refused], both]


def test_the_year_ends_with_its_releases(year: Year) -> None:
    first, last = year.releases
    assert [one.name[:13] for one in year.releases] == ["2025-20260406", "2025-20260610"]
    assert {p.name for p in first.iterdir()} == {"RETIREE.json", "index.html"}
    assert (last.parent / "latest").resolve() == last
    assert json.loads((last / "RELEASE.json").read_text("utf-8"))["relu_par"] == "Prénom Nom"
    assert not [*(year.person.data / "brouillons").iterdir()]


def test_each_command_of_the_runbooks_was_typed_in_the_year(year: Year) -> None:
    """A command with more options than a page gives does what the page gives too."""
    typed = [(one[:1], Counter(one)) for one in [*year.person.typed, FIRST_BUILD.split()]]
    for page in PAGES:
        for words in commands(page):
            wanted = Counter(words)
            assert any(words[:1] == name and wanted <= done for name, done in typed), words


def test_a_lost_disk_is_made_again_from_what_was_kept(year: Year) -> None:
    """The draft of the restored folder changes no figure of what stands."""
    made = counts(year.person.made_again)
    assert made and made == counts(year.releases[-1])
    assert not [*(year.person.restored / "brouillons").iterdir()]


def test_the_query_of_a_runbook_shows_what_a_revision_moved(
    year: Year, capsys: pytest.CaptureFixture[str]
) -> None:
    page = next(page for page in PAGES if page.stem == "source-revisee")
    [query] = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S)
    both = (withdrawn(year), year.releases[-1])
    for name, release in zip(("ID_PRECEDENT", "latest"), both, strict=True):
        assert query.count(f"data/releases/{name}/") == 1
        query = query.replace(f"data/releases/{name}", str(release))
    exec(query)
    assert "nb_defm_abc " in capsys.readouterr().out


#: Files of the registry → what was served of each, and when its figures are of.
CAF, FT = "2021-12-31", "2021-12-31"
SERVED = {
    ("insee_demo", "population", "2019"): NEXT,
    ("insee_demo", "caf", "2022-12-31"): NEXT,
    ("insee_demo", "population", "2018"): sample("DEMO_2023"),
    ("insee_demo", "caf", CAF): sample("DEMO_2023"),
    ("insee_ipro", "france_travail", FT): sample("IPRO_2022"),
    ("insee_revn", "caf", CAF): sample("REVN_2023"),
}
FILES = (
    SERVED,
    SERVED
    | {
        ("insee_demo", "population", "2019"): CORRECTED,
        ("insee_demo", "caf", "2022-12-31"): CORRECTED,
        ("insee_ipro", "france_travail", FT): REVISED,
    },
)


@pytest.mark.parametrize("rank", [0, 1])
def test_each_count_of_a_release_is_the_cell_that_was_served(year: Year, rank: int) -> None:
    """Read again from the bytes of the server, by hand: each quarter, and their sum."""
    shown = counts([withdrawn(year), year.releases[-1]][rank])
    compared = set()
    for (source, block, period), body in FILES[rank].items():
        codes = counted_alone(source, block)
        rows = [*csv.DictReader(io.StringIO(body.decode("utf-8-sig")), delimiter=";")]
        for header, code in codes.items():
            cells = {row["CODGEO"]: row[header] for row in rows
                     if row.get(header, "").isdecimal()}  # fmt: skip
            for quarter, cell in cells.items():
                assert shown[(quarter, code, period)] == int(cell), (quarter, code, period)
                compared.add((quarter, code, period))
            if len(cells) == len(rows):
                whole = sum(map(int, cells.values()))
                assert shown[("QPV@EPCI:200042190", code, period)] == whole
    alone = {
        (code, period)
        for source, block, period in FILES[rank]
        for code in counted_alone(source, block).values()
    }
    left = {key for key in shown if key[0].startswith("QP0") and key[1:] in alone} - compared
    assert left == set(), "a figure that no cell gives"
    assert len(compared) >= 13 * 10


def test_a_revision_moves_its_quarter_and_no_other(year: Year) -> None:
    before, after = counts(withdrawn(year)), counts(year.releases[-1])
    moved = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    quarters = {(place, period) for place, _, period in moved if place.startswith("QP0")}
    assert quarters == {("QP059021", FT), ("QP059022", "2022-12-31")}
    assert {period for _, _, period in moved} == {FT, "2022-12-31"}


def withdrawn(year: Year) -> Path:
    """The files of the release that no longer stands."""
    return year.person.data / "retirees" / year.releases[0].name


def counts(release: Path) -> dict[tuple[str, str, str], float]:
    """(territory, indicator, period) → what a release shows."""
    table = release / "tables" / "fct_indicateur.parquet"
    shown = duckdb.sql(
        f"select code_territoire, code_indicateur, periode, valeur from '{table}'"
        " where statut = 'diffuse'"
    ).fetchall()
    return {(place, code, period): value for place, code, period, value in shown}


@cache
def counted_alone(source: str, block: str) -> dict[str, str]:
    """Header → the published indicator that is this count and nothing else."""
    columns = yaml.safe_load((SOURCES_DIR / f"{source}.yml").read_text("utf-8"))["blocs"][block]
    headers = {c["mesure"]: c["entete"] for c in columns["colonnes"] if "{" not in c["entete"]}
    found = {}
    for code, one in dictionary().items():
        num = one.get("num", {})
        alone = not {"den", "den_ensemble", "facteur", "publiee"} & one.keys() and len(num) == 1
        [mesure] = num if alone else [None]
        if alone and num[mesure] == 1 and one.get("publier") and mesure in headers:
            found[headers[mesure]] = code
    return found


@cache
def dictionary() -> dict[str, dict]:
    """The indicators, as they are written."""
    found: dict[str, dict] = {}
    for path in DICTIONARY_DIR.glob("*.yml"):
        found |= yaml.safe_load(path.read_text("utf-8")).get("indicateurs", {})
    return found


def test_the_file_with_a_new_column_is_not_declared_alone(year: Year, tmp_path: Path) -> None:
    path = tmp_path / "essai_colonne_2022.csv"
    path.write_text(DRIFT, encoding="utf-8")
    found = propose(path, year.known)
    assert (found.disparues, found.nouvelles) == ([("TX_F", "TX_FEM")], ["CMU"])
    assert not found.is_sure
