"""One place, an address or a point, beside the quarters. Words nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.geometries import in_metres, projections_of
from ingest.lists.address_file import read_addresses
from ingest.lists.address_match import Matcher, point_of
from ingest.lists.list_points import MOTIFS
from ingest.lists.placing import Placed, Points, place
from ingest.lists.quarter_outlines import Generation
from ingest.lists.street_names import said_address
from warehouse.base.errors import QpvError
from warehouse.declared.placing_rules import COORDONNEES, placing_rules

#: Metres within which the nearest quarter is looked for.
_AUTOUR = 50_000.0
_POINT = re.compile(r"\s*([+-]?\d{1,3}(?:[.,]\d+)?)\s*[;\s]\s*([+-]?\d{1,3}(?:[.,]\d+)?)\s*")
_COMMA = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d+)?)\s*,\s*([+-]?\d{1,3}(?:\.\d+)?)\s*")


@dataclass(frozen=True)
class LocatedPlace:
    """What was taken for the place that was said, and what is told of it beside each generation."""

    nom: str
    placed: Mapping[str, tuple[Generation, Placed]]


def locate_place(
    said: str, generations: Mapping[str, Generation], adresses: Sequence[Path]
) -> LocatedPlace:
    """Where « 3.39,50.33 » or « 12 rue …, 59220 Denain » lies.

    Raises:
        QpvError: neither a point nor an address that the files know.
    """
    if found := _COMMA.fullmatch(said) or _POINT.fullmatch(said):
        lon, lat = (float(one.replace(",", ".")) for one in found.groups())
        nom, points = f"Point {lon:g}, {lat:g}", _point(lon, lat, said)
    else:
        nom, points = _address(said, adresses)
    placed = {one.nom: (one, place(points, one, _AUTOUR)) for one in generations.values()}
    return LocatedPlace(nom, placed)


def _point(lon: float, lat: float, said: str) -> Points:
    degrees = np.array([[lon, lat]])
    epsg = projections_of(degrees)
    if not epsg[0]:
        swapped = bool(projections_of(degrees[:, ::-1])[0])
        raise QpvError(
            "longitude et latitude sont inversées" if swapped else "ce point est loin de la France",
            ou=repr(said),
            attendu="une longitude puis une latitude, en degrés : 3.3890,50.3290",
        )
    bande = np.array([placing_rules().of_position(COORDONNEES)])
    return Points(in_metres(degrees, int(epsg[0])), epsg, bande)


def _address(said: str, adresses: Sequence[Path]) -> tuple[str, Points]:
    if not adresses:
        raise QpvError(
            "une adresse se cherche dans un fichier d'adresses, et aucun n'est donné",
            ou=repr(said),
            attendu="--adresses FICHIER.csv, le csv de son département de la base adresse "
            "nationale (adresse.data.gouv.fr), ou un point : longitude,latitude",
        )
    matcher = Matcher(read_addresses(adresses))
    match = matcher.match(said_address(said))
    if match.motif:
        raise QpvError(
            f"{MOTIFS[match.motif]} : {said!r}",
            ou=", ".join(path.name for path in adresses),
            attendu="« 12 rue de la République, 59220 Denain »",
            faire="vérifier l'orthographe et le code postal, ou donner un point",
        )
    nom = (
        f"{match.adresse} (base adresse nationale, {match.position}, ressemblance {match.score:g})"
    )
    return nom, point_of(match, matcher.file)
