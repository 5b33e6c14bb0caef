"""A file that a producer has just published: from the folder to an edition, three commands.

In a copy of the product, as a person types them: the registry and the editions change in place.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fixtures import forked_qpv
from tests.fixtures.product_copy import copy_product
from warehouse.base.layout import SAMPLE_DIR


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product, and in it a folder with a made-up DEMO_2024."""
    folder = copy_product(tmp_path_factory.mktemp("product"))
    (folder / "recus").mkdir()
    shutil.copyfile(SAMPLE_DIR / "DEMO_2023.csv", folder / "recus" / "DEMO_2024.csv")
    return folder


def qpv(product: Path, *words: str) -> tuple[int | None, str]:
    environment = {"QPV_DATA": str(product / "data")}
    setting = forked_qpv.Setting(product=product, environment=environment)
    done = forked_qpv.run(*words, stderr=product / "dit.txt", setting=setting)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_new_file_is_named_declared_and_shown_in_three_commands(product: Path) -> None:
    # The round asks no network: one source, whose files have no address at the registry.
    code, said = qpv(product, "veille", "--extracts", "recus", "--source", "etalab_epci")
    assert code == 3
    assert "DEMO_2024.csv : ressemble à insee_demo, millésime 2024 (par son nom)" in said
    registry = product / "ingest" / "sources" / "insee_demo.yml"
    before = registry.read_text(encoding="utf-8")
    code, said = qpv(product, "millesime", "proposer", "recus/DEMO_2024.csv", "--ecrire")
    assert code == 0, said
    added = '  "2024":\n    periodes: {population: "2018", rp: "2020", caf: "2022-12-31"}\n'
    assert registry.read_text(encoding="utf-8") == before + added + '    geographie: "2021"\n'
    assert "À vérifier chez le producteur : la période du bloc caf (2022-12-31" in said
    code, said = qpv(product, "edition", "proposer", "2025", "--depuis", "2023", "--ecrire")
    assert code == 0 and "insee_demo.rp : 2019 → 2020" in said, said
    code, said = qpv(product, "edition", "verifier", "2025")
    assert code == 0 and "2025 : aucune faute" in said, said


def test_a_renamed_and_a_new_column_stop_it_and_are_named(product: Path) -> None:
    lines = (SAMPLE_DIR / "DEMO_2023.csv").read_text(encoding="utf-8").splitlines()
    lines[0] = lines[0].replace(";PERCOU;", ";PERS_COUV;")
    text = "\n".join([f"{lines[0]};CMU", *(f"{line};1" for line in lines[1:])])
    path = product / "recus" / "DEMO_2026.csv"
    path.write_text(text + "\n", encoding="utf-8")
    registry = product / "ingest" / "sources" / "insee_demo.yml"
    before = registry.read_bytes()
    code, said = qpv(product, "millesime", "proposer", str(path), "--ecrire")
    assert code == 1
    assert "disparues : PERCOU (peut-être PERS_COUV) ; nouvelles : CMU." in said
    assert registry.read_bytes() == before
