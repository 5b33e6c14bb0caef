"""The compositions of EPCI and EPT and the official code land from the files of all France."""

from __future__ import annotations

import pyarrow.parquet as pq

from ingest.registry import load_registry
from tests.fixtures.landed_extracts import Landed


def test_the_real_compositions_and_codes_land(
    extracts_landed: dict[tuple[str, str], Landed],
) -> None:
    def rows(source_id: str, millesime: str) -> list[dict]:
        return pq.read_table(extracts_landed[source_id, millesime].report.path).to_pylist()

    names = {
        year: {r["code_epci"]: r["libelle_epci"] for r in rows("insee_epci", year)}
        for year in load_registry()["insee_epci"].millesimes
    }
    assert names["2015"]["245900410"] == "Métropole Européenne de Lille"
    assert "200093201" not in names["2020"]
    assert names["2022"]["200093201"] == "Métropole Européenne de Lille"
    # eleven, and « Sans objet »
    assert len({r["code_ept"] for r in rows("insee_ept", "2024")}) == 12
    codes = {r["code"].removeprefix("EPCI:") for r in rows("etalab_epci", "2025")}
    assert codes == names["2025"].keys() - {"ZZZZZZZZZ"}
    communes = rows("insee_cog_communes", "2021")
    parents = {r["code"]: r["code_parente"] for r in communes if r["type_commune"] == "ARM"}
    assert len(parents) == 45
    assert set(parents.values()) == {"75056", "69123", "13055"}
