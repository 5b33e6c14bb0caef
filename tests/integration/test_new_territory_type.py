"""A type of territory and a perimeter are added in copies: what must be touched by hand is counted.

The type is the set of a commune's quarters, beside the commune. The perimeter is a third one.
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
ALLOWED = 5
TYPE = """
  qpv_commune:
    libelle: ensemble des QPV d'une commune
    court: ensemble des quartiers de la commune
    prefixe: 'QPV@COM:'
    forme: '[0-9][0-9AB][0-9]{3}'
    parent: qpv_epci
    ensemble: qpv
    tout: commune
    par_perimetre: true
"""
#: File of dbt_project → what is written there: after a line, before a line, or in its place.
BY_HAND = {
    "domain/types_territoire.yml": [
        ("    entier: true\n    publie: false\n", "    entier: true\n    nom: Commune {cle}\n"
         "    nom_de: de la commune {cle}\n    en_reference: sa commune\n"),
        ("    parent: qpv_epci\n    par_perimetre: true\n    cles: [qpv]\n",
         "    parent: qpv_commune\n    par_perimetre: true\n    cles: [qpv]\n"),
        ("\n  qpv_epci:\n", TYPE + "  qpv_epci:\n"),
    ],
    "models/intermediate/territoires/int_lieux.sql": [
        ("from {{ ref('int_epci') }}\nunion all\n",
         "from {{ ref('int_epci') }}\nunion all\n"
         "select 'commune', code_commune, libelle_commune, 'de ' || libelle_commune\n"
         "from {{ ref('int_communes') }}\nunion all\n"),
    ],
    "models/intermediate/territoires/int_qpv_lieux.sql": [
        ("e.perimetre = q.perimetre\nunion all\n",
         "e.perimetre = q.perimetre\nunion all\n"
         "select code_qpv, perimetre, 'commune', code_commune\n"
         "from {{ ref('int_qpv_communes') }}\nunion all\n"),
    ],
    "models/intermediate/comparaisons/int_references.sql": [
        ("lieux as (\n",
         "lieux as (\n    select code_territoire, perimetre, 'commune' as type_lieu,\n"
         "        split_part(codes_communes, ';', 1) as cle from territoires\n    union all\n"),
        ("        t.code_epci,\n", "        t.code_epci,\n        t.codes_communes,\n"),
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
    assert "qpv_commune" in sets() and "commune" in wholes()
    assert {"qpv_commune", "commune"} < {*published_types()}
    assert type_of("QPV@COM:59606") == _kind("QPV@COM:59606") == "qpv_commune"
    assert whole_of("QPV@COM:59606") == "COM:59606"
    assert references("qpv")[0] == references("qpv_commune")[0] == "commune"
    seen = {"QP059050": "qpv", "QPV@COM:59606": "qpv_commune", "COM:59606": "commune"}
    said = {(i.partie, i.tout) for i in _inclusions(seen, _partition(seen))}
    assert said == {("QP059050", "QPV@COM:59606"), ("QPV@COM:59606", "COM:59606")}


def test_a_new_type_has_its_territories_names_and_comparisons(
    changed: Path, sample_data: Path, tmp_path: Path
) -> None:
    database = tmp_path / "warehouse.duckdb"
    shutil.copy(sample_data / "build" / "warehouse.duckdb", database)
    with duckdb.connect(str(database)) as con:
        for name, table in domain_tables().items():
            con.register("given", table)
            con.execute(f"create or replace table edition.{name} as select * from given")
    models = "int_lieux int_qpv_lieux int_ensembles int_territoires int_references dim_territoire"
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
            "select 'QPV@COM:' || code_commune, count(*) from marts.pont_qpv_commune group by 1"
        ).fetchall()
        kinds = ("qpv_commune", "commune")
        told = {
            kind: con.execute(
                "select code_territoire, libelle, nb_qpv from marts.dim_territoire"
                " where type_territoire = ?",
                [kind],
            ).fetchall()
            for kind in kinds
        }
        assert {(code, nb) for code, _, nb in told["qpv_commune"]} == {*members}
        assert {c.replace("QPV@", "") for c, _ in members} == {c for c, _, _ in told["commune"]}
        names = {code: name for code, name, _ in told["commune"]}
        for code, name, _ in told["qpv_commune"]:
            assert name == f"QP de {names[code.replace('QPV@', '')]}"
        [[beside]] = con.sql(
            "select count(*) from intermediate.int_references as r"
            " inner join marts.pont_qpv_commune as p on r.code_territoire = p.code_qpv"
            " and r.perimetre = p.perimetre and 'COM:' || p.code_commune = r.code_reference"
            " where r.reference = 'commune'"
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
