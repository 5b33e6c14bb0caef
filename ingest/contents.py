"""Is this content what was asked? Undo an unwanted encoding, refuse what is of another format."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from warehouse.base.errors import QpvError
from warehouse.base.text_tables import is_utf16

A_LA_MAIN = "téléchargez le fichier à la main et relancez avec --extracts DIR"
MAGIES = {
    "zip": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
    "xls": b"\xd0\xcf\x11\xe0",
    "parquet": b"PAR1",
}
FORMATS = (*MAGIES, "csv", "json", "geojson")
# "PAR1" alone could open a csv header; a Parquet file goes on with the thrift byte 0x15.
PAS_CSV = re.compile(
    rb"PK[\3\5]|\xd0\xcf\x11\xe0|PAR1\x15|\x1f\x8b|%PDF-|7z\xbc|Rar!|BZh\d|\x89PNG|[{<]"
)
BLOC = 1 << 16


def require_format(attendu: str) -> None:
    """Refuse a format that no check is written for."""
    if attendu not in FORMATS:
        raise QpvError(f"Format inconnu : {attendu}", attendu=", ".join(FORMATS))


def decode_content(part: Path, encodage: str, url: str, count: Callable[[int], None]) -> None:
    """Undo in place a Content-Encoding that the server applied although we asked for none.

    Args:
        count: called with the bytes decoded so far, refuses those that are too many.
    """
    tmp = part.with_suffix(".tmp")
    try:
        if encodage in ("gzip", "x-gzip"):
            octets = 0
            with gzip.open(part) as entree, tmp.open("wb") as sortie:
                while bloc := entree.read(BLOC):
                    octets += len(bloc)
                    count(octets)
                    sortie.write(bloc)
            tmp.replace(part)
        elif encodage != "identity":
            raise EOFError
    except (gzip.BadGzipFile, EOFError, zlib.error) as e:
        raise illisible(encodage, url) from e
    finally:
        tmp.unlink(missing_ok=True)


def illisible(encodage: str, url: str) -> QpvError:
    """The refusal of a body whose Content-Encoding cannot be undone."""
    quoi = f"Le corps reçu est illisible (Content-Encoding {encodage})"
    return QpvError(quoi, ou=url, attendu="aucun encodage", faire=A_LA_MAIN)


def check_content(fichier: Path, attendu: str, ou: str, recu: str) -> None:
    """Refuse with a QpvError a file whose bytes cannot be of the format `attendu`."""
    taille = fichier.stat().st_size
    with fichier.open("rb") as f:
        tete = f.read(BLOC)
        f.seek(max(0, taille - 4096))
        defaut = _defaut(fichier, attendu, tete, f.read(), "text/html" in recu.lower())
    if defaut:
        apercu = "".join(c for c in tete[:400].decode("utf-8", "replace") if c.isprintable())[:60]
        raise QpvError(
            f"Fichier refusé : {defaut} ({recu}, {taille} octets, début « {apercu} »)",
            ou=ou,
            attendu=f"un fichier {attendu}",
            faire=f"ouvrez-le dans un navigateur pour voir ce que c'est, ou {A_LA_MAIN}",
        )


def fin_prouvee(fichier: Path, attendu: str) -> str:
    """What in a checked file proves that its end is there, in French; empty when nothing does."""
    if attendu in ("zip", "xlsx"):
        return "l'archive zip a son répertoire"
    if attendu == "parquet":
        return "le fichier Parquet a son pied"
    if attendu in ("json", "geojson"):
        try:
            json.loads(fichier.read_bytes())
        except (ValueError, RecursionError):
            return ""
        return "le JSON se referme"
    return ""


def ends_its_line(fichier: Path) -> bool:
    """Whether the last line of a text has its end: without it, its last cell may be cut."""
    with fichier.open("rb") as f:
        f.seek(max(0, fichier.stat().st_size - 1))
        return f.read() in (b"\n", b"\r")


def _defaut(fichier: Path, attendu: str, tete: bytes, queue: bytes, html: bool) -> str | None:
    """What is wrong with the bytes, in words; None when nothing is."""
    nu = tete.removeprefix(b"\xef\xbb\xbf").strip()
    if not nu:
        return "il est vide"
    if nu.startswith(b"<") and (html or re.search(rb"(?i)<!doctype html|<html", nu[:4096])):
        return "c'est une page HTML"
    if not tete.startswith(MAGIES.get(attendu, b"")):
        return f"il n'a pas la signature d'un fichier {attendu}"
    if attendu == "parquet" and not (queue.endswith(b"PAR1") and len(queue) >= 12):
        return "il est tronqué"
    if attendu in ("csv", "json", "geojson") and is_utf16(tete):
        return "c'est du texte en UTF-16, à enregistrer de nouveau en UTF-8 (« CSV UTF-8 »)"
    if attendu == "csv" and (b"\0" in tete or PAS_CSV.match(nu)):
        return "ce n'est pas du texte csv"
    if attendu in ("json", "geojson") and not (nu[:1] in b"{[" and queue.rstrip()[-1:] in b"}]"):
        return "ce n'est pas du JSON complet"
    if attendu in ("zip", "xlsx"):
        try:
            with zipfile.ZipFile(fichier) as z:
                noms = z.namelist()
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
            return "l'archive zip est tronquée ou illisible"
        if not noms or (attendu == "xlsx" and "[Content_Types].xml" not in noms):
            return f"cette archive zip n'est pas un fichier {attendu}"
    return None
