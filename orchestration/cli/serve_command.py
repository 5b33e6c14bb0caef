"""`qpv servir`: a release that programs ask, on standard input or loopback. No answer is here."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.refusals import Data, plain_errors
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout

#: The only address that is listened on: there is no password.
_LOOPBACK = "127.0.0.1"


def serve(
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Par le Model Context Protocol, pour des assistants.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            min=1024,
            max=65535,
            help="En HTTP sur cette machine seule (127.0.0.1), sinon par l'entrée standard.",
            show_default=False,
        ),
    ] = None,
    publication: Annotated[
        str,
        typer.Option(metavar="ID", help="La publication à servir (sinon la dernière)."),
    ] = "latest",
    data: Data = "",
) -> None:
    """Sert une publication à des programmes : chiffres, comparaisons permises, refus motivés."""
    if not mcp:
        raise typer.BadParameter("préciser --mcp")
    with plain_errors(data):
        from warehouse.publication.answers.asked import Asked
        from warehouse.release.withdrawal import find_release

        try:
            from orchestration.cli.mcp_server import mcp_server
        except ModuleNotFoundError as error:
            raise QpvError(
                f"le module {error.name} n'est pas installé",
                attendu="l'extra « mcp »",
                faire="pip install --require-hashes -r requirements-mcp.lock",
            ) from error
        asked = Asked(find_release(Layout.resolve(data or None), publication))
        try:
            server = mcp_server(asked)
            if port is None:
                server.run("stdio")
            else:
                typer.echo(f"http://{_LOOPBACK}:{port}/mcp : {asked.publication}", err=True)
                server.run("streamable-http", host=_LOOPBACK, port=port)
        finally:
            asked.close()
