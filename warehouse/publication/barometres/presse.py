"""From a barometer to its one-page PDF and its CSV. Chooses no figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Edition
from warehouse.declared.ensembles import load_ensemble
from warehouse.domain.format import jour
from warehouse.publication.barometres.grille import Barometre, Lecteur
from warehouse.publication.fiches.gabarits import jour_de_publication
from warehouse.publication.inert_csv import write_csv
from warehouse.publication.typeset import pages_of, typeset

_TEMPLATE = Path(__file__).parent / "templates" / "barometre.typ"
#: Sizes of the text, in points: the first that holds the page is taken.
_CORPS = (9.4, 8.4, 7.4, 6.2)
_COLONNES = (
    *("theme", "code_indicateur", "libelle", "unite", "code_territoire", "territoire"),
    *("periode", "valeur", "statut", "motif", "source_id", "millesime"),
)


@dataclass(frozen=True)
class CommandeDeBarometres:
    """What is to be printed and where.

    Args:
        ensemble: the file of the chosen list.
        codes: EPCI (or their siren) and communes.
        communes: also those of each EPCI.
    """

    db: Path
    out: Path
    edition: Edition
    release_id: str
    ensemble: Path
    codes: Sequence[str]
    communes: bool = False


def render_barometres(order: CommandeDeBarometres) -> list[Path]:
    """Write `<code>.pdf` and `<code>.csv` of each place under `out`; the PDF, then the tables.

    Raises:
        QpvError: the list or a place is not known, or a page does not hold what is chosen.
    """
    lecteur = Lecteur(
        order.db, load_ensemble(order.ensemble), order.ensemble, order.edition.perimetre
    )
    # All are read before any is written: an unknown place leaves nothing half done.
    codes = [*order.codes]
    if order.communes:
        codes += [c for code in order.codes if len(code) > 5 for c in lecteur.communes_of(code)]
    read = [lecteur.read(code) for code in dict.fromkeys(codes)]
    order.out.mkdir(parents=True, exist_ok=True)
    written = []
    for page, rows in read:
        path = order.out / f"{page.code.replace(':', '-').removeprefix('EPCI-')}.pdf"
        path.write_bytes(_pdf(order, page))
        write_csv(path.with_suffix(".csv"), _COLONNES, rows)
        written += [path, path.with_suffix(".csv")]
    return written


def _pdf(order: CommandeDeBarometres, page: Barometre) -> bytes:
    """The page as PDF/UA-1: tagged, with its title and language; as large as it fits."""
    day = jour_de_publication(order.release_id, order.db)
    told = asdict(page) | {
        "edition": order.edition.titre,
        "release_id": order.release_id,
        "date": jour(day),
    }
    for size in _CORPS:
        pdf = typeset(_TEMPLATE, told | {"corps": size}, day)
        if pages_of(pdf) == 1:
            return pdf
    raise QpvError(
        f"le baromètre de {page.nom} ne tient pas sur une page",
        ou=str(order.ensemble),
        faire="ôter des lignes de cet ensemble, ou raccourcir leurs mots",
    )
