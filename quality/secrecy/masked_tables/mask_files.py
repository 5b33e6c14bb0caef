"""Tables of files, masked or rounded: written in a folder of their own once their audit passes."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from quality.disclosure.attack.reach import Reach
from quality.disclosure.audit.verdict import Audit, audit
from quality.disclosure.calls import GivenTables, mask_given, round_given
from quality.disclosure.masking.masked_tables import MASKED_GATE, PRIMARY_GATE, MaskedCells
from quality.disclosure.rounding.rounded import Rounded
from quality.disclosure.tables.declared import Relations
from quality.disclosure.tables.table_cells import key_name
from quality.printed_tables import csv_files
from quality.secrecy.tables.reading import Declared
from warehouse.base.errors import QpvError
from warehouse.domain.format import list_in_words, nombre


@dataclass(frozen=True)
class Written:
    """What `qpv mask` wrote, what it cost, and the verdict on the files themselves."""

    fichiers: list[Path]
    cells: MaskedCells
    audit: Audit
    reach: Reach


def mask_files(
    paths: Sequence[Path],
    declared: Declared,
    folder: Path,
    *,
    dense: bool = False,
    exact: bool = False,
) -> Written:
    """Mask tables and write them in `folder`, under their own names.

    Args:
        dense: also where so much is masked that another tool is better.
        exact: the cheapest mask, of some hundreds of cells; beyond, `lines` says which it is.

    Raises:
        QpvError: a file that cannot be read or written, a table too dense, cells that come out.
        DisclosureError: relations or rules that cannot be used.
    """
    files = csv_files(paths)
    _refuse_over(files, folder)
    given = given_of(paths, declared)
    masked = mask_given(given, "exact" if exact else "lp")
    if masked.cells.trop_dense and not dense:
        raise _too_dense(masked.cells, declared)
    written, found, reach = write_audited(masked.tables, declared, folder, paths)
    return Written(written, masked.cells, found, reach)


@dataclass(frozen=True)
class WrittenRounded:
    """What `qpv mask --arrondi` wrote: tables, and the relations that say their rounding."""

    fichiers: list[Path]
    rounded: Rounded


def round_files(
    paths: Sequence[Path], declared: Declared, folder: Path, base: int
) -> WrittenRounded:
    """Round tables of counts and write them in `folder`, with the relations to audit them.

    Raises:
        QpvError: a file that cannot be read or written, cells that come out.
        DisclosureError: figures that are no counts, no rounding that keeps their sums.
    """
    _refuse_over(csv_files(paths), folder)
    given = given_of(paths, declared)
    rounded = round_given(given, base)
    if rounded.exposed:
        raise _found(rounded.audit, paths)
    told = Declared(rounded.relations, declared.regles, declared.fichier)
    written, _, _ = write_audited(rounded.tables, told, folder, paths)
    text = yaml.safe_dump(
        _beside(rounded.relations, declared.fichier.parent, folder).model_dump(
            mode="json", exclude_defaults=True
        ),
        allow_unicode=True,
        sort_keys=False,
    )
    where = folder / "relations.yml"
    where.write_text(text, encoding="utf-8")
    return WrittenRounded([*written, where], rounded)


def _beside(relations: Relations, old: Path, new: Path) -> Relations:
    """The relations, their hierarchies named from another folder."""
    moved = {
        name: d.model_copy(
            update={
                "hierarchie": [os.path.relpath(old / one, new) for one in d.hierarchies] or None
            }
        )
        for name, d in relations.dimensions.items()
    }
    return relations.model_copy(update={"dimensions": moved})


def rounded_lines(written: WrittenRounded) -> Iterator[str]:
    """How figures were rounded, how far from what is true, and the proof."""
    found = written.rounded
    yield (
        f"Arrondi à {found.rounding.base}, toutes sommes gardées : écart moyen "
        f"{nombre(found.mean, 2)}, le plus grand {nombre(found.largest, 0)}"
    )
    if found.rounding.mended:
        yield (
            f"{nombre(found.rounding.mended, 0)} case(s) reprises pour que les sommes tombent "
            "juste : leur moyenne sur tous les tirages n'est pas garantie"
        )
    else:
        yield "Tirage sans biais : chaque case vaut en moyenne son effectif"
    yield from proof(found.audit, found.reach)
    yield from (f"Écrit : {path}" for path in written.fichiers)


def given_of(paths: Sequence[Path], declared: Declared) -> GivenTables:
    """The described tables of paths, as the library takes them."""
    described = {t.fichier for t in declared.relations.tableaux}
    sources = [s for s in declared.sources(paths) if s.fichier in described]
    return GivenTables(
        sources, declared.relations, declared.regles, declared.hierarchy, str(declared.fichier)
    )


def write_audited(
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    declared: Declared,
    folder: Path,
    paths: Sequence[Path],
) -> tuple[list[Path], Audit, Reach]:
    """Write tables aside, attack the files, and only then put them in `folder`.

    Raises:
        QpvError: the folder cannot be written, or a reader of the files finds a cell.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".essai-") as scratch:
            tried = [_write(Path(scratch) / f"{name}.csv", rows) for name, rows in tables.items()]
            # Once told what must be kept, once as any reader.
            system, reach = declared.attack(tried, paths)
            found = audit(system)
            for verdict in (found, audit(declared.attack(tried)[0])):
                if verdict.refuse:
                    raise _found(verdict, tried)
            return [file.replace(folder / file.name) for file in tried], found, reach
    except OSError as error:
        raise QpvError(
            f"{folder} ne s'écrit pas : {error.strerror or error}",
            ou=str(folder),
            faire="donner un autre dossier par --sortie",
        ) from error


def write_states(path: Path, masked: Written) -> None:
    """Each masked cell and why: for whoever holds the clear tables, never to be published."""
    rows = [{"case": key_name(key), "etat": etat} for key, etat in masked.cells.etats.items()]
    _write(path, rows or [{"case": "", "etat": ""}])


def lines(written: Written) -> Iterator[str]:
    """What was masked, what it cost, how long each step took, and the proof."""
    cells = written.cells
    derived = cells.count("derivee")
    more = f" ; calculées de cases masquées : {derived}" if derived else ""
    yield (
        f"Cases imprimées : {nombre(cells.cellules, 0)} ; sous secret : "
        f"{nombre(cells.count('primaire'), 0)} ; masquées pour elles : "
        f"{nombre(cells.count('secondaire'), 0)}{more}"
    )
    yield (
        f"Masqué : {nombre(100 * cells.part_masquee, 1)} % des cases, "
        f"{nombre(100 * cells.valeur, 2)} % de la valeur"
    )
    steps = (f"{step} {nombre(seconds, 1)} s" for step, seconds in cells.durees.items())
    yield f"Durées : {' ; '.join(steps)}"
    yield from (f"À savoir : {text}" for text in cells.remarques)
    yield from proof(written.audit, written.reach)
    yield from (f"Écrit : {path}" for path in written.fichiers)


def proof(found: Audit, reach: Reach) -> Iterator[str]:
    """The verdict of the attacker on the files, and what it left aside."""
    yield (
        f"Audit des fichiers écrits : {nombre(found.cases, 0)} case(s) à tenir, "
        f"{nombre(found.relations, 0)} relations, {len(found.exposes)} exposée(s)"
    )
    yield from (f"À savoir : {text}" for text in [*reach.reserves, *reach.laisses])


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [*rows[0]], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _refuse_over(files: Sequence[Path], folder: Path) -> None:
    here = [f for f in files if f.parent.resolve() == folder.resolve()]
    if here:
        raise QpvError(
            f"{here[0].name} serait écrasé par son masque",
            ou=str(folder),
            faire="donner par --sortie un autre dossier que celui des tableaux en clair",
        )


def _too_dense(cells: MaskedCells, declared: Declared) -> QpvError:
    return QpvError(
        f"tableau trop dense pour être masqué : {nombre(100 * cells.part_primaire, 1)} % des cases "
        f"sont sous secret, {nombre(100 * cells.part_masquee, 1)} % seraient masquées",
        ou=str(declared.fichier),
        attendu=f"au plus {100 * PRIMARY_GATE:g} % sous secret et {100 * MASKED_GATE:g} % masquées",
        faire="regrouper des modalités ou croiser moins de colonnes ; ou arrondir des effectifs "
        "(--arrondi 5) ; ou masquer quand même (--malgre-densite)",
    )


def _found(verdict: Audit, files: Sequence[Path]) -> QpvError:
    names = [c.nom for c in verdict.exposes[:3]]
    return QpvError(
        f"rien n'est écrit : {len(verdict.exposes)} case(s) sortiraient des tableaux : "
        f"{list_in_words(names)}",
        ou=", ".join(f.name for f in files),
        attendu=verdict.exposes[0].exige,
        faire="regrouper leurs modalités, ou ôter un taux ou une relation qui les donne",
    )
