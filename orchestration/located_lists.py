"""A list of one's own, from its file to the quarters of its rows. Words and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.lists.address_file import read_addresses
from ingest.lists.address_match import Matcher, located_by_addresses
from ingest.lists.list_file import OwnList, read_list
from ingest.lists.list_points import ABSENTES, LocatedRows, columns_of, located_by_coordinates
from ingest.lists.placing import Placed, place
from ingest.lists.quarter_outlines import Generation
from warehouse.base.errors import QpvError
from warehouse.declared.placing_rules import placing_rules


@dataclass(frozen=True)
class LocatedList:
    """A list, its points, and what is told of them beside each generation of outlines."""

    liste: OwnList
    rows: LocatedRows
    placed: Mapping[str, tuple[Generation, Placed]]


def locate(
    path: Path,
    generations: Mapping[str, Generation],
    *,
    said: Mapping[str, str],
    epsg: int | None = None,
    near: float | None = None,
    adresses: Sequence[Path] = (),
) -> LocatedList:
    """Read a list and place its rows.

    Args:
        said: role of a column → its header, where it does not name itself.
        near: metres within which a quarter is said to be near.

    Raises:
        QpvError: a file that cannot be read, no coordinates, no row that has a place.
    """
    liste = read_list(path)
    colonnes = columns_of(liste, dict(said))
    known = {"lon", "lat"} <= colonnes.keys() or {"x", "y"} <= colonnes.keys()
    named = bool(adresses) and bool({"adresse", "voie"} & colonnes.keys())
    if not (known or named):
        raise _no_place(liste)
    rows = located_by_coordinates(liste, colonnes, epsg) if known else None
    if named and (rows is None or (rows.motif == ABSENTES).any()):
        found = located_by_addresses(liste, colonnes, Matcher(read_addresses(adresses)))
        rows = found if rows is None else rows.or_else(found)
    assert rows is not None
    if not (rows.motif == 0).any():
        raise _all_lost(liste, rows)
    widest = float(rows.points.bande.max()) + max(one.bande for one in generations.values())
    reach = max(placing_rules().portee, (near or 0) + widest, widest) + 1
    placed = {nom: (one, place(rows.points, one, reach)) for nom, one in generations.items()}
    return LocatedList(liste, rows, placed)


def _no_place(liste: OwnList) -> QpvError:
    return QpvError(
        "la liste n'a ni coordonnées ni adresses",
        ou=f"fichier {liste.nom}",
        attendu="des colonnes lon et lat, ou x et y, ou adresse (et --adresses FICHIER.csv) ; "
        f"elle a : {', '.join(map(repr, liste.header[:20]))}",
        faire="dire lesquelles : --colonne lon=EN-TÊTE --colonne lat=EN-TÊTE",
    )


def _all_lost(liste: OwnList, rows: LocatedRows) -> QpvError:
    from ingest.lists.placed_list import counted

    said = " ; ".join(f"{motif} : {number} ligne(s)" for motif, number in counted(rows.motif))
    return QpvError(
        f"aucune ligne n'a de lieu : {said}",
        ou=f"fichier {liste.nom}, colonnes {', '.join(rows.colonnes.values())}",
        attendu="des degrés (lon, lat, WGS84) ou des mètres (x, y, Lambert 93 si --epsg ne dit "
        "autre chose)",
        faire="vérifier les colonnes : --colonne lon=… --colonne lat=…, ou --epsg",
    )
