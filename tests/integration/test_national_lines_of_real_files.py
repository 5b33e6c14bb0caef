"""The producers' own lines cover the QPV that the registry says: their quarters add up to them."""

from __future__ import annotations

import duckdb

from ingest.national_line import LigneNationale
from tests.fixtures.landed_extracts import Landed

#: Counts of a line beside the sum of the quarters it is said to cover; `vides`: quarters without
#: a figure, whose people are in the line all the same.
QUERY = """
select l.mesure, l.periode, l.valeur,
    sum(q.valeur) filter ({dedans}) as dedans,
    count(*) filter (({dedans}) and q.valeur is null) as vides,
    sum(q.valeur) filter (left(q.code_territoire, 4) <> 'QP97') as metropole
from toutes_les_cellules as l
join cellules as q using (source_id, millesime, bloc, mesure, periode)
where l.code_territoire = 'QPV@INSEE'
    and l.source_id = $source and l.millesime = $millesime and l.bloc = $bloc
    and l.type_mesure = 'effectif'
group by all
"""


def _inside(zones: list[str]) -> str:
    codes = [f"left(q.code_territoire, 5) = 'QP{z}'" for z in zones if z != "metropole"]
    return " or ".join(["left(q.code_territoire, 4) <> 'QP97'", *codes])


def test_the_quarters_of_a_line_add_up_to_it_once_rounded(
    extracts_landed: dict[tuple[str, str], Landed], extracts_cells: duckdb.DuckDBPyConnection
) -> None:
    compared = whole = 0
    for (source_id, millesime), one in extracts_landed.items():
        line: LigneNationale | None = one.source.line_of(millesime)
        for bloc, zones in line.champs.items() if line else ():
            half = line.arrondis.get(bloc, 0) / 2
            for mesure, periode, valeur, dedans, vides, metropole in extracts_cells.execute(
                QUERY.format(dedans=_inside(zones)),
                {"source": source_id, "millesime": millesime, "bloc": bloc},
            ).fetchall():
                place = (source_id, millesime, mesure, periode, valeur, dedans, metropole)
                assert dedans - half <= valeur, place
                assert metropole + half < valeur, place  # La Réunion is in it
                if not vides:
                    assert valeur - half <= dedans, place
                    whole += 1
                compared += 1
    assert compared > 100 and whole >= 2, (compared, whole)


def test_a_line_is_read_wherever_a_file_has_one(
    extracts_landed: dict[tuple[str, str], Landed], extracts_cells: duckdb.DuckDBPyConnection
) -> None:
    found = extracts_cells.sql(
        "select distinct fichier from toutes_les_cellules where code_territoire = 'QPV@INSEE'"
    ).fetchall()
    files = [file for one in extracts_landed.values() for _, file in one.files]
    text = {f.nom: f.path.read_bytes() for f in files if f.nom.endswith(".csv")}
    assert {nom for (nom,) in found} == {n for n, b in text.items() if b"\nEnsemble;" in b}
