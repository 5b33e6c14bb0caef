"""A release's tables as the small files that the explorer reads. Judges and formats no figure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from warehouse.release.connect import open_reader
from warehouse.release.relations import expose

_TERME = re.compile(r"[a-z][a-z0-9]*_[a-z0-9_]+")
_TERRITOIRES = """
with noms as (
    select code_territoire,
        string_agg(distinct libelle_commune, ', ' order by libelle_commune) as communes
    from (
        select code_qpv as code_territoire, libelle_commune from publie_communes
        union all
        select 'QPV@EPCI:' || e.code_epci, c.libelle_commune from publie_communes as c
        inner join publie_epci as e on c.code_qpv = e.code_qpv and c.perimetre = e.perimetre
    ) group by code_territoire
),
passages as (
    select code_qpv as code_territoire,
        string_agg(code_qpv_origine, ', ' order by code_qpv_origine) as anciens
    from publie_passages group by code_qpv
)
select d.code_territoire, d.libelle, d.libelle_long, d.type_territoire, d.perimetre,
    d.code_departement, d.code_epci, coalesce(n.communes, '') as communes, p.anciens
from publie_territoires as d
left join noms as n using (code_territoire)
left join passages as p using (code_territoire)
where d.code_territoire in (select distinct code_territoire from publie_chiffres)
order by d.type_territoire, d.code_territoire
"""

_INDICATEURS = """
select code_indicateur as code, libelle, unite, arrondi, definition, formule, agregation,
    coalesce(theme, 'autres') as theme, rubrique, citation, periode,
    code_indicateur in (
        select f.code_indicateur from publie_chiffres_choisis as f
        inner join publie_sources as s using (source_id, millesime)
        where s.confiance = 'tierce' and f.statut = 'diffuse'
    ) as tierce
from publie_indicateurs order by rang
"""
#: Per figure that no file holds, the reason that most territories of its type are given.
_MANQUES = """
create temp table manques as
select type_territoire, code_indicateur, periode, motif
from publie_chiffres_choisis where statut = 'non_disponible'
group by type_territoire, code_indicateur, periode, motif
qualify row_number() over (
    partition by type_territoire, code_indicateur, periode order by count(*) desc, motif
) = 1
"""
#: Every reason once, by number: in the files of all territories, they would be two thirds.
_MOTIFS = """
create temp table motifs as
select motif, (row_number() over (order by motif) - 1)::int as numero
from (select motif from publie_chiffres_choisis union select motif from publie_evolutions_choisies)
where motif is not null
"""
_SOURCES = """
select source_id || ' ' || millesime as cle, millesime, any_value(titre) as titre,
    any_value(producteur) as producteur, any_value(page) as page, any_value(licence) as licence,
    bool_or(confiance = 'tierce') as tierce,
    string_agg(
        fichier || coalesce(' (sha256 ' || left(sha256, 12) || '…)', ' : absent'),
        ', ' order by fichier
    ) as fichiers
from publie_sources group by all order by 1
"""

#: Territories whose figures are gathered at once: all those of a nation would be 2 GB of lists.
_ENSEMBLE = 500
_CODES = "select distinct code_territoire from publie_chiffres_choisis order by 1"
_PAR_TERRITOIRE = """
with e as (
    select code_territoire, perimetre, code_indicateur, periode,
        list({p: periode_comparaison, s: statut, n: evolution_nb, c: evolution_pct,
            t: evolution_pts, m: r.numero}) as es
    from publie_evolutions_choisies left join motifs as r using (motif)
    where code_territoire between $1 and $2
    group by all
)
select f.code_territoire, to_json(list({
    i: f.code_indicateur, p: f.periode, v: f.valeur, s: f.statut, m: r.numero,
    o: f.source_id || ' ' || f.millesime, e: e.es
} order by f.code_indicateur, f.periode))
from publie_chiffres_choisis as f
left join e using (code_territoire, perimetre, code_indicateur, periode)
left join manques as m on f.type_territoire = m.type_territoire
    and f.code_indicateur = m.code_indicateur
    and f.periode is not distinct from m.periode
left join motifs as r on f.motif = r.motif
where f.code_territoire between $1 and $2 and (
    f.statut <> 'non_disponible' or e.es is not null or f.motif is distinct from m.motif
)
group by f.code_territoire order by f.code_territoire
"""


def file_of(code: str) -> str:
    """The name of a territory's file: nothing of a code may be a path."""
    return re.sub(r"[^0-9A-Za-z]+", "-", code)


class ExplorerTables:
    """Read-only view of a release's `qpv.duckdb`. A reason is a number: its place in `motifs`."""

    def __init__(self, database: Path) -> None:
        self.con = open_reader(database)
        expose(
            self.con,
            *("chiffres", "chiffres_choisis", "evolutions_choisies", "territoires"),
            *("indicateurs", "sources", "epci", "communes", "passages"),
        )
        self.con.execute(_MANQUES)
        self.con.execute(_MOTIFS)

    def close(self) -> None:
        self.con.close()

    def territoires(self) -> list[dict]:
        """Every territory with figures: code, names, type, département, EPCI, communes, and
        the codes of the earlier perimeter that it overlaps.
        """
        found = self.con.sql(_TERRITOIRES).to_arrow_table().to_pylist()
        return [t | {"fichier": file_of(t["code_territoire"])} for t in found]

    def indicateurs(self) -> list[dict]:
        """Every published indicator, in the dictionary's order; `termes`: each mesure of its
        formula, with the indicator that publishes it alone, if there is one.
        """
        found = self.con.sql(_INDICATEURS).to_arrow_table().to_pylist()
        alone = {i["formule"]: i["code"] for i in found}
        for i in found:
            terms = dict.fromkeys(_TERME.findall(i["formule"] or ""))
            i["termes"] = [
                {"mesure": term, "code": alone.get(term)} for term in terms if term != i["formule"]
            ]
        return found

    def motifs(self) -> list[str]:
        """Every reason or reserve that a figure or an evolution tells."""
        rows = self.con.execute("select motif from motifs order by numero").fetchall()
        return [motif for (motif,) in rows]

    def manques(self) -> dict[str, dict[str, int]]:
        """Type of territory → indicator → why no file holds its figure, where most lack it so."""
        found: dict[str, dict[str, int]] = {}
        rows = self.con.sql(
            "select m.type_territoire, m.code_indicateur, r.numero from manques as m"
            " inner join publie_indicateurs as i on m.code_indicateur = i.code_indicateur"
            " and m.periode is not distinct from i.periode"
            " inner join motifs as r on m.motif = r.motif"
        )
        for kind, code, reason in rows.fetchall():
            found.setdefault(kind, {})[code] = reason
        return found

    def sources(self) -> list[dict]:
        """Every millésime of every source, with its files and their fingerprints."""
        return self.con.sql(_SOURCES).to_arrow_table().to_pylist()

    def par_territoire(self) -> Iterator[tuple[str, str]]:
        """(code, JSON) of each territory: per figure, code, period, value, statut, motif, source,
        evolutions (period compared with, statut, in number, in %, in points, motif).

        A figure that no file holds has no row, unless an evolution speaks of it or its reason is
        not the one that `manques` tells.
        """
        codes = [code for (code,) in self.con.execute(_CODES).fetchall()]
        for start in range(0, len(codes), _ENSEMBLE):
            some = codes[start : start + _ENSEMBLE]
            yield from self.con.execute(_PAR_TERRITOIRE, [some[0], some[-1]]).fetchall()


def script(name: str, content: object) -> str:
    """A file that a page opened from a folder may read: a script, since fetch is refused there."""
    text = (
        content
        if isinstance(content, str)
        else json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    )
    return f"(window.QPV ??= {{}})[{json.dumps(name, ensure_ascii=True)}] = {text};\n"
