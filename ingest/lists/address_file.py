"""A file of the national address base: its streets and their numbers. Matches none."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from ingest.geometries import in_metres, projections_of
from ingest.lists.list_file import HEAVIEST, OwnList, list_of, read_list
from ingest.lists.list_points import numbers_of
from ingest.lists.street_names import plain, repeated, street_key, whole_of
from warehouse.base.bounded_files import read_bounded, said
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import header_key
from warehouse.declared.placing_rules import placing_rules

#: The columns that are read of the base (its csv by département).
_NEEDED = ("numero", "nom_voie", "code_postal", "code_insee", "nom_commune", "lon", "lat")
_READ = (*_NEEDED, "rep", "code_insee_ancienne_commune", "nom_ancienne_commune", "type_position")


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
        lon, lat = (_degrees(listes, name) for name in ("lon", "lat"))
        voie = np.char.add(np.char.add(columns["code_insee"], "\x1f"), columns["nom_voie"])
        voie = np.char.add(np.char.add(voie, "\x1f"), columns["code_insee_ancienne_commune"])
        names, number = np.unique(voie, return_inverse=True)
        digits = np.array([int(n) if n.isdigit() and len(n) < 6 else -1 for n in columns["numero"]])
        order = np.lexsort((columns["rep"], digits, number))
        self.numero = digits[order]
        self.indice = np.array([repeated(rep) for rep in columns["rep"][order]])
        self.code_postal = columns["code_postal"][order]
        degrees = np.column_stack([lon, lat])[order]
        self.epsg = projections_of(degrees)
        self.metres = np.full(degrees.shape, np.nan)
        for epsg in np.unique(self.epsg[self.epsg > 0]).tolist():
            here = self.epsg == epsg
            self.metres[here] = in_metres(degrees[here], epsg)
        rules = placing_rules()
        kinds, kind = np.unique(columns["type_position"][order], return_inverse=True)
        self.position = kinds[kind]
        self.bande = np.array([rules.of_position(one) for one in kinds.tolist()])[kind]
        starts = np.searchsorted(number[order], np.arange(len(names) + 1))
        self.streets: list[Street] = []
        self._by_code: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_postal: dict[str, list[int]] = defaultdict(list)
        for at, (start, end) in enumerate(
            zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
        ):
            row = order[start]
            insee, town = columns["code_insee"][row], columns["nom_commune"][row]
            nom = str(columns["nom_voie"][row])
            self.streets.append(Street(street_key(nom), nom, str(town), str(insee), start, end))
            former = columns["code_insee_ancienne_commune"][row]
            for code in {insee, whole_of(insee), former} - {""}:
                self._by_code[code].append(at)
            for name in {plain(town), plain(columns["nom_ancienne_commune"][row])} - {""}:
                self._by_name[name].append(at)
            for postal in np.unique(self.code_postal[start:end]).tolist():
                self._by_postal[postal].append(at)

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
            read_bounded(path, HEAVIEST)
            with gzip.open(path) as content:
                unfolded = content.read(HEAVIEST + 1)
        except (OSError, EOFError) as error:
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


def _column(listes: Sequence[OwnList], name: str) -> np.ndarray:
    """The texts of a column in all files; blanks in one that has it not."""
    parts = [
        liste.texts(name).to_numpy(zero_copy_only=False).astype(str)
        if name in liste.header
        else np.full(liste.rows, "", dtype="U1")
        for liste in listes
    ]
    return np.concatenate(parts)


def _degrees(listes: Sequence[OwnList], name: str) -> np.ndarray:
    return np.concatenate([numbers_of(pc.fill_null(one.texts(name), ""))[0] for one in listes])
