"""A QPV of today beside those of before: do its label, its passage code and its figures agree?

Nothing is ever joined by label: what this finds is for a person to verify.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from rapidfuzz import fuzz

from warehouse.domain.perimetres import known_perimeters

#: A neighbour bears the label when the two are so near, out of 100, words in any order.
SEUIL_NOM = 90
#: An origin bears it when one label holds most of the other: quarters gain a town's name.
SEUIL_ORIGINE = 70
#: Relative gap of a figure between two perimeters: under the first, it could be one quarter;
#: over the second, the quarter or its people changed. Two years of population move it by 0.05.
ECART_PROCHE, ECART_LOIN = 0.05, 0.25
#: One figure alone is near another one by chance.
MIN_CHIFFRES = 2
MESURES = {
    "pop_municipale": "population",
    "filo_mediane": "revenu médian",
    "filo_taux_pauvrete": "taux de pauvreté",
}
_ROMAINS = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}


@dataclass(frozen=True)
class Quartier:
    """A QPV, the communes and EPCI that it touches, and its figures: mesure → (value, period)."""

    code: str
    libelle: str
    zones: frozenset[str]
    chiffres: Mapping[str, tuple[float, str]] = field(default_factory=dict)


def to_verify(
    nouveaux: Sequence[Quartier],
    anciens: Sequence[Quartier],
    passage: Mapping[str, Sequence[str]],
) -> list[dict]:
    """QPV whose label or figures point to another code than their passage.

    Args:
        nouveaux: QPV in force, with an origin in `passage` or not.
        anciens: QPV 2015.
        passage: code in force → its origin codes.

    Returns:
        One row per finding: code, libelle, origines, autre, libelle_autre, constat, calculs.
    """
    by_code = {q.code: q for q in anciens}
    rows = []
    for one in nouveaux:
        origins = [by_code[c] for c in passage.get(one.code, ()) if c in by_code]
        if not origins:
            continue
        codes = {o.code for o in origins}
        around = [q for q in anciens if q.code not in codes and q.zones & one.zones]
        elsewhere = _by_name(one, origins, around) or _by_figures(one, origins, around)
        for other, found in elsewhere:
            rows.append(
                {
                    "code": one.code,
                    "libelle": one.libelle,
                    "origines": [f"{o.code} ({o.libelle})" for o in origins],
                    "autre": other.code,
                    "libelle_autre": other.libelle,
                    "constat": found,
                    "calculs": [_arithmetic(one, q) for q in (*origins, other)],
                }
            )
    return rows


def plain(label: str) -> str:
    """A label as compared: no accent, case, punctuation, or roman numeral."""
    bare = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return " ".join(_ROMAINS.get(w, w.lstrip("0") or w) for w in re.findall(r"[a-z0-9]+", bare))


def _by_name(
    one: Quartier, origins: list[Quartier], around: list[Quartier]
) -> list[tuple[Quartier, str]]:
    label = plain(one.libelle)
    own = max(fuzz.token_set_ratio(label, plain(o.libelle)) for o in origins)
    score, best = max(
        ((fuzz.token_sort_ratio(label, plain(q.libelle)), q) for q in around),
        key=lambda pair: pair[0],
        default=(0, None),
    )
    if best is None or score < SEUIL_NOM or own >= SEUIL_ORIGINE:
        return []
    return [
        (
            best,
            f"le libellé est celui de {best.code} ({score:.0f} sur 100), "
            f"non de son origine ({own:.0f} sur 100) ; {_figures_say(one, origins, best)}",
        )
    ]


def _by_figures(
    one: Quartier, origins: list[Quartier], around: list[Quartier]
) -> list[tuple[Quartier, str]]:
    """Where no origin is near and exactly one other quarter is."""
    far = [_gaps(one, o) for o in origins]
    if any(len(g) < MIN_CHIFFRES or max(g.values()) <= ECART_LOIN for g in far):
        return []
    near = [
        q
        for q in around
        if len(gaps := _gaps(one, q)) >= MIN_CHIFFRES and max(gaps.values()) <= ECART_PROCHE
    ]
    if len(near) != 1:
        return []
    return [(near[0], f"les chiffres sont proches de {near[0].code}, loin de son origine")]


def _figures_say(one: Quartier, origins: list[Quartier], other: Quartier) -> str:
    """Which of the two codes the figures are near, where they are near only one."""
    named = _gaps(one, other)
    for origin in origins:
        own = _gaps(one, origin)
        both = own.keys() & named.keys()
        if len(both) < MIN_CHIFFRES:
            continue
        here, there = max(own[m] for m in both), max(named[m] for m in both)
        if here <= ECART_PROCHE and there > ECART_LOIN:
            return f"les chiffres appuient le code ({origin.code})"
        if there <= ECART_PROCHE and here > ECART_LOIN:
            return f"les chiffres appuient le libellé ({other.code})"
    return "les chiffres ne tranchent pas"


def _gaps(one: Quartier, other: Quartier) -> dict[str, float]:
    """Relative gap of each figure that both have."""
    return {
        mesure: abs(value / other.chiffres[mesure][0] - 1)
        for mesure, (value, _) in one.chiffres.items()
        if mesure in other.chiffres and other.chiffres[mesure][0]
    }


def _arithmetic(one: Quartier, other: Quartier) -> str:
    said = []
    for mesure, name in MESURES.items():
        if mesure not in one.chiffres:
            continue
        value, period = one.chiffres[mesure]
        if mesure not in other.chiffres:
            said.append(f"{name} : {value:g} ({period}), absent de {other.code}")
            continue
        before, then = other.chiffres[mesure]
        gap = f" ({100 * (value / before - 1):+.0f} %)" if before else ""
        said.append(f"{name} : {value:g} ({period}) contre {before:g} ({then}){gap}")
    figures = " ; ".join(said) or "aucun chiffre commun"
    return f"{other.code} ({other.libelle}) : {figures}".replace(".", ",")


def read_quarters(
    con: duckdb.DuckDBPyConnection, cells: Sequence[Path]
) -> tuple[list[Quartier], list[Quartier], dict[str, list[str]]]:
    """QPV in force, QPV 2015 and the passage, from a release's tables and the landed figures.

    Args:
        con: the release's `qpv.duckdb`.
        cells: landed Parquet files; of each mesure, the newest diffused period is kept.
    """
    figures: dict[str, dict[str, tuple[float, str]]] = {}
    if cells:
        query = (
            "select code_territoire, mesure, arg_max(valeur, periode_debut), "
            "arg_max(periode, periode_debut) from read_parquet($paths) where statut = 'diffuse' "
            "and perimetre <> '' and mesure in (select unnest($mesures)) group by all"
        )
        params = {"paths": [str(p) for p in cells], "mesures": list(MESURES)}
        for code, mesure, value, period in con.execute(query, params).fetchall():
            figures.setdefault(code, {})[mesure] = (value, period)
    rows = con.execute(
        "with zones as (select code_qpv, code_commune as zone from pont_qpv_commune "
        "union select code_qpv, code_epci from pont_qpv_epci) "
        "select code_territoire, perimetre, libelle, list(zone) filter (zone is not null) "
        "from dim_territoire left join zones on code_qpv = code_territoire "
        "where type_territoire = 'qpv' group by all order by code_territoire"
    ).fetchall()
    quarters: dict[str, list[Quartier]] = {perimetre: [] for perimetre in known_perimeters()}
    for code, perimetre, libelle, zones in rows:
        one = Quartier(code, libelle or "", frozenset(zones or ()), figures.get(code, {}))
        quarters[perimetre].append(one)
    passage: dict[str, list[str]] = {}
    links = "select code_qpv, code_qpv_origine from passage_qpv order by all"
    for code, origin in con.execute(links).fetchall():
        passage.setdefault(code, []).append(origin)
    before, current = known_perimeters()[-2:]
    return quarters[current], quarters[before], passage
