"""From a release's database to its fiches, HTML and PDF, by as many processes as they are worth."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from urllib.parse import quote

from jinja2 import Environment

from warehouse.base.processus import coeurs, share_out
from warehouse.declared.dictionary import Dictionary, Edition
from warehouse.domain.format import jour
from warehouse.domain.producteurs import libelle_producteur
from warehouse.publication.attendus import Attendu
from warehouse.publication.fiches.data import Donnees
from warehouse.publication.fiches.gabarits import address_from, environnement, jour_de_publication
from warehouse.publication.fiches.lecture import load_donnees
from warehouse.publication.fiches.pdf import Imprimeur
from warehouse.publication.fiches.sommaire import index, locaux
from warehouse.publication.fiches.textes import ND, SECRET, STATUTS
from warehouse.publication.fiches.vues import Presentation

#: Folders of pages, one per kind of territory.
_DOSSIERS = ("annexes/epci", "annexes/qpv", "local")
#: Fiches below which a second process costs more (its start, its own reading) than it saves.
_SEULS = 100
#: Fiches per task: progress is said that often, and neighbours share what Typst has laid out.
_LOT = 15


@dataclass(frozen=True)
class Commande:
    """What is to be rendered and where: all that a process needs to read and write by itself.

    Args:
        codes: EPCI siren, QPV or local codes to render; None for all.
        entourage: the pages of a release that links lead to; None when they stand under `out`.
        coulisses: a folder for what is not kept.
    """

    db: Path
    out: Path
    dictionary: Dictionary
    edition: Edition
    release_id: str
    codes: Collection[str] | None
    pdf: bool
    entourage: Path | None
    coulisses: Path
    attendus: Mapping[str, Attendu]
    explorateur: str | None


def render_fiches(
    db: Path,
    out: Path,
    *,
    dictionary: Dictionary,
    edition: Edition,
    release_id: str,
    progress: Callable[[int, int], None] | None = None,
    codes: Collection[str] | None = None,
    explorateur: str | None = None,
    pdf: bool = True,
    entourage: Path | None = None,
    attendus: Mapping[str, Attendu] | None = None,
) -> list[Path]:
    """Write `index.html`, `annexes/epci/<siren>.html`, `annexes/qpv/<code>.html` and
    `local/<code>.html` under `out`, and each fiche as PDF beside its page if `pdf`.

    The index leads to the one-page sheets, which another module writes beside the annexes.

    Args:
        db: the release's `qpv.duckdb`, opened read-only.
        progress: called with how many fiches are done, of how many.
        codes: EPCI siren, QPV or local codes to render, instead of all.
        explorateur: the page to search and compare, to which the pages then link.
        entourage: the pages of the release, if links lead there: then no index is written.
        attendus: by indicator, when a figure that is missing is expected.

    Returns:
        The HTML pages written, the index first if there is one.

    Raises:
        QpvError: the database does not hold the contract's tables, a code is unknown or cannot
            name a file, or a process stopped before its end.
    """
    with TemporaryDirectory(prefix="fiches-") as aside:
        order = Commande(
            db,
            out,
            dictionary,
            edition,
            release_id,
            codes,
            pdf,
            entourage,
            Path(aside),
            attendus or {},
            explorateur,
        )
        # The index needs no figure: those of a whole release are read by those who print them.
        pages = _Pages(order, codes or ())
        for folder in {chemin.rpartition("/")[0] for chemin in pages.chemins}:
            (out / folder).mkdir(parents=True, exist_ok=True)
        written = [] if entourage else [pages.index()]
        done = 0
        for made in _lots(order, pages):
            written += made
            done += len(made)
            if progress:
                progress(done, len(pages.chemins))
    return written


def _lots(order: Commande, pages: _Pages) -> Iterator[list[Path]]:
    """The pages written, as they are: by two processes if that is worth the start of both."""
    chemins = pages.chemins
    if len(chemins) >= _SEULS and coeurs() > 1:
        lots = [chemins[i : i + _LOT] for i in range(0, len(chemins), _LOT)]
        yield from share_out(partial(_render_each, order), lots, "fiches")
        return
    if order.codes is None:
        pages = _Pages(order, None)
    with _sans_ramasser():
        for chemin in chemins:
            yield [pages.write(chemin)]


#: What a process has read for the order that it works for.
_lues: dict[Path, _Pages] = {}


def _render_each(order: Commande, chemins: list[str]) -> list[Path]:
    """In a process of its own: some pages, from figures that it reads the first time."""
    if order.coulisses not in _lues:
        _lues[order.coulisses] = _Pages(order, order.codes)
        gc.freeze()
    return [_lues[order.coulisses].write(chemin) for chemin in chemins]


class _Pages:
    """The fiches of one release, read and ready to write."""

    def __init__(self, order: Commande, codes: Collection[str] | None) -> None:
        """Reads the figures of `codes` only; of all territories if None."""
        self._order = order
        self._donnees = load_donnees(order.db, order.dictionary, order.edition, codes)
        self._choix = Presentation(self._donnees, order.dictionary)
        self._choix.attendus = order.attendus
        self.chemins = self._choix.chemins(order.codes)
        self._jour = jour_de_publication(order.release_id, order.db)
        self._commun = _commun(order.edition, order.release_id, self._jour, self._donnees)
        self._env = _environnement(self._commun, self._donnees)
        if order.codes is not None:
            self._choix.existantes = _deja_la(order.entourage or order.out)
        if not order.entourage:
            self._choix.existantes.update(self.chemins)
            self._choix.existantes.update(p.removeprefix("annexes/") for p in self.chemins)

    def index(self) -> Path:
        """Write the page that leads to all fiches."""
        return self._html(
            "index.html",
            "index.html.j2",
            departements=index(self._choix),
            locaux=locaux(self._choix),
            explorateur=self._order.explorateur,
        )

    def write(self, chemin: str) -> Path:
        """Write the page at one of `chemins`, and its PDF if it is ordered."""
        self._choix.racine = self._racine(chemin)
        fiche = self._choix.fiche(chemin)
        if self._order.pdf:
            (self._order.out / chemin).with_suffix(".pdf").write_bytes(self._imprimeur.pdf(fiche))
        there, wanted = self._order.explorateur, fiche.code
        if fiche.genre == "epci":
            wanted = f"QPV@EPCI:{wanted}"
        return self._html(
            chemin,
            "fiche.html.j2",
            fiche=fiche,
            racine=self._choix.racine,
            explorateur=f"{self._choix.racine}{there}#{quote(wanted)}" if there else None,
        )

    def _racine(self, chemin: str) -> str:
        """The fiches of the release, seen from a page."""
        if self._order.entourage:
            return address_from(self._order.entourage, (self._order.out / chemin).parent)
        return "../" * chemin.count("/")

    @cached_property
    def _imprimeur(self) -> Imprimeur:
        folder = Path(mkdtemp(dir=self._order.coulisses))
        return Imprimeur(self._commun, self._donnees.sources, self._jour, folder)

    def _html(self, chemin: str, template: str, **values: object) -> Path:
        path = self._order.out / chemin
        text = self._env.get_template(template).render(values, pdf=self._order.pdf)
        path.write_text(text, encoding="utf-8")
        return path


@contextmanager
def _sans_ramasser() -> Iterator[None]:
    """Cells that live to the end are not walked again and again: they took 8 % of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _deja_la(out: Path) -> set[str]:
    """Fiches that an earlier call wrote, to which links may point."""
    return {p.relative_to(out).as_posix() for d in _DOSSIERS for p in out.glob(f"{d}/*.html")}


def _commun(edition: Edition, release_id: str, jour_de: date, data: Donnees) -> dict[str, object]:
    """What every fiche of a release says, whatever it is printed as."""
    names = {libelle_producteur(s.producteur): None for s in data.sources if s.fichiers}
    return {
        "edition": edition.titre,
        "perimetre": edition.perimetre,
        "release_id": release_id,
        "date": jour(jour_de),
        "producteurs": ", ".join(names) or "les producteurs cités",
        "statuts": list(STATUTS.values()),
    }


def _environnement(commun: dict[str, object], data: Donnees) -> Environment:
    """What every page of a release shares, beside the frame."""
    env = environnement()
    env.globals.update(
        commun,
        producteur=libelle_producteur,
        signes=(ND, SECRET),
        sources=data.sources,
    )
    return env
