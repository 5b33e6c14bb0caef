"""The figures of a build about to be published, as a corpus: the same rules as for any table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import duckdb

from quality.plausibility.arbitrages import Arbitrage
from quality.plausibility.corpus import ARRONDIS, CENTAINES, TYPE_PRODUCTEUR, open_corpus
from warehouse.declared.dictionary import Dictionary
from warehouse.domain.types_territoire import sets
from warehouse.release.build_database import attach_build
from warehouse.release.relations import expose

#: A territory's key: its code, and its perimeter where it has one.
_T = "code_territoire || if(perimetre = '', '', '|' || perimetre)"

_TERRITOIRES = f"""
insert into territoire
select {_T}, code_territoire, perimetre, type_territoire
from publie_territoires
"""

#: A value is known to its shown decimals; a count exactly, or to what its producer rounds it.
_DEMI = f"""case
    when d.type != 'effectif' then 0.5 / 10 ** d.arrondi
    when t.type in {ARRONDIS} and {{valeur}} % 100 = 0
        and (abs({{valeur}}) >= {CENTAINES} or t.type = '{TYPE_PRODUCTEUR}') then 50
    when t.type in {ARRONDIS} and {{valeur}} != 0 and {{valeur}} % 10 = 0 then 5
    when d.estime then 0.5 else 0 end"""

_NIVEAUX = """
insert into chiffre
select t.t, f.code_indicateur, f.periode, null, 'niveau', f.valeur, f.valeur - {demi},
    f.valeur + {demi}, f.code_territoire || ', ' || f.code_indicateur || ', ' || f.periode,
    f.motif is null or t.type not in {ensembles}
from publie_chiffres as f
join definition as d on d.indicateur = f.code_indicateur
join territoire as t on t.code = f.code_territoire and t.perimetre = f.perimetre
where f.valeur is not null
""".replace("{demi}", _DEMI.format(valeur="f.valeur")).replace("{ensembles}", str(sets()))

_EVOLUTIONS = """
insert into chiffre
select t.t, f.code_indicateur, f.periode, f.periode_comparaison, f.grandeur, f.valeur,
    f.valeur - {demi}, f.valeur + {demi}, f.code_territoire || ', ' || f.code_indicateur
        || ', ' || f.periode_comparaison || ' à ' || f.periode, true
from (unpivot publie_evolutions_choisies on evolution_nb, evolution_pct, evolution_pts
    into name grandeur value valeur) as f
join definition as d on d.indicateur = f.code_indicateur
join territoire as t on t.code = f.code_territoire and t.perimetre = f.perimetre
""".replace(
    "{demi}",
    "case when f.grandeur = 'evolution_nb' then 2 * "
    + _DEMI.format(valeur="f.valeur")
    + " else 0.5 / 10 ** greatest(d.arrondi, 1) end",
)

_PARTITIONS = """
insert into partition
select code_qpv || '|' || perimetre, code_ensemble || '|' || perimetre
from build.intermediate.int_ensembles
where est_complet
union all
select code_lieu, code_territoire || '|' || perimetre
from build.intermediate.int_lieux_reunis
where est_complet and rang = 1
"""

#: QPV that lie in two EPCI count whole in each set: such a set may overflow its EPCI.
_INCLUSIONS = """
insert into inclusion
with debordants as (
    select distinct code_ensemble as code, perimetre
    from build.intermediate.int_ensembles
    where (type_territoire, code_qpv, perimetre) in (
        select (type_territoire, code_qpv, perimetre) from build.intermediate.int_ensembles
        group by type_territoire, code_qpv, perimetre having count(*) > 1)
)
select partie, tout, true from partition
union
select s.t, w.t, (s.code, s.perimetre) not in (from debordants)
from territoire as s
join build.edition.types_territoire as k on k.type_territoire = s.type
join build.edition.types_territoire as p
    on p.type_territoire = coalesce(k.tout, if(k.reunit is null, null, k.parent))
join territoire as w on w.code = p.prefixe || substr(s.code, length(k.prefixe) + 1)
"""

#: What a file says of its own figures: another file's are about what that one says.
_COMMUNES = f"""
insert into communes
select distinct {_T}, c.mesure, c.tout, c.periode, c.commune, c.nom
from build.edition.communes as c
join publie_chiffres as f using (code_territoire, periode, source_id, millesime)
"""


def read_build(
    warehouse_db: Path,
    dictionary: Dictionary,
    estimees: Collection[str],
    sommes: Iterable[Mapping],
) -> duckdb.DuckDBPyConnection:
    """The published tables of a build database (schemas `marts`, `intermediate`), as a corpus."""
    con = open_corpus(dictionary, estimees, sommes)
    attach_build(con, warehouse_db)
    expose(con, "chiffres", "evolutions_choisies", "territoires", "epci", of="build.marts")
    for query in (_TERRITOIRES, _NIVEAUX, _EVOLUTIONS, _PARTITIONS, _INCLUSIONS, _COMMUNES):
        con.execute(query)
    con.execute("detach build")
    return con


def has_figure(con: duckdb.DuckDBPyConnection, arbitrage: Arbitrage) -> bool:
    """Whether the corpus holds the figure that an acceptance names: another edition may not."""
    query = """
        select 1 from chiffre as c join territoire as t using (t)
        where t.code = ? and c.indicateur = ? and ? in (c.periode, c.comparaison) limit 1"""
    _, *where = arbitrage.cle
    return con.execute(query, where).fetchone() is not None
