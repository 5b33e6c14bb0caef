"""From a fiche's view model to a tagged A4 PDF, by Typst: data as JSON, never as markup."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import typst

from warehouse.domain.producteurs import libelle_producteur
from warehouse.publication.fiches.data import SourceCitee
from warehouse.publication.fiches.modele import Fiche
from warehouse.publication.fiches.tableaux import Ligne

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

TEMPLATE = Path(__file__).parent / "templates" / "fiche.typ"
_ETROITS = frozenset(" .,:;!|'’()-ijlt\xa0\u202f")
_LARGES = frozenset("mwMWH@…æœÆŒŵŴĳĤĦ")
#: Wider than any column: what cannot be measured here.
_SANS_BORNE = 999.0


class Imprimeur:
    """Compiles fiches of one release with a compiler that it keeps warm.

    The fiche is a file that the template reads: Typst forgets every layout it knows when
    `sys_inputs` change, and only what differs when a file does.

    Args:
        commun: what every fiche of the release says (`edition`, `perimetre`, `release_id`, `date`
            in words, `producteurs`, `statuts`).
        jour: the day written in the files: the same release gives the same bytes.
        dossier: an empty folder, for what the compiler reads.
    """

    def __init__(
        self, commun: dict[str, object], sources: Iterable[SourceCitee], jour: date, dossier: Path
    ) -> None:
        told = [_objet(s) | {"producteur": libelle_producteur(s.producteur)} for s in sources]
        main = shutil.copyfile(TEMPLATE, dossier / TEMPLATE.name)
        (dossier / "commun.json").write_text(_json(commun | {"sources": told}), encoding="utf-8")
        self._fiche = dossier / "fiche.json"
        self._compiler = typst.Compiler(main, root=dossier, ignore_system_fonts=True)
        self._instant = datetime.combine(jour, time(), UTC)

    def pdf(self, fiche: Fiche) -> bytes:
        """The fiche as PDF/UA-1: tagged, with its title, language and bookmarks."""
        self._fiche.write_text(_json(fiche), encoding="utf-8")
        pdf = self._compiler.compile(pdf_standards=["ua-1"], timestamp=self._instant)
        assert isinstance(pdf, bytes)  # one file: only images come page by page
        return pdf


@lru_cache(maxsize=65_536)
def largeur(texte: str) -> float:
    """An upper bound of a text's width on one line, in em of Libertinus Serif, bold or not."""
    width = 0.0
    for c in texte:
        if c in _LARGES:
            width += 1.06
        elif c in _ETROITS:
            width += 0.37
        elif c.isdigit() and c.isascii():
            width += 0.52
        elif c > "ſ" and c not in "–—−†€‘":
            return _SANS_BORNE
        else:
            width += 0.65 if c.islower() else 0.82
    return width


def _objet(model: DataclassInstance) -> dict[str, object]:
    """A view model's fields by name; those inside it are left for the encoder."""
    told = {f.name: getattr(model, f.name) for f in fields(model)}
    if isinstance(model, Ligne):
        cells = (t + c + "†" * tierce for t, c, _, tierce in model.cellules)
        label = model.rang.territoire.libelle + "*" * model.rang.renvoi
        told["largeurs"] = (largeur(label), max(map(largeur, cells)))
    return told


def _decrit(value: set[str] | DataclassInstance) -> object:
    return sorted(value) if isinstance(value, set) else _objet(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_decrit)
