"""The coordinates of a list as points in metres, or why a row has none. Knows no outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.geometries import PROJECTIONS, in_degrees, in_metres, projections_of
from ingest.lists.list_file import OwnList
from ingest.lists.placing import Points
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import header_key
from warehouse.declared.placing_rules import COORDONNEES, placing_rules

#: Headers that name each column by themselves, as `header_key` writes them.
HEADERS = {
    "lon": ("lon", "longitude", "long", "lng"),
    "lat": ("lat", "latitude"),
    "x": ("x", "x_l93", "x_lambert93", "coord_x", "coordonnee_x"),
    "y": ("y", "y_l93", "y_lambert93", "coord_y", "coordonnee_y"),
    "epsg": ("epsg", "projection", "code_epsg"),
    "adresse": ("adresse", "adresse_complete", "adresse complète", "voie_complete"),
    "numero": ("numero", "numéro", "num", "no_voie", "numero_voie"),
    "voie": ("voie", "nom_voie", "libelle_voie", "rue"),
    "code_postal": ("code_postal", "cp", "code postal", "codepostal"),
    "commune": ("commune", "ville", "nom_commune", "libelle_commune"),
    "code_insee": ("code_insee", "insee", "code_commune", "codeinsee", "depcom"),
}
LAMBERT = 2154
#: Why a row has no place, as counts say it; the empty one has one.
MOTIFS = (
    "",
    "coordonnées absentes",
    "coordonnées illisibles",
    "longitude et latitude inversées",
    "hors de France, ou d'une autre projection que la leur",
    "projection inconnue",
    "adresse absente",
    "adresse introuvable",
    "adresse ambiguë",
    "commune introuvable dans le fichier d'adresses",
)
ABSENTES, ILLISIBLES, INVERSEES, AILLEURS, PROJECTION = 1, 2, 3, 4, 5
SANS_ADRESSE, INTROUVABLE, AMBIGUE, SANS_COMMUNE = 6, 7, 8, 9
#: What people put between thousands; written as such: the engine knows no \\u.
_BETWEEN = "[\u00a0\u202f\u2009 ']"
_NUMBER = r"^[+-]?[0-9]{1,9}(\.[0-9]{0,18})?$"


@dataclass(frozen=True)
class LocatedRows:
    """The rows of a list as points, with what is known of each place.

    `motif`: (n,) index in `MOTIFS`. `position`, `score`: how an address was found; coordinates
    have none. `reponses`: the address of the file that was taken.
    """

    points: Points
    motif: np.ndarray
    position: Sequence[str] | None = None
    score: np.ndarray | None = None
    reponses: Sequence[str] | None = None
    colonnes: dict[str, str] = field(default_factory=dict)

    def or_else(self, found: LocatedRows) -> LocatedRows:
        """These rows, those without coordinates where their addresses were found."""
        absent = self.motif == ABSENTES
        points = Points(
            np.where(absent[:, None], found.points.metres, self.points.metres),
            np.where(absent, found.points.epsg, self.points.epsg),
            np.where(absent, found.points.bande, self.points.bande),
        )
        return LocatedRows(
            points,
            np.where(absent, found.motif, self.motif),
            _where(absent, found.position),
            None if found.score is None else np.where(absent, found.score, np.nan),
            _where(absent, found.reponses),
            self.colonnes,
        )


def _where(kept: np.ndarray, texts: Sequence[str] | None) -> list[str]:
    """Texts of some rows, blanks elsewhere."""
    told = texts if texts is not None else [""] * len(kept)
    return [text if own else "" for text, own in zip(told, kept.tolist(), strict=True)]


def columns_of(liste: OwnList, said: dict[str, str]) -> dict[str, str]:
    """Role → header: those that were told, then those that name themselves."""
    keys = {header_key(name): name for name in liste.header}
    found = {role: liste.column(name, "--colonne") for role, name in said.items()}
    for role, names in HEADERS.items():
        if role not in found and (known := next((keys[n] for n in names if n in keys), None)):
            found[role] = known
    return found


def located_by_coordinates(
    liste: OwnList, colonnes: dict[str, str], epsg: int | None = None
) -> LocatedRows:
    """Points from longitude and latitude, or from metres of a legal projection.

    Args:
        epsg: the projection of `x` and `y`; else the column that says it, else Lambert 93.
    """
    pair = ("lon", "lat") if {"lon", "lat"} <= colonnes.keys() else ("x", "y")
    first, second = (numbers_of(liste.texts(colonnes[role])) for role in pair)
    motif = np.maximum(first[1], second[1])
    both_absent = (first[1] == ABSENTES) & (second[1] == ABSENTES)
    motif[(first[1] != second[1]) & ~both_absent & (motif == ABSENTES)] = ABSENTES
    at = np.column_stack([first[0], second[0]])
    readable = motif == 0
    if pair == ("lon", "lat"):
        points = np.where(readable[:, None], at, np.nan)
        where = projections_of(points)
        swapped = projections_of(points[:, ::-1])
        motif[readable & (where == 0)] = AILLEURS
        motif[readable & (where == 0) & (swapped > 0)] = INVERSEES
        metres = _projected(points, where)
    else:
        where = _said_projections(liste, colonnes, epsg)
        motif[readable & (where == 0)] = PROJECTION
        metres, where = _checked(at, where, readable, motif)
    where = np.where(motif == 0, where, 0)
    bande = np.full(len(where), placing_rules().of_position(COORDONNEES))
    return LocatedRows(Points(metres, where, bande), motif, colonnes=colonnes)


def numbers_of(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(n,) numbers, NaN where there is none, and (n,) why: blank, or not to be read as one."""
    plain = pc.replace_substring_regex(cells, pattern=_BETWEEN, replacement="")
    plain = pc.replace_substring(pc.replace_substring(plain, "\u2212", "-"), ",", ".")
    good = pc.match_substring_regex(plain, _NUMBER)
    numbers = pc.cast(pc.if_else(good, plain, pa.scalar(None, pa.string())), pa.float64())
    found = numbers.to_numpy(zero_copy_only=False)
    blank = pc.equal(plain, "").to_numpy(zero_copy_only=False)
    why = np.where(np.isnan(found), np.where(blank, ABSENTES, ILLISIBLES), 0)
    return found, why


def _said_projections(liste: OwnList, colonnes: dict[str, str], epsg: int | None) -> np.ndarray:
    if epsg is not None:
        if epsg not in PROJECTIONS:
            known = ", ".join(f"{code} ({where})" for code, where in PROJECTIONS.items())
            raise QpvError(
                f"projection inconnue : {epsg}", ou="--epsg", attendu=f"une de : {known}"
            )
        return np.full(liste.rows, epsg)
    if "epsg" not in colonnes:
        return np.full(liste.rows, LAMBERT)
    said, _ = numbers_of(liste.texts(colonnes["epsg"]))
    return np.where(np.isin(said, [*PROJECTIONS]), np.nan_to_num(said), 0).astype(np.int32)


def _projected(degrees: np.ndarray, where: np.ndarray) -> np.ndarray:
    metres = np.full(degrees.shape, np.nan)
    for epsg in np.unique(where[where > 0]).tolist():
        here = where == epsg
        metres[here] = in_metres(degrees[here], epsg)
    return metres


def _checked(
    metres: np.ndarray, where: np.ndarray, readable: np.ndarray, motif: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Metres that lie where their projection is legal; the others are told in `motif`."""
    out, own = metres.copy(), where.copy()
    for epsg in np.unique(where[readable & (where > 0)]).tolist():
        here = np.flatnonzero(readable & (where == epsg))
        degrees = in_degrees(metres[here], epsg)
        degrees[~np.isfinite(degrees).all(axis=1)] = np.nan
        held = projections_of(degrees)
        turned = in_degrees(metres[here][:, ::-1], epsg)
        turned[~np.isfinite(turned).all(axis=1)] = np.nan
        lost = held != epsg
        motif[here[lost]] = AILLEURS
        motif[here[lost & (projections_of(turned) == epsg)]] = INVERSEES
        own[here[lost]] = 0
    return out, own
