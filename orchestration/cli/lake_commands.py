"""`qpv lac`: the releases that a shared lake holds, sent there, checked, taken out."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.refusals import Data, plain_errors
from warehouse.base.layout import Layout

app = typer.Typer(
    help="Le lac partagé que disent QPV_LAC et QPV_LAC_DONNEES : ses publications.",
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


@app.command("list")
def list_lake() -> None:
    """Les publications que le lac tient, et celles qui en ont été retirées."""
    with plain_errors(""):
        from warehouse.lake.access import required_lake
        from warehouse.lake.releases import releases_of

        known = releases_of(required_lake())
        for one in known:
            gone = (
                f" ; retirée le {one.retiree_le:%d/%m/%Y} : {one.motif}" if one.retiree_le else ""
            )
            typer.echo(
                f"{one.publication} : {one.titre}, publiée le {one.publiee_le:%d/%m/%Y}{gone}"
            )
        if not known:
            typer.echo("Aucune publication dans le lac : `qpv lac envoyer` y met la dernière.")


@app.command("verify")
def verify_lake(publication: Identifiant = "latest", data: Data = "") -> None:
    """Compare chaque table du lac à celle de la publication, ligne par ligne."""
    with plain_errors(data):
        from warehouse.lake.access import required_lake
        from warehouse.lake.sending import differences
        from warehouse.release.withdrawal import find_release

        release = find_release(Layout.resolve(data or None), publication)
        said = differences(required_lake(), release)
        for line in said or [f"{release.name} : le lac a les mêmes tables"]:
            typer.echo(line)
    if said:
        raise typer.Exit(1)


@app.command("withdraw")
def withdraw_from_lake(
    publication: Annotated[
        str,
        typer.Argument(metavar="ID", help="Identifiant d'une publication, ou son début."),
    ],
    motif: Annotated[str, typer.Option(help="Pourquoi, pour les lecteurs : une phrase.")],
) -> None:
    """Retire une publication du lac, et tout ce qui la tenait (`qpv release withdraw` aussi)."""
    with plain_errors(""):
        from warehouse.lake.access import required_lake
        from warehouse.lake.sending import take_out

        lac = required_lake()
        out = take_out(lac, publication, motif)
        typer.echo(f"Retirée du lac : {out}")


@app.command("nettoyer")
def clean() -> None:
    """Oublie les états passés du lac et leurs fichiers ; aucune publication qui tient n'y perd."""
    with plain_errors(""):
        from warehouse.lake.access import required_lake
        from warehouse.lake.sending import forget_the_past

        forget_the_past(required_lake())
        typer.echo("Le lac ne tient plus que son état présent.")
