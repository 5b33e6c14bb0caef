"""The table of one sheet: each figure is a row of the release, with its source and statut."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.publication.export import FORMULE
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


def write_csv(path: Path, feuille: Feuille, recueil: Recueil, compositeur: Compositeur) -> None:
    """What the sheet shows, unrounded: the figures put forward, then the series."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLONNES)
        rows = _lignes(feuille, recueil, compositeur)
        writer.writerows([_inerte(cell) for cell in row] for row in rows)


def _inerte(cell: object) -> object:
    """A text that no spreadsheet takes for a formula, as in the CSV tables of a release."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple(FORMULE)) else cell


def _lignes(feuille: Feuille, r: Recueil, compositeur: Compositeur) -> Iterator[list[object]]:
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
            head = [place, known.libelle_long, indicateur, about.libelle, about.unite]
            move = r.mouvements.get((indicateur, place))
            rank = r.positions.get((indicateur, place))
            source = fact.source or ("", "")
            yield [
                *head, fact.periode, "true", fact.valeur, fact.statut, fact.motif, *source,
                *((rank.rang, rank.nombre) if rank else ("", "")),
                *((move.depuis, move.nb, move.pct, move.pts, move.statut, move.reserve)
                  if move else ("",) * 6),
            ]  # fmt: skip
            for point in r.series.get((indicateur, place), ()) if place in own[:1] else ():
                if feuille.genre == "qpv" and point.periode != fact.periode:
                    origin = point.source or ("", "")
                    yield [
                        *head,
                        point.periode,
                        "false",
                        point.valeur,
                        "diffuse",
                        "",
                        *origin,
                        *[""] * 8,
                    ]
