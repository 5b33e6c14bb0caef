"""What a release says of itself to those who reuse it, once for the package and the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from warehouse.declared.dictionary import Edition
from warehouse.declared.diffusion import Diffusion
from warehouse.declared.table_models import TableModel
from warehouse.domain.producteurs import libelle_producteur
from warehouse.publication.data_files import DataFile, data_files
from warehouse.release.connect import open_release
from warehouse.release.reader import Reader

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


@dataclass(frozen=True)
class SourcePubliee:
    """A source that the edition names: its producer's name, page and licence."""

    source_id: str
    titre: str
    producteur: str
    page: str | None
    licence: str


@dataclass(frozen=True)
class Publication:
    """One release: `debut` and `fin` are the first and last day that its figures describe.

    `sommes`: which counts of it are the sum of others, see `warehouse.declared.sommes.told_sums`.
    """

    release_id: str
    edition: str
    titre: str
    description: str
    creee_le: datetime
    debut: date | None
    fin: date | None
    sources: list[SourcePubliee]
    fichiers: list[DataFile]
    modeles: dict[str, TableModel]
    diffusion: Diffusion
    sommes: list[dict] = field(default_factory=list)


def describe(
    release: Path,
    *,
    release_id: str,
    edition: Edition,
    creee_le: datetime,
    modeles: dict[str, TableModel],
    diffusion: Diffusion,
    sommes: list[dict],
) -> Publication:
    """A release whose data files are all written: they are read here for their fingerprints."""
    with open_release(release) as con:
        reader = Reader(con)
        debut, fin = reader.etendue()
        # All the files of a source say the same of it: the first is as good as another.
        files = {f.source_id: f for f in reversed(reader.fichiers())}
        sources = [
            SourcePubliee(f.source_id, f.titre, libelle_producteur(f.producteur), f.page, f.licence)
            for f in (files[source_id] for source_id in sorted(files))
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
        sommes=sommes,
    )
