"""What a release says of itself to those who reuse it, once for the package and the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from warehouse.declared.dictionary import Edition
from warehouse.declared.diffusion import Diffusion
from warehouse.declared.table_models import TableModel
from warehouse.domain.producteurs import libelle_producteur
from warehouse.publication.data_files import DataFile, data_files
from warehouse.release.connect import open_release

LICENCE = "Licence Ouverte 2.0"
LICENCE_PAGE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
MOTS_CLES = (
    "politique de la ville",
    "quartiers prioritaires",
    "QPV",
    "contrat de ville",
    "statistiques locales",
    "pauvreté",
    "emploi",
    "logement social",
)
_DESCRIPTION = (
    "Chiffres clés des quartiers prioritaires de la politique de la ville, de leurs ensembles et"
    " de leurs territoires de comparaison. Chaque chiffre porte sa période, son périmètre, sa"
    " source et un statut ; un chiffre absent dit pourquoi, et un chiffre sous secret statistique"
    " n'a pas de valeur. La licence de chaque source est dans dim_source."
)
_SOURCES = """
select
    source_id,
    any_value(titre) as titre,
    any_value(producteur) as producteur,
    any_value(page) as page,
    any_value(licence) as licence
from dim_source
group by source_id
order by source_id
"""


@dataclass(frozen=True)
class Source:
    """A source that the edition names: its producer's name, page and licence."""

    source_id: str
    titre: str
    producteur: str
    page: str
    licence: str


@dataclass(frozen=True)
class Publication:
    """One release: `debut` and `fin` are the first and last day that its figures describe."""

    release_id: str
    edition: str
    titre: str
    description: str
    creee_le: datetime
    debut: date | None
    fin: date | None
    sources: list[Source]
    fichiers: list[DataFile]
    modeles: dict[str, TableModel]
    diffusion: Diffusion


def describe(
    release: Path,
    *,
    release_id: str,
    edition: Edition,
    creee_le: datetime,
    modeles: dict[str, TableModel],
    diffusion: Diffusion,
) -> Publication:
    """A release whose data files are all written: they are read here for their fingerprints."""
    with open_release(release) as con:
        [(debut, fin)] = con.execute(
            "select min(periode_debut), max(periode_fin) from dim_periode"
        ).fetchall()
        sources = [
            Source(source_id, titre, libelle_producteur(code), page, licence)
            for source_id, titre, code, page, licence in con.execute(_SOURCES).fetchall()
        ]
    return Publication(
        release_id=release_id,
        edition=edition.id,
        titre=f"Chiffres clés des quartiers prioritaires : {edition.titre}",
        description=_DESCRIPTION,
        creee_le=creee_le,
        debut=debut,
        fin=fin,
        sources=sources,
        fichiers=data_files(release, modeles),
        modeles=modeles,
        diffusion=diffusion,
    )
