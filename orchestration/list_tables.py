"""Counts of a list by quarter and by category, as the table that may be published."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.lists.list_file import OwnList
from ingest.lists.placed_list import inert_texts, refuse_published, write_whole_csv
from ingest.lists.placing import DANS, HORS, INCERTAIN, SANS_LIEU, Placed
from ingest.lists.quarter_outlines import Generation
from orchestration.located_lists import LocatedList
from quality.secrecy.own_lists.counts_to_give import ENSEMBLE, ToGive, counts_to_give
from quality.secrecy.own_lists.given_counts import given_counts
from quality.secrecy.own_lists.list_counts import counts_of
from quality.secrecy.tables.audit_report import write_json
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.declared.secret import rule_of_lists

#: What is no quarter, with its words; the code of a quarter never starts so.
QUARTIERS, LISTE = "~QUARTIERS", "~LISTE"
_HORS, _PRES, _DOUTE, _SANS = "~HORS", "~PRES", "~A_VERIFIER", "~SANS_LIEU"
HEADER = (
    *("perimetre", "territoire", "libelle", "colonne", "modalite"),
    *("effectif", "part_territoire", "part_modalite"),
)


@dataclass(frozen=True)
class ListTable:
    """One table as it was written, and what is told of it: `doubles`, rows counted once.

    `colonne`, `metres`: those that were asked for; the table may be of earlier ones.
    """

    colonne: str
    metres: float | None
    generation: Generation
    given: ToGive
    fichiers: list[Path]
    doubles: int


def write_counts(
    found: LocatedList,
    colonne: str,
    perimetre: str,
    out: Path,
    layout: Layout,
    *,
    near: float | None = None,
    identifiant: str | None = None,
) -> ListTable:
    """Count a list by quarter and by one of its columns; write what may be published.

    Args:
        perimetre: the generation of outlines.
        identifiant: the column that names each person, who is then counted once.

    Raises:
        QpvError: no such column, no such outlines, too many categories, a figure that comes out.
    """
    refuse_published(out, layout)
    if perimetre not in found.placed:
        raise QpvError(
            f"aucun contour du périmètre {perimetre}",
            ou="--perimetre",
            attendu=f"un de : {', '.join(found.placed)}",
        )
    generation, placed = found.placed[perimetre]
    header = found.liste.column(colonne, "--comptes")
    kept, doubles = _once(found.liste, identifiant)
    places = _places(generation, placed, near)[kept]

    def cells(name: str) -> list[str] | None:
        if name not in found.liste.header:
            return None
        return found.liste.texts(name).take(pa.array(kept)).to_pylist()

    counts = counts_of(perimetre, header, places.tolist(), cells(header) or [], near)
    with given_counts(layout) as given:
        to_give = counts_to_give(counts, given, rule_of_lists(), cells)
    table = _table(to_give, generation)
    path = write_whole_csv(out, table, ",", 0o644)
    proof = out.with_suffix(".audit.json")
    write_json(to_give.audit, proof, to_give.reach)
    return ListTable(header, near, generation, to_give, [path, proof], doubles)


def counts_file(liste: Path, colonne: str, header: Sequence[str]) -> Path:
    """Where the counts by a column go: beside the list, under its name.

    Columns of one list whose names come to the same letters are told apart by their order.
    """
    alike = [name for name in header if _slug(name) == _slug(colonne)]
    order = f"-{alike.index(colonne) + 1}" if len(alike) > 1 else ""
    return liste.with_name(f"{liste.stem}_comptes_{_slug(colonne)}{order}.csv")


def _slug(colonne: str) -> str:
    plain = unicodedata.normalize("NFKD", colonne).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:40] or "colonne"


def _once(liste: OwnList, identifiant: str | None) -> tuple[np.ndarray, int]:
    """The rows to count, and how many others bear an identifier that was already there."""
    everyone = np.arange(liste.rows)
    if identifiant is None:
        return everyone, 0
    named = liste.texts(liste.column(identifiant, "--identifiant")).dictionary_encode()
    _, first = np.unique(named.indices.to_numpy(), return_index=True)
    blank = np.flatnonzero(pc.equal(named.cast(pa.string()), "").to_numpy(zero_copy_only=False))
    kept = np.union1d(first, blank)
    return kept, liste.rows - len(kept)


def _places(generation: Generation, placed: Placed, near: float | None) -> np.ndarray:
    """(n,) the row of the table in which each row of the list is counted."""
    codes = np.array([zone.code for zone in generation.zones], dtype=object)
    outside = np.full(len(placed.reponse), _HORS, dtype=object)
    if near is not None:
        outside[placed.within(near) == DANS] = _PRES
    return np.select(
        [placed.reponse == told for told in (DANS, HORS, INCERTAIN, SANS_LIEU)],
        [codes[placed.zone], outside, _DOUTE, _SANS],
    )


def _table(given: ToGive, generation: Generation) -> pa.Table:
    rows = [*_rows(given, generation)]
    columns = [pa.array([row[name] for row in rows]) for name in HEADER]
    return pa.Table.from_arrays([inert_texts(c) for c in columns], names=[*HEADER])


def _rows(given: ToGive, generation: Generation) -> Iterator[dict]:
    """Territories that print something, then all quarters and the whole list: sums of what is read.

    What is 0 once rounded is not told apart from what is not there.
    """
    counts, printed, near = given.counts, given.printed, given.counts.metres
    shown = np.flatnonzero(printed.sum(axis=0) > 0)
    places = {p: printed[at, shown] for at, p in enumerate(counts.territoires) if printed[at].any()}
    places = {place: told for place, told in places.items() if place not in given.retenus}
    nobody = np.zeros(len(shown), dtype=np.int64)
    own = {place: told for place, told in places.items() if not place.startswith("~")}
    others = {place: told for place, told in places.items() if place.startswith("~")}
    everyone = sum(places.values(), nobody)
    labels = {zone.code: zone.libelle for zone in generation.zones} | {
        QUARTIERS: "Ensemble des quartiers",
        _PRES: f"Hors quartier, à moins de {near:g} m" if near is not None else "",
        _HORS: f"Hors quartier, au-delà de {near:g} m" if near is not None else "Hors quartier",
        _DOUTE: "Trop près d'une limite, à vérifier",
        _SANS: "Sans lieu",
        LISTE: "Liste entière",
    }
    summed = {QUARTIERS: sum(own.values(), nobody)}
    for place, told in [*own.items(), *summed.items(), *others.items(), (LISTE, everyone)]:
        named = [counts.modalites[at] for at in shown]
        cells = [*zip(named, told.tolist(), everyone.tolist(), strict=True)]
        whole = int(told.sum())
        for name, figure, of_all in [*cells, (ENSEMBLE, whole, int(everyone.sum()))]:
            yield {
                "perimetre": counts.perimetre,
                "territoire": place.removeprefix("~"),
                "libelle": labels[place],
                "colonne": counts.colonne,
                "modalite": name,
                "effectif": figure,
                "part_territoire": round(100 * figure / whole, 1) if whole else None,
                "part_modalite": round(100 * figure / of_all, 1) if of_all else None,
            }
