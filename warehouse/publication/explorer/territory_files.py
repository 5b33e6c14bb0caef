"""The figures of one territory, in numbers: small files, of which the explorer reads a few.

A file is `{f, e, g, r, s, c}`; each row is a list without its empty end:
`f`: indicator → points `[period, value, source, joined to, statut, reason, why not to the one
before, reserve of the link]`;
`e`: indicator → evolutions `[period, since, in number, in %, in points, statut, reason]`;
`g`: indicator → gaps `[to, period, gap, in points, since, gap then, trend, reason]`;
`r`: indicator → its place among the QPV, as `_RANGS` orders it; `s`: the quarters most like it;
`c`: type of comparison → territory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb

from warehouse.domain.statuts import statuts
from warehouse.release.connect import texte_sql
from warehouse.release.series import REFUS, liens

#: Trends, classes of level and of move, by number.
TENDANCES = ("se_resserre", "se_creuse", "stable", "non_etabli")
NIVEAUX = ("defavorable", "intermediaire", "favorable")
MOUVEMENTS = ("moins_bien", "comme_les_autres", "mieux")


def _en_liste(words: Iterable[str]) -> str:
    return f"[{', '.join(map(texte_sql, words))}]"


#: Territories whose figures are gathered at once: all those of a nation would be 2 GB of lists.
_ENSEMBLE = 500
_ENTRE = "code_territoire between $de and $a"

#: What files name by number. Every reason stands once: in each file, they would be two thirds.
_NUMEROS = """
create temp table n_territoires as
select code_territoire, perimetre, type_territoire,
    (row_number() over (order by type_territoire, code_territoire) - 1)::int as numero
from publie_territoires
where code_territoire in (select distinct code_territoire from publie_chiffres);
create temp table n_indicateurs as
select code_indicateur, (row_number() over (order by rang) - 1)::int as numero
from publie_indicateurs;
create temp table n_periodes as
select periode, (row_number() over (order by periode) - 1)::int as numero
from (select distinct periode from publie_chiffres where periode is not null
    union select periode_comparaison from publie_evolutions where periode_comparaison is not null
    union select periode from publie_indicateurs where periode is not null);
create temp table n_sources as
select source_id, millesime, source_id || ' ' || millesime as cle,
    (row_number() over (order by cle) - 1)::int as numero
from (select distinct source_id, millesime from publie_sources);
create temp table n_motifs as
select motif, (row_number() over (order by motif) - 1)::int as numero
from (
    select motif from publie_chiffres union select motif from publie_evolutions
    union select motif from publie_ecarts union select motif from publie_comparabilites
    union select unnest({refus})
) where motif is not null;
create temp table n_statuts as
select unnest({statuts}) as statut, unnest(range({nb_statuts})) as numero;
create temp table tailles as
select distinct classe_taille from publie_positions where classe_taille is not null;
"""
#: Per figure that no file holds, the reason that most territories of its type are given. Of a
#: period that the edition does not put forward, only where all of them have a row.
_MANQUES = """
create temp table manques as
with tous as (select type_territoire, count(*) as n from n_territoires group by all),
raisons as (
    select type_territoire, code_indicateur, periode, motif, count(*) as n,
        any_value(en_avant) as en_avant
    from publie_chiffres where statut = 'non_disponible' group by all
),
lignes as (
    select type_territoire, code_indicateur, periode, count(*) as n
    from publie_chiffres group by all
)
select r.type_territoire, r.code_indicateur, r.periode, r.motif
from raisons as r
inner join tous as t using (type_territoire)
inner join lignes as l on r.type_territoire = l.type_territoire
    and r.code_indicateur = l.code_indicateur and r.periode is not distinct from l.periode
where r.en_avant or r.periode is null or l.n = t.n
qualify row_number() over (
    partition by r.type_territoire, r.code_indicateur, r.periode order by r.n desc, r.motif
) = 1
"""

_CODES = "select code_territoire from n_territoires order by 1"
_POINTS = f"""
with liens as ({liens(_ENTRE)})
select f.code_territoire, i.numero as i, p.numero as p, f.valeur as v, o.numero as o,
    d.numero as d, nullif(s.numero, 0) as s, m.numero as m, r.numero as r,
    x.numero as x
from publie_chiffres as f
inner join n_territoires as t using (code_territoire, perimetre)
inner join n_indicateurs as i using (code_indicateur)
inner join n_statuts as s using (statut)
left join n_periodes as p on f.periode = p.periode
left join n_sources as o on f.source_id = o.source_id and f.millesime = o.millesime
left join n_motifs as m on f.motif = m.motif
left join manques as q on f.type_territoire = q.type_territoire
    and f.code_indicateur = q.code_indicateur and f.periode is not distinct from q.periode
left join liens as l on f.code_territoire = l.code_territoire and f.perimetre = l.perimetre
    and f.code_indicateur = l.code_indicateur and f.periode = l.periode
left join n_periodes as d on l.comparable_depuis = d.periode
left join n_motifs as r on l.refus = r.motif
left join n_motifs as x on l.reserve = x.motif
where f.{_ENTRE} and (f.statut <> 'non_disponible' or f.motif is distinct from q.motif)
"""
#: To a millionth, as gaps are: what is beyond is the tail of a subtraction. What no figure is
#: there for says so where the figure stands.
_EVOLUTIONS = f"""
select e.code_territoire, i.numero as i, p.numero as p, a.numero as a,
    round(e.evolution_nb, 6) as n, round(e.evolution_pct, 6) as c, round(e.evolution_pts, 6) as t,
    nullif(s.numero, 0) as s, m.numero as m
from publie_evolutions as e
inner join n_territoires as n using (code_territoire, perimetre)
inner join n_indicateurs as i using (code_indicateur)
inner join n_statuts as s using (statut)
inner join n_periodes as p on e.periode = p.periode
left join n_periodes as a on e.periode_comparaison = a.periode
left join n_motifs as m on e.motif = m.motif
where e.{_ENTRE} and (e.statut <> 'non_disponible' or e.periode_comparaison is null or (
    e.code_territoire, e.perimetre, e.code_indicateur, e.periode
) in (
    select (code_territoire, perimetre, code_indicateur, periode) from publie_chiffres
    where statut = 'diffuse' and {_ENTRE}
))
"""
_ECARTS = f"""
select g.code_territoire, i.numero as i, v.numero as vers, p.numero as p, g.ecart as e,
    if(g.unite_ecart = 'points', 1, 0) as u, a.numero as a, g.ecart_comparaison as b,
    list_position({_en_liste(TENDANCES)}, g.tendance) - 1 as t, m.numero as m
from publie_ecarts as g
inner join n_territoires as n using (code_territoire, perimetre)
inner join n_indicateurs as i using (code_indicateur)
inner join n_territoires as v on g.code_reference = v.code_territoire
inner join n_periodes as p on g.periode = p.periode
left join n_periodes as a on g.periode_comparaison = a.periode
left join n_motifs as m on g.motif = m.motif
where g.{_ENTRE}
"""
#: What a place is: 1 is the least favourable. Classes of size are `tailles` of the index.
_COLONNES_DES_RANGS = (
    "p rang_france nb_france rang_taille nb_taille rang_semblables nb_semblables"
    " taille niveau mouvement depuis rang_mouvement nb_mouvement"
)
_RANGS = f"""
select r.code_territoire, i.numero as i, p.numero as p, r.rang_france, r.nb_france,
    r.rang_taille, r.nb_taille, r.rang_semblables, r.nb_semblables,
    list_position({_en_liste(NIVEAUX)}, r.niveau) - 1 as niveau,
    list_position({_en_liste(MOUVEMENTS)}, r.mouvement) - 1 as mouvement, a.numero as depuis,
    r.rang_mouvement, r.nb_mouvement,
    list_position((select list(classe_taille order by classe_taille) from tailles), r.classe_taille)
        - 1 as taille
from publie_positions as r
inner join n_territoires as n using (code_territoire, perimetre)
inner join n_indicateurs as i using (code_indicateur)
inner join n_periodes as p on r.periode = p.periode
left join n_periodes as a on r.periode_comparaison = a.periode
where r.{_ENTRE}
"""
_SEMBLABLES = f"""
select s.code_qpv as code_territoire, v.numero as v, s.rang as i
from publie_semblables as s
inner join n_territoires as n on s.code_qpv = n.code_territoire and s.perimetre = n.perimetre
inner join n_territoires as v on s.code_semblable = v.code_territoire
where s.{_ENTRE.replace("code_territoire", "code_qpv")}
"""
_COMPARATEURS = f"""
select distinct g.code_territoire, g.reference as i, v.numero as v
from publie_ecarts as g
inner join n_territoires as v on g.code_reference = v.code_territoire
where g.{_ENTRE}
"""

#: Rows of one territory by indicator, each as a list without its empty end.
_PAR_INDICATEUR = """
select code_territoire, '{{' || string_agg('"' || i || '":[' || rows || ']', ',' order by i) || '}}'
from (
    select code_territoire, i,
        string_agg('[' || concat_ws(',', {colonnes}) || ']', ',' order by {ordre}) as rows
    from ({requete}) group by code_territoire, i
) group by code_territoire
"""
_SEULS = """
select code_territoire, '[' || string_agg(v, ',' order by i) || ']'
from ({requete}) group by code_territoire
"""
_NOMMES = """
select code_territoire, '{{' || string_agg('"' || i || '":' || v, ',' order by i) || '}}'
from ({requete}) group by code_territoire
"""


def _rangees(requete: str, colonnes: str, ordre: str) -> str:
    written = ", ".join(f"coalesce({name}::varchar, 'null')" for name in colonnes.split())
    return _PAR_INDICATEUR.format(requete=requete, colonnes=written, ordre=ordre)


#: Part of a file → the query of its text by territory.
_PARTIES = {
    "f": _rangees(_POINTS, "p v o d s m r x", "p"),
    "e": _rangees(_EVOLUTIONS, "p a n c t s m", "p, a"),
    "g": _rangees(_ECARTS, "vers p e u a b t m", "vers, a"),
    "r": _rangees(_RANGS, _COLONNES_DES_RANGS, "p"),
    "s": _SEULS.format(requete=_SEMBLABLES),
    "c": _NOMMES.format(requete=_COMPARATEURS),
}


class TerritoryFiles:
    """The figures of a release by territory; its relations are exposed on the connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        known = list(statuts())
        numbers = _NUMEROS.format(
            refus=_en_liste(REFUS), statuts=_en_liste(known), nb_statuts=len(known)
        )
        con.execute(numbers)
        con.execute(_MANQUES)

    def tailles(self) -> list[str]:
        """Classes of size, by number."""
        rows = self._con.execute("select classe_taille from tailles order by 1").fetchall()
        return [taille for (taille,) in rows]

    def periodes(self) -> dict[str, list[int]]:
        """Indicator → the periods of its figures, by number."""
        rows = self._con.execute(
            "select code_indicateur, list(distinct p.numero order by p.numero)"
            " from publie_chiffres inner join n_periodes as p using (periode) group by all"
        )
        return dict(rows.fetchall())

    def manques(self) -> dict[str, dict[str, dict[str, int]]]:
        """Type of territory → indicator → period, empty where there is none → why no file holds
        its figure, where most lack it so; all by number but the type."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        rows = self._con.execute(
            "select m.type_territoire, i.numero, coalesce(p.numero::varchar, ''), r.numero"
            " from manques as m inner join n_indicateurs as i using (code_indicateur)"
            " left join n_periodes as p on m.periode = p.periode"
            " inner join n_motifs as r on m.motif = r.motif order by all"
        )
        for kind, indicateur, periode, reason in rows.fetchall():
            found.setdefault(kind, {}).setdefault(str(indicateur), {})[periode] = reason
        return found

    def par_territoire(self) -> Iterator[tuple[str, str]]:
        """(code, JSON) of each territory with figures.

        A figure that no file holds has no point, unless its reason is not the one that `manques`
        tells.
        """
        codes = [code for (code,) in self._con.execute(_CODES).fetchall()]
        for start in range(0, len(codes), _ENSEMBLE):
            some = codes[start : start + _ENSEMBLE]
            between = {"de": some[0], "a": some[-1]}
            parts = {
                name: dict(self._con.execute(query, between).fetchall())
                for name, query in _PARTIES.items()
            }
            for code in some:
                said = (f'"{name}":{rows[code]}' for name, rows in parts.items() if code in rows)
                yield code, _court("{" + ",".join(said) + "}")


def _court(text: str) -> str:
    """Numbers as they are read: whole ones without a decimal, lists without their empty end.

    By plain replacements: two thirds of the time of patterns, on the texts of a nation.
    """
    text = text.replace(".0,", ",").replace(".0]", "]")
    while ",null]" in text:
        text = text.replace(",null]", "]")
    return text
