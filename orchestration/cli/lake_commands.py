"""`qpv lac`: what only a shared lake asks for: releases sent there, the past forgotten."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.refusals import Data, plain_errors
from warehouse.base.layout import Layout

app = typer.Typer(
    help="Le lac partagé que disent QPV_LAC et QPV_LAC_DONNEES ; ses publications se lisent par "
    "`qpv release … --data lac`.",
    no_args_is_help=True,
)
Identifiant = Annotated[
    str,
    typer.Argument(metavar="[ID]", help="Identifiant d'une publication, son début, ou latest."),
]


@app.command("envoyer")
def send_release(publication: Identifiant = "latest", data: Data = "") -> None:
    """Envoie au lac une publication de ce dossier de données, entière ou pas du tout."""
    with plain_errors(data):
        from warehouse.lake.access import required_lake
        from warehouse.lake.sending import send
        from warehouse.release.withdrawal import find_release

        lac = required_lake()
        release = find_release(Layout.resolve(data or None), publication)
        sent = send(lac, release)
        typer.echo(f"{'Envoyée au lac' if sent else 'Déjà dans le lac'} : {release.name}")


@app.command("nettoyer")
def clean() -> None:
    """Oublie les états passés du lac et leurs fichiers ; aucune publication qui tient n'y perd."""
    with plain_errors(""):
        from warehouse.lake.access import required_lake
        from warehouse.lake.sending import forget_the_past

        forget_the_past(required_lake())
        typer.echo("Le lac ne tient plus que son état présent.")
