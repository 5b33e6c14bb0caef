"""The figures of one sheet as JSON-stat 2.0, and the list of all: for R, JavaScript, portals.

https://json-stat.org/full/ : a cell has its place in the order of the dimensions; `status` says of
each row of the release what it is, and a cell that is no row has neither value nor status.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from warehouse.declared.dictionary import Indicateur
from warehouse.domain.format import periode_longue
from warehouse.domain.statuts import statuts
from warehouse.publication.profils.feuille import Feuille
from warehouse.publication.profils.tableau_csv import LigneDeTableau

#: The collection, in the folder of the sheets.
COLLECTION = "jsonstat.json"
#: A row of the release without a period: the edition has no source for its indicator.
_SANS_PERIODE = "sans"


def write_jsonstat(
    path: Path,
    feuille: Feuille,
    rows: Sequence[LigneDeTableau],
    indicateurs: Mapping[str, Indicateur],
    commun: Mapping[str, str],
) -> None:
    """What the sheet's CSV holds, unrounded.

    Args:
        commun: `edition`, `release_id`, and the day of the release as `jour`.
    """
    places = {row.code: row.libelle for row in rows}
    figures = {row.indicateur: row.nom for row in rows}
    periods = {row.periode or _SANS_PERIODE: "" for row in sorted(rows, key=lambda r: r.periode)}
    periods = {p: periode_longue(p) if p != _SANS_PERIODE else "sans période" for p in periods}
    ranks = [{code: n for n, code in enumerate(one)} for one in (places, figures, periods)]
    cells: dict[str, LigneDeTableau] = {}
    for row in rows:
        at = 0
        for code, rank in zip(
            (row.code, row.indicateur, row.periode or _SANS_PERIODE), ranks, strict=True
        ):
            at = at * len(rank) + rank[code]
        cells[str(at)] = row
    told = {
        "version": "2.0",
        "class": "dataset",
        "label": f"{feuille.nom}, {commun['edition']}",
        "source": " ; ".join(f"{s.titre}, {s.producteur}" for s in feuille.sources),
        "updated": commun["jour"],
        "id": ["territoire", "indicateur", "periode"],
        "size": [len(rank) for rank in ranks],
        "role": {"geo": ["territoire"], "metric": ["indicateur"], "time": ["periode"]},
        "dimension": {
            "territoire": _dimension("Territoire", places),
            "indicateur": _dimension("Indicateur", figures, _units(figures, indicateurs)),
            "periode": _dimension("Période", periods),
        },
        "value": {at: row.valeur for at, row in cells.items() if row.valeur is not None},
        "status": {at: row.statut for at, row in cells.items()},
        "note": [f"{code} : {one.libelle}. {one.sens}" for code, one in statuts().items()],
        "extension": {
            "publication": commun["release_id"],
            "motif": {at: row.motif for at, row in cells.items() if row.motif},
            "source": {
                at: f"{row.source} {row.millesime}" for at, row in cells.items() if row.source
            },
        },
    }
    path.write_text(_json(told), encoding="utf-8")


def write_collection(
    folder: Path, sheets: Iterable[tuple[str, str]], commun: Mapping[str, str]
) -> None:
    """`jsonstat.json`: every dataset beside it, as (name of its file, name of its place)."""
    items = [{"class": "dataset", "href": href, "label": name} for href, name in sheets]
    told = {
        "version": "2.0",
        "class": "collection",
        "label": f"Fiches des quartiers prioritaires, {commun['edition']}",
        "updated": commun["jour"],
        "link": {"item": items},
    }
    (folder / COLLECTION).write_text(_json(told), encoding="utf-8")


def _dimension(label: str, known: Mapping[str, str], unit: object = None) -> dict[str, object]:
    category: dict[str, object] = {"index": list(known), "label": dict(known)}
    return {"label": label, "category": category | ({"unit": unit} if unit else {})}


def _units(
    codes: Iterable[str], indicateurs: Mapping[str, Indicateur]
) -> dict[str, dict[str, object]]:
    known = ((code, indicateurs[code]) for code in codes)
    return {code: {"label": one.unite, "decimals": one.arrondi} for code, one in known}


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
