"""A list with what was found of each row, for whoever holds it: written for its owner alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from ingest.lists.list_file import OwnList
from ingest.lists.list_points import MOTIFS, LocatedRows
from ingest.lists.placing import DANS, INCERTAIN, PROCHE, REPONSES, Placed
from ingest.lists.quarter_outlines import Generation
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.base.text_tables import FORMULE, header_key
from warehouse.base.whole_files import whole_file

#: A plain number, which no spreadsheet takes for a formula.
_PLAIN = "^[+-][0-9][0-9 .,\u00a0\u202f]*$"


def added_columns(
    rows: LocatedRows, placed: Mapping[str, tuple[Generation, Placed]], near: float | None
) -> dict[str, pa.Array]:
    """Header → cells, for each row of the list: docs/localiser.md says each of them."""
    found: dict[str, pa.Array] = {}
    words = pa.array(MOTIFS)
    found["lieu_motif"] = words.take(pa.array(rows.motif))
    if rows.reponses is not None:
        found["lieu_adresse"] = pa.array(rows.reponses, pa.string())
    if rows.position is not None:
        found["lieu_position"] = pa.array(rows.position, pa.string())
    if rows.score is not None:
        found["lieu_score"] = _rounded(rows.score, 2)
    for generation, told in placed.values():
        prefix = f"qpv_{generation.nom}" if generation.nom.isdigit() else generation.nom
        named = np.isin(told.reponse, (DANS, INCERTAIN))
        if near is not None:
            named |= np.isin(told.within(near), (DANS, INCERTAIN))
        number = pa.array(np.where(named & (told.zone >= 0), told.zone, -1))
        number = pc.if_else(pc.less(number, 0), pa.scalar(None, number.type), number)
        codes = pa.array([zone.code for zone in generation.zones])
        labels = pa.array([zone.libelle for zone in generation.zones])
        found[prefix] = pa.array(REPONSES).take(pa.array(told.reponse))
        found[f"{prefix}_code"] = codes.take(number)
        found[f"{prefix}_nom"] = labels.take(number)
        found[f"{prefix}_limite_m"] = _rounded(told.distance, 0)
        found[f"{prefix}_bande_m"] = _rounded(np.where(told.reponse > 0, told.bande, np.nan), 0)
        if near is not None:
            said = pa.array(PROCHE).take(pa.array(told.within(near)))
            found[f"{prefix}_a_moins_de_{near:g}m"] = said
    return found


def write_placed(path: Path, liste: OwnList, added: Mapping[str, pa.Array], layout: Layout) -> Path:
    """The list and its new columns, in its own separator, readable by its owner alone.

    Raises:
        QpvError: a column is already there, the folder is one that is published, or full.
    """
    refuse_published(path, layout)
    keys = {header_key(name) for name in liste.header}
    if twice := [name for name in added if header_key(name) in keys]:
        raise QpvError(
            f"la liste a déjà une colonne {twice[0]!r} : elle a sans doute été localisée",
            ou=f"fichier {liste.nom}",
            faire="donner la liste d'avant, ou renommer cette colonne",
        )
    columns = {name: inert_texts(liste.table[name]) for name in liste.header}
    columns |= {name: inert_texts(cells) for name, cells in added.items()}
    headers = inert_texts(pa.chunked_array([pa.array([*columns])])).to_pylist()
    table = pa.Table.from_arrays([*columns.values()], names=headers)
    return write_whole_csv(path, table, liste.separateur, 0o600)


def write_whole_csv(path: Path, table: pa.Table, separator: str, mode: int) -> Path:
    """A CSV that has its rights from its first byte on, put in place whole.

    Raises:
        QpvError: the file system refuses.
    """
    options = pacsv.WriteOptions(delimiter=separator, quoting_style="needed")
    try:
        with whole_file(path, mode) as out:
            pacsv.write_csv(table, out, options)
    except OSError as error:
        raise QpvError(
            f"{path.name} ne s'écrit pas : {error.strerror or error}",
            ou=str(path),
            faire="donner un autre fichier par --sortie",
        ) from error
    return path


def inert_texts(cells: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Texts that no spreadsheet takes for a formula: `'` before them, numbers left as they are."""
    if cells.type != pa.string():
        return cells
    risky = pc.and_(
        pc.is_in(pc.utf8_slice_codeunits(cells, 0, 1), value_set=pa.array([*FORMULE])),
        pc.invert(pc.match_substring_regex(cells, _PLAIN)),
    )
    quoted = pc.binary_join_element_wise(pa.scalar("'"), cells, "")
    return pc.if_else(pc.fill_null(risky, False), quoted, cells)


def refuse_published(path: Path, layout: Layout) -> None:
    """Refuse a place from which things are published.

    Raises:
        QpvError: it is in the data folder, or in a copy of a release.
    """
    real = path.parent.resolve() / path.name
    release = next((f for f in real.parents if (f / "RELEASE.json").is_file()), None)
    if real.is_relative_to(layout.root) or release is not None:
        raise QpvError(
            "ce qui vient d'une liste ne s'écrit pas là où l'on publie",
            ou=str(release or layout.root),
            faire="donner par --sortie un fichier d'un autre dossier",
        )


def _rounded(numbers: np.ndarray, decimals: int) -> pa.Array:
    """Numbers as text, blank where there is none."""
    told = pc.round(pa.array(numbers, from_pandas=True), decimals)
    if decimals == 0:
        told = pc.cast(told, pa.int64())
    return pc.cast(told, pa.string())


def counted(motifs: np.ndarray) -> Sequence[tuple[str, int]]:
    """Each reason why rows have no place, with how many."""
    numbers = np.bincount(motifs, minlength=len(MOTIFS))
    return [(MOTIFS[at], int(n)) for at, n in enumerate(numbers) if at and n]
