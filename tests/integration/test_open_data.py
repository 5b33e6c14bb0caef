"""What a release says of its data to those who reuse it, checked by their own tools."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from frictionless import Package

from tests.conftest import run_tool
from warehouse.declared.table_models import TABLES


@pytest.fixture(scope="module")
def package(sample_release: Path) -> dict:
    return json.loads((sample_release / "datapackage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def catalogue(sample_release: Path) -> dict:
    return json.loads((sample_release / "catalogue.jsonld").read_text(encoding="utf-8"))


def data_of(release: Path) -> set[str]:
    """Every file of a release that holds data, found by its ending alone.

    The tables beside a sheet are a part of the sheet, as its PDF is: nearly two thousand of them
    would hide the tables that they are taken from. One file lists those that are JSON-stat.
    """
    endings = {".csv", ".parquet", ".geojson", ".duckdb", ".xlsx"}
    found = {p for p in release.rglob("*") if p.suffix in endings}
    names = {p.relative_to(release).as_posix() for p in found} | {"changelog.json"}
    kept = {name for name in names if not name.startswith("fiches/")}
    return kept | {"fiches/jsonstat.json"}


def fingerprint(path: Path) -> str:
    return "sha256:" + sha256(path.read_bytes()).hexdigest()


def copy_of(release: Path, folder: Path) -> Path:
    """The data of a release, where it may be spoiled."""
    pages = shutil.ignore_patterns("*.html", "*.pdf", "explorer", "qualite")
    return Path(shutil.copytree(release, folder / "copie", ignore=pages))


def test_frictionless_validates_the_release(sample_release: Path) -> None:
    done = run_tool("frictionless", "validate", str(sample_release / "datapackage.json"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("table", "column", "bad", "fault"),
    [
        ("fct_indicateur", "valeur", "douze", "type-error"),
        ("fct_indicateur", "statut", "inconnu", "constraint-error"),
        ("fct_indicateur", "code_territoire", "QP000000", "foreign-key"),
        ("fct_evolution", "code_indicateur", "", "constraint-error"),
        ("dim_indicateur", "code_indicateur", "superficie", "primary-key"),
    ],
)
def test_a_broken_cell_is_refused(
    sample_release: Path, tmp_path: Path, table: str, column: str, bad: str, fault: str
) -> None:
    copy = copy_of(sample_release, tmp_path)
    target = copy / "tables" / f"{table}.csv"
    con = duckdb.connect()
    con.execute(f"create table t as from read_csv('{target}', header=true, all_varchar=true)")
    con.execute(f"update t set {column} = ? where rowid = 3", [bad])
    con.execute(f"copy t to '{target}' (format csv, header, nullstr '')")
    report = Package(str(copy / "datapackage.json")).validate()
    assert fault in {e.type for task in report.tasks for e in task.errors}


def test_a_changed_file_is_refused(sample_release: Path, tmp_path: Path) -> None:
    copy = copy_of(sample_release, tmp_path)
    with (copy / "tables" / "dim_source.parquet").open("ab") as file:
        file.write(b"\0")
    report = Package(str(copy / "datapackage.json")).validate()
    assert {task.name for task in report.tasks if task.errors} == {"tables-dim_source.parquet"}


def test_every_data_file_is_described_with_its_fingerprint(
    sample_release: Path, package: dict, catalogue: dict
) -> None:
    in_package = {r["path"]: (r["bytes"], r["hash"]) for r in package["resources"]}
    in_catalogue = {
        d["dcat:downloadURL"]["@id"]: (
            int(d["dcat:byteSize"]["@value"]),
            "sha256:" + d["spdx:checksum"]["spdx:checksumValue"]["@value"],
        )
        for d in catalogue["dcat:distribution"]
    }
    there = {
        name: (
            (sample_release / name).stat().st_size,
            fingerprint(sample_release / name),
        )
        for name in data_of(sample_release)
    }
    assert in_package == there
    assert in_catalogue == there


def test_every_column_has_its_words_and_its_rules(sample_release: Path, package: dict) -> None:
    schemas = {r["name"]: r["schema"] for r in package["resources"] if r["type"] == "table"}
    assert set(schemas) == set(TABLES)
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        for table, schema in schemas.items():
            names = [name for name, *_ in con.execute(f"describe {table}").fetchall()]
            assert [f["name"] for f in schema["fields"]] == names
            assert all(f["title"] and f["description"] for f in schema["fields"]), table
            assert schema["missingValues"] == [""]
            [key] = [schema["primaryKey"]] if "primaryKey" in schema else schema["uniqueKeys"]
            twice = f"select 1 from {table} group by {', '.join(key)} having count(*) > 1"
            assert con.execute(twice).fetchall() == [], table
    fields = {f["name"]: f for f in schemas["fct_indicateur"]["fields"]}
    assert "secret_producteur" in fields["statut"]["constraints"]["enum"]
    assert set(fields["perimetre"]["constraints"]["enum"]) == {"2015", "2024"}
    assert fields["type_territoire"]["constraints"]["required"]
    assert "required" not in fields["valeur"].get("constraints", {})
    units = {f["name"]: f.get("unit") for f in schemas["pont_perimetre_qpv"]["fields"]}
    assert units["superficie_commune_ha"] == "ha" and units["part_qpv"] == "%"
    to = {
        (*key["fields"], key["reference"]["resource"])
        for key in schemas["fct_indicateur"]["foreignKeys"]
    }
    assert to == {
        ("code_territoire", "dim_territoire"),
        ("code_indicateur", "dim_indicateur"),
        ("periode", "dim_periode"),
    }


def test_both_say_which_release_and_from_which_sources(
    sample_release: Path, package: dict, catalogue: dict
) -> None:
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        sources = set(
            con.execute("select distinct titre, page, licence from dim_source").fetchall()
        )
        days = con.execute(
            "select min(periode_debut), max(periode_fin) from dim_periode"
        ).fetchone()
    assert package["version"] == catalogue["dcat:version"] == sample_release.name
    assert {(s["title"], s["path"], s["licence"]) for s in package["sources"]} == sources
    assert {
        (
            s["dcterms:title"]["@value"],
            s["foaf:page"]["@id"],
            s["dcterms:rights"]["dcterms:description"]["@value"],
        )
        for s in catalogue["prov:wasDerivedFrom"]
    } == sources
    assert package["temporal"] == {"start": str(days[0]), "end": str(days[1])}
    assert package["licenses"][0]["name"] == "etalab-2.0"
    assert package["edition"] == "2023"


def test_the_catalogue_is_linked_data(catalogue: dict) -> None:
    prefixes = set(catalogue["@context"])

    def keys(node: object) -> set[str]:
        if isinstance(node, list):
            return {k for item in node for k in keys(item)}
        if isinstance(node, dict):
            return set(node) | {k for key, v in node.items() if key != "@context" for k in keys(v)}
        return set()

    terms = {key for key in keys(catalogue) if not key.startswith("@")}
    assert {term.split(":")[0] for term in terms} <= prefixes
    assert catalogue["@type"] == "dcat:Dataset"
    for needed in (
        "dcterms:title",
        "dcterms:description",
        "dcterms:publisher",
        "dcterms:issued",
        "dcterms:spatial",
        "dcterms:temporal",
        "dcterms:accrualPeriodicity",
        "dcterms:license",
        "dcat:theme",
        "dcat:keyword",
    ):
        assert catalogue[needed], needed
    # Nothing declared: said as such, and addresses start from the release's folder.
    assert catalogue["dcterms:publisher"]["foaf:name"]["@value"] == "Éditeur non déclaré"
    assert not any(
        d["dcat:accessURL"]["@id"].startswith(("/", "http")) for d in catalogue["dcat:distribution"]
    )


def test_a_workbook_is_titled_by_the_name_of_its_epci(package: dict) -> None:
    titles = [r["title"] for r in package["resources"] if r["path"].endswith(".xlsx")]
    assert titles == ["Classeur : CA de la Porte du Hainaut"]
