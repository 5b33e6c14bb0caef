"""A file of the national address base: its streets and their numbers. Matches none."""

from __future__ import annotations

import gzip
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.geometries import in_metres, projections_of
from ingest.lists.list_file import HEAVIEST, OwnList, list_of, read_list
from ingest.lists.list_points import numbers_of
from ingest.lists.street_names import LONGEST, plain, repeated, street_key, whole_of
from warehouse.base.bounded_files import opened, said
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import header_key
from warehouse.declared.placing_rules import placing_rules

#: The columns that are read of the base (its csv by département).
_NEEDED = ("numero", "nom_voie", "code_postal", "code_insee", "nom_commune", "lon", "lat")
_READ = (*_NEEDED, "rep", "code_insee_ancienne_commune", "nom_ancienne_commune", "type_position")
_TOWNS = ("nom_commune", "nom_ancienne_commune")


@dataclass(frozen=True)
class Street:
    """One street of one commune: its rows in the file, `start` to `end`, in order of number."""

    key: str
    nom: str
    commune: str
    code_insee: str
    start: int
    end: int


class AddressFile:
    """Streets of some files, found by their commune; numbers, places and metres by row."""

    def __init__(self, listes: Sequence[OwnList]) -> None:
        columns = {name: _column(listes, name) for name in _READ}
        of_street = ("code_insee", "nom_voie", "code_insee_ancienne_commune")
        voies = pc.binary_join_element_wise(*(columns[n] for n in of_street), "\x1f")
        coded = voies.dictionary_encode()
        number = coded.indices.to_numpy()
        digits = _whole(columns["numero"])
        indices = _coded(columns["rep"], repeated)
        order = np.lexsort((indices[0], digits, number))
        self.numero = digits[order]
        self.indice = indices[1][indices[0][order]]
        postal, self._postals = _coded(columns["code_postal"], str.strip)
        self._postal = postal[order]
        degrees = np.column_stack([numbers_of(columns[name])[0] for name in ("lon", "lat")])[order]
        self.epsg = projections_of(degrees)
        self.metres = np.full(degrees.shape, np.nan)
        for epsg in np.unique(self.epsg[self.epsg > 0]).tolist():
            here = self.epsg == epsg
            self.metres[here] = in_metres(degrees[here], epsg)
        self._kind, self._kinds = _coded(columns["type_position"], str.strip)
        self._kind = self._kind[order]
        rules = placing_rules()
        self.bande = np.array([rules.of_position(one) for one in self._kinds])[self._kind]
        self.streets: list[Street] = []
        self._by_code: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_postal: dict[str, list[int]] = defaultdict(list)
        starts = np.searchsorted(number[order], np.arange(len(coded.dictionary) + 1))
        first = pa.array(order[starts[:-1]])
        told = [columns[n].take(first).to_pylist() for n in (*of_street, *_TOWNS)]
        for at, (insee, nom, former, town, old) in enumerate(zip(*told, strict=True)):
            start, end = int(starts[at]), int(starts[at + 1])
            self.streets.append(Street(street_key(nom[:LONGEST]), nom, town, insee, start, end))
            for code in {insee, whole_of(insee), former} - {""}:
                self._by_code[code].append(at)
            for name in {plain(town[:LONGEST]), plain(old[:LONGEST])} - {""}:
                self._by_name[name].append(at)
            for code in np.unique(self._postal[start:end]).tolist():
                self._by_postal[self._postals[code]].append(at)

    def code_postal(self, row: int) -> str:
        """The postal code of a row."""
        return str(self._postals[self._postal[row]])

    def position(self, row: int) -> str:
        """What point of the address a row gives."""
        return str(self._kinds[self._kind[row]])

    def streets_of(self, codes: Sequence[str], commune: str, code_postal: str) -> list[int]:
        """Streets where an address may be, by what is said of its commune, the surest first."""
        for code in codes:
            if code in self._by_code:
                return self._by_code[code]
        named, posted = self._by_name.get(commune, []), self._by_postal.get(code_postal, [])
        if named and posted:
            return sorted({*named} & {*posted}) or named
        return named or posted


def read_addresses(paths: Sequence[Path]) -> AddressFile:
    """Files of the national address base, plain or gzipped as they are published.

    Raises:
        QpvError: a file that cannot be read, or has not the columns of the base.
    """
    return AddressFile([_read(path) for path in paths])


def _read(path: Path) -> OwnList:
    if path.suffix != ".gz":
        found = read_list(path, _READ)
    else:
        try:
            with opened(path, HEAVIEST) as folded, gzip.open(folded) as content:
                unfolded = content.read(HEAVIEST + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise QpvError(f"archive gzip illisible : {error}", ou=str(path)) from error
        if len(unfolded) > HEAVIEST:
            raise QpvError("fichier d'adresses trop lourd", ou=str(path), attendu=said(HEAVIEST))
        found = list_of(unfolded, path.name, _READ)
    keys = {header_key(name) for name in found.header}
    if missing := [name for name in _NEEDED if name not in keys]:
        raise QpvError(
            f"ce n'est pas un fichier de la base adresse nationale : sans {', '.join(missing)}",
            ou=str(path),
            attendu="le csv d'un département (adresses-59.csv.gz, adresse.data.gouv.fr)",
        )
    return found


def _column(listes: Sequence[OwnList], name: str) -> pa.Array:
    """The texts of a column in all files; blanks in one that has it not."""
    parts = [
        liste.texts(name) if name in liste.header else pa.repeat("", liste.rows) for liste in listes
    ]
    return pa.concat_arrays(parts)


def _whole(cells: pa.Array) -> np.ndarray:
    """(n,) numbers of houses, -1 where there is none."""
    good = pc.match_substring_regex(cells, "^[0-9]{1,5}$")
    numbers = pc.cast(pc.if_else(good, cells, pa.scalar(None, pa.string())), pa.int32())
    return pc.fill_null(numbers, -1).to_numpy(zero_copy_only=False)


def _coded(cells: pa.Array, read: Callable[[str], str]) -> tuple[np.ndarray, np.ndarray]:
    """(n,) places in a list of texts, and this list as it is read, in order."""
    coded = cells.dictionary_encode()
    texts = [read(text) for text in coded.dictionary.to_pylist()]
    names, place = np.unique(np.array(texts, dtype=object).astype(object), return_inverse=True)
    return place[coded.indices.to_numpy()], names
