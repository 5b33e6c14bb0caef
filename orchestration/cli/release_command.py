"""`qpv release`: which releases stand, what changes between two, and how one is withdrawn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration import console
from orchestration.cli.refusals import JsonFile, plain_errors
from warehouse.base.layout import Layout

app = typer.Typer(
    help="Les publications : leur liste, leurs différences, leur retrait.", no_args_is_help=True
)
Identifiant = "Identifiant d'une publication, son début, ou latest."
#: In place of a data folder, as in `connect("lac")`.
LAC = "lac"
Place = Annotated[
    str,
    typer.Option(
        "--data",
        help="Dossier de données (sinon QPV_DATA, sinon ./data) ; lac : le lac partagé.",
        show_default=False,
    ),
]


def _own_folder(data: str) -> str:
    """Where a surprise leaves its traceback."""
    return "" if data == LAC else data


@app.command("list")
def list_releases(data: Place = "") -> None:
    """Les publications qui tiennent, et celles qui ont été retirées."""
    with plain_errors(_own_folder(data)):
        if data == LAC:
            from orchestration.cli.lake_releases import lake_table

            console.show(lake_table())
        else:
            from orchestration.cli.inventory import releases_table

            console.show(releases_table(Layout.resolve(data or None)))


@app.command()
def verify(
    publication: Annotated[str, typer.Argument(metavar="[ID]", help=Identifiant)] = "latest",
    toutes: Annotated[
        bool, typer.Option("--tous", help="Toutes les publications qui tiennent.")
    ] = False,
    data: Place = "",
) -> None:
    """Recalcule l'empreinte de chaque fichier : dit ce qui manque, a changé ou est en trop."""
    with plain_errors(_own_folder(data)):
        from orchestration.cli.lake_releases import verify_in_lake
        from orchestration.cli.release_verification import verify_releases

        sound, wanted = True, None if toutes else publication
        if data == LAC:
            found = verify_in_lake(wanted)
        else:
            found = verify_releases(Layout.resolve(data or None), wanted)
        for line, is_sound in found:
            typer.echo(line)
            sound &= is_sound
    if not sound:
        raise typer.Exit(1)


@app.command()
def diff(
    avant: Annotated[str, typer.Argument(metavar="A", help=Identifiant)],
    apres: Annotated[str, typer.Argument(metavar="B", help=Identifiant)],
    json_file: JsonFile = None,
    lignes: Annotated[
        Path | None,
        typer.Option(
            readable=False, help="Écrire chaque chiffre changé ici (Parquet).", show_default=False
        ),
    ] = None,
    data: Place = "",
) -> None:
    """Ce que B change de A : chiffres ajoutés, révisés, retirés, masqués, et quels fichiers."""
    with plain_errors(_own_folder(data)):
        from orchestration.cli.lake_releases import changes_in_lake
        from warehouse.publication.changelog import as_json, page
        from warehouse.publication.changes import compare
        from warehouse.release.promotion import write_json
        from warehouse.release.withdrawal import find_release

        if data == LAC:
            found = changes_in_lake(avant, apres, lignes)
        else:
            layout = Layout.resolve(data or None)
            found = compare(find_release(layout, avant), find_release(layout, apres), rows=lignes)
        if json_file:
            write_json(json_file, as_json(found))
        typer.echo(page(found), nl=False)


@app.command()
def withdraw(
    publication: Annotated[str, typer.Argument(metavar="ID", help=Identifiant)],
    motif: Annotated[str, typer.Option(help="Pourquoi, pour les lecteurs : une phrase.")],
    data: Place = "",
) -> None:
    """Retire une publication : un avis prend sa place, latest passe à la plus récente qui tient."""
    with plain_errors(_own_folder(data)):
        if data == LAC:
            from warehouse.lake.access import required_lake
            from warehouse.lake.sending import take_out

            typer.echo(f"Retirée du lac : {take_out(required_lake(), publication, motif)}")
            return
        from orchestration.defs.resources import single_writer
        from orchestration.events import of_withdrawal
        from orchestration.messages import tell
        from warehouse.declared.diffusion import load_diffusion
        from warehouse.lake.sending import take_out_if_asked
        from warehouse.release.feed import write_feed
        from warehouse.release.withdrawal import find_release, finish_withdrawals, journals_naming
        from warehouse.release.withdrawal import withdraw as withdraw_release

        layout = Layout.resolve(data or None)
        with single_writer(layout):
            finish_withdrawals(layout)
            release = find_release(layout, publication)
            latest = withdraw_release(layout, release, motif)
            write_feed(layout, load_diffusion())
        tell(layout, [of_withdrawal(release.name, motif)])
        typer.echo(f"Retirée : {release.name} ; l'avis est {release / 'index.html'}")
        typer.echo(f"Ses fichiers : {layout.withdrawn / release.name}")
        typer.echo(f"latest : {latest.name if latest else 'aucune publication ne tient plus'}")
        for name in journals_naming(layout, release.name):
            typer.echo(f"Son journal cite d'anciennes valeurs de la publication retirée : {name}")
        if said := take_out_if_asked(release.name, motif):
            typer.echo(said)
