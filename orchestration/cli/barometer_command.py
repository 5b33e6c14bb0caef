"""`qpv barometre`: a chosen list of indicators on one page, per EPCI and per commune."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.refusals import Data, plain_errors
from warehouse.base.layout import Layout


def print_barometers(
    codes: Annotated[
        list[str],
        typer.Argument(metavar="CODE…", help="SIREN d'un EPCI, ou commune (59172, COM:59172)."),
    ],
    ensemble: Annotated[
        str,
        typer.Option(
            help="Liste d'indicateurs : un nom de dbt_project/ensembles, ou un fichier .yml."
        ),
    ] = "barometre",
    communes: Annotated[
        bool,
        typer.Option("--communes", help="Aussi chaque commune de l'EPCI qui a un quartier."),
    ] = False,
    sortie: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Écrire dans ce dossier (sinon fiches/<publication>/barometres/<ensemble>/ du "
            "dossier de données).",
            show_default=False,
        ),
    ] = None,
    data: Data = "",
) -> None:
    """Imprime une liste choisie d'indicateurs, sur une page (PDF) et en table (CSV)."""
    with plain_errors(data):
        from warehouse.declared.dictionary import load_edition
        from warehouse.declared.ensembles import find_ensemble
        from warehouse.publication.barometres.presse import (
            CommandeDeBarometres,
            render_barometres,
        )
        from warehouse.release.promotion import latest_release, read_manifest
        from warehouse.release.seal import require_whole

        layout = Layout.resolve(data or None)
        release = latest_release(layout)
        chosen = find_ensemble(ensemble)
        kept = layout.rendered(release.name) / "barometres" / chosen.stem
        order = CommandeDeBarometres(
            require_whole(release, "qpv.duckdb"),
            sortie.resolve() if sortie else kept,
            load_edition(read_manifest(release)["edition"]),
            release.name,
            chosen,
            codes,
            communes,
        )
        for path in render_barometres(order):
            typer.echo(path)
