"""`qpv localiser`, `qpv territoire`: in which quarters a list, or one place, lies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.refusals import Data, plain_errors
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout

Contours = Annotated[
    list[Path] | None,
    typer.Option(
        readable=False,
        help="GeoJSON de contours de QPV, 2024 ou 2015 (sinon ceux que le dossier de données a "
        "lus) ; se répète.",
        show_default=False,
    ),
]
Locaux = Annotated[
    Path | None,
    typer.Option(
        readable=False,
        help="GeoJSON des périmètres que l'EPCI ajoute (sinon ceux que le dossier a lus).",
        show_default=False,
    ),
]
Adresses = Annotated[
    list[Path] | None,
    typer.Option(
        readable=False,
        help="Fichier de la base adresse nationale, csv d'un département (adresses-59.csv ou "
        ".csv.gz), lu sur place ; se répète.",
        show_default=False,
    ),
]


def localiser(
    liste: Annotated[
        Path,
        typer.Argument(
            readable=False,
            metavar="LISTE.csv",
            help="Une ligne par personne, logement… avec lon et lat, x et y, ou une adresse.",
        ),
    ],
    adresses: Adresses = None,
    contours: Contours = None,
    perimetres_locaux: Locaux = None,
    colonne: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RÔLE=EN-TÊTE",
            help="Quelle colonne est lon, lat, x, y, epsg, adresse, numero, voie, code_postal, "
            "commune, code_insee, si son nom ne le dit pas ; se répète.",
            show_default=False,
        ),
    ] = None,
    epsg: Annotated[
        int | None,
        typer.Option(
            help="Projection de x et y (2154, 5490, 2972, 2975, 4471) ; sinon la colonne epsg, "
            "sinon 2154, Lambert 93.",
            show_default=False,
        ),
    ] = None,
    a_moins_de: Annotated[
        float | None,
        typer.Option(
            metavar="MÈTRES",
            min=1,
            max=20_000,
            help="Dire aussi qui est à moins de cette distance d'un quartier (300).",
            show_default=False,
        ),
    ] = None,
    sortie: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="La liste et ses colonnes (sinon LISTE_localisee.csv, à côté). À vous seul.",
            show_default=False,
        ),
    ] = None,
    comptes: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLONNE",
            help="Écrire aussi les comptes par quartier et par modalité de cette colonne, arrondis "
            "selon ingest/secret.yml et attaqués avant d'être écrits ; se répète.",
            show_default=False,
        ),
    ] = None,
    perimetre: Annotated[
        str,
        typer.Option(
            help="Périmètre des comptes : 2024, 2015 ou local (sinon le plus récent qui est là).",
            show_default=False,
        ),
    ] = "",
    identifiant: Annotated[
        str | None,
        typer.Option(
            metavar="COLONNE",
            help="Colonne qui nomme chaque personne : elle n'est comptée qu'une fois.",
            show_default=False,
        ),
    ] = None,
    data: Data = "",
) -> None:
    """Dit de chaque ligne d'une liste si elle est dans un quartier (docs/localiser.md).
    Rien n'est envoyé nulle part.
    """
    if a_moins_de is not None and a_moins_de != a_moins_de:
        raise typer.BadParameter("--a-moins-de : un nombre de mètres")
    with plain_errors(data):
        from ingest.lists.placed_list import added_columns, refuse_published, write_placed
        from ingest.lists.quarter_outlines import LOCAL
        from orchestration.cli.place_text import counts_lines, lines
        from orchestration.list_tables import counts_file, write_counts
        from orchestration.located_lists import locate
        from orchestration.own_outlines import known_generations, missing_generations

        layout = Layout.resolve(data or None)
        out = sortie or liste.with_name(f"{liste.stem}_localisee.csv")
        refuse_published(out, layout)
        if out.resolve() == liste.resolve():
            raise QpvError("la liste serait écrasée", ou=str(out), faire="changer --sortie")
        generations = known_generations(layout, contours or [], perimetres_locaux)
        found = locate(
            liste,
            generations,
            said=_roles(colonne),
            epsg=epsg,
            near=a_moins_de,
            adresses=adresses or [],
        )
        columns = dict.fromkeys(found.liste.column(said, "--comptes") for said in comptes or [])
        added = added_columns(found.rows, found.placed, a_moins_de)
        write_placed(out, found.liste, added, layout)
        for line in lines(found, missing_generations(generations), a_moins_de):
            typer.echo(line)
        typer.echo(f"Écrit, pour vous seul : {out}")
        for column in columns:
            table = write_counts(
                found,
                column,
                perimetre or ([n for n in generations if n != LOCAL] or [LOCAL])[-1],
                counts_file(out.with_name(liste.name), column, found.liste.header),
                layout,
                near=a_moins_de,
                identifiant=identifiant,
            )
            for line in counts_lines(table):
                typer.echo(line)


def territoire(
    lieu: Annotated[
        str,
        typer.Argument(
            metavar="LIEU",
            help="« longitude,latitude » (3.389,50.329), ou « 12 rue de la République, 59220 "
            "Denain » avec --adresses.",
        ),
    ],
    adresses: Adresses = None,
    contours: Contours = None,
    perimetres_locaux: Locaux = None,
    data: Data = "",
) -> None:
    """Dit dans quel quartier est une adresse ou un point, ou s'il faut le vérifier.
    Rien n'est envoyé nulle part.
    """
    with plain_errors(data):
        from orchestration.cli.place_text import place_lines
        from orchestration.located_place import locate_place
        from orchestration.own_outlines import known_generations, missing_generations

        layout = Layout.resolve(data or None)
        generations = known_generations(layout, contours or [], perimetres_locaux)
        found = locate_place(lieu, generations, adresses or [])
        for line in place_lines(found, missing_generations(generations)):
            typer.echo(line)


def _roles(said: list[str] | None) -> dict[str, str]:
    from ingest.lists.list_points import HEADERS

    roles = {}
    for one in said or []:
        role, sign, header = one.partition("=")
        if not sign or role not in HEADERS:
            raise QpvError(
                f"une colonne mal dite : {one!r}",
                ou="--colonne",
                attendu=f"RÔLE=EN-TÊTE, le rôle étant un de : {', '.join(HEADERS)}",
            )
        roles[role] = header
    return roles
