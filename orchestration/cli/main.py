"""The `qpv` command: words in, exit codes and paragraphs out. No work is done here."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from orchestration import console
from orchestration.cli import (
    barometer_command,
    draft_commands,
    lake_commands,
    place_commands,
    release_command,
    secrecy_commands,
    serve_command,
    verify_commands,
    year_commands,
)
from orchestration.cli.refusals import Data, plain_errors
from warehouse.base.layout import Layout

app = typer.Typer(
    help="Chiffres clés des quartiers prioritaires : des extraits officiels à la publication.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Contrats = Annotated[
    Path | None,
    typer.Option(
        readable=False,
        metavar="DOSSIER",
        help="Dossier des contrats de ville, un <siren>.yml par EPCI (sinon contrats/ du dossier "
        "de données, s'il y est).",
        show_default=False,
    ),
]
app.add_typer(release_command.app, name="release")
app.add_typer(draft_commands.app, name="brouillon")
app.add_typer(lake_commands.app, name="lac")
app.add_typer(year_commands.millesime, name="millesime")
app.add_typer(year_commands.edition, name="edition")


@app.command()
def build(
    edition: Annotated[
        str,
        typer.Option(
            help="Édition à construire (sinon celle que dit le dossier des extraits, ou celle en "
            "vigueur).",
            show_default=False,
        ),
    ] = "",
    sample: Annotated[
        bool, typer.Option("--sample", help="Lire l'échantillon fourni avec le projet.")
    ] = False,
    extracts: Annotated[
        list[Path] | None,
        typer.Option(
            readable=False,
            help="Lire les fichiers officiels de ce dossier, sans réseau ; se répète.",
            show_default=False,
        ),
    ] = None,
    perimetres_locaux: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="GeoJSON des périmètres que l'EPCI ajoute (sinon perimetres_locaux.geojson, "
            "s'il est dans le dossier des extraits).",
            show_default=False,
        ),
    ] = None,
    contrats: Contrats = None,
    data: Data = "",
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Refuser si un fichier que l'édition nomme manque ou est écarté."
        ),
    ] = False,
    documents: Annotated[
        bool,
        typer.Option(
            "--documents/--sans-documents",
            help="Faire aussi les fiches en PDF et un classeur par EPCI ; sans eux, plus vite.",
        ),
    ] = True,
    annexes: Annotated[
        bool,
        typer.Option(
            "--annexes", help="Faire aussi les fiches détaillées en PDF ; une seule : `qpv fiche`."
        ),
    ] = False,
    brouillon: Annotated[
        bool,
        typer.Option(
            "--brouillon", help="S'arrêter avant de publier : `qpv publier` le fera, une fois lu."
        ),
    ] = False,
) -> None:
    """Lit les fichiers officiels, construit l'entrepôt, contrôle, publie."""
    if sample and extracts:
        raise typer.BadParameter("--sample et --extracts s'excluent")
    with plain_errors(data):
        from orchestration.run import run_publication
        from warehouse.publication.parts import first_fiche
        from warehouse.release.waiting import PAGE

        origin = ["sample"] if sample else [str(folder.absolute()) for folder in extracts or []]
        _quiet()
        release = run_publication(
            edition=edition,
            extracts=origin,
            data=data,
            strict=strict,
            documents=documents,
            annexes=annexes,
            brouillon=brouillon,
            perimetres_locaux=str(perimetres_locaux.absolute()) if perimetres_locaux else "",
            contrats=str(contrats.absolute()) if contrats else "",
        )
        if brouillon:
            typer.echo(f"Brouillon : {release.name}")
            typer.echo(f"À relire : {release / PAGE}")
            return
        typer.echo(f"Publication : {release}")
        if fiche := first_fiche(release):
            typer.echo(f"Première fiche : {fiche}")


@app.command()
def sources(
    extracts: Annotated[
        list[Path] | None,
        typer.Option(
            readable=False,
            help="Dire aussi ce que chaque fichier de ce dossier est au registre ; se répète.",
            show_default=False,
        ),
    ] = None,
    data: Data = "",
) -> None:
    """Chaque source, ses millésimes, atterris ou non, et la prochaine publication attendue."""
    with plain_errors(data):
        from orchestration.cli.inventory import extracts_table, sources_table

        console.show(sources_table(Layout.resolve(data or None)))
        if extracts:
            console.show(extracts_table(extracts))


@app.command()
def fiche(
    code: Annotated[
        str,
        typer.Argument(help="Code d'un QPV, SIREN d'un EPCI, ou LOC:… d'un périmètre local."),
    ],
    sortie: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Écrire dans ce dossier (sinon fiches/<publication>/ du dossier de données).",
            show_default=False,
        ),
    ] = None,
    annexe: Annotated[
        bool, typer.Option("--annexe", help="La fiche détaillée, au lieu de celle d'une page.")
    ] = False,
    contrats: Contrats = None,
    data: Data = "",
) -> None:
    """Rend la fiche d'un territoire (HTML et PDF) depuis la dernière publication."""
    with plain_errors(data):
        from orchestration.cli.one_fiche import render_fiche

        layout = Layout.resolve(data or None)
        folder = str(contrats.absolute()) if contrats else ""
        for path in render_fiche(layout, code, sortie, annexe=annexe, contrats=folder):
            typer.echo(path)


@app.command()
def explain(
    territoire: Annotated[
        str,
        typer.Argument(
            metavar="CODE_TERRITOIRE",
            help="Code d'un QPV, d'un ensemble (QPV@EPCI:…), d'un EPCI (ou son SIREN), DEP:…",
        ),
    ],
    indicateur: Annotated[
        str, typer.Argument(metavar="CODE_INDICATEUR", help="Code d'un indicateur publié.")
    ],
    periode: Annotated[
        str | None,
        typer.Option(help="Une seule période (sinon toutes).", show_default=False),
    ] = None,
    data: Data = "",
) -> None:
    """Dit d'où vient un chiffre, pourquoi il manque, et avec quoi il se compare ou non."""
    with plain_errors(data):
        from orchestration.cli.explain_text import blocs
        from warehouse.publication.explain.gathering import explain as facts_of

        layout = Layout.resolve(data or None)
        console.show_blocs(blocs(facts_of(layout, territoire, indicateur, periode)))


app.command(cls=verify_commands.OptionalRelease)(verify_commands.verifier)
app.command("servir")(serve_command.serve)
app.command("barometre")(barometer_command.print_barometers)
app.command("publier")(draft_commands.publish)
app.command("deposer")(draft_commands.deposit)
app.command()(year_commands.veille)
app.command()(secrecy_commands.audit)
app.command()(secrecy_commands.mask)
app.command()(place_commands.localiser)
# A longitude west of Greenwich starts as an option does.
app.command(context_settings={"ignore_unknown_options": True})(place_commands.territoire)


@app.command()
def lock(
    extracts: Annotated[
        list[Path] | None,
        typer.Option(
            readable=False,
            help="Noter tout ce que ce dossier tient, sans construire ; se répète. Sinon : ce "
            "qui a atterri.",
            show_default=False,
        ),
    ] = None,
    data: Data = "",
) -> None:
    """Note dans ingest/locks les fichiers lus, et dit ce qui a changé depuis la dernière fois."""
    with plain_errors(data):
        from tempfile import TemporaryDirectory

        from ingest.extracts_folder import ExtractsFolder
        from ingest.lock import land_whole_folders, update_locks
        from ingest.registry import load_registry

        with TemporaryDirectory() as scratch:
            layout = Layout(Path(scratch)) if extracts else Layout.resolve(data or None)
            if extracts:
                folder = ExtractsFolder(*extracts)
                for line in land_whole_folders(folder, layout, load_registry()):
                    typer.echo(f"Refusé, sans verrou : {line}")
            for line in update_locks(layout):
                typer.echo(line)


def _quiet() -> None:
    """Dagster's own chatter off: progress is said by the console."""
    warnings.filterwarnings("ignore")
    os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    logging.disable(logging.WARNING)


def main() -> None:
    """Entry point of the `qpv` command: what a terminal cannot write is replaced, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
