"""The members of a zip that the registry names, in memory: nothing is extracted to a path."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ingest.limits import TABLES, Limites
from warehouse.base.bounded_files import MO, said
from warehouse.base.errors import QpvError
from warehouse.domain.format import premiers

#: What the readers of damaged members raise, each method of compression its own; bzip2: OSError.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError)


class NoMember(QpvError):
    """None, or several, of the members of an archive are the expected table."""


def read_members(
    content: bytes, *, nom: str, membre: str | None, limites: Limites = TABLES
) -> Iterator[tuple[str, bytes]]:
    """The bare name and the bytes of each member whose name answers to `membre`, one at least.

    Args:
        content: the zip.
        nom: the official name of the zip, for messages.
        membre: regular expression over the member's bare name; None for a zip of one file.
        limites: what these members may weigh once read, together.

    Raises:
        NoMember: no member of that name.
        QpvError: not a zip, a member that is encrypted or damaged, members that are too heavy.
    """
    where = f"fichier {nom}"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = {i: _bare(i.filename) for i in archive.infolist() if not _is_noise(i)}
            wanted = [i for i, name in infos.items() if re.fullmatch(membre or ".*", name)]
            if not wanted:
                raise not_one_member(0, [*infos.values()], nom, membre)
            octets = 0
            for info in wanted:
                octets += info.file_size
                _refuse_heavy(octets, f"{where}, membre {infos[info]}", limites)
                yield infos[info], archive.read(info)
    except (*_DAMAGED, RuntimeError, NotImplementedError) as error:
        raise QpvError(
            f"archive zip illisible : {error}",
            ou=where,
            attendu="une archive zip entière et sans mot de passe",
            faire="reprendre le fichier du producteur",
        ) from error


def not_one_member(found: int, present: list[str], nom: str, membre: str | None) -> NoMember:
    """The refusal of a zip of which no member, or several, could be the expected table."""
    return NoMember(
        f"l'archive contient {found} fichiers qui répondent au nom attendu",
        ou=f"fichier {nom}",
        attendu=f"un seul membre {membre or '*'} ; elle a {premiers(present, 20)}",
        faire="vérifier que c'est la bonne archive, ou corriger `membre` dans le YAML",
    )


def refuse_heavy(content: bytes, nom: str, limites: Limites) -> None:
    """Refuse a zip that a reader would swell in memory; what is no zip is left to that reader.

    Raises:
        QpvError: its members would weigh too much once read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            octets = 0
            for info in archive.infolist():
                octets += info.file_size
                _refuse_heavy(octets, f"fichier {nom}, membre {_bare(info.filename)}", limites)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError):
        return


def lacks_member(path: Path, membre: str | None) -> bool:
    """Whether a file is a zip without any member whose name answers to `membre`."""
    if membre is None or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return not any(re.fullmatch(membre, _bare(name)) for name in archive.namelist())


def _bare(name: str) -> str:
    return re.split(r"[/\\]", name)[-1]


def _is_noise(info: zipfile.ZipInfo) -> bool:
    """Folders, and what macOS adds beside each file."""
    return info.is_dir() or info.filename.startswith("__MACOSX/")


def _refuse_heavy(octets: int, where: str, limites: Limites) -> None:
    """Judge what a member weighs once read, with those before it."""
    if octets > limites.octets:
        raise QpvError(
            f"cette archive pèserait {said(octets)} une fois lue",
            ou=where,
            attendu=f"au plus {limites.octets // MO} Mo (`taille_max` de la source)",
            faire="vérifier d'où vient cette archive ; si c'est la bonne, relever `taille_max`",
        )
