"""A cut file is not published: real files against their locks, and what nothing proves whole."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from ingest.collect import Collected, collect
from ingest.extracts_folder import ExtractsFolder
from ingest.fingerprints import fingerprint, read_lock
from ingest.lock import land_whole_folders, update_locks
from ingest.registry import Registry, load_registry
from quality.complete_sets import missing_quarters
from tests.conftest import EXTRACTS, SHARED
from tests.fixtures.loopback_server import Reponse, Serveur, fichier
from warehouse.base.errors import QpvError
from warehouse.base.layout import LOCKS_DIR, Layout

PLUS = SHARED.parent / "extracts_plus"
here = pytest.mark.skipif(
    not (EXTRACTS.is_dir() and PLUS.is_dir()), reason="the real extracts are not here"
)

#: Millésimes whose whole number of territories nobody publishes, and no file at hand tells.
UNCOUNTED = {
    ("anct_passage", "2024"): "the table of one EPCI",
    ("contrat_population", "2024"): "the list of one contract",
    ("fiche_publiee", "2023"): "the tables of one fiche",
    ("cnaf_minima_territoires", "2023"): "a third party's, of several kinds of territories",
    ("insee_population_communes", "2018"): "communes with a QPV",
    ("insee_population_communes", "2020-qp24"): "communes with a QPV",
    ("insee_rp_territoires", "2021"): "its geography is not known before it is read",
    ("sdes_rpls_territoires", "2024"): "communes with social housing",
    ("perimetres_locaux", "2024"): "the user's own",
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def _locked() -> list[tuple[str, str, str, dict]]:
    return [
        (path.stem, millesime, nom, file)
        for path in sorted(LOCKS_DIR.glob("*.json"))
        for millesime, entry in read_lock(path.stem).items()
        for nom, file in entry["fichiers"].items()
    ]


@here
def test_locks_are_those_of_the_real_files() -> None:
    folders = ExtractsFolder(EXTRACTS, PLUS)
    assert len({source for source, *_ in _locked()}) >= 15
    for source, millesime, nom, file in _locked():
        path = folders.find([nom]).path
        assert path, (source, millesime, nom)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        known = {"sha256": sha256, "octets": path.stat().st_size, **fingerprint(path)}
        assert file == known, (source, millesime, nom)


@here
def test_every_whole_file_at_hand_has_its_lock(registry: Registry) -> None:
    folders, locked = ExtractsFolder(EXTRACTS, PLUS), {(s, m, n) for s, m, n, _ in _locked()}
    for source in registry.sources.values():
        for millesime in source.millesimes:
            for partie in source.parts_of(millesime):
                found = folders.find(partie.fichiers)
                # The compilation holds quarters that the official list has no more.
                if found and source.id != "compilation_qpv" and source.acces == "publique":
                    assert (source.id, millesime, found.path.name) in locked


def test_a_lock_holds_no_row_of_data() -> None:
    for path in LOCKS_DIR.glob("*.json"):
        for entry in json.loads(path.read_text(encoding="utf-8")).values():
            assert entry.keys() == {"fichiers", "territoires", "colonnes"}
            for file in entry["fichiers"].values():
                assert file.keys() == {"sha256", "octets", "pas", "blocs"}


@here
@pytest.mark.parametrize("cut", [1, 2, 40, 9000])
@pytest.mark.parametrize(
    ("source", "millesime", "nom"),
    [
        ("insee_demo", "2021", "data_DEMO_2021_V1_QP.csv"),
        ("insee_demo", "2018", "DEMO_2018.csv"),
        ("insee_population", "2018", "population_qpv_2013_2018.csv"),
        ("insee_filosofi_territoires", "2018", "FILO2018_DISP_EPCI.csv"),
        ("insee_rp", "2010", "demographie_2010_qpv.xls"),
    ],
)
def test_a_real_file_cut_by_hand_is_refused(
    source: str, millesime: str, nom: str, cut: int, registry: Registry, tmp_path: Path
) -> None:
    whole = ExtractsFolder(EXTRACTS, PLUS).find([nom]).path
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / nom).write_bytes(whole.read_bytes()[:-cut])
    # Where the folder says that it holds a part of France only, too.
    (tmp_path / "x" / "champ.yml").write_text("ensembles_complets: []\n", encoding="utf-8")
    with pytest.raises(QpvError, match=f"le fichier {nom} est coupé"):
        _collect(registry, source, millesime, tmp_path, ExtractsFolder(tmp_path / "x"))
    shutil.copy(whole, tmp_path / "x" / nom)
    read = _collect(registry, source, millesime, tmp_path, ExtractsFolder(tmp_path / "x")).files
    assert {file.octets for _, file in read} == {whole.stat().st_size}


def _collect(
    registry: Registry, source: str, millesime: str, data: Path, extracts: ExtractsFolder | None
) -> Collected:
    one = registry[source]
    if len(one.parties) > 1:
        one = one.model_copy(update={"parties": one.parties[:1]})
    return collect(one, millesime, archive=data / "archive", extracts=extracts)


@here
def test_a_real_file_cut_on_its_way_is_refused(registry: Registry, tmp_path: Path) -> None:
    # A proxy that stops early and announces the length of what it has.
    body = (EXTRACTS / "insee_demo" / "data_DEMO_2021_V1_QP.csv").read_bytes()
    with Serveur() as server:
        for answer, said in (
            (fichier(body[:-2]), "est coupé"),
            (Reponse(body[:-3], muet=True), "au milieu d'une ligne"),
            (Reponse(body, muet=True), ""),
        ):
            url = server.route("/data_DEMO_2021_V1_QP.csv", answer)
            demo = registry["insee_demo"]
            edition = demo.millesimes["2021"].model_copy(update={"url": url})
            demo = demo.model_copy(update={"millesimes": {**demo.millesimes, "2021": edition}})
            asked = Registry(sources={"insee_demo": demo}, regles={})
            if said:
                with pytest.raises(QpvError, match=said):
                    _collect(asked, "insee_demo", "2021", tmp_path, None)
            else:
                assert _collect(asked, "insee_demo", "2021", tmp_path, None).files


def test_every_source_that_lists_territories_says_how_many(registry: Registry) -> None:
    for source in registry.sources.values():
        for millesime, edition in source.millesimes.items():
            if source.nature == "micro" or (source.id, millesime) in UNCOUNTED:
                continue
            # Figures by QPV are compared to the list, once their file has been read by somebody.
            by_list = source.nature == "mesures" and {p.cle for p in source.parties} == {"qpv"}
            assert edition.territoires_attendus or by_list, (source.id, millesime)


@here
def test_declared_numbers_are_those_of_the_real_files(registry: Registry) -> None:
    for source in registry.sources.values():
        for millesime, entry in read_lock(source.id).items():
            said = source.millesimes[millesime].territoires_attendus
            if isinstance(said, dict) and len(entry["fichiers"]) < len(source.parties):
                continue
            fewest = sum(said.values()) if isinstance(said, dict) else said or 0
            assert fewest <= entry["territoires"], (source.id, millesime)


def test_the_report_lists_the_files_that_nothing_proves_whole(sample_release: Path) -> None:
    report = json.loads((sample_release / "qualite" / "rapport.json").read_text(encoding="utf-8"))
    read = {f["fichier"] for f in report["fichiers"] if f["etat"] == "lu"}
    unproven = {f["fichier"] for f in report["non_prouves"]}
    # Typed from a published fiche, in a partial folder: no lock, no length, no number.
    assert {"DEMO_2023.csv", "IPRO_2023.csv", "liste-qp2015.csv"} <= unproven, read
    page = (sample_release / "qualite" / "rapport.html").read_text(encoding="utf-8")
    assert "Fichiers que rien ne prouve entiers" in page and "ni verrou, ni longueur" in page


def test_a_partial_folder_holds_all_the_quarters_of_the_sets_it_says_complete(
    sample_data: Path, tmp_path: Path
) -> None:
    sets = {("insee_ipro", "2023"): ["QPV@EPCI:200042190"], ("insee_demo", "2023"): ["QPV@DEP:59"]}
    built = shutil.copy(sample_data / "build" / "warehouse.duckdb", tmp_path / "w.duckdb")
    with duckdb.connect(str(built)) as con:
        assert missing_quarters(con, sets) == []
        con.execute(
            "delete from landing.mesures where source_id = 'insee_ipro' "
            "and code_territoire = 'QP059059'"
        )
        [said] = missing_quarters(con, sets)
    assert said.startswith("insee_ipro 2023 a 12 des 13 QPV de QPV@EPCI:200042190")
    assert "manque QP059059" in said


def test_the_lock_of_a_whole_file_is_not_replaced_by_a_partial_one(
    sample_data: Path, tmp_path: Path
) -> None:
    known = {"2023": {"fichiers": {}, "territoires": 1345, "colonnes": []}}
    (tmp_path / "insee_ipro.json").write_text(json.dumps(known), encoding="utf-8")
    update_locks(Layout.resolve(str(sample_data)), tmp_path)
    assert read_lock("insee_ipro", tmp_path)["2023"]["territoires"] == 1345
    assert read_lock("insee_demo", tmp_path)["2023"]["territoires"] == 13


@here
def test_a_folder_is_locked_without_a_build(registry: Registry, tmp_path: Path) -> None:
    folder, layout = tmp_path / "x", Layout(tmp_path / "data")
    folder.mkdir()
    for name in ("geo/qpv2015_libelles_premiere_commune.csv", "insee_ipro/IPRO_2022.csv"):
        shutil.copy(EXTRACTS / name, folder)
    (folder / "DEMO_2022.csv").write_text("CODGEO;A\nQP059050;1\n", encoding="utf-8")
    refused = land_whole_folders(ExtractsFolder(folder), layout, registry)
    assert [line.partition(" :")[0] for line in refused] == ["insee_demo 2022"]
    update_locks(layout, tmp_path / "locks", registry)
    found = {path.stem for path in (tmp_path / "locks").glob("*.json")}
    assert found == {"anct_liste_qpv", "insee_ipro"}
    for source in found:
        assert read_lock(source, tmp_path / "locks").items() <= read_lock(source).items()
