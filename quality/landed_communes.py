"""What landed files say of communes: lists by quarter, compositions by year. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from quality.geographies import Commune, Geographies
from quality.subject_changes import Held, Said
from warehouse.base.layout import subjects_of


def read_held(cells: Path, millesime: str, bloc: str, periode: str, temoin: str) -> Held:
    """Lists of communes, and the figure that betrays them, of one landed block and period.

    Args:
        temoin: the mesure that cannot stay equal when the communes change.
    """
    said: dict[str, Said] = {}
    with duckdb.connect() as con:
        figures = con.execute(
            "select code_territoire, valeur from read_parquet(?)"
            " where bloc = ? and periode = ? and mesure = ? and valeur is not null",
            [str(cells), bloc, periode, temoin],
        ).fetchall()
        if (lists := subjects_of(cells)).is_file():
            rows = con.execute(
                "select code_territoire, liste, geographie from read_parquet(?) where bloc = ?",
                [str(lists), bloc],
            ).fetchall()
            said = {code: Said(liste, geographie) for code, liste, geographie in rows}
    return Held(millesime, said, dict(figures))


def read_geographies(communes: Mapping[str, Path], mergers: Iterable[Path]) -> Geographies:
    """The communes of each year, and the communes déléguées of the official code.

    Args:
        communes: year → the landed composition of EPCI on 1 January.
        mergers: landed files of the official geographic code.
    """
    listed: dict[str, list[Commune]] = {}
    parents: dict[str, str] = {}
    with duckdb.connect() as con:
        for year, path in communes.items():
            query = (
                "select code, libelle_commune, code_departement, coalesce(code_epci, '')"
                " from read_parquet(?) where libelle_commune is not null"
            )
            listed[year] = [Commune(*row) for row in con.execute(query, [str(path)]).fetchall()]
        for path in mergers:
            query = (
                "select code, code_parente from read_parquet(?)"
                " where type_commune = 'COMD' and code_parente is not null"
            )
            parents |= dict(con.execute(query, [str(path)]).fetchall())
    return Geographies(listed, parents)
