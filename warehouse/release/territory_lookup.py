"""Which territory of a release somebody means, or the close ones. Reads the release's tables."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

import duckdb

from warehouse.base.errors import QpvError
from warehouse.domain.perimetres import perimeter_of
from warehouse.release.connect import texte_sql

FORMES = (
    "le code d'un QPV (QP059050), d'un ensemble (QPV@EPCI:200042190), d'un EPCI "
    "(EPCI:200042190 ou son SIREN), d'une commune (COM:59172), d'une unité urbaine (UU:59701), "
    "d'un département (DEP:59), d'une région (REG:32), FRMETRO, FR, "
    "EPCI_QPV@FRMETRO ou QPV@INSEE"
)
#: How alike a code or a label must be to be suggested (difflib's own threshold).
_LIKE = 0.6
_SUGGERES = 5


def find_code(con: duckdb.DuckDBPyConnection, said: str) -> str:
    """The code of a territory as the release writes it; case and blanks around do not matter.

    Raises:
        QpvError: no such territory; the message names the perimeter that the code belongs to, or
            the territories that may be meant.
    """
    wanted = said.strip().upper()
    if re.fullmatch(r"\d{9}", wanted):
        wanted = f"EPCI:{wanted}"
    # Written out: to bind it costs a third of a second of imports, as long as a fiche.
    row = con.execute(
        "select code_territoire from dim_territoire where upper(code_territoire) ="
        f" {texte_sql(wanted)}"
    ).fetchone()
    if row:
        return row[0]
    if refusal := _of_another_perimeter(con, wanted):
        raise refusal
    raise QpvError(
        f"territoire inconnu : {said!r}",
        attendu=FORMES,
        faire=suggestion(_meant(con, said), "dim_territoire"),
    )


def overlaps(con: duckdb.DuckDBPyConnection, code: str) -> list[tuple[str, str, str]]:
    """Code, label and relation of the QPV of the other perimeter that overlap this one."""
    return con.execute(
        "select p.code, coalesce(any_value(t.libelle_long), ''), any_value(p.relation) from ("
        " select code_qpv_origine as code, relation from passage_qpv where code_qpv = $1"
        " union all"
        " select code_qpv as code, relation from passage_qpv where code_qpv_origine = $1"
        ") as p left join dim_territoire as t on p.code = t.code_territoire"
        " group by p.code order by p.code",
        [code],
    ).fetchall()


def wrong_perimeter(
    con: duckdb.DuckDBPyConnection, code: str, own: str, perimetre: str
) -> QpvError:
    """The refusal of a quarter of one perimeter in a release about the other one."""
    near = [row[0] for row in overlaps(con, code)]
    return QpvError(
        f"{code} est un quartier du périmètre {own} ; "
        f"cette publication porte sur le périmètre {perimetre}",
        faire=f"interroger ceux que la table de passage lui rapproche : {', '.join(near)}"
        if near
        else f"interroger une publication du périmètre {own}, ou un quartier du périmètre "
        f"{perimetre}",
    )


def suggestion(found: Mapping[str, str], table: str) -> str:
    """What to try instead: codes with their labels, the first ones."""
    if not found:
        return f"chercher le code dans la table {table}"
    return "essayer " + ", ".join(f"{c} ({label})" for c, label in [*found.items()][:_SUGGERES])


def close(wanted: str, texts: Mapping[str, str]) -> list[str]:
    """The keys whose text is nearest to the one wanted, best first, then in order."""
    words = difflib.SequenceMatcher(b=wanted.casefold())
    scored = []
    for code, text in texts.items():
        words.set_seq1((text or "").casefold())
        if words.real_quick_ratio() >= _LIKE and words.ratio() >= _LIKE:
            scored.append((-words.ratio(), code))
    return [code for _, code in sorted(scored)[:4]]


def _of_another_perimeter(con: duckdb.DuckDBPyConnection, wanted: str) -> QpvError | None:
    """The refusal of a code that has the form of a perimeter without a quarter here."""
    held = con.execute(
        "select perimetre from dim_territoire where type_territoire = 'qpv' group by 1"
        " order by count(*) desc"
    ).fetchall()
    own = perimeter_of(wanted)
    if held and own and (own,) not in held:
        return wrong_perimeter(con, wanted, own, held[0][0])
    return None


def _meant(con: duckdb.DuckDBPyConnection, said: str) -> dict[str, str]:
    """Code → label of the territories that may be meant, the surest first."""
    named = con.execute("select code_territoire, libelle_long from dim_territoire order by 1")
    labels = dict(named.fetchall())
    bare = re.sub(r"[\s.]", "", said).upper()
    sure = [bare, f"EPCI:{bare}", f"DEP:{bare.removeprefix('DEP:').lstrip('0').zfill(2)}"]
    codes = [code for code in sure if code in labels]
    codes += close(bare, {code: code for code in labels})
    codes += close(said.strip(), labels)
    word = said.strip().casefold()
    if len(word) > 3:
        codes += [code for code, label in labels.items() if word in (label or "").casefold()]
    codes += [
        code
        for (code,) in con.execute(
            "select distinct code_qpv from pont_qpv_commune where code_commune = $1"
            " or strip_accents(lower(libelle_commune)) = strip_accents(lower($2)) order by 1",
            [bare.removeprefix("COM:"), said.strip()],
        ).fetchall()
        if code in labels
    ]
    return {code: labels[code] for code in dict.fromkeys(codes)}
