"""Refusals and surprises of a command as one paragraph and exit code 1. No command is here."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from orchestration import console
from quality.disclosure.refused import DisclosureError
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout

Data = Annotated[
    str,
    typer.Option(
        "--data", help="Dossier de données (sinon QPV_DATA, sinon ./data).", show_default=False
    ),
]
JsonFile = Annotated[
    Path | None,
    typer.Option(
        "--json", readable=False, help="Écrire aussi le résultat ici.", show_default=False
    ),
]


@contextmanager
def plain_errors(data: str) -> Iterator[None]:
    """Refusals and surprises as one paragraph and exit code 1; a traceback goes to a file."""
    try:
        yield
    except QpvError as error:
        console.fail(str(error))
        raise typer.Exit(1) from None
    except DisclosureError as error:
        told = QpvError(error.quoi, ou=error.ou, attendu=error.attendu, faire=error.faire)
        console.fail(str(told))
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.fail("Interrompu ; la publication précédente reste en place.")
        raise typer.Exit(1) from None
    except Exception as error:
        console.fail(str(_surprise(error, Layout.resolve(data or None))))
        raise typer.Exit(1) from None


def _surprise(error: Exception, layout: Layout) -> QpvError:
    """An error nobody foresaw, told plainly, its traceback kept for whoever mends it."""
    if isinstance(error, OSError) and error.strerror:
        return QpvError(
            f"le système refuse : {error.strerror}",
            ou=str(error.filename or layout.root),
            faire="vérifier l'espace disque et les droits ; "
            "la publication précédente reste en place",
        )
    journal = layout.build / "erreur.log"
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        journal.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        kept = f" ; détail dans {journal}"
    except OSError:
        kept = ""
    return QpvError(
        f"erreur inattendue ({type(error).__name__}){kept}",
        faire="la publication précédente reste en place ; signaler ce défaut avec le détail",
    )
