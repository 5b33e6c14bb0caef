"""A local file is judged by what it is and what it weighs, before a byte of it is copied."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ingest.archive import archive_local
from ingest.collect import collect
from ingest.extracts_folder import ExtractsFolder
from ingest.limits import PAGES, TABLES, UNITES
from ingest.registry import Registry, load_registry
from tests.fixtures.small_source import Essai, table
from warehouse.base.errors import QpvError


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def refusal(path: Path, archive: Path, **how) -> str:
    start = time.monotonic()
    with pytest.raises(QpvError) as refused:
        archive_local(path, archive=archive, attendu="csv", **how)
    assert time.monotonic() - start < 2
    assert path.name in str(refused.value)
    assert not [p for p in archive.rglob("*") if p.is_file()]
    return str(refused.value)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/dev/zero", "périphérique"),
        ("/dev/null", "périphérique"),
        ("/proc/self/mem", "mem est vide"),
        ("/proc/self/environ", "environ est vide"),
        ("/proc/self", "un dossier"),
    ],
)
def test_what_the_system_makes_up_is_no_file(tmp_path: Path, path: str, words: str) -> None:
    assert words in refusal(Path(path), tmp_path / "archive")


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ESSAI_2021.csv")
    assert "tube nommé" in refusal(tmp_path / "ESSAI_2021.csv", tmp_path / "archive")
    source = Essai(tmp_path).source()
    with pytest.raises(QpvError, match="tube nommé"):
        collect(source, "2021", archive=tmp_path / "a", extracts=ExtractsFolder(tmp_path))
    with pytest.raises(QpvError, match="tube nommé"):
        given = tmp_path / "ESSAI_2021.csv"
        collect(source, "2021", archive=tmp_path / "a", extracts=None, given=given)


def test_a_source_says_what_its_files_may_weigh(tmp_path: Path) -> None:
    heavy = tmp_path / "ESSAI_2021.csv"
    heavy.write_bytes(table("QP059050;1;2;3").encode())
    os.truncate(heavy, 100_000_001)
    folder = ExtractsFolder(tmp_path)
    with pytest.raises(QpvError, match=r"ESSAI_2021\.csv est trop lourd : 101 Mo.*au plus 100 Mo"):
        collect(Essai(tmp_path).source(), "2021", archive=tmp_path / "a", extracts=folder)
    os.truncate(heavy, 1_000_001)
    source = Essai(tmp_path).source(("parties:", "taille_max: 1\nduree_max: 7\nparties:"))
    assert (source.limites.octets, source.limites.duree) == (1_000_000, 7)
    assert (source.limites_page.octets, source.limites_page.duree) == (10_000_000, 7)
    assert Essai(tmp_path).source().limites_page == PAGES
    with pytest.raises(QpvError, match="au plus 1 Mo"):
        collect(source, "2021", archive=tmp_path / "a", extracts=folder)
    assert not [p for p in (tmp_path / "a").rglob("*") if p.is_file()]


@pytest.mark.parametrize("key", ["taille_max: 0", "duree_max: -1", "taille_max: 3 Go"])
def test_a_bound_that_is_none_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(QpvError, match=key.partition(":")[0]):
        Essai(tmp_path).source(("parties:", f"{key}\nparties:"))


@pytest.mark.parametrize("host", ["https://h.invalid", "h.invalid/a", "localhost", "H.invalid"])
def test_a_redirection_is_declared_by_its_host(tmp_path: Path, host: str) -> None:
    with pytest.raises(QpvError, match="redirections"):
        Essai(tmp_path).source(("parties:", f"redirections: ['{host}']\nparties:"))


def test_files_of_units_alone_may_be_huge(registry: Registry) -> None:
    micro = {s.id for s in registry.sources.values() if s.limites == UNITES}
    assert micro == {s.id for s in registry.sources.values() if s.nature == "micro"}
    assert {s.limites for s in registry.sources.values()} == {TABLES, UNITES}


def test_hosts_of_a_source_are_those_of_its_addresses(registry: Registry) -> None:
    data_gouv = {"www.data.gouv.fr", "static.data.gouv.fr", "object.files.data.gouv.fr"}
    assert registry["anct_liste_qpv"].hotes == data_gouv
    assert registry["insee_sirene_etablissements"].hotes == data_gouv
    assert registry["sdes_rpls_logements"].hotes == {
        "www.statistiques.developpement-durable.gouv.fr",
        "data.statistiques.developpement-durable.gouv.fr",
    }
    on_data_gouv = [
        s for s in registry.sources.values() if s.dataset or "www.data.gouv.fr" in s.hotes
    ]
    assert all(s.hotes == data_gouv for s in on_data_gouv)
