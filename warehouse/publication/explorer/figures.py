"""What the explorer knows of a whole release: its index. Judges and formats no figure."""

from __future__ import annotations

import json
import re
from pathlib import Path

from warehouse.domain.types_territoire import types_territoire, wholes
from warehouse.publication.explorer.territory_files import TerritoryFiles
from warehouse.release.connect import open_reader
from warehouse.release.relations import expose

_TERME = re.compile(r"[a-z][a-z0-9]*_[a-z0-9_]+")
#: In the order of `n_territoires`, which files name by number.
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
    d.code_departement, d.code_epci, coalesce(n.communes, '') as communes, p.anciens,
    d.codes_communes as insee
from n_territoires as t
inner join publie_territoires as d using (code_territoire, perimetre)
left join noms as n using (code_territoire)
left join passages as p using (code_territoire)
order by t.numero
"""
_INDICATEURS = """
select i.code_indicateur as code, i.libelle, i.unite, i.type, i.arrondi, i.definition, i.formule,
    i.agregation, coalesce(i.theme, 'autres') as theme, i.rubrique, i.sens, i.citation,
    i.periode,
    i.code_indicateur in (
        select f.code_indicateur from publie_chiffres_choisis as f
        inner join publie_sources as s using (source_id, millesime)
        where s.confiance = 'tierce' and f.statut = 'diffuse'
    ) as tierce
from publie_indicateurs as i order by i.rang
"""
_SOURCES = """
select n.cle, s.millesime, any_value(s.titre) as titre,
    any_value(s.producteur) as producteur, any_value(s.page) as page,
    any_value(s.licence) as licence, bool_or(s.confiance = 'tierce') as tierce,
    string_agg(
        s.fichier || coalesce(' (sha256 ' || left(s.sha256, 12) || '…)', ' : absent'),
        ', ' order by s.fichier
    ) as fichiers
from n_sources as n
inner join publie_sources as s on n.source_id = s.source_id and n.millesime = s.millesime
group by n.numero, n.cle, s.millesime order by n.numero
"""
#: Each period in the order of time; `x`: the middle of what it describes, in years; of one that no
#: figure has, the middle of its year.
_PERIODES = """
select n.periode,
    coalesce(
        round(
            epoch(p.periode_debut::timestamp + (p.periode_fin - p.periode_debut) / 2
                * interval 1 day) / (365.25 * 86400) + 1970, 2
        ),
        try_cast(left(n.periode, 4) as double) + 0.5
    ) as x
from n_periodes as n
left join publie_periodes as p using (periode)
order by n.numero
"""


_AILLEURS = """
with liens as (
    select code_qpv_origine as code, code_qpv as ici from publie_passages
    union select code_qpv, code_qpv_origine from publie_passages
)
select d.code_territoire, d.libelle_long, d.perimetre,
    coalesce(list(n.code_territoire order by n.code_territoire) filter (n.numero >= 0), [])
from publie_territoires as d
left join liens as l on d.code_territoire = l.code
left join n_territoires as n on l.ici = n.code_territoire
where d.type_territoire = 'qpv'
    and d.code_territoire not in (select code_territoire from n_territoires)
group by all order by 1
"""


class ExplorerTables:
    """Read-only view of a release's `qpv.duckdb`. Files name periods, indicators, sources,
    territories and reasons by number: their place in the index."""

    def __init__(self, database: Path) -> None:
        self.con = open_reader(database)
        expose(
            self.con,
            *("chiffres", "chiffres_choisis", "evolutions", "comparabilites", "territoires"),
            *("ecarts", "positions", "semblables", "periodes"),
            *("indicateurs", "sources", "epci", "communes", "passages"),
        )
        self.files = TerritoryFiles(self.con)

    def close(self) -> None:
        self.con.close()

    def territoires(self) -> list[dict]:
        """Every territory with figures: code, names, type, département, EPCI, communes, their
        codes, and the codes of the earlier perimeter that it overlaps.
        """
        found = self.con.sql(_TERRITOIRES).to_arrow_table().to_pylist()
        return [t | {"fichier": file_of(t["code_territoire"])} for t in found]

    def indicateurs(self) -> list[dict]:
        """Every published indicator, in the dictionary's order; `termes`: each mesure of its
        formula, with the indicator that publishes it alone, if there is one; `periodes`: those
        of its figures, by number.
        """
        found = self.con.sql(_INDICATEURS).to_arrow_table().to_pylist()
        alone = {i["formule"]: i["code"] for i in found}
        periods = self.files.periodes()
        for i in found:
            terms = dict.fromkeys(_TERME.findall(i["formule"] or ""))
            i["termes"] = [
                {"mesure": term, "code": alone.get(term)} for term in terms if term != i["formule"]
            ]
            i["periodes"] = periods.get(i["code"], [])
        return found

    def periodes(self) -> list[tuple[str, float | None]]:
        """Every period, and where it is drawn."""
        return self.con.sql(_PERIODES).fetchall()

    def motifs(self) -> list[str]:
        """Every reason or reserve that a figure, an evolution, a gap or a link tells."""
        rows = self.con.execute("select motif from n_motifs order by numero").fetchall()
        return [motif for (motif,) in rows]

    def sources(self) -> list[dict]:
        """Every millésime of every source, with its files and their fingerprints."""
        return self.con.sql(_SOURCES).to_arrow_table().to_pylist()

    def d_ailleurs(self) -> dict[str, list]:
        """Quarters of another perimeter, of which nothing is shown here: name, perimeter, and the
        codes of this one that lists of passage set beside each.
        """
        rows = self.con.sql(_AILLEURS).fetchall()
        return {code: [name, perimetre, here] for code, name, perimetre, here in rows}


def comparateurs() -> dict[str, str]:
    """Type of each whole that a territory is set beside → how it is called there."""
    return {
        code: types_territoire()[code].en_reference or types_territoire()[code].court
        for code in wholes()
    }


def file_of(code: str) -> str:
    """The name of a territory's file: nothing of a code may be a path."""
    return re.sub(r"[^0-9A-Za-z]+", "-", code)


def script(name: str, content: object) -> str:
    """A file that a page opened from a folder may read: a script, since fetch is refused there."""
    text = (
        content
        if isinstance(content, str)
        else json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    )
    return f"(window.QPV ??= {{}})[{json.dumps(name, ensure_ascii=True)}] = {text};\n"
