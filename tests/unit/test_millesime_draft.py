"""The lines proposed for a file that nothing declares, and their place in the registry."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.millesime_draft import propose
from ingest.registry import Registry, load_registry
from ingest.registry_lines import add_millesime
from tests.fixtures.small_source import HEADER, ID, ROW, YAML, table
from warehouse.base.errors import QpvError
from warehouse.base.layout import SAMPLE_DIR, SOURCES_DIR


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / f"{ID}.yml").write_text(YAML, encoding="utf-8")
    return sources


@pytest.fixture
def registry(folder: Path) -> Registry:
    return load_registry(folder)


def made(folder: Path, name: str = "ESSAI_2022.csv", header: str = HEADER, row: str = ROW) -> Path:
    path = folder.parent / name
    path.write_text(table(row, header=header), encoding="utf-8")
    return path


HEADER_2022 = HEADER.replace("MED_A21", "MED_A22")


def test_periods_move_by_the_lag_of_the_registry(folder: Path, registry: Registry) -> None:
    found = propose(made(folder, header=HEADER_2022), registry)
    assert (found.millesime, found.modele, found.is_sure) == ("2022", "2021", True)
    assert found.lignes == [
        '  "2022":',
        '    periodes: {population: "2019", rp: "2018", caf: "2020-12-31"}',
    ]
    assert len([said for said in found.a_verifier if said.startswith("la période")]) == 3


def test_a_period_that_two_years_share_is_kept_and_a_skipped_year_moves_twice() -> None:
    """DEMO: the population of 2018 serves three millésimes, the census moves each year."""
    registry = load_registry()
    path = SAMPLE_DIR / "DEMO_2023.csv"
    assert propose(path, registry, "insee_demo", "2025").lignes[1] == (
        '    periodes: {population: "2018", rp: "2021", caf: "2023-12-31"}'
    )


def test_a_renamed_and_a_new_column_are_said_and_nothing_is_sure(
    folder: Path, registry: Registry
) -> None:
    header = HEADER_2022.replace("TX_F", "TX_FEM") + ";CMU"
    found = propose(made(folder, header=header, row=ROW + ";3"), registry)
    assert (found.disparues, found.nouvelles, found.is_sure) == (
        [("TX_F", "TX_FEM")],
        ["CMU"],
        False,
    )


def test_another_case_or_accent_is_the_same_column(folder: Path, registry: Registry) -> None:
    found = propose(made(folder, header=HEADER_2022.replace("POP_MUN", "Pop-Mun")), registry)
    assert found.is_sure and "    entetes: {pop_municipale: Pop-Mun}" in found.lignes


def test_the_nearest_header_is_not_always_the_newest_one(folder: Path, registry: Registry) -> None:
    found = propose(
        made(folder, header="CODGEO;POP_MUN;A;NOTE_CNAF", row="QP059050;1;2;0"), registry
    )
    # 2017 has neither the census nor the median, which its years do not hold.
    assert found.modele == "2017" and found.disparues == [("MED_A22", None)]


def test_a_name_of_its_own_is_declared_with_the_millesime(folder: Path, registry: Registry) -> None:
    path = made(folder, "extraction 2022.csv", header=HEADER_2022)
    assert '    fichiers: ["extraction 2022.csv"]' in propose(path, registry).lignes


@pytest.mark.parametrize(
    ("name", "header", "said"),
    [
        ("ESSAI_2021.csv", HEADER, "est déjà déclaré"),
        ("facture.csv", "client;montant", "ne ressemble à aucune source"),
        ("extraction.csv", HEADER, "ne dit pas son année"),
        ("ESSAI_2022.csv", "x;y", "aucune ligne d'en-tête"),
    ],
)
def test_what_cannot_be_proposed_is_refused_in_words(
    folder: Path, registry: Registry, name: str, header: str, said: str
) -> None:
    with pytest.raises(QpvError, match=said):
        propose(made(folder, name, header, ";".join("1" * len(header.split(";")))), registry)


def test_an_entry_is_added_in_place_and_comments_stay(folder: Path, registry: Registry) -> None:
    path = folder / f"{ID}.yml"
    path.write_text(YAML + "    # the last one\n# the end\n", encoding="utf-8")
    add_millesime(ID, propose(made(folder, header=HEADER_2022), registry).lignes, folder)
    text = path.read_text(encoding="utf-8")
    before, after = text.split('  "2022":\n')
    assert before == YAML and after.endswith("    # the last one\n# the end\n")
    assert [*load_registry(folder)[ID].millesimes] == ["2017", "2021", "2022"]


def test_an_entry_that_the_registry_refuses_is_not_written(folder: Path) -> None:
    before = (folder / f"{ID}.yml").read_bytes()
    with pytest.raises(QpvError, match="bloc inconnu"):
        add_millesime(ID, ['  "2022": {periodes: {inconnu: "2020"}}'], folder)
    assert (folder / f"{ID}.yml").read_bytes() == before and len([*folder.iterdir()]) == 1


def test_each_file_of_the_registry_takes_an_entry_at_its_end(tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    shutil.copytree(SOURCES_DIR, folder)
    for source in load_registry().sources.values():
        model = max(source.millesimes)
        path = folder / f"{source.id}.yml"
        lines = path.read_text(encoding="utf-8").splitlines()
        # A line more, that says nothing new: `_with_entry` alone, the registry loads elsewhere.
        from ingest.registry_lines import _with_entry

        changed = _with_entry("\n".join(lines), ['  "2099": {}'], path).splitlines()
        changed.remove('  "2099": {}')
        assert changed == lines, (source.id, model)
