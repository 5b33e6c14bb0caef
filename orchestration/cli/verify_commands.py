"""`qpv verifier`: what others print, against the rules, a release, or both. No rule is here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Protocol

import typer
from typer.core import TyperCommand

from orchestration.cli.refusals import Data, JsonFile, plain_errors
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout


class Telling(Protocol):
    """What a command tells of what it judged."""

    @property
    def refuse(self) -> bool: ...

    def lines(self) -> Iterator[str]: ...

    def write_json(self, path: Path) -> None: ...


_LATEST = "latest"
_OPTION = "--publication"
#: An identifier, or the start of one.
_IDENTIFIER = re.compile(rf"{_LATEST}|[0-9]{{4}}(?:-[0-9A-Za-z-]*)?")


class OptionalRelease(TyperCommand):
    """`--publication` without an identifier is the latest release."""

    def parse_args(self, ctx, args):  # type: ignore[no-untyped-def]
        said: list[str] = []
        for at, arg in enumerate(args):
            said.append(arg)
            following = args[at + 1] if at + 1 < len(args) else "-"
            if arg == _OPTION and (following.startswith("-") or _is_table(following)):
                said.append(_LATEST)
        return super().parse_args(ctx, said)


def _is_table(word: str) -> bool:
    """Whether what follows the option is a table and no identifier.

    What is written as an identifier is one, though a folder here has its name.
    """
    if not word or _IDENTIFIER.fullmatch(word):
        return False
    return "/" in word or word.lower().endswith(".csv") or Path(word).exists()


def _refuse_unused(
    colonnes: Path | None, arbitrages: Path | None, *, texte: bool, publication: bool
) -> None:
    """
    Raises:
        QpvError: an option that changes nothing here: what it holds would be thought of as read.
    """
    unused = []
    if colonnes and texte:
        unused.append(("--colonnes", "dit ce que sont les colonnes d'un tableau, non d'un rapport"))
    if arbitrages and (texte or publication):
        said = "accepte des constats des règles, non des écarts avec une publication"
        unused.append(("--arbitrages", said))
    if unused:
        names = " et ".join(name for name, _ in unused)
        raise QpvError(
            f"sans effet ici, {names} : {' ; '.join(f'{name} {why}' for name, why in unused)}",
            ou=f"qpv verifier {'--texte' if texte else _OPTION}",
            faire=f"lancer la commande sans {names.replace(' et ', ' ni ')}",
        )


def verifier(
    fiches: Annotated[
        list[Path] | None,
        typer.Argument(
            readable=False,
            metavar="[FICHE.csv…]",
            help="Tableaux publiés, ou dossiers qui en tiennent.",
            show_default=False,
        ),
    ] = None,
    texte: Annotated[
        list[Path] | None,
        typer.Option(
            "--texte",
            readable=False,
            metavar="RAPPORT",
            help="Tracer chaque nombre d'un rapport (.md, .docx, .pdf) jusqu'à une case de la "
            "publication ; se répète.",
            show_default=False,
        ),
    ] = None,
    publication: Annotated[
        str | None,
        typer.Option(
            _OPTION,
            metavar="[ID]",
            help="Comparer chaque chiffre à cette publication (sans ID : la dernière), au lieu "
            "d'appliquer les règles de plausibilité.",
            show_default=False,
        ),
    ] = None,
    colonnes: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Quelle colonne est quel indicateur (sinon golden_map.csv à côté des tableaux).",
            show_default=False,
        ),
    ] = None,
    arbitrages: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Constats acceptés (sinon dbt_project/arbitrages.yml).",
            show_default=False,
        ),
    ] = None,
    json_file: JsonFile = None,
    data: Data = "",
) -> None:
    """Vérifie des tableaux ou un texte publiés ailleurs : par règle, ou contre une publication."""
    if bool(fiches) == bool(texte):
        raise typer.BadParameter("donner des tableaux, ou un rapport par --texte")
    verdict: Telling
    with plain_errors(data):
        against = publication is not None
        _refuse_unused(colonnes, arbitrages, texte=bool(texte), publication=against)
        if texte or against:
            from orchestration.cli.verify_citations import against_release
            from warehouse.release.withdrawal import find_release

            release = find_release(Layout.resolve(data or None), publication or _LATEST)
            verdict = against_release(release, fiches or [], texte or [], colonnes)
        else:
            from orchestration.cli.verify import verify

            verdict = verify(fiches or [], colonnes, arbitrages)
        if json_file:
            verdict.write_json(json_file)
        for line in verdict.lines():
            typer.echo(line)
    if verdict.refuse:
        raise typer.Exit(1)
