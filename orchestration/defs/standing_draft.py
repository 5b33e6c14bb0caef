"""The draft that stands and which of its parts are made: a run may make one again. No asset here.

What is kept lies beside the judgements of the doors, and goes with them when a run changes files or
warehouse: a draft of another warehouse is never gone on with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from orchestration.defs.asset_keys import part_key
from orchestration.defs.door_results import DRAFT_DOORS, forget_judgements
from orchestration.defs.resources import Reglages
from orchestration.defs.said_of_files import file_rows
from warehouse.base.errors import QpvError
from warehouse.base.whole_files import write_whole_text
from warehouse.publication.parts import PARTS, TABLES, clear, to_make
from warehouse.release.build_database import open_build
from warehouse.release.promotion import Draft, current_draft, start_draft, unseal
from warehouse.release.withdrawal import finish_withdrawals


@dataclass(frozen=True)
class _Kept:
    """What is known of a draft: `faites`, its parts in the order in which they were last made."""

    release_id: str
    edition: str
    faites: tuple[str, ...]


@contextmanager
def begun(reglages: Reglages) -> Iterator[Draft]:
    """A new draft, that the tables begin; the one that stood is no more.

    Raises:
        QpvError: the warehouse is that of another edition.
    """
    layout, edition = reglages.layout, reglages.plan.edition.id
    with open_build(layout.warehouse_db) as con:
        [(built,)] = con.sql("select id from edition.parametres").fetchall()
    _refuse_other("l'entrepôt", built, edition, layout.warehouse_db)
    finish_withdrawals(layout)
    files = file_rows(reglages.received)
    draft = start_draft(layout, edition, [f["sha256"] for f in files if f["sha256"]])
    forget_judgements(reglages, DRAFT_DOORS)
    yield draft
    _keep(reglages, _Kept(draft.release_id, edition, (TABLES,)))


@contextmanager
def without(part: str, reglages: Reglages) -> Iterator[Draft]:
    """The draft that stands, rid of one part, which its caller then makes whole.

    The doors have to judge the draft again; a kill in between leaves a part to make.

    Raises:
        QpvError: no draft stands, it is another edition's or another warehouse's, or a part that
            this one is made from is to be made first.
    """
    draft, kept = _standing(reglages)
    _refuse_unmade(draft, [p for p in to_make(kept.faites) if p in PARTS[part].depuis])
    forget_judgements(reglages, DRAFT_DOORS)
    others = tuple(one for one in kept.faites if one != part)
    _keep(reglages, replace(kept, faites=others))
    unseal(draft)
    clear(draft.path, part)
    yield draft
    _keep(reglages, replace(kept, faites=(*others, part)))


def whole_draft(reglages: Reglages) -> Draft:
    """The draft that stands, all its parts there, each made after those that it is made from.

    Raises:
        QpvError: no draft stands, it is not this warehouse's, or a part is to be made.
    """
    draft, kept = _standing(reglages)
    _refuse_unmade(draft, to_make(kept.faites))
    unseal(draft)
    return draft


def forget_draft(reglages: Reglages) -> None:
    """The warehouse changes: the draft that stands, if one does, is no longer that of it.

    A new run starts without it; a step of an earlier run that is executed again does not.
    """
    _path(reglages).unlink(missing_ok=True)


def _standing(reglages: Reglages) -> tuple[Draft, _Kept]:
    draft, path = current_draft(reglages.layout), _path(reglages)
    kept = _Kept(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None
    if kept is None or kept.release_id != draft.release_id:
        raise QpvError(
            "le brouillon qui est là n'est pas celui de cet entrepôt",
            ou=str(draft.path),
            attendu="un brouillon commencé depuis que les fichiers et l'entrepôt ont changé",
            faire="matérialiser publication/tables, qui en commence un, et tout ce qui en vient ; "
            "ou lancer `qpv build`",
        )
    _refuse_other("le brouillon", kept.edition, reglages.plan.edition.id, draft.path)
    return draft, kept


def _refuse_other(what: str, own: str, asked: str, where: Path) -> None:
    if own != asked:
        raise QpvError(
            f"{what} est celui de l'édition {own}, l'exécution demande l'édition {asked}",
            ou=str(where),
            faire=f"donner `edition: {own}` à la ressource reglages, ou lancer `qpv build`",
        )


def _refuse_unmade(draft: Draft, parts: Sequence[str]) -> None:
    if parts:
        raise QpvError(
            f"le brouillon n'est pas entier : à faire ou à refaire, {', '.join(map(_name, parts))}",
            ou=str(draft.path),
            attendu="des parties toutes là, chacune faite après celles dont elle vient",
            faire="matérialiser ces parties, puis celle-ci ; ou lancer `qpv build`",
        )


def _name(part: str) -> str:
    return part_key(part).to_user_string()


def _keep(reglages: Reglages, kept: _Kept) -> None:
    path = _path(reglages)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole_text(path, json.dumps(asdict(kept)))


def _path(reglages: Reglages) -> Path:
    """Not a `.json` of the doors' folder: there, each is the judgement of a door."""
    return reglages.doors / "brouillon.etat"
