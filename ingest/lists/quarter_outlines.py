"""The outlines in which points are placed, by generation, in metres. Draws and repairs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely

from ingest.geometries import GeometryFault, contour, metric, projections_of
from ingest.readers import read_table
from warehouse.base.bounded_files import MO, read_bounded
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import NoHeader
from warehouse.declared.placing_rules import Trait, placing_rules
from warehouse.domain.format import propre
from warehouse.domain.perimetres import perimeter_of, perimetres

LOCAL = "local"
#: Headers under which files of outlines give the code and the name of a quarter.
_CODES, _NAMES = ("code_qp", "code_qpv"), ("lib_qp", "libelle_long", "libelle", "nom_qp")
_HEAVIEST = 100 * MO


@dataclass(frozen=True)
class Zone:
    """One quarter or perimeter: its outline in metres of a projection."""

    code: str
    libelle: str
    epsg: int
    surface: shapely.Geometry


class Generation:
    """The outlines of one perimeter (« 2024 », « 2015 ») or of the local ones, ready to be asked.

    `bande`: metres that their drawing leaves open. `ecartees`: codes without a usable outline.
    """

    def __init__(
        self, nom: str, zones: Sequence[Zone], trait: Trait, fichier: str, ecartees: Sequence[str]
    ) -> None:
        self.nom, self.zones, self.trait, self.fichier = nom, list(zones), trait, fichier
        self.bande = placing_rules().contours[trait].metres
        self.ecartees = list(ecartees)

    @cached_property
    def libelle(self) -> str:
        """« QPV 2024 », « Périmètres locaux »."""
        return "Périmètres locaux" if self.nom == LOCAL else perimetres()[self.nom].libelle

    @cached_property
    def by_projection(self) -> dict[int, tuple[np.ndarray, Limits]]:
        """EPSG code → numbers of its zones, and their limits."""
        found: dict[int, list[int]] = {}
        for at, zone in enumerate(self.zones):
            found.setdefault(zone.epsg, []).append(at)
        return {
            epsg: (np.array(numbers), Limits([self.zones[at].surface for at in numbers]))
            for epsg, numbers in found.items()
        }


class Limits:
    """Surfaces of one projection, and their limits cut in sides, for distances in bulk."""

    def __init__(self, surfaces: Sequence[shapely.Geometry]) -> None:
        self.surfaces = np.array(surfaces, dtype=object)
        shapely.prepare(self.surfaces)
        lines, owners = [], []
        for at, surface in enumerate(surfaces):
            for ring in shapely.get_rings(shapely.get_parts(surface)):
                corners = shapely.get_coordinates(ring)
                lines.append(np.stack([corners[:-1], corners[1:]], axis=1))
                owners.append(np.full(len(corners) - 1, at))
        self.owners = np.concatenate(owners)
        self.sides = shapely.STRtree(shapely.linestrings(np.concatenate(lines)))
        self.boxes = shapely.STRtree(self.surfaces)


def landed_generations(paths: Iterable[Path], *, local: bool) -> Iterator[Generation]:
    """The generations of landed files of outlines.

    Args:
        local: perimeters that an EPCI drew.
    """
    for path in paths:
        rows = pq.read_table(path).to_pylist()
        for nom in dict.fromkeys(row["perimetre"] for row in rows):
            own = [r for r in rows if r["perimetre"] == nom]
            told = [(r["code"], r["libelle"], r["geometrie"]) for r in own]
            yield _generation(LOCAL if local else nom, told, rows[0]["fichier"])


def given_generations(path: Path) -> list[Generation]:
    """The generations of a GeoJSON of quarters, told by the form of their codes.

    Raises:
        QpvError: it cannot be read, or a code is none of a quarter.
    """
    try:
        read_bounded(path, _HEAVIEST)
    except OSError as error:
        raise QpvError(
            f"le fichier de contours ne se lit pas : {error.strerror}",
            ou=str(path),
            faire="vérifier --contours",
        ) from error
    table = None
    named = path.name if path.suffix.lower() == ".geojson" else f"{path.name}.geojson"
    for header in _CODES:
        try:
            table = read_table(
                path, nom=named, fmt="geojson", entete_cle=header, membre=None, feuille=None
            )
            break
        except NoHeader:
            continue
    if table is None:
        raise QpvError(
            "un fichier de contours sans code de quartier",
            ou=str(path),
            attendu=f"une propriété {' ou '.join(_CODES)}",
        )
    at = table.positions()
    names = [at[name] for name in _NAMES if name in at]
    found: dict[str, list[tuple[str, str, str]]] = {}
    # What a release says of its own outlines.
    said = at.get("reserve_contour")
    simple = said is not None and any("simplifi" in cells[said] for _, cells in table.rows)
    for number, cells in table.rows:
        code = cells[at[header]].strip().upper()
        if (nom := perimeter_of(code)) is None:
            raise QpvError(
                f"ce n'est pas un code de quartier : {code!r}", ou=table.where(number, header)
            )
        label = next((cells[n] for n in names if cells[n].strip()), code)
        found.setdefault(nom, []).append((code, label, cells[at["geometry"]]))
    named = f"{path.name}{' (simplifié)' if simple else ''}"
    return [_generation(nom, rows, named) for nom, rows in found.items()]


def _generation(
    nom: str, rows: Iterable[tuple[str, str | None, str | None]], fichier: str
) -> Generation:
    zones, aside, why = [], [], ""
    for code, label, geometry in rows:
        try:
            surface = contour(geometry or "", strict=nom == LOCAL).surface
        except GeometryFault as fault:
            aside.append(code)
            why = why or f" : {code}, {fault}"
            continue
        epsg = int(projections_of(shapely.get_coordinates(shapely.point_on_surface(surface)))[0])
        if not epsg:
            aside.append(code)
            continue
        zones.append(Zone(code, propre(label) or code, epsg, metric(surface, epsg)))
    if not zones:
        raise QpvError(f"aucun contour utilisable{why}", ou=f"fichier {fichier}")
    drawn: Trait = "local" if nom == LOCAL else "simplifie" if "simplifi" in fichier else "entier"
    return Generation(nom, zones, drawn, fichier, aside)
