"""Adding a millésime of a known source: three lines in one YAML, and nothing else."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.collect import collect
from ingest.extracts_folder import ExtractsFolder
from ingest.landing import land
from ingest.plan import chosen_files, needed_files
from ingest.registry import Source, load_registry
from warehouse.base.errors import QpvError
from warehouse.base.layout import SAMPLE_DIR, SOURCES_DIR
from warehouse.declared.dictionary import Edition

SOURCE, MILLESIME = "insee_ipro", "2016"
ENTETES = "    entetes: {ft_defm_abc_femmes: ABC_FEM}\n"
LINES = f"""\
  "{MILLESIME}":
    periodes: {{rp: "2014", france_travail: "2015-12-31"}}
{ENTETES}"""


def sources_with(lines: str, folder: Path) -> Path:
    """A copy of the registry in which these lines were added to one file, by hand as it were."""
    shutil.copytree(SOURCES_DIR, folder)
    path = folder / f"{SOURCE}.yml"
    text = path.read_text(encoding="utf-8")
    assert text.count("millesimes:\n") == 1 and f'"{MILLESIME}":' not in text
    path.write_text(text.replace("millesimes:\n", f"millesimes:\n{lines}"), encoding="utf-8")
    return folder


@pytest.fixture
def extraits(tmp_path: Path) -> Path:
    """A folder with the made-up file: the columns of 2017, one renamed; three QPV."""
    source = load_registry()[SOURCE]
    headers = [
        h for bloc in ("rp", "france_travail") for _, h, _ in source.columns_of(bloc, "2017")
    ]
    headers[headers.index("ABC_F")] = "ABC_FEM"
    with (SAMPLE_DIR / "liste-qp2015.csv").open(encoding="utf-8-sig", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file, delimiter=";")][:3]
    header = ["CODGEO", *headers, "NOTE_PE"]
    first, second, third = ([code, *["30"] * len(headers), "0"] for code in codes)
    first[header.index("ABC_FEM")] = "1\u202f234"
    second[header.index("ABC_RSA")] = ""
    blank = header.index("ABCDE")
    third[blank:] = [""] * (len(header) - 1 - blank) + ["3"]
    folder = tmp_path / "extraits"
    folder.mkdir()
    text = "\r\n".join(";".join(row) for row in (header, first, second, third)) + "\r\n"
    (folder / f"IPRO_{MILLESIME}.csv").write_text(text, encoding="utf-8-sig", newline="")
    return folder


def landed(source: Source, extraits: Path, folder: Path) -> list[dict]:
    files = collect(
        source, MILLESIME, archive=folder / "archive", extracts=ExtractsFolder(extraits)
    ).files
    assert [file.nom for _, file in files] == [f"IPRO_{MILLESIME}.csv"]
    out = folder / "out.parquet"
    codes = frozenset(
        line.split(";")[0]
        for line in (SAMPLE_DIR / "liste-qp2015.csv").read_text(encoding="utf-8").splitlines()
    )
    land(source, MILLESIME, files, out=out, codes_qpv=codes)
    return pq.read_table(out).to_pylist()


def test_no_line_is_one_too_many(extraits: Path, tmp_path: Path) -> None:
    name, *lines = LINES.splitlines(keepends=True)
    for rank, line in enumerate(lines):
        folder = sources_with(name + "".join(x for x in lines if x != line), tmp_path / f"{rank}")
        with pytest.raises(QpvError):
            landed(load_registry(folder)[SOURCE], extraits, tmp_path)


def test_the_new_millesime_lands_under_the_canonical_names_and_its_own_periods(
    extraits: Path, tmp_path: Path
) -> None:
    source = load_registry(sources_with(LINES, tmp_path / "sources"))[SOURCE]
    rows = landed(source, extraits, tmp_path)
    assert {(r["bloc"], r["periode"], r["millesime"]) for r in rows} == {
        ("rp", "2014", MILLESIME),
        ("france_travail", "2015-12-31", MILLESIME),
    }
    women = {r["code_territoire"]: r for r in rows if r["mesure"] == "ft_defm_abc_femmes"}
    assert len(women) == 3
    first, _, third = women.values()
    assert (first["valeur"], first["statut"], first["entete"]) == (1234, "diffuse", "ABC_FEM")
    assert (third["valeur"], third["statut"]) == (None, "non_diffuse")
    assert str(first["periode_debut"]) == str(first["periode_fin"]) == "2015-12-31"
    [rp] = {str(r["periode_debut"]) for r in rows if r["bloc"] == "rp"}
    assert rp == "2012-01-01"
    as_in_2017 = {
        c.mesure for b in ("rp", "france_travail") for c, _, _ in source.columns_of(b, "2017")
    }
    assert {r["mesure"] for r in rows} == as_in_2017


def test_an_edition_may_name_the_new_period_at_once(tmp_path: Path) -> None:
    registry = load_registry(sources_with(LINES, tmp_path / "sources"))
    bloc = {"bloc": f"{SOURCE}.france_travail", "periode": "2015-12-31"}
    edition = Edition(id="essai", titre="Essai", perimetre="2015", blocs=[bloc], references={})
    assert chosen_files(edition, registry) == [(SOURCE, MILLESIME)]
    assert (SOURCE, "2017") in needed_files(edition, registry)  # it lengthens the series
    with pytest.raises(QpvError, match="aucun millésime de insee_ipro ne porte la période 2015-12"):
        needed_files(edition, load_registry())


def test_without_its_line_the_renamed_column_is_refused_by_both_names(
    extraits: Path, tmp_path: Path
) -> None:
    folder = sources_with(LINES.replace(ENTETES, ""), tmp_path / "sources")
    with pytest.raises(QpvError) as refused:
        landed(load_registry(folder)[SOURCE], extraits, tmp_path)
    said = str(refused.value)
    assert f"fichier IPRO_{MILLESIME}.csv : colonnes absentes : ABC_F ; " in said
    assert "colonnes inconnues : ABC_FEM." in said
    assert f"`millesimes.{MILLESIME}` (entetes, absentes)" in said
    assert not (tmp_path / "out.parquet").exists()
