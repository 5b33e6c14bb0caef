"""What releases have shown, or hide, of the mesures under secrecy. Readers forget nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from warehouse.declared.dictionary import Dictionary, Indicateur
from warehouse.release.relations import expose

#: What a release tells of a cell, the strongest first.
ETATS = ("diffuse", "retire", "secret")
#: Decimals of a count that a share and its whole give: doubles lose the others.
_DECIMALS = 6
_ROWS = """
select code_territoire, perimetre, code_indicateur, periode, statut, valeur
from publie_chiffres where statut in ('diffuse', 'secret')
    and code_indicateur in (select unnest($1))
"""

_CHANGES = """
select code_territoire, perimetre, code_indicateur, periode, periode_comparaison, evolution_nb
from publie_evolutions where evolution_nb is not null and code_indicateur in (select unnest($1))
"""


def publications(
    releases: Sequence[Path],
    dictionary: Dictionary,
    secrets: Iterable[Mapping],
    withdrawn: Sequence[Path] = (),
) -> list[dict]:
    """Rows of `warehouse.release.loading.PUBLICATIONS_SCHEMA`, of every release there was.

    A reader keeps what a release showed: it stays known in all later ones, also of a release that
    was withdrawn (`retire`), and each value of it that was printed. An indicator that is one mesure
    tells its value; so does its share of another that is printed beside it, to the last digit, and
    its evolution beside the other period.

    Args:
        releases: folders of the releases that stand, oldest first.
        dictionary: which indicator is which mesure.
        secrets: rows of `warehouse.release.loading.SECRETS_SCHEMA`.
        withdrawn: folders of those that do not stand any more.
    """
    judged = {r["mesure"] for r in secrets if r["acces"] != "publique" and r["seuil"] is not None}
    counts = {c: m for c, i in dictionary.indicateurs.items() if (m := mesure_of(i)) in judged}
    wholes = {c: m for c, i in dictionary.indicateurs.items() if (m := mesure_of(i))}
    shares = {
        c: terms
        for c, i in dictionary.indicateurs.items()
        if (terms := _share(i)) and terms[0] in judged
    }
    if not counts and not shares:
        return []
    found: dict[tuple, dict[float | None, str]] = {}
    for folder, shown in [*((f, "diffuse") for f in releases), *((f, "retire") for f in withdrawn)]:
        with duckdb.connect(str(folder / "qpv.duckdb"), read_only=True) as con:
            expose(con, "chiffres", "evolutions")
            rows = con.execute(_ROWS, [[*wholes, *shares]]).fetchall()
            changes = con.execute(_CHANGES, [[*counts]]).fetchall()
        printed: dict[tuple, float | None] = {
            (territoire, perimetre, wholes[code], periode): valeur
            for territoire, perimetre, code, periode, statut, valeur in rows
            if code in wholes and statut == "diffuse"
        }
        for territoire, perimetre, code, periode, statut, valeur in rows:
            if code in counts:
                told = shown if statut == "diffuse" else statut
                _note(found, (territoire, perimetre, counts[code], periode), told, valeur)
            elif code in shares and statut == "diffuse":
                part, whole, factor = shares[code]
                total = printed.get((territoire, perimetre, whole, periode))
                if total is not None and valeur is not None:
                    solved = float(round(valeur * total / factor, _DECIMALS))
                    _note(found, (territoire, perimetre, part, periode), shown, solved)
        for territoire, perimetre, code, periode, before, change in changes:
            now, then = ((territoire, perimetre, counts[code], p) for p in (periode, before))
            for known, told, way in ((then, now, 1), (now, then, -1)):
                end = printed.get(known)
                if end is not None and printed.get(told) is None:
                    _note(found, told, shown, float(round(end + way * change, _DECIMALS)))
    names = ("code_territoire", "perimetre", "mesure", "periode")
    return [
        dict(zip(names, key, strict=True)) | {"etat": etat, "valeur": valeur}
        for key, told in found.items()
        for valeur, etat in told.items()
    ]


def _note(found: dict[tuple, dict], key: tuple, etat: str, valeur: float | None) -> None:
    """The strongest of what releases told of a value of a cell."""
    told = found.setdefault(key, {})
    told[valeur] = min(told.get(valeur, etat), etat, key=ETATS.index)


def mesure_of(i: Indicateur) -> str | None:
    """The mesure whose value an indicator is."""
    alone = list(i.num.values()) == [1] and not i.den and not i.den_ensemble and i.facteur == 1
    return next(iter(i.num)) if alone else None


def _share(i: Indicateur) -> tuple[str, str, float] | None:
    """The mesure that an indicator is a share of another of, that other, and its factor."""
    if list(i.num.values()) != [1] or list(i.den.values()) != [1]:
        return None
    return next(iter(i.num)), next(iter(i.den)), i.facteur
