"""Compositions and codes land in the shapes that producers and compilers give them."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
import xlsxwriter

from ingest.archive import archive_local
from ingest.landing import LandingReport, land
from ingest.registry import Registry, load_registry
from warehouse.base.errors import QpvError

COMMUNES = """TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT
COM,01015,84,01,01D,011,1,ARBOYS EN BUGEY,Arboys en Bugey,Arboys en Bugey,0105,
COMD,01015,,,,,1,ARBIGNIEU,Arbignieu,Arbignieu,,01015
ARM,75118,11,75,75C,751,0,PARIS 18,Paris 18,Paris 18e Arrondissement,,75056
"""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def landed(
    registry: Registry, source_id: str, millesime: str, path: Path, out: Path
) -> tuple[list[dict], LandingReport]:
    """The rows of a file of that name, and what the landing says."""
    source = registry[source_id]
    [partie] = source.parts_of(millesime)
    file = archive_local(path, archive=out / "archive", attendu=path.suffix[1:])
    report = land(source, millesime, [(partie, file)], out=out / "p.parquet", codes_qpv=None)
    return pq.read_table(out / "p.parquet").to_pylist(), report


def test_a_commune_and_its_delegated_namesake_both_land(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "commune2021.csv"
    path.write_text(COMMUNES, encoding="utf-8")
    rows, _ = landed(registry, "insee_cog_communes", "2021", path, tmp_path)
    assert [(r["code"], r["type_commune"], r["code_parente"]) for r in rows] == [
        ("01015", "COM", None),
        ("01015", "COMD", "01015"),
        ("75118", "ARM", "75056"),
    ]
    path.write_text(COMMUNES + COMMUNES.splitlines()[-1] + "\n", encoding="utf-8")
    with pytest.raises(QpvError, match="territoire en double : 75118"):
        landed(registry, "insee_cog_communes", "2021", path, tmp_path)


def test_the_workbook_of_a_composition_lands_under_its_title_rows(
    registry: Registry, tmp_path: Path
) -> None:
    path = tmp_path / "EPCI_au_01-01-2024.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("EPCI").write_row(5, 0, ["EPCI", "LIBEPCI", "NATURE_EPCI", "NB_COM"])
        sheet = book.add_worksheet("Composition_communale")
        sheet.write(0, 0, "Intercommunalité - Métropole au 1er janvier")
        sheet.write_row(4, 0, ["Code géographique communal", "Libellé géographique communal"])
        sheet.write_row(5, 0, ["CODGEO", "LIBGEO", "EPCI", "LIBEPCI", "DEP", "REG"])
        sheet.write_row(6, 0, ["93066", "Saint-Denis", "200054781", "Métropole du Grand Paris"])
        sheet.write_row(6, 4, ["93", "11"])
    [row], _ = landed(registry, "insee_epci", "2024", path, tmp_path)
    assert (row["code"], row["code_epci"], row["libelle_epci"], row["code_departement"]) == (
        ("93066", "200054781", "Métropole du Grand Paris", "93")
    )
