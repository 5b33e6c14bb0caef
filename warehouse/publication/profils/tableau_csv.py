"""The table of one sheet: each figure is a row of the release, with its source and statut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from warehouse.publication.inert_csv import write_csv
from warehouse.publication.profils.faits import Recueil
from warehouse.publication.profils.feuille import Feuille

if TYPE_CHECKING:
    from warehouse.publication.profils.composition import Compositeur

_COLONNES = (
    *("code_territoire", "libelle", "code_indicateur", "indicateur", "unite"),
    *("periode", "en_avant", "valeur", "statut", "motif", "source_id", "millesime"),
    *("rang", "quartiers_classes", "periode_comparaison"),
    *("evolution_nb", "evolution_pct", "evolution_pts", "statut_evolution", "motif_evolution"),
)


class LigneDeTableau(NamedTuple):
    """A figure of a sheet, in the order of the columns; `suite`: its rank and its move, if any."""

    code: str
    libelle: str
    indicateur: str
    nom: str
    unite: str | None
    periode: str
    en_avant: str
    valeur: float | None
    statut: str
    motif: str
    source: str
    millesime: str
    suite: tuple[object, ...] = ("",) * 8


def write_sheet(path: Path, rows: Iterable[LigneDeTableau]) -> None:
    """What the sheet shows, unrounded."""
    write_csv(path, _COLONNES, ((*cells, *after) for *cells, after in rows))


def lignes_de(feuille: Feuille, r: Recueil, compositeur: Compositeur) -> Iterator[LigneDeTableau]:
    """The figures put forward, then the series of a quarter, indicator by indicator."""
    profil, comparateur = compositeur.profil, compositeur.plume.comparateur
    if feuille.genre == "qpv":
        own = [feuille.code]
        beside = comparateur.de_qpv(feuille.code)
    else:
        own = compositeur.qpv_des_epci[feuille.code]
        beside = [f"QPV@EPCI:{feuille.code}", *comparateur.d_epci(feuille.code, own)]
    codes = dict.fromkeys([*profil.identite, *(x.indicateur for x in profil.lignes)])
    for indicateur in codes:
        about = r.indicateurs[indicateur]
        for place in [*own, *beside]:
            known = r.territoires.get(place)
            fact = r.niveaux.get((indicateur, place))
            if not known or not fact or (place in beside and fact.valeur is None):
                continue
            head = (place, known.libelle_long, indicateur, about.libelle, about.unite)
            move = r.mouvements.get((indicateur, place))
            rank = r.positions.get((indicateur, place))
            yield LigneDeTableau(
                *head, fact.periode, "true", fact.valeur, fact.statut, fact.motif,
                *(fact.source or ("", "")),
                (*((rank.rang, rank.nombre) if rank else ("", "")),
                 *((move.depuis, move.nb, move.pct, move.pts, move.statut, move.reserve)
                   if move else ("",) * 6)),
            )  # fmt: skip
            if feuille.genre != "qpv" or place not in own:
                continue
            for point in r.series.get((indicateur, place), ()):
                if point.periode != fact.periode:
                    source = point.source or ("", "")
                    yield LigneDeTableau(
                        *head, point.periode, "false", point.valeur, "diffuse", "", *source
                    )
