"""`qpv veille`, `qpv millesime`, `qpv edition`: what producers published, and what it asks for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.refusals import Data, JsonFile, plain_errors
from warehouse.base.errors import QpvError
from warehouse.base.layout import EDITIONS_DIR, SOURCES_DIR, Layout

#: Exit code of a round of the watch that asks for a person.
A_FAIRE = 3

millesime = typer.Typer(
    help="Les millésimes du registre : déclarer celui qui vient de paraître.", no_args_is_help=True
)
edition = typer.Typer(
    help="Les éditions : en proposer une, dire toutes les fautes d'une.", no_args_is_help=True
)
Ecrire = Annotated[bool, typer.Option("--ecrire", help="Écrire, au lieu de montrer.")]


def veille(
    extracts: Annotated[
        list[Path] | None,
        typer.Option(
            readable=False,
            help="Dire aussi les fichiers de ce dossier que personne ne lit ; se répète.",
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help="Cette source seule ; se répète.", show_default=False),
    ] = None,
    json_file: JsonFile = None,
    data: Data = "",
) -> None:
    """Ce que les producteurs ont publié, révisé, retiré, ou tardent à publier.

    Chaque page est demandée une fois par jour au plus. Code 0 : rien à faire ; 3 : à faire.
    """
    with plain_errors(data):
        from ingest.registry import load_registry
        from orchestration.events import of_round
        from orchestration.messages import tell
        from orchestration.watching import watch
        from warehouse.release.promotion import write_json

        layout, registry = Layout.resolve(data or None), load_registry()
        found = watch(
            layout,
            registry,
            today=date.today(),
            extracts=extracts or (),
            only=source or (),
        )
        if json_file:
            write_json(json_file, found.as_json())
        tell(layout, of_round(found.constats, registry))
        for line in found.lines():
            typer.echo(line)
    if found.asks:
        raise typer.Exit(A_FAIRE)


@millesime.command("proposer")
def propose_millesime(
    fichier: Annotated[Path, typer.Argument(readable=False, help="Le fichier du producteur.")],
    source: Annotated[
        str, typer.Option(help="Sa source, si son nom ne la dit pas.", show_default=False)
    ] = "",
    cle: Annotated[
        str,
        typer.Option(
            "--millesime", help="Son millésime, si son nom ne le dit pas.", show_default=False
        ),
    ] = "",
    ecrire: Ecrire = False,
) -> None:
    """Compare l'en-tête d'un fichier à tous ceux qui sont connus, et dit les lignes à déclarer.

    S'arrête (code 1) si une colonne a changé de nom, a disparu ou est nouvelle : à dire d'abord.
    """
    with plain_errors(""):
        from ingest.millesime_draft import propose
        from ingest.registry import load_registry
        from ingest.registry_lines import add_millesime

        found = propose(fichier, load_registry(), source or None, cle or None)
        place = SOURCES_DIR / f"{found.source.id}.yml"
        typer.echo(f"{found.source.id} {found.millesime}, d'après l'en-tête de {found.modele} :")
        for line in found.lignes:
            typer.echo(line)
        for header, near in found.disparues:
            twin = f" ; {near} lui ressemble" if near else ""
            typer.echo(f"Disparue : {header}{twin}")
        for header in found.nouvelles:
            typer.echo(f"Nouvelle : {header}")
        for said in found.a_verifier:
            typer.echo(f"À vérifier chez le producteur : {said}")
        if not found.is_sure:
            raise QpvError(
                "des colonnes ne s'expliquent pas seules : "
                + " ; ".join(_unexplained(found.disparues, found.nouvelles)),
                ou=str(fichier),
                attendu=f"les colonnes de {found.source.id} {found.modele}",
                faire=f"mettre ces lignes sous `millesimes` de {place.name}, en disant si une "
                "disparue est une nouvelle (`entetes: {mesure: NOM}`) ou ne l'est pas "
                "(`absentes`), et ce que compte chaque nouvelle",
            )
        if ecrire:
            typer.echo(f"Écrit : {add_millesime(found.source.id, found.lignes)}")


def _unexplained(gone: list[tuple[str, str | None]], new: list[str]) -> list[str]:
    said = []
    if gone:
        named = (f"{h} (peut-être {near})" if near else h for h, near in gone)
        said.append(f"disparues : {', '.join(named)}")
    if new:
        said.append(f"nouvelles : {', '.join(new)}")
    return said


@edition.command("proposer")
def propose(
    identifiant: Annotated[
        str,
        typer.Argument(
            metavar="[ID]",
            help="Son identifiant (sinon l'année qui suit la dernière).",
            show_default=False,
        ),
    ] = "",
    depuis: Annotated[
        str,
        typer.Option(help="L'édition dont partir (sinon celle par défaut).", show_default=False),
    ] = "",
    ecrire: Ecrire = False,
) -> None:
    """Une édition d'après une autre : la période la plus récente de chacun de ses blocs."""
    with plain_errors(""):
        from ingest.registry import load_registry
        from orchestration.edition_draft import next_id, propose_edition
        from warehouse.base.whole_files import write_whole_text
        from warehouse.declared.dictionary import default_edition, load_edition

        known = sorted(path.stem for path in EDITIONS_DIR.glob("*.yml"))
        model = load_edition(depuis or default_edition())
        draft = propose_edition(model, load_registry(), identifiant or next_id(known), known)
        if not ecrire:
            typer.echo(draft.texte, nl=False)
        for line in draft.changements or [f"rien de plus récent que l'édition {draft.modele}"]:
            typer.echo(f"# {line}")
        if ecrire:
            path = EDITIONS_DIR / f"{draft.id}.yml"
            write_whole_text(path, draft.texte)
            typer.echo(f"Écrit : {path} ; à relire, puis `qpv edition verifier {draft.id}`")


@edition.command("verifier")
def verify(
    identifiant: Annotated[
        str,
        typer.Argument(metavar="[ID]", help="Édition (sinon toutes).", show_default=False),
    ] = "",
) -> None:
    """Toutes les fautes d'une édition en une fois, et ce que ses règles interdiront."""
    sound = True
    with plain_errors(""):
        from ingest.registry import load_registry
        from orchestration.edition_faults import verify_edition

        registry = load_registry()
        known = sorted(path.stem for path in EDITIONS_DIR.glob("*.yml"))
        for one in [identifiant] if identifiant else known:
            verdict = verify_edition(one, registry)
            sound &= not verdict.fautes
            for said in verdict.fautes:
                typer.echo(f"{one}, faute : {said}")
            for said in verdict.dits:
                typer.echo(f"{one} : {said}")
            count = len(verdict.fautes)
            state = f"{count} faute{'s' * (count > 1)}" if count else "aucune faute"
            typer.echo(f"{one} : {state}, {verdict.fichiers} fichiers à lire")
    if not sound:
        raise typer.Exit(1)
