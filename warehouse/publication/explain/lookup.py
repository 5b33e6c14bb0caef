"""Which territory, indicator and period the user means, or the close ones. Reads the release."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import load_dictionary
from warehouse.release.published import IndicateurPublie, Territoire
from warehouse.release.reader import Reader
from warehouse.release.territory_lookup import close, find_code, suggestion, wrong_perimeter


def find_territoire(con: duckdb.DuckDBPyConnection, said: str, perimetre: str) -> Territoire:
    """The territory of that code, or of that SIREN (an EPCI); case does not matter.

    Raises:
        QpvError: unknown (close codes are named), or of a perimeter that this release lacks.
    """
    code = find_code(con, said)
    rows = Reader(con).territoires(codes=[code])
    found = next((t for t in rows if t.perimetre in (perimetre, "")), rows[0])
    if found.perimetre not in (perimetre, ""):
        raise wrong_perimeter(con, found.code, found.perimetre, perimetre)
    return found


def find_indicateur(reader: Reader, said: str) -> IndicateurPublie:
    """The published indicator of that code, or of that other name; case does not matter.

    Raises:
        QpvError: unknown or not published; close codes are named.
    """
    wanted = load_dictionary().code_de(said.strip().lower())
    published = reader.indicateurs()
    if wanted not in published:
        labels = {code: published[code].libelle for code in sorted(published)}
        raise QpvError(
            f"indicateur inconnu ou non publié : {said!r}",
            attendu="un code de dim_indicateur (docs/dictionnaire.md)",
            faire=suggestion(_like(wanted, labels), "dim_indicateur"),
        )
    return published[wanted]


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


def _like(wanted: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Code → label of those that look like the one wanted, or whose label does or holds it."""
    codes = close(wanted, {code: code for code in labels}) + close(wanted, labels)
    if len(wanted) > 3:
        codes += [c for c, label in labels.items() if wanted.casefold() in label.casefold()]
    return {code: labels[code] for code in dict.fromkeys(codes)}
