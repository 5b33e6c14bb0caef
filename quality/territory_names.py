"""Has every published territory a name, and every quarter its EPCI? Reads tables, mends nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb

from quality.expectations import DoorResult
from warehouse.domain.format import guillemets, propre
from warehouse.release.relations import expose

#: Words that name no place by themselves: with the code alone beside them, a label is no name.
_COMMUNS = frozenset(
    re.findall(
        r"\w+",
        "qp qpv quartier quartiers epci ept ca cc cu commune communes département departement "
        "communauté métropole intercommunalité ensemble périmètre sans nom objet null nan none na "
        "nd de du des d la le les l",
    )
)
#: A code of a QPV, an EPCI, a commune, whatever the label wraps it in.
_CODES = re.compile(r"(?i)\b(q[pn][0-9ab]{5,6}[a-z]?|[0-9]{9}|[0-9][0-9ab][0-9]{3})\b")
_FAIRE = (
    "un EPCI se nomme par sa composition (insee_epci) d'une année qui l'a, que l'édition nomme, ou "
    "dans dbt_project/noms.yml ; un autre territoire, dans le fichier d'où vient son code"
)
#: Beyond so many codes, a paragraph is not read.
_DITS = 20
_SANS = "sans EPCI : "
#: Codes that one line of a run cites.
_CITES = 3
_NOMS = """
select code_territoire as code, libelle, libelle_long from publie_territoires
union all
select distinct 'EPCI:' || code_epci, libelle_epci, libelle_epci from publie_epci
order by 1
"""
#: The lists that a build database holds; one of them gave the code.
_LISTES = """
select table_name from duckdb_columns()
where schema_name = 'landing' and column_name = 'code' order by 1
"""
_RATTACHEMENTS = """
select constat, count(distinct code_territoire) as nb,
    string_agg(distinct code_territoire, ', ' order by code_territoire) as territoires
from intermediate.int_rattachements group by constat
order by starts_with(constat, 'sans EPCI : ') desc, nb desc, constat
"""


def is_nameless(code: str, label: str | None) -> bool:
    """Whether a label says nothing but its code: blank, a code, `EPCI 200093201`, `Sans objet`."""
    bare = code.rpartition("@")[2].rpartition(":")[2]
    # No model writes « Quartier QP059001 »: a list that says so names its quarter, poorly.
    if re.fullmatch(rf"(?i)quartier {re.escape(bare)}", propre(label)):
        return False
    said = _CODES.sub(" ", propre(label))
    words = {w.casefold() for w in re.findall(r"\w+", said)} - _COMMUNS
    # A perimeter may bear as code the word that names it; a code with a digit names nothing.
    if any(c.isdigit() for c in bare):
        words -= {w.casefold() for w in re.findall(r"\w+", bare)}
    return not words


def check_names(
    con: duckdb.DuckDBPyConnection, origin: Callable[[str], list[str]] = lambda code: []
) -> DoorResult:
    """The publication door, for names: every territory and every EPCI of a quarter has one.

    Args:
        con: the draft's tables.
        origin: code without its prefix → the files that speak of it.
    """
    expose(con, "territoires", "epci")
    rows = con.execute(_NOMS).fetchall()
    nameless: dict[str, str] = {}
    for code, *labels in rows:
        # The name of a set is that of its EPCI or département, judged under its own code.
        if not code.startswith("QPV@"):
            said = [propre(label) for label in labels if is_nameless(code, label)]
            nameless |= {code: nameless.get(code) or said[0]} if said else {}
    by_files: dict[str, list[str]] = {}
    for code, label in nameless.items():
        files = ", ".join(origin(code.rpartition(":")[2])) or "(aucun fichier atterri)"
        shown = f"{code} ({guillemets(label) if label else 'libellé vide'})"
        by_files.setdefault(files, []).append(shown)
    failures = [_sentence(codes, files) for files, codes in by_files.items()]
    return DoorResult(attentes=len(rows), echecs=failures)


def _sentence(codes: list[str], files: str) -> str:
    count = len(codes)
    more = f", et {count - _DITS} de plus" if count > _DITS else ""
    return (
        f"{count} territoire{'s' if count > 1 else ''} sans nom : "
        f"{', '.join(codes[:_DITS])}{more} ; le code vient de {files} ; {_FAIRE}"
    )


def files_of(con: duckdb.DuckDBPyConnection, code: str) -> list[str]:
    """Landed lists of a build database in which some cell holds this code, by file name."""
    found: dict[str, None] = {}
    wanted = code if len(code) > 3 else f"\x1f{code}\x1f"
    cells = "concat_ws(chr(31), '', *columns(c -> c not in ('geometrie', 'sha256')), '')"
    for (table,) in con.execute(_LISTES).fetchall():
        rows = con.execute(
            f'select distinct fichier from landing."{table}" where contains({cells}, ?) order by 1',
            [wanted],
        )
        found |= dict.fromkeys(file for (file,) in rows.fetchall() if file)
    return list(found)


def attachments(con: duckdb.DuckDBPyConnection) -> list[dict]:
    """What there is to say of EPCI and of whom they hold, from a build database.

    Rows: `constat`, `nb` territories, their codes as `territoires`; quarters without EPCI first.
    """
    return con.execute(_RATTACHEMENTS).to_arrow_table().to_pylist()


def summary(attached: list[dict]) -> list[str]:
    """What a run says of these: one line for the quarters without EPCI, one for the rest."""
    kinds: dict[bool, list[dict]] = {}
    for line in attached:
        kinds.setdefault(line["constat"].startswith(_SANS), []).append(line)
    said = []
    for without, lines in kinds.items():
        first, others = lines[0], len(lines) - 1
        codes = first["territoires"].split(", ")
        shown = ", ".join(codes[:_CITES]) + ("…" if len(codes) > _CITES else "")
        more = f" ; {others} autre{'s' if others > 1 else ''} constat{'s' if others > 1 else ''}"
        title, whose = ("Sans EPCI", "QPV") if without else ("EPCI à vérifier", "territoires")
        said.append(
            f"{title} : {sum(line['nb'] for line in lines)} {whose} ; "
            f"{first['constat'].removeprefix(_SANS)} ({shown})"
            + (f"{more} au rapport de qualité" if others else "")
        )
    return said
