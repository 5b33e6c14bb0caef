"""`qpv publier`, `qpv brouillon`, `qpv deposer`: a person's word before anything is public."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestration import console
from orchestration.cli.refusals import Data, plain_errors
from warehouse.base.layout import Layout

app = typer.Typer(
    help="Les brouillons en attente de relecture : leur liste, leur abandon.", no_args_is_help=True
)
Brouillon = Annotated[
    str, typer.Argument(metavar="BROUILLON", help="Identifiant d'un brouillon, ou son début.")
]


def publish(
    brouillon: Brouillon,
    relu_par: Annotated[
        str, typer.Option("--relu-par", help="Qui l'a relu : son nom sera dans RELEASE.json.")
    ],
    data: Data = "",
) -> None:
    """Publie un brouillon que quelqu'un a relu."""
    with plain_errors(data):
        from orchestration.defs.resources import single_writer
        from orchestration.events import of_release
        from orchestration.messages import tell
        from warehouse.declared.diffusion import load_diffusion
        from warehouse.lake.sending import send_if_asked
        from warehouse.publication.parts import first_fiche
        from warehouse.release.feed import write_feed
        from warehouse.release.waiting import (
            clear_under_way,
            find_waiting,
            now_utc,
            publish_waiting,
        )
        from warehouse.release.withdrawal import finish_withdrawals

        layout = Layout.resolve(data or None)
        with single_writer(layout):
            finish_withdrawals(layout)
            clear_under_way(layout)
            waiting = find_waiting(layout, brouillon)
            release = publish_waiting(layout, waiting, relu_par, now_utc())
            write_feed(layout, load_diffusion())
        tell(layout, [of_release(release, waiting.manifest["titre"])])
        typer.echo(f"Publication : {release}")
        if fiche := first_fiche(release):
            typer.echo(f"Première fiche : {fiche}")
        if said := send_if_asked(release):
            typer.echo(said)


class Portail(StrEnum):
    """Where a release may be deposited."""

    DATA_GOUV = "data.gouv"


def deposit(
    publication: Annotated[
        str, typer.Argument(metavar="[ID]", help="Identifiant d'une publication, ou latest.")
    ] = "latest",
    vers: Annotated[
        Portail | None,
        typer.Option(
            help="Le portail ; la clé du compte est dans QPV_DATAGOUV_CLE.", show_default=False
        ),
    ] = None,
    simuler: Annotated[
        bool, typer.Option("--simuler", help="Dire ce qui partirait, sans rien envoyer.")
    ] = False,
    dossier: Annotated[
        Path | None,
        typer.Option(
            help="Faire ou mettre à jour ce dossier, que tout serveur web sait montrer : toutes "
            "les publications, leur index, le flux.",
            show_default=False,
        ),
    ] = None,
    data: Data = "",
) -> None:
    """Dépose une publication sur un portail, ou toutes dans un dossier pour un serveur web."""
    if simuler + (vers is not None) + (dossier is not None) != 1:
        raise typer.BadParameter("donner --simuler, --vers data.gouv, ou --dossier DOSSIER")
    with plain_errors(data):
        from orchestration import depot
        from warehouse.release.site import ACCUEIL, write_site
        from warehouse.release.withdrawal import find_release

        layout = Layout.resolve(data or None)
        if dossier is not None:
            for line in write_site(layout, dossier):
                typer.echo(line)
            typer.echo(f"Site : {dossier / ACCUEIL}")
            return
        planned = depot.plan(layout, find_release(layout, publication))
        for line in planned.lines() if simuler else depot.deposit(layout, planned):
            typer.echo(line)


@app.command("list")
def list_drafts(data: Data = "") -> None:
    """Les brouillons en attente, ce qu'ils changent, et jusqu'à quand ils se publient."""
    with plain_errors(data):
        from orchestration.cli.inventory import drafts_table

        console.show(drafts_table(Layout.resolve(data or None)))


@app.command("abandonner")
def abandon(brouillon: Brouillon, data: Data = "") -> None:
    """Efface un brouillon : rien n'en est publié."""
    with plain_errors(data):
        from orchestration.defs.resources import single_writer
        from warehouse.release.waiting import drop, find_waiting

        layout = Layout.resolve(data or None)
        with single_writer(layout):
            waiting = find_waiting(layout, brouillon)
            drop(waiting)
        typer.echo(f"Abandonné : {waiting.id}")
