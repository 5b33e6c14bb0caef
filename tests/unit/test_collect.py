"""A millésime's files are had by their official names, or named as absent; the receipt says all."""

from __future__ import annotations

from pathlib import Path

import pytest

import ingest.collect as module
from ingest.archive import ArchivedFile
from ingest.collect import Collected, collect
from ingest.extracts_folder import Champ, ExtractsFolder
from ingest.landing import LandingReport
from ingest.receipts import Receipt, read_receipt, write_receipt
from ingest.registry import Source
from tests.fixtures.small_source import Essai, table
from warehouse.base.errors import QpvError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    deep = tmp_path / "extraits" / "a" / "b"
    deep.mkdir(parents=True)
    return tmp_path / "extraits"


def put(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content)
    return path


def from_folder(folder: Path, source: Source) -> Collected:
    archive = folder.parent / "archive"
    return collect(source, "2021", archive=archive, extracts=ExtractsFolder(folder))


def test_a_file_is_found_by_its_official_name_in_any_subfolder(
    folder: Path, tmp_path: Path
) -> None:
    put(folder / "a" / "b", "ESSAI_2021.csv", table())
    put(folder / "a", "ESSAI_2021 (1).csv", "autre")
    collected = from_folder(folder, Essai(tmp_path).source())
    [(partie, file)] = collected.files
    assert (partie.cle, file.nom, collected.absents) == ("qpv", "ESSAI_2021.csv", [])
    assert file.path.read_text() == table() and folder not in file.path.parents


def test_the_first_name_of_the_registry_is_preferred(folder: Path, tmp_path: Path) -> None:
    both = ("ESSAI_{yyyy}.csv", 'V{yy}.csv", "ESSAI_{yyyy}.csv')
    put(folder, "ESSAI_2021.csv", "CODGEO;A\nx;1\n")
    put(folder / "a", "V21.csv", table())
    collected = from_folder(folder, Essai(tmp_path).source(both))
    [(_, file)] = collected.files
    assert (file.nom, collected.non_lus) == ("V21.csv", ["ESSAI_2021.csv"])
    assert from_folder(folder, Essai(tmp_path).source()).non_lus == []


def test_twice_the_same_file_is_fine_and_two_different_ones_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    put(folder, "ESSAI_2021.csv", table())
    other = put(folder / "a", "ESSAI_2021.csv", table())
    source = Essai(tmp_path).source()
    assert len(from_folder(folder, source).files) == 1
    other.write_text(table().replace("1 345", "1 346"))
    with pytest.raises(QpvError, match=r"deux fichiers ESSAI_2021\.csv de conten") as no:
        from_folder(folder, source)
    assert "Où : ESSAI_2021.csv, a/ESSAI_2021.csv" in str(no.value)


def test_an_absent_file_is_named_not_guessed(folder: Path, tmp_path: Path) -> None:
    put(folder, "ESSAI_2020.csv", table())
    collected = from_folder(folder, Essai(tmp_path).source())
    assert (collected.files, collected.absents) == ([], ["ESSAI_2021.csv"])
    assert collected.raisons == ["aucun fichier ESSAI_2021.csv dans les extraits"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match="vérifier --extracts"):
        ExtractsFolder(tmp_path / "rien")


def test_several_folders_are_one_and_each_says_what_part_of_france_it_holds(
    folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "autres"
    other.mkdir()
    source = Essai(tmp_path).source()

    def read() -> Collected:
        both = ExtractsFolder(folder, other)
        return collect(source, "2021", archive=tmp_path / "archive", extracts=both)

    put(folder, "champ.yml", 'ensembles_complets: ["QPV@DEP:59"]\n')
    put(other, "ESSAI_2021.csv", table())
    assert (len(read().files), read().champ) == (1, None)
    put(other, "champ.yml", 'ensembles_complets: ["QPV@DEP:62"]\n')
    assert read().champ.ensembles_complets == ["QPV@DEP:62"]
    put(folder, "ESSAI_2021.csv", table().replace("1 345", "1 346"))
    with pytest.raises(QpvError, match=r"deux fichiers") as no:
        read()
    assert f"{other}/ESSAI_2021.csv" in str(no.value)
    put(other, "ESSAI_2021.csv", table().replace("1 345", "1 346"))
    put(folder, "champ.yml", "ensembles: []\n")
    with pytest.raises(QpvError, match=r"champ\.yml, clé ensembles"):
        read()


@pytest.mark.parametrize(
    ("url", "nom", "attendu"),
    [
        ("https://x.invalid/f/12/DEMO_csv.zip?dl=1#haut", "DEMO_csv.zip", "zip"),
        ("https://x.invalid/Donn%C3%A9es%20QP.csv", "Données QP.csv", "csv"),
        ("https://x.invalid/api/1/datasets/r/942d4ee8-8142", "ESSAI_2021.zip", "zip"),
        ("https://x.invalid/fichier.php?id=3", "ESSAI_2021.zip", "zip"),
    ],
)
def test_what_a_url_gives_is_known_by_its_name_else_by_the_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, nom: str, attendu: str
) -> None:
    asked = {}
    monkeypatch.setattr(module, "fetch", lambda url, **how: asked.update(how, url=url))
    periods = 'periodes: {population: "2018"'
    source = Essai(tmp_path).source((periods, f'url: "{url}"\n    {periods}'))
    collect(source, "2021", archive=tmp_path, extracts=None)
    assert (asked["url"], asked["nom"], asked["attendu"]) == (url, nom, attendu)


def test_a_link_is_looked_for_on_the_page_of_the_millesime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        module, "find_link", lambda *words, **how: asked.append(words) or "https://x/a.csv"
    )
    monkeypatch.setattr(module, "fetch", lambda url, **how: None)
    link = (
        "page: https://exemple.invalid/page",
        "page: https://p.invalid\nlien: 'E_{yyyy}.*\\.csv'",
    )
    source = Essai(tmp_path).source(link)
    collect(source, "2021", archive=tmp_path, extracts=None)
    assert asked == [("https://p.invalid", r"E_2021.*\.csv")]


def test_a_source_without_an_address_is_absent_with_its_page(tmp_path: Path) -> None:
    collected = collect(Essai(tmp_path).source(), "2021", archive=tmp_path, extracts=None)
    assert collected.absents == ["ESSAI_2021.csv"]
    assert "https://exemple.invalid/page" in collected.raisons[0]


def receipt(folder: Path, champ: Champ | None = None) -> tuple[Path, Receipt]:
    essai = Essai(folder)
    essai.land(table())
    partie = essai.source().parts_of("2021")[0]
    file = ArchivedFile(folder, "ab" * 32, 12, "ESSAI_2021.csv", "x", "2026-01-01", None, False)
    collected = Collected([(partie, file)], ["autre.csv"], ["aucun fichier"], champ)
    return essai.out, write_receipt(essai.out, collected, essai.report)


def test_the_receipt_comes_back_as_written(tmp_path: Path) -> None:
    parquet, written = receipt(tmp_path, Champ(ensembles_complets=["QPV@DEP:59"]))
    assert read_receipt(parquet) == written
    assert written.fichiers[0].sha256 == "ab" * 32 and written.absents == ["autre.csv"]
    assert written.statuts == {"diffuse": 4} and written.territoires == 1
    assert written.ensembles_complets == ["QPV@DEP:59"]
    assert {p.suffix for p in parquet.parent.iterdir()} == {".parquet", ".json"}


def test_no_receipt_is_better_than_one_that_cannot_be_trusted(tmp_path: Path) -> None:
    parquet, written = receipt(tmp_path)
    path = parquet.with_suffix(".json")
    whole = path.read_text()
    for damaged in (whole[:-20], "", "{}", whole.replace('"absents"', '"manquants"')):
        path.write_text(damaged)
        assert read_receipt(parquet) is None
    path.write_text(whole)
    parquet.unlink()
    assert read_receipt(parquet) is None
    path.write_text(written.model_copy(update={"fichiers": []}).model_dump_json())
    assert read_receipt(parquet).fichiers == []
    assert read_receipt(parquet.with_name("jamais.parquet")) is None


def test_a_receipt_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    blocked = tmp_path / "fichier"
    blocked.write_text("")
    report = LandingReport("essai_quartiers", "2021", blocked)
    with pytest.raises(QpvError, match="écriture impossible"):
        write_receipt(blocked / "x.parquet", Collected(), report)
