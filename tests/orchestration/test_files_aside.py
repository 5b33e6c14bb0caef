"""One run says every header that it does not know, goes on without them, or refuses all at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from ingest.plan import needed_files
from orchestration.defs.files_aside import files_aside, refuse_incomplete, report_lines
from orchestration.defs.landing_assets import land_millesime
from orchestration.defs.resources import Reglages
from orchestration.defs.said_of_files import file_rows
from orchestration.partitions import REGISTRY
from tests.conftest import REPO
from tests.fixtures import forked_qpv
from warehouse.base.errors import QpvError

#: File of the sample → what is done to its header row.
CHANGED = {
    "DEMO_2023.csv": ("POP_MUN", "POPULATION"),
    "IPRO_2022.csv": (";", "|"),
    "insee_epci_2020.csv": ("LIBEPCI", "NOM_EPCI"),
}


@pytest.fixture(scope="module")
def extraits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ecartes") / "extraits"
    shutil.copytree(REPO / "ingest" / "sample", folder)
    for name, (before, after) in CHANGED.items():
        header, rest = (folder / name).read_text(encoding="utf-8").split("\n", 1)
        assert before in header
        text = "\n".join([header.replace(before, after), rest])
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_each_file_is_named_with_why_and_the_others_land(extraits: Path, tmp_path: Path) -> None:
    reglages = Reglages(data=str(tmp_path), extracts=[str(extraits)], edition="2023")
    found = [
        land_millesime(REGISTRY[s], m, reglages)
        for s, m in needed_files(reglages.load_edition(), REGISTRY)
    ]
    assert {e.nom for r in found for e in r.ecartes} == set(CHANGED)
    assert "insee_ipro 2023" in {f"{r.source_id} {r.millesime}" for r in found if r.territoires}
    for receipt in found:
        if receipt.ecartes:
            landed = reglages.layout.landed(receipt.source_id, receipt.millesime)
            assert not receipt.fichiers and not landed.exists()
    rows = {r["fichier"]: r for r in file_rows(reglages.received) if r["etat"] == "ecartee"}
    assert rows.keys() == CHANGED.keys() and all(r["sha256"] for r in rows.values())
    assert "absente POP_MUN ; inconnue POPULATION" in rows["DEMO_2023.csv"]["remarque"]

    lines = report_lines(files_aside(reglages, reglages.plan.files))
    assert all(name in lines[-1] for name in CHANGED) and lines[-1].startswith("3 fichiers écartés")
    text = "\n".join(lines)
    start = text.index("  '2023':\n")
    entry = yaml.safe_load(text[start : text.index("\n\n", start)])
    assert entry["2023"]["absentes"] == ["pop_municipale"]
    one = files_aside(reglages, [("insee_demo", "2023"), ("insee_demo", "2022")])
    assert [(r.source_id, r.millesime) for r in one] == [("insee_demo", "2023")]
    assert report_lines(files_aside(reglages, [])) == [], "ceux d'une construction d'avant"

    with pytest.raises(QpvError) as refused:
        refuse_incomplete(found, [])
    said = str(refused.value)
    assert all(name in said for name in CHANGED) and "\n" not in said
    assert "fichiers absents (" in said and "data_DEMO_2018_V1_QP.csv" in said
    assert "--strict" in said


def test_a_strict_run_says_the_entries_then_refuses_once(extraits: Path, tmp_path: Path) -> None:
    done = forked_qpv.run(
        *("build", "--edition", "2023", "--strict", "--extracts", str(extraits)),
        *("--data", str(tmp_path / "data")),
        stderr=tmp_path / "messages",
    )
    assert done.returncode == 1 and not list((tmp_path / "data" / "releases").iterdir())
    *before, last = [line for line in done.stderr.splitlines() if line.strip()]
    assert all(name in last for name in CHANGED) and "--strict" in last
    assert "absentes: [pop_municipale]" in "\n".join(before)


def test_without_its_list_a_run_says_which_file_was_put_aside(tmp_path: Path) -> None:
    folder = tmp_path / "extraits"
    shutil.copytree(REPO / "ingest" / "sample", folder)
    path = folder / "liste-qp2015.csv"
    path.write_text(path.read_text("utf-8").replace("nom_qp", "nom_du_qp"), encoding="utf-8")
    reglages = Reglages(data=str(tmp_path / "d"), extracts=[str(folder)], edition="2023")
    needed = needed_files(reglages.load_edition(), REGISTRY)
    [millesime] = [m for s, m in needed if s == "anct_liste_qpv"]
    assert land_millesime(REGISTRY["anct_liste_qpv"], millesime, reglages).ecartes
    with pytest.raises(QpvError, match=r"aucune liste des QPV .* fichier écarté : liste-qp2015"):
        land_millesime(REGISTRY["insee_demo"], "2023", reglages)
