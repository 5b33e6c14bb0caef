"""Which territory, indicator and period the user means, or the close ones. Reads the release."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

import duckdb

from warehouse.dictionary import load_dictionary
from warehouse.errors import QpvError
from warehouse.explain.facts import Indicateur, Territoire

_TERRITOIRE = (
    "code_territoire, type_territoire, libelle, libelle_long, perimetre, code_departement,"
    " code_epci, est_metropole, nb_qpv"
)
_INDICATEUR = (
    "code_indicateur, libelle, unite, type, arrondi, definition, agregation, formule, citation,"
    " producteur, periode, periode_comparaison"
)

#: How alike a code or a label must be to be suggested (difflib's own threshold).
_LIKE = 0.6


def find_territoire(con: duckdb.DuckDBPyConnection, said: str, perimetre: str) -> Territoire:
    """The territory of that code, or of that SIREN (an EPCI); case does not matter.

    Raises:
        QpvError: unknown (close codes are named), or of a perimeter that this release lacks.
    """
    wanted = said.strip().upper()
    if re.fullmatch(r"\d{9}", wanted):
        wanted = f"EPCI:{wanted}"
    rows = con.execute(
        f"select {_TERRITOIRE} from dim_territoire where upper(code_territoire) = ?"
        " order by perimetre in (?, '') desc",
        [wanted, perimetre],
    ).fetchall()
    if not rows:
        labels = con.execute("select code_territoire, libelle from dim_territoire order by 1")
        raise QpvError(
            f"territoire inconnu : {said!r}",
            attendu="le code d'un QPV (QP059050), d'un ensemble (QPV@EPCI:200042190), d'un EPCI "
            "(EPCI:200042190 ou son SIREN), d'un département (DEP:59), FRMETRO ou QPV@INSEE",
            faire=_suggestion(wanted, dict(labels.fetchall()), "dim_territoire"),
        )
    found = Territoire(*rows[0])
    if found.perimetre not in (perimetre, ""):
        near = [row[0] for row in overlaps(con, found.code)]
        raise QpvError(
            f"{found.code} est un quartier du périmètre {found.perimetre} ; "
            f"cette publication porte sur le périmètre {perimetre}",
            faire=f"interroger ceux que la table de passage lui rapproche : {', '.join(near)}"
            if near
            else f"interroger un quartier du périmètre {perimetre}",
        )
    return found


def find_indicateur(con: duckdb.DuckDBPyConnection, said: str) -> Indicateur:
    """The published indicator of that code, or of that other name; case does not matter.

    Raises:
        QpvError: unknown or not published; close codes are named.
    """
    wanted = load_dictionary().code_de(said.strip().lower())
    row = con.execute(
        f"select {_INDICATEUR} from dim_indicateur where code_indicateur = ?", [wanted]
    ).fetchone()
    if row is None:
        labels = con.execute("select code_indicateur, libelle from dim_indicateur order by 1")
        raise QpvError(
            f"indicateur inconnu ou non publié : {said!r}",
            attendu="un code de dim_indicateur (docs/dictionnaire.md)",
            faire=_suggestion(wanted, dict(labels.fetchall()), "dim_indicateur"),
        )
    return Indicateur(*row)


def check_periode(said: str, known: list[str], code: str) -> str:
    """One of the known period labels.

    Raises:
        QpvError: another; the known ones are named.
    """
    wanted = said.strip().upper()
    if wanted not in known:
        raise QpvError(
            f"cette publication n'a pas {code} pour la période {said!r}",
            attendu=f"une de : {', '.join(known)}" if known else "aucune période : pas de source",
            faire="donner une de ces périodes, ou ôter --periode pour les voir toutes",
        )
    return wanted


def overlaps(con: duckdb.DuckDBPyConnection, code: str) -> list[tuple[str, str, str]]:
    """Code, label and relation of the QPV of the other perimeter that overlap this one."""
    return con.execute(
        "select p.code, coalesce(any_value(t.libelle), ''), any_value(p.relation) from ("
        " select code_qpv_origine as code, relation from passage_qpv where code_qpv = $1"
        " union all"
        " select code_qpv as code, relation from passage_qpv where code_qpv_origine = $1"
        ") as p left join dim_territoire as t on p.code = t.code_territoire"
        " group by p.code order by p.code",
        [code],
    ).fetchall()


def _suggestion(wanted: str, labels: Mapping[str, str], table: str) -> str:
    """The codes that look like the one wanted, or whose label does."""
    codes = _close(wanted, {code: code for code in labels})
    codes += [c for c in _close(wanted, labels) if c not in codes]
    for code, label in labels.items():
        named = len(wanted) > 3 and wanted.casefold() in (label or "").casefold()
        if named and code not in codes:
            codes.append(code)
    if not codes:
        return f"chercher le code dans la table {table}"
    return "essayer " + ", ".join(f"{c} ({labels[c]})" for c in codes[:5])


def _close(wanted: str, texts: Mapping[str, str]) -> list[str]:
    """The codes whose text is nearest to the one wanted, best first, then in order."""
    words = difflib.SequenceMatcher(b=wanted.casefold())
    scored = []
    for code, text in texts.items():
        words.set_seq1((text or "").casefold())
        if words.real_quick_ratio() >= _LIKE and words.ratio() >= _LIKE:
            scored.append((-words.ratio(), code))
    return [code for _, code in sorted(scored)[:4]]
