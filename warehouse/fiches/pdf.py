"""From a fiche's view model to a tagged A4 PDF, by Typst: data as JSON, never as markup."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, date, datetime, time
from pathlib import Path

import typst

from warehouse.fiches.data import Source
from warehouse.fiches.textes import producteur
from warehouse.fiches.vues import Fiche

TEMPLATE = Path(__file__).parent / "templates" / "fiche.typ"
#: Typst frees Python's lock while it compiles: pages are written as HTML meanwhile.
_COMPILATEURS = 2
_EN_ATTENTE = 8


class Imprimeur:
    """Compiles fiches of one release, each thread with a compiler that it keeps warm.

    Args:
        commun: what every fiche of the release says (`edition`, `perimetre`, `release_id`, `date`
            in words, `producteurs`, `statuts`).
        jour: the day written in the files: the same release gives the same bytes.
    """

    def __init__(self, commun: dict[str, object], sources: Iterable[Source], jour: date) -> None:
        told = [_objet(s) | {"producteur": producteur(s.producteur)} for s in sources]
        self.commun = _json(commun | {"sources": told})
        self.instant = datetime.combine(jour, time(), UTC)
        self._local = threading.local()

    def pdf(self, fiche: Fiche) -> bytes:
        """The fiche as PDF/UA-1: tagged, with its title, language and bookmarks."""
        compiler = getattr(self._local, "compiler", None)
        if compiler is None:
            compiler = self._local.compiler = typst.Compiler(
                TEMPLATE, root=TEMPLATE.parent, ignore_system_fonts=True
            )
        return compiler.compile(
            sys_inputs={"fiche": _json(fiche), "commun": self.commun},
            pdf_standards=["ua-1"],
            timestamp=self.instant,
        )

    def imprimer(
        self, fiches: Iterable[tuple[Path, Fiche]], fait: Callable[[], None] | None = None
    ) -> None:
        """Write each fiche at its path, `fait` called after each; few wait in memory at once."""
        pending: deque[Future[None]] = deque()

        def settle() -> None:
            pending.popleft().result()
            if fait:
                fait()

        with ThreadPoolExecutor(_COMPILATEURS) as pool:
            try:
                for path, fiche in fiches:
                    pending.append(pool.submit(self._ecrire, path, fiche))
                    if len(pending) > _EN_ATTENTE:
                        settle()
                while pending:
                    settle()
            finally:
                pool.shutdown(cancel_futures=True)

    def _ecrire(self, path: Path, fiche: Fiche) -> None:
        path.write_bytes(self.pdf(fiche))


def _objet(model: object) -> dict[str, object]:
    """A view model's fields by name; those inside it are left for the encoder."""
    return {f.name: getattr(model, f.name) for f in fields(model)}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_objet)
