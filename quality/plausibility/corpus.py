"""The figures under judgement as tables in memory: what is known of each, and what contains what.

Tables of a corpus, read by every rule:
    chiffre(t, indicateur, periode, comparaison, grandeur, valeur, bas, haut, ou, complet): one
        row per figure, without value where it is missing; `bas`..`haut` is all that rounding
        leaves; not `complet` where the rate of a set leaves parts out, above and below.
    territoire(t, code, perimetre, type).
    inclusion(partie, tout, certaine): not `certaine` where QPV may overflow the EPCI of their set.
    partition(partie, tout): the QPV, or the places put together, whose union is the set.
    communes(t, mesure, tout, periode, commune, nom): the communes that a figure of a quarter is
        about, and the mesure of which it is a part.
    definition, compose: the dictionary's formulas (`relations`).
The rules leave 1e-6 for binary arithmetic on exact figures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import duckdb
import pyarrow as pa

from warehouse.declared.dictionary import Dictionary, Indicateur
from warehouse.domain.producteur import TYPE as TYPE_PRODUCTEUR
from warehouse.domain.types_territoire import rounded_types
from warehouse.release.connect import open_scratch

#: Territories whose counts producers round to the ten or the hundred; never a quarter's.
ARRONDIS = rounded_types()
#: From this count on, a figure that ends in 00 may be rounded to the hundred.
CENTAINES = 10_000


class ChiffreJuge(NamedTuple):
    """One figure. `grandeur`: niveau, evolution_nb, evolution_pct or evolution_pts."""

    t: str
    indicateur: str
    periode: str
    comparaison: str | None
    grandeur: str
    valeur: float | None
    bas: float | None
    haut: float | None
    ou: str
    complet: bool = True


class TerritoireJuge(NamedTuple):
    """`t`: the code, with its perimeter where a release holds several."""

    t: str
    code: str
    perimetre: str
    type: str


class Inclusion(NamedTuple):
    partie: str
    tout: str
    certaine: bool


class Partition(NamedTuple):
    partie: str
    tout: str


_SCHEMA = """
create table chiffre (t varchar, indicateur varchar, periode varchar, comparaison varchar,
    grandeur varchar, valeur double, bas double, haut double, ou varchar,
    complet boolean);
create table territoire (t varchar, code varchar, perimetre varchar, type varchar);
create table inclusion (partie varchar, tout varchar, certaine boolean);
create table partition (partie varchar, tout varchar);
create table communes (t varchar, mesure varchar, tout varchar, periode varchar,
    commune varchar, nom varchar);
create table definition (indicateur varchar, libelle varchar, type varchar, agregation varchar,
    num varchar, den varchar, facteur double, den_ensemble boolean, arrondi integer,
    estime boolean, minimum double, maximum double);
create table compose (compte varchar, mesure varchar);
create table terme (indicateur varchar, mesure varchar, coefficient double);
create table estimee (compte varchar);
create table somme_declaree (somme integer, compte varchar, coefficient double, reste boolean,
    marge double);
create macro fr_entier(x) as replace(format('{:,}', x::bigint), ',', ' ');
create macro fr(x) as case
    when abs(x - round(x)) < 1e-9 then fr_entier(round(x))
    else replace(replace(replace(format('{:,.1f}', x), ',', ' '), '.', ','), '-', '−') end;
create macro signe(x) as case when x > 0 then '+ ' else '− ' end || fr(abs(x));
"""


def open_corpus(
    dictionary: Dictionary, estimees: Collection[str], sommes: Iterable[Mapping] = ()
) -> duckdb.DuckDBPyConnection:
    """An empty corpus that knows the dictionary.

    Args:
        estimees: mesures that are estimates of a survey: their counts are not whole numbers.
        sommes: rows of `warehouse.declared.sommes`: counts that are the sum of others.
    """
    con = open_scratch("900MB")  # no slower than with all the memory that it would take
    con.execute(_SCHEMA)
    comptes: dict[str, set[str]] = {}
    definitions, termes = [], []
    for code, indicateur in dictionary.indicateurs.items():
        if indicateur.rapprochement:
            continue
        num, den = compte_of(indicateur.num), compte_of(indicateur.den)
        for compte, mesures in ((num, indicateur.num), (den, indicateur.den)):
            if compte:
                comptes[compte] = set(mesures)
        if not indicateur.den:
            termes += [(code, mesure, float(k)) for mesure, k in indicateur.num.items()]
        definitions.append(
            (
                code,
                indicateur.libelle,
                indicateur.type,
                indicateur.agregation,
                num,
                den,
                float(indicateur.facteur),
                indicateur.den_ensemble,
                indicateur.arrondi,
                is_estimated(indicateur, estimees),
                *indicateur.limites,
            )
        )
    fill(con, "definition", definitions)
    fill(con, "terme", termes)
    fill(con, "compose", [(c, m) for c, ms in comptes.items() for m in ms])
    names = ("somme", "terme", "coefficient", "reste", "marge")
    fill(con, "somme_declaree", [tuple(row[k] for k in names) for row in sommes])
    fill(con, "estimee", [(c,) for c, ms in comptes.items() if ms & set(estimees)])
    return con


def compte_of(formule: dict[str, float]) -> str | None:
    """The name of a sum of mesures, None where a mesure is weighted or subtracted."""
    if not formule or any(k != 1 for k in formule.values()):
        return None
    return " + ".join(sorted(formule))


def is_estimated(indicateur: Indicateur, estimees: Collection[str]) -> bool:
    return bool({*indicateur.num, *indicateur.den} & set(estimees))


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple]) -> None:
    """Append rows to a table of the corpus."""
    columns = [name for name, *_ in con.execute(f"describe {table}").fetchall()]
    listed = list(rows)
    if listed:
        frame = pa.table(dict(zip(columns, map(list, zip(*listed, strict=True)), strict=True)))
        con.register("lignes", frame)
        con.execute(f"insert into {table} select * from lignes")
        con.unregister("lignes")


def interval(
    valeur: float, *, effectif: bool, estime: bool, type_territoire: str, demi: float, base: int = 1
) -> tuple[float, float]:
    """Between what and what the true figure lies, once printed as `valeur`.

    Args:
        demi: half a unit of the last decimal shown.
        base: that to which the column's counts are rounded, whatever the territory.
    """
    if not effectif:
        return valeur - demi, valeur + demi
    if base > 1:
        low, high = interval(
            valeur, effectif=True, estime=estime, type_territoire=type_territoire, demi=demi
        )
        return min(low, valeur - base / 2), max(high, valeur + base / 2)
    if valeur == 0 or valeur != round(valeur):
        half = max(demi, 0.5) if estime else 0.0
    else:
        half = 0.5 if estime else 0.0
        if type_territoire in ARRONDIS:
            is_line = type_territoire == TYPE_PRODUCTEUR
            hundreds = (is_line or abs(valeur) >= CENTAINES) and valeur % 100 == 0
            half = 50 if hundreds else 5 if valeur % 10 == 0 else half
    return valeur - half, valeur + half
