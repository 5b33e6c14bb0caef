"""`qpv lac`: what only a shared lake asks for: releases sent there, the past forgotten."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import release_command
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


# The names that these commands had: those of `qpv release` are theirs now.
@app.command("list", hidden=True)
def list_lake() -> None:
    """`qpv release list --data lac`."""
    release_command.list_releases(release_command.LAC)


@app.command("verify", hidden=True)
def verify_lake(publication: Identifiant = "latest") -> None:
    """`qpv release verify [ID] --data lac`."""
    release_command.verify(publication, False, release_command.LAC)


@app.command("withdraw", hidden=True)
def withdraw_from_lake(
    publication: Annotated[str, typer.Argument(metavar="ID", help=release_command.Identifiant)],
    motif: Annotated[str, typer.Option(help="Pourquoi, pour les lecteurs : une phrase.")],
) -> None:
    """`qpv release withdraw ID --motif … --data lac`."""
    release_command.withdraw(publication, motif, release_command.LAC)
