"""Files said public, and what their counts say of it."""

from __future__ import annotations

import duckdb
import pytest

from quality.secrecy.landed_access import unmasked_files


@pytest.mark.parametrize(
    ("acces", "plancher", "values", "told"),
    [
        ("publique", 5, [0, 5, 12], None),
        ("publique", 5, [0, 4, 12, 1], "2 effectifs de 1 à 4"),
        ("convention", 5, [4], None),  # ours to mask
        ("publique", None, [1], None),
    ],
)
def test_a_public_file_with_small_counts_was_not_masked(
    acces: str, plancher: int | None, values: list[float], told: str | None
) -> None:
    with duckdb.connect() as con:
        con.execute("create schema landing; create schema edition")
        con.execute(
            "create table landing.mesures as select 's' as source_id, '2020' as millesime,"
            " 'b' as bloc, 'nb' as mesure, 'diffuse' as statut, unnest($1::double[]) as valeur",
            [values],
        )
        con.execute(
            "create table edition.secrets as select 's' as source_id, 'b' as bloc,"
            " 'nb' as mesure, 'effectif' as type, $1 as acces, 'regle' as regle,"
            " $2::int as plancher",
            [acces, plancher],
        )
        looked_at, faults = unmasked_files(con)
    assert looked_at == (acces == "publique" and plancher is not None)
    assert bool(faults) == bool(told)
    if told:
        assert told in faults[0] and "(nb)" in faults[0] and "acces: convention" in faults[0]
