"""P16: what the registry says of counts that are the sum of others, in one territory at a time."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from quality.plausibility.findings import Finding, fr
from quality.plausibility.query import finding, name, rows

#: A total less its parts: nothing within what print leaves; or something, where a part is missing.
_SOMMES = """
with dits as (
    select somme, reste, marge, count(*) as termes from somme_declaree group by all
),
posees as (
    select s.somme, k.t, k.periode, count(*) as connus, count(*) filter (s.coefficient > 0) as tout,
        sum(if(s.coefficient > 0, k.bas, -k.haut)) as bas,
        sum(if(s.coefficient > 0, k.haut, -k.bas)) as haut
    from somme_declaree as s
    join compte as k on k.compte = s.compte and k.origine = 'lu'
    group by s.somme, k.t, k.periode
),
fautes as (
    select p.*, p.connus = d.termes and not d.reste as entiere
    from posees as p join dits as d using (somme)
    where p.tout = 1 and p.connus > 1 and (
        p.haut < -d.marge - 1e-6
        or p.connus = d.termes and not d.reste and p.bas > d.marge + 1e-6
    )
)
select any_value(t.code) as territoire, f.periode, f.entiere, f.connus - 1 as parties,
    max(if(s.coefficient > 0, k.via[1], null)) as indicateur,
    max(if(s.coefficient > 0, k.centre, null)) as total,
    sum(if(s.coefficient < 0, k.centre, 0)) as somme_des_parties,
    sum(s.coefficient * k.centre) as reste,
    flatten(list(k.ou order by s.coefficient desc, s.compte)) as ou
from fautes as f
join somme_declaree as s using (somme)
join compte as k
    on k.compte = s.compte and k.t = f.t and k.periode = f.periode and k.origine = 'lu'
join territoire as t on t.t = f.t
group by f.somme, f.t, f.periode, f.entiere, f.connus
order by all
"""


def declared_sums(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P16: a count that is the sum of others is so in each territory, or at least holds them."""
    for row in rows(con, _SOMMES):
        verb = "n'est pas" if row.entiere else "est plus petit que"
        text = (
            f"le total est {fr(row.total)} ({name(con, row.indicateur)}) et {verb} la somme de "
            f"{row.parties} partie(s), {fr(row.somme_des_parties)} : {fr(row.reste)} d'écart"
        )
        yield finding(con, "P16", row, text)
