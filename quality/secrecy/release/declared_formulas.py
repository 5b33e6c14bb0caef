"""The dictionary as the attacker's tables: indicators, their terms, a number for each mesure."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from warehouse.declared.dictionary import Dictionary


def declare(con: duckdb.DuckDBPyConnection, dictionary: Dictionary) -> None:
    """`ind`: indicators, `formule`: their terms, `objet`: a number for each and each mesure."""
    rows, terms, gaps = [], [], []
    for code, i in dictionary.indicateurs.items():
        plain = list(i.num.values()) == [1] and i.facteur == 1 and not (i.den or i.den_ensemble)
        simple = next(iter(i.num)) if plain else None
        if r := i.rapprochement:
            gaps += [(code, base, len(r.indicateurs), r.par, r.a) for base in r.indicateurs]
        rows.append(
            (
                code,
                i.type,
                i.agregation,
                i.facteur,
                i.arrondi,
                bool(i.den),
                i.den_ensemble,
                i.publiee is not None,
                simple,
            )
        )
        terms += [(code, "num", m, c) for m, c in i.num.items()]
        terms += [(code, "den", m, c) for m, c in i.den.items()]
    con.execute(
        "create table ind(code varchar, type varchar, agregation varchar, facteur double, "
        "arrondi int, a_den bool, den_ensemble bool, publiee bool, simple varchar)"
    )
    _insert(con, "ind", rows)
    con.execute("create table rappro(code varchar, base varchar, n int, par varchar, a varchar)")
    _insert(con, "rappro", gaps)
    con.execute("create table formule(code varchar, cote varchar, mesure varchar, coef double)")
    _insert(con, "formule", terms)
    con.execute(
        "create table objet as select nom, row_number() over (order by nom) as o from ("
        "select mesure as nom from formule union select 'i:' || code from ind where simple is null)"
    )
    con.execute(
        "create table formule_o as select f.*, o.o from formule as f "
        "join objet as o on o.nom = f.mesure"
    )
    con.execute(
        "create table ind_o as select i.*, o.o from ind as i "
        "join objet as o on o.nom = coalesce(i.simple, 'i:' || i.code)"
    )


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[tuple]) -> None:
    """All at once: one by one, those of the dictionary take 0.3 s."""
    if rows:
        columns = [pa.array(column) for column in zip(*rows, strict=True)]
        con.register("given", pa.table(columns, names=[str(i) for i in range(len(columns))]))
        con.execute(f"insert into {table} from given")
        con.unregister("given")
