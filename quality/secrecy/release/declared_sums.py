"""Counts that are the sum of others, as a reader of a release applies them to each territory."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

#: `cote_somme`: the terms of each sum that a release prints or masks, or that stand behind one of
#: its rates, in each territory and period.
_TERMS = """
create or replace table somme_dite as
select s.somme, o.o, s.coefficient as coef, s.marge, s.reste,
    count(*) over (partition by s.somme) as termes
from sommes_declarees as s join objet as o on o.nom = s.terme;
create or replace table cote_somme as
select s.somme, s.coef, s.marge, s.reste, s.termes, c.c, c.c & 4294967295 as lieu
from cite as c
join somme_dite as s on s.o = objet_de(c.c);
create or replace table somme_du_lieu as
select ({kind}::hugeint << 64) | (somme::hugeint << 40) | lieu as r, somme, lieu,
    any_value(marge) as marge, max(if(coef > 0, c, null)) as total,
    count(*) = any_value(termes) and not any_value(reste) as entiere
from cote_somme group by somme, lieu
having count(*) filter (coef > 0) = 1 and count(*) > 1;
"""

#: All its terms: equal. A rest, or a term that is not there: the others are at most the total.
_ROWS = """
insert into terme_brut
select l.r, c.c, c.coef from somme_du_lieu as l join cote_somme as c using (somme, lieu);
insert into bornes_brut
select r, {kind}, -marge, if(entiere, marge, 'inf'::double), total from somme_du_lieu;
"""


def add_declared_sums(con: duckdb.DuckDBPyConnection, kind: int, sommes: Sequence[dict]) -> None:
    """Rows of `kind`: a total less its parts is nothing, wherever a release holds them.

    Args:
        con: tables `objet`, `cite`, `terme_brut`, `bornes_brut`.
        sommes: rows `somme`, `terme`, `coefficient`, `reste`, `marge`.
    """
    columns = {"somme": pa.int64(), "terme": pa.string(), "coefficient": pa.float64()}
    schema = pa.schema([*columns.items(), ("reste", pa.bool_()), ("marge", pa.float64())])
    con.register("given", pa.Table.from_pylist(list(sommes), schema=schema))
    con.execute("create or replace table sommes_declarees as select * from given")
    con.unregister("given")
    con.execute(_TERMS.format(kind=kind))
    con.execute(_ROWS.format(kind=kind))
