"""A new edition from an earlier one and the rules: the newest period of each of its blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.header_names import year_of_millesime
from ingest.registry import Registry
from orchestration.edition_by_rule import by_rule
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import BlocEdition, Edition
from warehouse.domain.periods import bounds


@dataclass(frozen=True)
class EditionDraft:
    """The text of a new edition, and what it changes of the one that it is made from."""

    id: str
    modele: str
    texte: str
    changements: list[str]


def propose_edition(
    model: Edition, registry: Registry, new_id: str, known: list[str]
) -> EditionDraft:
    """The edition that shows the newest period of each block that another one shows.

    A block that is compared is compared with the oldest period that its rules allow; one of which
    no newer period is held stays as it is. Lists and compositions of newer years are added where
    the model reads several years of them.

    Raises:
        QpvError: that edition exists, or its id has not the form of one.
    """
    if new_id in known:
        raise QpvError(
            f"l'édition {new_id} existe déjà",
            ou=f"dbt_project/editions/{new_id}.yml",
            faire=f"donner un autre identifiant, ou la vérifier : `qpv edition verifier {new_id}`",
        )
    if not re.fullmatch(r"[0-9a-z_-]{1,40}", new_id):
        raise QpvError(
            "un identifiant d'édition a des chiffres, des minuscules, - et _",
            ou=f"édition {new_id!r}",
            faire="donner une année, comme 2025",
        )
    blocs, changes = [], []
    for bloc in model.blocs:
        newer = _newest(bloc, model, registry)
        blocs.append(newer)
        if newer != bloc:
            changes.append(f"{bloc.bloc} : {_said(bloc)} → {_said(newer)}")
    references = dict(model.references)
    for source_id, millesimes in model.references.items():
        added = _lists_added(millesimes, registry[source_id].millesimes)
        if added:
            references[source_id] = [*millesimes, *added]
            changes.append(f"{source_id} : {', '.join(added)} en plus")
    lines = [
        f"# Proposée par `qpv edition proposer` d'après l'édition {model.id} : à relire, bloc par"
        " bloc.",
        f'id: "{new_id}"',
        f'titre: "Édition {new_id}, périmètre {model.perimetre}"',
        f'perimetre: "{model.perimetre}"',
        *([f'composition: "{model.composition}"'] if model.composition else []),
        "blocs:",
        *(f"  - {_line(bloc)}" for bloc in blocs),
        "references:",
        *(f"  {name}: [{', '.join(map(_text, years))}]" for name, years in references.items()),
    ]
    return EditionDraft(new_id, model.id, "\n".join(lines) + "\n", changes)


def next_id(known: list[str]) -> str:
    """The id of an edition that is not named: the year after the last one."""
    years = [int(one) for one in known if re.fullmatch(r"20\d\d", one)]
    if not years:
        raise QpvError(
            "aucune édition n'a une année pour identifiant",
            attendu="l'identifiant de la nouvelle édition",
            faire="le donner : `qpv edition proposer ID`",
        )
    return str(max(years) + 1)


def _newest(bloc: BlocEdition, edition: Edition, registry: Registry) -> BlocEdition:
    if bloc.periode is None or bloc.serie:
        return bloc
    alone = edition.model_copy(update={"blocs": [BlocEdition(bloc=bloc.bloc)], "references": {}})
    [ruled] = by_rule(alone, registry).blocs
    if ruled.periode is None or bounds(ruled.periode) <= bounds(bloc.periode):
        return bloc
    kept = ruled.comparaison if bloc.comparaison else None
    return bloc.model_copy(update={"periode": ruled.periode, "comparaison": kept})


def _lists_added(read: list[str], held: dict) -> list[str]:
    """Millésimes newer than those read, where several years of a list are read."""
    if len(read) < 2:
        return []
    last, suffix = max(map(year_of_millesime, read)), read[-1][4:]
    return sorted(m for m in held if year_of_millesime(m) > last and m[4:] == suffix)


def _said(bloc: BlocEdition) -> str:
    return f"{bloc.periode}" + (f" et {bloc.comparaison}" if bloc.comparaison else "")


def _line(bloc: BlocEdition) -> str:
    parts = [f"bloc: {bloc.bloc}"]
    parts += [f"periode: {_text(bloc.periode)}"] if bloc.periode else []
    parts += [f"comparaison: {_text(bloc.comparaison)}"] if bloc.comparaison else []
    parts += ["serie: true"] if bloc.serie else []
    return "{" + ", ".join(parts) + "}"


def _text(value: str) -> str:
    return f'"{value}"'
