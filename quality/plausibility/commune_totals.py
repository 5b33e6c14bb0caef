"""P14, P15: counts about the communes of a quarter, beside one another and beside its neighbours'.

Which communes a figure is about is what its own file says (table `communes` of the corpus).
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from quality.plausibility.findings import Finding, fr
from quality.plausibility.query import finding, rows

#: One row per figure about communes: the quarter, what it counts, and the communes it is about.
_CHIFFRES = """
with dites as (
    select t, mesure, tout, periode, list_sort(list(commune)) as liste,
        string_agg(nom, ', ' order by nom) as noms
    from communes group by all
),
chiffres as (
    select d.*, g.code as territoire, c.indicateur, c.valeur, c.bas, c.haut, c.ou
    from dites as d
    join definition as f on f.num = d.mesure and f.den is null and not f.den_ensemble
    join chiffre as c on c.t = d.t and c.indicateur = f.indicateur and c.periode = d.periode
        and c.grandeur = 'niveau' and c.valeur is not null
    join territoire as g on g.t = d.t
)
"""

_DANS_LES_COMMUNES = (
    _CHIFFRES
    + """
select p.territoire, p.indicateur, p.periode, p.valeur as partie, w.valeur as tout, p.noms,
    [p.ou, w.ou] as ou
from chiffres as p
join chiffres as w on w.t = p.t and w.periode = p.periode and w.mesure = p.tout
where p.mesure != p.tout and p.bas > w.haut + 1e-6
order by all
"""
)

#: What most quarters with the same list say; what a list of known single communes adds up to.
_UN_CHIFFRE = (
    _CHIFFRES
    + """
, habituels as (
    select mesure, periode, liste, mode(valeur) as valeur, count(*) as quartiers,
        count(*) filter (valeur = m) as d_accord
    from (select *, mode(valeur) over (partition by mesure, periode, liste) as m from chiffres)
    group by all
),
sommes as (
    select c.t, c.mesure, c.periode, sum(h.valeur) as somme,
        string_agg(h.valeur::bigint::varchar, ' + ') as calcul
    from (select *, unnest(liste) as commune from chiffres where len(liste) > 1) as c
    left join habituels as h on h.mesure = c.mesure and h.periode = c.periode
        and h.liste = [c.commune]
    group by all having count(*) = count(h.valeur)
)
select c.territoire, c.indicateur, c.periode, c.valeur, c.noms, [c.ou] as ou,
    h.valeur as habituel, h.d_accord, s.somme, c.valeur != h.valeur as est_seul
from chiffres as c
join habituels as h using (mesure, periode, liste)
left join sommes as s on s.t = c.t and s.mesure = c.mesure and s.periode = c.periode
where c.valeur != h.valeur or c.valeur != s.somme
    -- Two figures and no majority: neither can be preferred.
    or h.quartiers > 1 and 2 * h.d_accord <= h.quartiers
order by all
"""
)


def part_of_communes(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P14: a count of some people of the communes is not above their population."""
    for row in rows(con, _DANS_LES_COMMUNES):
        text = f"{fr(row.partie)}, plus que les {fr(row.tout)} habitants de {row.noms}"
        yield finding(con, "P14", row, text)


def one_figure_per_communes(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P15: one list of communes has one figure, which is the sum of those of its communes."""
    for row in rows(con, _UN_CHIFFRE):
        if row.est_seul:
            s = "s" if row.d_accord > 1 else ""
            text = (
                f"{fr(row.valeur)} pour {row.noms}, contre {fr(row.habituel)} pour {row.d_accord} "
                f"quartier{s} des mêmes communes"
            )
        elif row.somme is not None and row.somme != row.valeur:
            text = (
                f"{fr(row.valeur)} pour {row.noms}, dont les chiffres dans le même fichier font "
                f"{fr(row.somme)}"
            )
        else:
            text = f"{fr(row.valeur)} pour {row.noms}, et d'autres chiffres pour les mêmes communes"
        yield finding(con, "P15", row, text)
