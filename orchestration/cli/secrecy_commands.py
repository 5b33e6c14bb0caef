"""`qpv audit` and `qpv mask`: tables of one's own attacked, or masked and proved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.refusals import JsonFile, plain_errors


def audit(
    tableaux: Annotated[
        list[Path],
        typer.Argument(
            readable=False,
            metavar="TABLEAU.csv…",
            help="Tableaux publiés, ou dossiers de tableaux.",
        ),
    ],
    relations: Annotated[
        Path,
        typer.Option(
            readable=False,
            help="Ce qu'un lecteur sait des tableaux : colonnes, sommes, taux (YAML).",
        ),
    ],
    rules: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Ce qui ne doit pas se déduire : seuil, ±10 %, contributeurs (YAML). Sinon : "
            "aucune valeur masquée ne doit se retrouver exactement.",
            show_default=False,
        ),
    ] = None,
    clair: Annotated[
        list[Path] | None,
        typer.Option(
            readable=False,
            help="Les mêmes tableaux avant leur masque : ce qui est à tenir, jamais donné à "
            "l'attaquant. Se répète.",
            show_default=False,
        ),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Attaque le secret de tableaux : ce qu'un lecteur déduit des cases masquées (docs/audit.md).
    Code 0 : rien n'est exposé ; 1 : des cases le sont, ou un fichier ne se lit pas.
    """
    with plain_errors(""):
        from quality.disclosure.audit.verdict import audit as attack
        from quality.secrecy.tables.audit_report import lines, refusal, refused_blanks, write_json
        from quality.secrecy.tables.reading import Declared

        system, reach = Declared.load(relations, rules).attack(tableaux, clair or [])
        found = attack(system)
        if json_file:
            write_json(found, json_file, reach)
        for line in lines(found, reach):
            typer.echo("".join(c if c.isprintable() else " " for c in line))
        if found.refuse:
            raise refusal(found, ", ".join(map(str, tableaux)))
        if reach.donnees:
            raise refused_blanks(reach, ", ".join(map(str, tableaux)))


def mask(
    tableaux: Annotated[
        list[Path],
        typer.Argument(
            readable=False, metavar="TABLEAU.csv…", help="Tableaux en clair, ou leurs dossiers."
        ),
    ],
    relations: Annotated[
        Path,
        typer.Option(
            readable=False,
            help="Colonnes, hiérarchies, sommes et règles des tableaux (YAML), celles de l'audit.",
        ),
    ],
    rules: Annotated[
        Path | None,
        typer.Option(readable=False, help="Les règles, si elles sont à part.", show_default=False),
    ] = None,
    sortie: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Dossier des tableaux masqués. Sinon : `masque`, à côté du premier.",
            show_default=False,
        ),
    ] = None,
    etats: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Écrire aussi pourquoi chaque case est masquée. À ne pas publier.",
            show_default=False,
        ),
    ] = None,
    arrondi: Annotated[
        int | None,
        typer.Option(
            help="Au lieu de masquer, arrondir des effectifs à cette base, sommes gardées.",
            show_default=False,
        ),
    ] = None,
    malgre_densite: Annotated[
        bool, typer.Option("--malgre-densite", help="Masquer même un tableau trop dense.")
    ] = False,
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Le masque le moins cher, de quelques centaines de cases."),
    ] = False,
) -> None:
    """Masque des tableaux en clair, et prouve le masque sur ce qui est écrit (docs/audit.md).
    Code 0 : écrit, rien n'est exposé ; 1 : refusé, rien n'est écrit.
    """
    with plain_errors(""):
        from quality.secrecy.masked_tables.mask_files import (
            lines,
            mask_files,
            round_files,
            rounded_lines,
            write_states,
        )
        from quality.secrecy.tables.reading import Declared

        folder = sortie or tableaux[0].parent / "masque"
        declared = Declared.load(relations, rules)
        if arrondi is not None:
            said = rounded_lines(round_files(tableaux, declared, folder, arrondi))
        else:
            written = mask_files(tableaux, declared, folder, dense=malgre_densite, exact=exact)
            if etats:
                write_states(etats, written)
            said = lines(written)
        for line in said:
            typer.echo("".join(c if c.isprintable() else " " for c in line))
