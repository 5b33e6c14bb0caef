"""What a release holds under some words: `chercher(connect(), "pauvreté denain")`."""

from __future__ import annotations

import duckdb

from warehouse.base.errors import QpvError
from warehouse.release.relations import expose
from warehouse.release.territory_lookup import close, suggestion

#: Characters of a search that are read: a page pasted by mistake is no search.
_LONGUEUR = 200
#: Everything that has a code, with the words that it is found by; `rang`: where they are told.
_CORPUS = """
    select
        'indicateur' as sorte, code_indicateur as code, libelle,
        unite || ', ' || theme as precision,
        code_indicateur || ' ' || libelle as noms, definition || ' ' || theme as textes
    from publie_indicateurs
    union all
    select
        type_territoire, code_territoire, libelle_long,
        concat_ws(', ', nullif(perimetre, ''), 'département ' || code_departement),
        code_territoire || ' ' || libelle_long || ' ' || libelle, ''
    from publie_territoires
"""
_TROUVES = f"""
with corpus as ({_CORPUS}),
plis as (
    select *, lower(strip_accents(noms)) as dans_noms, lower(strip_accents(textes)) as dans_textes
    from corpus
)
select sorte, code, libelle, precision
from plis
where list_bool_and([contains(dans_noms || ' ' || dans_textes, m) for m in $mots])
order by
    lower(strip_accents(libelle)) <> list_aggregate($mots, 'string_agg', ' '),
    not list_bool_and([contains(dans_noms, m) for m in $mots]),
    sorte <> 'indicateur', length(libelle), code
"""


def chercher(con: duckdb.DuckDBPyConnection, texte: str) -> duckdb.DuckDBPyRelation:
    """Indicators and territories whose code, label or definition holds all these words.

    Args:
        con: a release's tables, as `connect` opens them.
        texte: words or parts of words; case and accents do not matter.

    Returns:
        One row per match, the nearest first: `sorte` (indicateur, or the type of territory),
        `code`, `libelle`, `precision`.

    Raises:
        QpvError: no word was given, or nothing holds them; the message names what is close.
    """
    expose(con, "indicateurs", "territoires")
    folded = "select regexp_extract_all(lower(strip_accents($1)), '[a-z0-9@:]+')"
    [(mots,)] = con.execute(folded, [texte[:_LONGUEUR]]).fetchall()
    if not mots:
        raise QpvError("rien à chercher", attendu="un mot au moins : « pauvreté », « Denain »")
    found = con.sql(_TROUVES, params={"mots": mots})
    if found.limit(1).fetchone() is None:
        known = dict(con.execute(f"select distinct code, libelle from ({_CORPUS})").fetchall())
        near = {code: known[code] for code in close(texte[:_LONGUEUR], known)}
        raise QpvError(
            f"rien dans cette publication ne porte ces mots : {texte[:_LONGUEUR]!r}",
            faire=suggestion(near, "dim_indicateur ou dim_territoire"),
        )
    return found
