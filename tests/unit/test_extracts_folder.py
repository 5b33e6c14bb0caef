"""A file that lies there is read or named: never « absent » in silence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.collect import Collected, collect
from ingest.extracts_folder import ExtractsFolder, said_edition
from ingest.landing import land
from ingest.receipts import FileReceipt, Receipt
from ingest.registry import load_registry
from orchestration.unread_files import summary, unread_files
from tests.fixtures.archives import zipped
from tests.fixtures.small_source import Essai, table
from warehouse.base.errors import QpvError

OFFICIAL = "ESSAI_2021.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "extraits" / "a").mkdir(parents=True)
    return tmp_path / "extraits"


def read(folder: Path) -> Collected:
    source = Essai(folder.parent).source()
    archive = folder.parent / "archive"
    return collect(source, "2021", archive=archive, extracts=ExtractsFolder(folder))


@pytest.mark.parametrize(
    "name",
    [
        "ESSAI_2021.CSV",
        "essai_2021.csv",
        "ESSAI_2021 (1).csv",
        "ESSAI_2021(2).csv",
        "ESSAI_2021 - Copie.csv",
        "ESSAI_2021 - Copie (3).csv",
        "ESSAI_2021 - Copy.csv",
        " ESSAI_2021 .csv",
    ],
)
def test_the_name_that_a_browser_or_a_system_gives_is_the_file_s(name: str, folder: Path) -> None:
    (folder / "a" / name).write_text(table())
    [(_, file)] = read(folder).files
    assert file.nom == name


def test_the_official_name_goes_before_its_copies(folder: Path) -> None:
    (folder / OFFICIAL).write_text(table())
    (folder / "ESSAI_2021 (1).csv").write_text(table().replace("1 345", "1 346"))
    [(_, file)] = read(folder).files
    assert file.nom == OFFICIAL
    (folder / OFFICIAL).unlink()
    (folder / "ESSAI_2021 (2).csv").write_text(table())
    with pytest.raises(QpvError, match=r"deux fichiers ESSAI_2021\.csv") as no:
        read(folder)
    assert "(1)" in str(no.value) and "(2)" in str(no.value)


@pytest.mark.parametrize("name", ["ESSAI_2021.zip", "essais_du_producteur_csv.zip"])
def test_the_producer_s_own_zip_is_read(name: str, folder: Path, tmp_path: Path) -> None:
    members = {
        "dossier/essai_2021.csv": table(),
        "meta_ESSAI_2021.csv": "COD_VAR;LIB_VAR\nA;autre\n",
    }
    (folder / name).write_bytes(zipped(members))
    collected = read(folder)
    assert [file.nom for _, file in collected.files] == [name]
    essai = Essai(tmp_path)
    land(essai.source(), "2021", collected.files, out=tmp_path / "o.parquet", codes_qpv=None)
    assert (tmp_path / "o.parquet").is_file()


def test_a_folder_of_that_name_is_refused(folder: Path) -> None:
    (folder / "a" / OFFICIAL).mkdir()
    with pytest.raises(QpvError, match=r"ESSAI_2021\.csv est un dossier"):
        read(folder)


def test_what_cannot_be_read_is_refused_and_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = os.walk

    def closed(top: Path, onerror=None):
        yield from walk(top)
        onerror(PermissionError(13, "Permission denied", str(folder / "a")))

    monkeypatch.setattr(os, "walk", closed)
    with pytest.raises(QpvError, match="illisible") as no:
        ExtractsFolder(folder)
    assert str(folder / "a") in str(no.value)


def test_files_that_nobody_reads_are_said_with_what_they_look_like(folder: Path) -> None:
    for name in (
        "IPRO_2022.csv",
        "IPRO_2021.csv",
        "IPRO_2022 (1).csv",
        "IPRO_2031.csv",
        "data_IPRO_2022_V2_QP.csv",
        "notes de réunion.docx",
        "champ.yml",
        ".DS_Store",
        "LISEZ-MOI.txt",
    ):
        (folder / "a" / name).write_text("x")
    said = dict(ExtractsFolder(folder).unclaimed({"IPRO_2022.csv"}, load_registry()))
    assert set(said) == {
        f"a/{name}"
        for name in (
            "IPRO_2021.csv",
            "IPRO_2022 (1).csv",
            "IPRO_2031.csv",
            "data_IPRO_2022_V2_QP.csv",
            "notes de réunion.docx",
        )
    }
    assert said["a/IPRO_2021.csv"] == "connu (insee_ipro 2021), que l'édition ne nomme pas"
    assert said["a/IPRO_2022 (1).csv"] == "double de IPRO_2022.csv, qui est lu"
    assert said["a/IPRO_2031.csv"] == "sans doute insee_ipro, millésime 2031, que rien ne déclare"
    assert said["a/data_IPRO_2022_V2_QP.csv"].startswith("ressemble à data_IPRO_2022_V1_QP.csv")
    assert said["a/notes de réunion.docx"] == "inconnu du registre"


def test_a_run_says_how_many_known_files_it_leaves_and_names_the_others(folder: Path) -> None:
    for name in ("IPRO_2022.csv", "IPRO_2021.csv", "IPRO_2019.csv", "notes.docx"):
        (folder / name).write_text("x")
    for rank in range(12):
        (folder / f"essai{rank}.csv").write_text("x")
    registry = load_registry()
    file = FileReceipt(nom="IPRO_2022.csv", sha256="a", octets=1, origine="x", obtenu_le="x")
    receipt = Receipt.model_construct(fichiers=[file], ecartes=[], non_lus=["IPRO_2019.csv"])
    found = unread_files(ExtractsFolder(folder), [receipt], registry)
    assert {one["fichier"] for one in found} >= {"IPRO_2021.csv", "notes.docx", "essai0.csv"}
    assert not {"IPRO_2022.csv", "IPRO_2019.csv"} & {one["fichier"] for one in found}
    first, second, *lines, last = summary(found)
    assert "1 (rapport de qualité" in first and second == "Fichiers que personne ne lit : 13"
    assert len(lines) == 10 and last == "  et 3 de plus (rapport de qualité)"
    assert unread_files(None, [receipt], registry) == [] and list(summary([])) == []


@pytest.mark.parametrize("number", ["0x" + "f" * 100_000, "1:" * 5000 + "1", "9" * 5000])
def test_an_endless_number_of_a_champ_is_refused_with_its_line(tmp_path: Path, number: str) -> None:
    (tmp_path / "champ.yml").write_text(f"ensembles_complets: []\nremarque: {number}\n", "utf-8")
    with pytest.raises(QpvError, match=r"champ\.yml n'est pas un YAML lisible.*nombre") as refused:
        said_edition([tmp_path])
    assert str(refused.value).count("ligne 2") == 1
