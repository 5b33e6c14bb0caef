"""What the map may be coloured by: levels, moves and gaps of all quarters, by indicator.

The file of an indicator is `{n, m, g}`; each list has a cell per quarter, in their order: a number,
the number of a statut as text, or null where there is no row.
`n`: period → levels; `m`: « period-since » → `{points, v}`, moves in points or in %;
`g`: type of comparison → period → `{points, v}`, gaps. All periods by number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import duckdb

Cellule = float | str | None
_NIVEAUX = """
select f.code_indicateur, f.code_territoire, p.numero, round(f.valeur, 6), s.numero
from publie_chiffres as f
inner join n_periodes as p using (periode)
inner join n_statuts as s using (statut)
where f.type_territoire = 'qpv' and f.perimetre = $perimetre
    and list_contains($codes, f.code_indicateur)
"""
#: In points where the release says points, else in % of a start that is large enough.
_MOUVEMENTS = """
select e.code_indicateur, e.code_territoire, p.numero || '-' || a.numero,
    e.evolution_pts is not null, round(coalesce(e.evolution_pts, if(
        i.type <> 'effectif' or e.evolution_nb / nullif(e.evolution_pct, 0) >= $base / 100,
        e.evolution_pct, null
    )), 6), s.numero
from publie_evolutions as e
inner join publie_indicateurs as i using (code_indicateur)
inner join n_periodes as p on e.periode = p.periode
inner join n_periodes as a on e.periode_comparaison = a.periode
inner join n_statuts as s using (statut)
where e.type_territoire = 'qpv' and e.perimetre = $perimetre
    and list_contains($codes, e.code_indicateur)
"""
_ECARTS = """
select g.code_indicateur, g.code_territoire, g.reference, p.numero, g.unite_ecart = 'points',
    round(any_value(g.ecart), 6)
from publie_ecarts as g
inner join n_periodes as p using (periode)
where g.type_territoire = 'qpv' and g.perimetre = $perimetre
    and list_contains($codes, g.code_indicateur)
group by all
"""


def map_figures(
    con: duckdb.DuckDBPyConnection,
    codes: Collection[str],
    quarters: Sequence[str],
    perimetre: str,
    base: float,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(indicator, its file) of those among `codes` that a quarter has a figure of.

    Args:
        con: a connection on which `TerritoryFiles` numbered what files name.
        quarters: their codes, in the order of the lists.
        base: below, a count moves by no percentage.
    """
    places = {code: place for place, code in enumerate(quarters)}
    told = {"codes": sorted(codes), "perimetre": perimetre}
    found: dict[str, dict[str, Any]] = {}

    def cells(code: str, *path: str) -> dict[str, Any]:
        at = found.setdefault(code, {"n": {}, "m": {}, "g": {}})
        for step in path:
            at = at.setdefault(step, {})
        at.setdefault("v", [None] * len(places))
        return at

    for code, quarter, p, value, statut in con.execute(_NIVEAUX, told).fetchall():
        if quarter in places:
            cells(code, "n", str(p))["v"][places[quarter]] = _cell(value, statut)
    moves = con.execute(_MOUVEMENTS, told | {"base": base}).fetchall()
    for code, quarter, pair, points, value, statut in moves:
        if quarter in places:
            at = cells(code, "m", pair)
            at["points"] = at.get("points", 0) or int(points)
            at["v"][places[quarter]] = _cell(value, statut)
    for code, quarter, kind, p, points, value in con.execute(_ECARTS, told).fetchall():
        if quarter in places:
            at = cells(code, "g", kind, str(p))
            at["points"] = int(points)
            at["v"][places[quarter]] = value
    for code, said in found.items():
        said["n"] = {p: level["v"] for p, level in said["n"].items() if _known(level["v"])}
        said["m"] = _pairs(said["m"])
        if said["n"]:
            yield code, said


def _cell(value: float | None, statut: int) -> Cellule:
    return value if value is not None else str(statut)


def _known(cells: Sequence[Cellule]) -> int:
    return sum(isinstance(cell, (int, float)) for cell in cells)


def _pairs(moves: dict[str, Any]) -> dict[str, Any]:
    """Those that most quarters have: a pair that a few alone have is no map."""
    counts = {pair: _known(said["v"]) for pair, said in moves.items()}
    most = max(counts.values(), default=0)
    return {pair: moves[pair] for pair, count in counts.items() if count and 2 * count >= most}
