"""What two landed files have in common, counted by DuckDB. Judges nothing, gives no value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.domain.producteur import CODE

#: Fewer territories in common prove nothing: the 13 QPV of a sample, a folder of one EPCI.
MIN_TERRITOIRES = 30
#: A mesure with fewer distinct values (rounded ratios, small counts) repeats by chance.
MIN_DISTINCTES = 20


@dataclass(frozen=True)
class Landed:
    """One landed millésime: its cells, its witnesses if it has any, and whether this run needs it.

    `courant: False`: landed by an earlier run of the same data folder; it is evidence only.
    """

    parquet: Path
    temoins: Path
    courant: bool = True


@dataclass(frozen=True, order=True)
class BlocAtterri:
    """A block of one landed millésime at one period and perimeter, and the files it came from."""

    source_id: str
    millesime: str
    nom: str
    periode: str
    perimetre: str
    fichiers: str
    courant: bool


@dataclass(frozen=True)
class Comparaison:
    """Cells diffused in both blocks, of informative mesures, and how many are equal."""

    a: BlocAtterri
    b: BlocAtterri
    mesures: int
    cases: int
    egales: int

    @property
    def part(self) -> float:
        return self.egales / self.cases


@dataclass(frozen=True)
class Temoignage:
    """What a producer's own column says of a block and another one that bears the same mesure.

    `accord`: for `evolution`, the correlation of the column with this block over the other, minus
    one; for `niveau`, the median of the relative gaps between the column and the other block.
    """

    bloc: BlocAtterri
    autre: BlocAtterri
    entete: str
    mesure: str
    nature: str
    annees: int
    cases: int
    accord: float


@dataclass(frozen=True)
class Rapprochements:
    """Everything that the landed files have to say of one another."""

    blocs: list[BlocAtterri]
    comparaisons: list[Comparaison]
    temoignages: list[Temoignage]


def confront(files: Sequence[Landed]) -> Rapprochements:
    """Every pair of blocks that can be compared, at least one of which this run needs."""
    if not files:
        return Rapprochements([], [], [])
    with duckdb.connect() as con:
        blocs = _load(con, files)
        pairs = con.execute(_PAIRS, {"n": MIN_TERRITOIRES, "d": MIN_DISTINCTES}).fetchall()
        comparaisons = [Comparaison(blocs[a], blocs[b], *counts) for a, b, *counts in pairs]
        rows = con.execute(_WITNESSES, {"n": MIN_TERRITOIRES}).fetchall()
    temoignages = [
        Temoignage(blocs[own], blocs[other], *facts)
        for own, other, *facts in rows
        if facts[-1] is not None and math.isfinite(facts[-1])
    ]
    return Rapprochements(list(blocs.values()), comparaisons, temoignages)


def _load(con: duckdb.DuckDBPyConnection, files: Sequence[Landed]) -> dict[int, BlocAtterri]:
    """Tables `blocs`, `valeurs` and `temoins`; block number → block."""
    con.execute("create table fichiers (parquet text, courant boolean)")
    con.execute(
        "create table temoins (code_territoire text, bloc text, periode text, mesure text, "
        "nature text, annees integer, entete text, valeur double, source_id text, millesime text)"
    )
    for file in files:
        con.execute("insert into fichiers values (?, ?)", [str(file.parquet), file.courant])
        if file.temoins.is_file():
            names = "code_territoire, bloc, periode, mesure, nature, annees, entete, valeur"
            con.execute(
                f"insert into temoins select {names}, source_id, millesime from read_parquet(?)",
                [str(file.temoins)],
            )
    # As a view, of which each table takes its columns: most texts of a cell prove nothing.
    con.read_parquet([str(f.parquet) for f in files], filename=True).create_view("cellules")
    con.execute(_BLOCS)
    con.execute(_VALEURS)
    rows = con.execute("from blocs order by id").fetchall()
    return {number: BlocAtterri(*facts) for number, *facts in rows}


_BLOCS = """
create table blocs as
select row_number() over (order by source_id, millesime, bloc, periode, perimetre) as id,
  source_id, millesime, bloc, periode, perimetre,
  string_agg(distinct fichier, ', ' order by fichier) as fichiers, bool_and(courant) as courant
from cellules join fichiers on filename = parquet
group by source_id, millesime, bloc, periode, perimetre
"""

#: `precision`: decimals that a file gives a mesure; 3 stands for more than two.
_VALEURS = f"""
create table valeurs as
with cases as materialized (
  select id, courant, mesure, code_territoire, blocs.perimetre, valeur
  from cellules join blocs using (source_id, millesime, bloc, periode)
  -- A producer's own line repeats its quarters, rounded: it proves nothing more.
  where statut = 'diffuse' and cellules.perimetre = blocs.perimetre
    and code_territoire <> '{CODE}'
), mesures as (
  select id, mesure, count(distinct valeur) as distinctes,
    max(case when valeur = round(valeur) then 0 when valeur = round(valeur, 1) then 1
      when valeur = round(valeur, 2) then 2 else 3 end) as precision
  from cases group by id, mesure
)
from cases join mesures using (id, mesure)
"""

#: A file that rounds more than the other is compared at its own precision.
_PAIRS = """
with communes as (
  select a.id as ia, b.id as ib, a.mesure, count(*) as cases,
    count(*) filter (abs(a.valeur - b.valeur) <= 1e-6
      + if(a.precision = b.precision, 0, 0.5 * 0.1 ** least(a.precision, b.precision))) as egales
  from valeurs a join valeurs b using (mesure, code_territoire, perimetre)
  where a.id < b.id and (a.courant or b.courant) and a.distinctes >= $d and b.distinctes >= $d
  group by a.id, b.id, a.mesure
)
select ia, ib, count(*)::int, sum(cases)::int, sum(egales)::int
from communes where cases >= $n group by ia, ib order by ia, ib
"""

_WITNESSES = """
with temoins_de as (
  select id, courant, code_territoire, mesure, nature, annees, entete, temoins.valeur as dit
  from temoins join blocs using (source_id, millesime, bloc, periode)
), rapportes as (
  select t.id, y.id as autre, t.entete, t.mesure, t.nature, t.annees, t.dit,
    y.valeur as autrefois, x.valeur as valeur
  from temoins_de t
  join valeurs x using (id, mesure, code_territoire)
  join valeurs y using (mesure, code_territoire, perimetre)
  where y.valeur > 0 and (t.courant or y.courant) and (t.nature = 'niveau' or y.id <> t.id)
)
select id, autre, entete, mesure, nature, annees, count(*)::int,
  if(nature = 'evolution', corr(dit, valeur / autrefois - 1), median(abs(dit / autrefois - 1)))
from rapportes group by id, autre, entete, mesure, nature, annees
having count(*) >= $n order by id, autre, entete
"""
