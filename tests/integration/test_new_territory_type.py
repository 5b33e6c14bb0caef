"""A type of territory and a perimeter are added in copies: what must be touched by hand is counted.

The type is an employment zone, beside the set of its quarters. The perimeter is a third one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from pydantic import TypeAdapter

import warehouse.domain.perimetres as perimetres_module
import warehouse.domain.types_territoire as types_module
from ingest.registry import PerimetreOuVide
from quality.plausibility.tables import _inclusions, _kind, _partition
from tests.conftest import REPO
from tests.fixtures import forked_qpv
from warehouse.base.layout import DBT_PROJECT
from warehouse.domain.perimetres import (
    known_perimeters,
    neighbour,
    perimeter_of,
    relations_of,
    starts_anew,
)
from warehouse.domain.types_territoire import (
    published_types,
    references,
    sets,
    type_of,
    types_territoire,
    whole_of,
    wholes,
)
from warehouse.release.domain_tables import domain_tables

#: Files that a new type may take by hand.
ALLOWED = 3
TYPES = """
  qpv_zone:
    libelle: ensemble des QPV d'une zone d'emploi
    court: ensemble des quartiers de la zone
    prefixe: 'QPV@ZE:'
    forme: '[0-9AB]{3}'
    parent: qpv_epci
    ensemble: qpv
    tout: zone
    par_perimetre: true
  zone:
    libelle: zone d'emploi, tous ses habitants
    court: zone entière
    prefixe: 'ZE:'
    forme: '[0-9AB]{3}'
    nom: Zone {cle}
    nom_de: de la zone {cle}
    en_reference: sa zone
    plusieurs: 'zones : comparé à la première'
    parent: france
    entier: true
"""
#: File of dbt_project → what is written there: after a line, before a line, or in its place.
BY_HAND = {
    "domain/types_territoire.yml": [
        ("    a_cote: [commune, ", "    a_cote: [commune, zone, "),
        ("\n  qpv_epci:\n", TYPES + "  qpv_epci:\n"),
    ],
    "models/intermediate/territoires/int_communes_lieux.sql": [
        ("with places as (\n",
         "with places as (\n    select code_commune, 'zone' as type_lieu,\n"
         "        substr(code_commune, 1, 3) as cle from {{ ref('int_communes') }}\n"
         "    union all\n"),
    ],
}  # fmt: skip
PERIMETRE = """
  "2030":
    libelle: QPV 2030
    prefixe: QR
    forme: '[0-9]{2}[0-9AB][0-9]{2}[A-Z]'
    precedent: "2024"
    lettres: {I: inchange, F: fusionne}
"""
_CODE = (".py", ".sql", ".js")


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the dbt project with both, whose declarations Python reads."""
    project = tmp_path / "dbt_project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    for name, edits in BY_HAND.items():
        text = (project / name).read_text(encoding="utf-8")
        for before, after in edits:
            assert text.count(before) == 1, (name, before)
            text = text.replace(before, after)
        (project / name).write_text(text, encoding="utf-8")
    with (project / "domain/perimetres.yml").open("a", encoding="utf-8") as declared:
        declared.write(PERIMETRE)
    monkeypatch.setattr(types_module, "FICHIER", project / "domain/types_territoire.yml")
    monkeypatch.setattr(perimetres_module, "FICHIER", project / "domain/perimetres.yml")
    types_territoire.cache_clear()
    perimetres_module.perimetres.cache_clear()
    yield project
    types_territoire.cache_clear()
    perimetres_module.perimetres.cache_clear()


def test_a_new_type_takes_few_files_and_python_follows(changed: Path) -> None:
    assert len(BY_HAND) <= ALLOWED
    assert "qpv_zone" in sets() and "zone" in wholes()
    assert {"qpv_zone", "zone"} < {*published_types()}
    assert type_of("QPV@ZE:596") == _kind("QPV@ZE:596") == "qpv_zone"
    assert whole_of("QPV@ZE:596") == "ZE:596"
    assert "zone" in references("qpv") and references("qpv_zone")[0] == "zone"
    seen = {"QPV@ZE:596": "qpv_zone", "ZE:596": "zone"}
    said = {(i.partie, i.tout) for i in _inclusions(seen, _partition(seen))}
    assert said == {("QPV@ZE:596", "ZE:596")}


def test_a_new_type_has_its_territories_names_and_comparisons(
    changed: Path, sample_data: Path, tmp_path: Path
) -> None:
    database = tmp_path / "warehouse.duckdb"
    shutil.copy(sample_data / "build" / "warehouse.duckdb", database)
    with duckdb.connect(str(database)) as con:
        for name, table in domain_tables().items():
            con.register("given", table)
            con.execute(f"create or replace table edition.{name} as select * from given")
    models = "int_communes_lieux int_qpv_lieux int_lieux_dans int_lieux int_ensembles"
    models += " int_territoires int_references dim_territoire"
    done = forked_qpv.run_dbt(
        *("--log-level-file", "none", "build", "--exclude", "resource_type:unit_test"),
        *("--select", *models.split(), "--project-dir", str(changed), "--profiles-dir"),
        *(str(changed), "--target-path", str(tmp_path / "target")),
        said=tmp_path / "messages",
        environment={"QPV_WAREHOUSE": str(database)},
    )
    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(database), read_only=True) as con:
        members = con.sql(
            "select 'QPV@ZE:' || substr(code_commune, 1, 3), count(*)"
            " from marts.pont_qpv_commune group by 1"
        ).fetchall()
        kinds = ("qpv_zone", "zone")
        told = {
            kind: con.execute(
                "select code_territoire, libelle, nb_qpv from marts.dim_territoire"
                " where type_territoire = ?",
                [kind],
            ).fetchall()
            for kind in kinds
        }
        assert {(code, nb) for code, _, nb in told["qpv_zone"]} == {*members}
        assert {c.replace("QPV@", "") for c, _ in members} == {c for c, _, _ in told["zone"]}
        assert {n for _, n, _ in told["qpv_zone"]} == {
            f"QP de la zone {code[7:]}" for code, _ in members
        }
        [[beside]] = con.sql(
            "select count(*) from intermediate.int_references as r"
            " inner join marts.pont_qpv_commune as p on r.code_territoire = p.code_qpv"
            " and r.perimetre = p.perimetre"
            " and 'ZE:' || substr(p.code_commune, 1, 3) = r.code_reference"
            " where r.reference = 'zone'"
        ).fetchall()
        [[quarters]] = con.sql(
            "select count(*) from marts.dim_territoire where type_territoire = 'qpv'"
        ).fetchall()
        assert beside == quarters > 0


def test_a_third_perimeter_takes_one_file(changed: Path) -> None:
    assert known_perimeters() == ("2015", "2024", "2030")
    assert perimeter_of("QR05901F") == "2030"
    assert starts_anew("2030")
    assert (neighbour("2030"), neighbour("2015")) == ("2024", "2024")
    assert relations_of("2030") == ("I", "F")
    rows = domain_tables()["perimetres"].to_pylist()
    assert {r["perimetre"]: r["precedent"] for r in rows}["2030"] == "2024"
    assert TypeAdapter(PerimetreOuVide).validate_python("2030") == "2030"


def test_code_names_no_type_that_is_not_its_own_subject() -> None:
    """A type that no code treats apart is named by its declaration alone."""
    folders = ("dbt_project", "ingest", "quality", "orchestration", "warehouse")
    files = [
        path
        for folder in folders
        for path in (REPO / folder).rglob("*")
        if path.suffix in _CODE and "target" not in path.parts
    ]
    assert len(files) > 250
    named = [p.name for p in files if "qpv_departement" in p.read_text(encoding="utf-8")]
    assert len(named) <= ALLOWED, named
    assert named == []
