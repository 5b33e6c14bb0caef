"""From a URL or a local file to a content-addressed archive: nothing unchecked ever enters it.

Below the archive folder: `objects/<aa>/<sha256>` (bytes, mode 0444), `urls/<sha256(url)>.json`
(what the URL gave last time) and `partial/` (downloads under way, one lock per URL).
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit
from uuid import uuid4

import requests
from filelock import FileLock
from requests.exceptions import ChunkedEncodingError, RequestException
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter
from urllib3.exceptions import HTTPError

from warehouse.errors import QpvError

# insee.fr turns away clients that do not look like a browser.
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 qpv-warehouse/1"
ENTETES = {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
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
PANNES = {
    "CertVerif": "le certificat du serveur est refusé",
    "Proxy": "le proxy du réseau ne répond pas",
    "imeout": "le serveur est resté muet trop longtemps",
    "NameResol": "le nom du serveur est introuvable",
    "NewConn": "le serveur est injoignable ou refuse la connexion",
    "": "la connexion a été coupée",
}
BLOC = 1 << 16
Delais = tuple[float, float]


@dataclass(frozen=True)
class ArchivedFile:
    """One official file in the archive: its bytes, and where and when they came from."""

    path: Path  # archive/objects/<aa>/<sha256>, never changed once written
    sha256: str
    octets: int
    nom: str  # the official file name
    origine: str  # the URL, or the local file's name
    obtenu_le: str  # ISO UTC instant of the download (of the archiving for a local file)
    etag: str | None
    inchange: bool  # the server said 304, or the archive already held these bytes


class _Passagere(Exception):
    """A failure that the next try may not meet; `attente`: seconds the server asks us to wait."""

    def __init__(self, motif: str, attente: float | None = None) -> None:
        super().__init__(motif)
        self.attente = attente


def fetch(
    url: str,
    *,
    archive: Path,
    nom: str,
    attendu: str,
    timeout: Delais = (10, 60),
    tentatives: int = 5,
    attente_max: float = 30.0,
    session: requests.Session | None = None,
    sur_progression: Callable[[int, int | None], None] | None = None,
) -> ArchivedFile:
    """Download `url` into the archive: conditional, resumed, retried, and checked before it enters.

    Args:
        attendu: one of FORMATS.
        timeout: seconds to connect, then seconds of silence allowed while reading.
        tentatives: number of tries in all, the first one included.
        attente_max: longest pause between two tries, in seconds, Retry-After included.
        sur_progression: called with (bytes received so far, total bytes or None).

    Raises:
        QpvError: on any failure; the archive then holds no new object.
    """
    _exiger(url, attendu)
    cle = hashlib.sha256(url.encode()).hexdigest()
    part, fiche = archive / "partial" / f"{cle}.part", archive / "urls" / f"{cle}.json"
    with _disque(archive), nullcontext(session) if session else requests.Session() as http:
        part.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(part.with_suffix(".lock")):
            connu = _lire_json(fiche, url, "sha256", "obtenu_le")
            if connu and _empreinte(objet := _objet(archive, connu["sha256"])) != connu["sha256"]:
                connu = {}
            recu = _insister(
                lambda: _essai(http, url, part, connu, timeout, sur_progression),
                (nom, url, tentatives, attente_max),
            )
            if recu is connu:
                _controler(objet, attendu, url, "déjà dans l'archive")
                sha, taille, le = connu["sha256"], objet.stat().st_size, connu["obtenu_le"]
                return ArchivedFile(objet, sha, taille, nom, url, le, connu.get("etag"), True)
            try:
                _decoder(part, recu["encodage"], url)
                _controler(part, attendu, url, f"statut 200, type {recu['type']}")
                objet, sha, taille, deja = _deposer(part, archive)
            finally:
                _jeter(part)
            le, etag = datetime.now(UTC).isoformat(timespec="seconds"), recu["etag"]
            memoire = {"url": url, "etag": etag, "last_modified": recu["last_modified"]}
            memoire |= {"sha256": sha, "octets": taille, "obtenu_le": le, "nom": nom}
            _ecrire_json(fiche, memoire)
            return ArchivedFile(objet, sha, taille, nom, url, le, etag, deja)


def archive_local(path: Path, *, archive: Path, attendu: str) -> ArchivedFile:
    """Copy a file downloaded by hand into the archive, after the same content checks.

    Raises:
        QpvError: file missing, unreadable or not of the format `attendu`.
    """
    _exiger(None, attendu)
    if not path.is_file():
        raise QpvError(f"Fichier introuvable : {path.name}", ou=str(path))
    tmp = archive / "partial" / f"local-{uuid4().hex}.tmp"
    with _disque(archive):
        tmp.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, tmp)
            _controler(tmp, attendu, str(path), "fichier local")
            objet, sha, taille, deja = _deposer(tmp, archive)
        finally:
            tmp.unlink(missing_ok=True)
    le = datetime.now(UTC).isoformat(timespec="seconds")
    return ArchivedFile(objet, sha, taille, path.name, path.name, le, None, deja)


def find_link(
    page_url: str,
    pattern: str,
    *,
    timeout: Delais = (10, 60),
    tentatives: int = 5,
    attente_max: float = 30.0,
    session: requests.Session | None = None,
) -> str:
    """The absolute URL of the only link of an HTML page that matches the regex `pattern`.

    The pattern is searched in the link as written, then in its absolute form.

    Raises:
        QpvError: page out of reach, no link or several distinct links that match.
    """
    _exiger(page_url)
    try:
        motif = re.compile(pattern)
    except re.error as e:
        raise QpvError(f"Le motif « {pattern} » n'est pas une expression régulière ({e})") from e

    def lire() -> _Liens:
        with _ouvrir(http, page_url, ENTETES, timeout) as reponse:
            charset = requests.utils.get_encoding_from_headers(reponse.headers)
            utf8 = "charset" not in reponse.headers.get("Content-Type", "").lower()
            page = reponse.content.decode("utf-8" if utf8 else charset, "replace")
            return _Liens(reponse.url, page)

    with nullcontext(session) if session else requests.Session() as http:
        liens = _insister(lire, ("page", page_url, tentatives, attente_max)).liens
    trouves = {a for brut, a in liens if motif.search(brut) or motif.search(a)}
    if len(trouves) == 1:
        return trouves.pop()
    fichiers = {a for _, a in liens if re.search(r"(?i)\.(csv|xlsx?|zip|parquet)\b", a)}
    raise QpvError(
        f"{len(trouves) or 'Aucun'} lien(s) de la page correspondent au motif « {pattern} »",
        ou=f"{page_url} ; candidats : {', '.join(sorted(trouves or fichiers)[:10]) or 'aucun'}",
        attendu="un seul lien",
        faire=f"corrigez le motif de la source, ou {A_LA_MAIN}",
    )


class _Liens(HTMLParser):
    """The links of a page: `liens` holds (href as written, absolute URL without fragment)."""

    def __init__(self, page_url: str, page: str) -> None:
        super().__init__()
        self.base, self.liens = page_url, []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = (dict(attrs).get("href") or "").strip()
        with suppress(ValueError):  # a malformed link is no candidate
            absolu = urldefrag(urljoin(self.base, href)).url
            if href and tag == "base":
                self.base = absolu
            elif href and urlsplit(absolu).scheme in ("http", "https"):
                self.liens.append((href, absolu))


def _essai(http, url: str, part: Path, connu: dict, timeout: Delais, progression) -> dict[str, Any]:
    """One request: fills `part` and returns what the server said of it, or `connu` on a 304."""
    fiche = part.with_suffix(".json")
    avant = _lire_json(fiche, url, "validateur", "encodage", "type")
    octets = part.stat().st_size if avant and part.exists() else 0
    if octets:
        demande = {"Range": f"bytes={octets}-", "If-Range": avant["validateur"]}
    else:
        demande = {"If-None-Match": "etag", "If-Modified-Since": "last_modified"}
        demande = {k: connu[v] for k, v in demande.items() if connu.get(v)}
    with _ouvrir(http, url, ENTETES | demande, timeout, 206, 304, 416) as reponse:
        recus, statut = reponse.headers, reponse.status_code
        if statut == 304 and connu and not octets:
            return connu
        etag, modifie = recus.get("ETag"), recus.get("Last-Modified")
        encodage = recus.get("Content-Encoding", "identity").lower()
        total = int(t) if (t := recus.get("Content-Length", "")).isdecimal() else None
        if statut == 200:
            _jeter(part)
            octets = 0
            # A weak ETag does not promise the same bytes, so it cannot guard a resume.
            fort = etag if etag and not etag.startswith("W/") else modifie
            avant = {"url": url, "etag": etag, "last_modified": modifie, "validateur": fort}
            avant |= {"type": recus.get("Content-Type", "absent"), "encodage": encodage}
            _ecrire_json(fiche, avant)
        else:
            plage = re.fullmatch(rf"bytes {octets}-\d+/(\d+)", recus.get("Content-Range", ""))
            vus = (("etag", etag), ("last_modified", modifie), ("encodage", encodage))
            meme = all(valeur in (None, avant.get(cle)) for cle, valeur in vus)
            if statut != 206 or not octets or not plage or not meme:
                _jeter(part)
                motif = f"le serveur ne sait pas reprendre la suite (statut {statut})"
                raise _Passagere(motif, 0 if octets else None)
            total = int(plage[1])
        # A short body must end like any other, so that one test below judges every length.
        reponse.raw.enforce_content_length = False
        with part.open("ab") as sortie:
            while bloc := reponse.raw.read1(BLOC, decode_content=False):
                sortie.write(bloc)
                octets += len(bloc)
                if progression:
                    progression(octets, total)
    if total is not None and octets != total:
        if octets > total:
            _jeter(part)
        raise _Passagere(f"{octets} octets reçus pour {total} annoncés")
    return avant


@contextmanager
def _ouvrir(http, url: str, entetes: dict, timeout: Delais, *admis: int) -> Iterator[Any]:
    """An open response (200 or `admis`); what goes wrong until it closes is put in words."""
    hooks = {"response": _refuser_redirection}
    try:
        with http.get(url, headers=entetes, stream=True, timeout=timeout, hooks=hooks) as reponse:
            vu = f"statut {reponse.status_code} {reponse.reason}"
            if reponse.status_code == 429 or reponse.status_code >= 500:
                raise _Passagere(vu, _secondes(reponse.headers.get("Retry-After", "")))
            if reponse.status_code not in (200, *admis):
                vu += f", type {reponse.headers.get('Content-Type', 'absent')}"
                faire = f"vérifiez l'adresse dans un navigateur, ou {A_LA_MAIN}"
                raise QpvError(
                    f"Refus du serveur ({vu})", ou=url, attendu="statut 200", faire=faire
                )
            yield reponse
    except (requests.ConnectionError, requests.Timeout, ChunkedEncodingError, HTTPError) as e:
        raise _Passagere(_en_mots(e)) from e
    except RequestException as e:
        motif = f"L'adresse ne peut pas être suivie ({type(e).__name__})"
        raise QpvError(motif, ou=url, faire=f"vérifiez l'adresse, ou {A_LA_MAIN}") from e


def _refuser_redirection(reponse: requests.Response, **_: Any) -> None:
    if reponse.is_redirect:
        _exiger(urljoin(reponse.url, reponse.headers["Location"]))


def _exiger(url: str | None, attendu: str = "csv") -> None:
    """Refuse an unknown format, and any address that is not http or https (None: no address)."""
    if attendu not in FORMATS:
        raise QpvError(f"Format inconnu : {attendu}", attendu=", ".join(FORMATS))
    with suppress(ValueError):
        if url is None or (urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname):
            return
    raise QpvError("Adresse refusée", ou=url, attendu="une adresse http:// ou https://")


def _insister(action: Callable[[], Any], quoi: tuple[str, str, int, float]) -> Any:
    """Run `action` until it passes; `quoi` is (name, URL, number of tries, longest pause in s)."""
    nom, url, tentatives, attente_max = quoi
    recul = wait_exponential_jitter(multiplier=min(1, attente_max), max=attente_max)

    def pause(etat: Any) -> float:
        voulue = etat.outcome.exception().attente
        return recul(etat) if voulue is None else min(voulue, attente_max)

    passagere, fin = retry_if_exception_type(_Passagere), stop_after_attempt(tentatives)
    try:
        return Retrying(retry=passagere, wait=pause, stop=fin, reraise=True)(action)
    except _Passagere as e:
        echec = f"Échec du téléchargement de « {nom} » après {tentatives} tentative(s) : {e}"
        raise QpvError(echec, ou=url, faire=f"réessayez plus tard, ou {A_LA_MAIN}") from e


def _secondes(retry_after: str) -> float | None:
    """Seconds asked for by a Retry-After (a number or an HTTP date), None when unreadable."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    with suppress(TypeError, ValueError):
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    return None


def _en_mots(erreur: BaseException | None) -> str:
    """A network error in plain French, from the types of the whole chain of its causes."""
    types = ""
    while isinstance(erreur, BaseException):
        types += f" {type(erreur).__name__}"
        erreur = getattr(erreur, "reason", None) or erreur.__cause__ or erreur.__context__
    return next(mots for indice, mots in PANNES.items() if indice in types)


@contextmanager
def _disque(archive: Path) -> Iterator[None]:
    """Turn what the file system refuses into a QpvError."""
    try:
        yield
    except OSError as e:
        plein = e.errno in (errno.ENOSPC, errno.EDQUOT)
        quoi, faire = (
            f"Fichier inaccessible ({e.strerror or e})",
            "vérifiez ce chemin et ses droits",
        )
        if plein:
            quoi, faire = "Plus de place sur le disque", "libérez de la place"
        raise QpvError(quoi, ou=str(e.filename or archive), faire=f"{faire} puis relancez") from e


def _lire_json(fichier: Path, url: str, *cles: str) -> dict[str, Any]:
    """A memory file about `url`; {} when missing, damaged or without a text under all of `cles`."""
    with suppress(OSError, ValueError):
        lu = json.loads(fichier.read_bytes())
        if isinstance(lu, dict) and lu.get("url") == url and all(lu.get(c) for c in cles):
            textes = [v for c, v in lu.items() if c != "octets" and v is not None]
            return lu if all(isinstance(v, str) for v in textes) else {}
    return {}


def _ecrire_json(fichier: Path, contenu: dict[str, Any]) -> None:
    tmp = fichier.with_name(f"{fichier.name}.{uuid4().hex}.tmp")
    tmp.parent.mkdir(parents=True, exist_ok=True)
    try:
        tmp.write_text(json.dumps(contenu, ensure_ascii=False, indent=1), encoding="utf-8")
        _installer(tmp, fichier)
    finally:
        tmp.unlink(missing_ok=True)


def _installer(tmp: Path, cible: Path) -> None:
    """Move a finished file to its place: after a power cut it is whole or absent."""
    cible.parent.mkdir(parents=True, exist_ok=True)
    with tmp.open("rb") as f:
        os.fsync(f.fileno())
    os.replace(tmp, cible)


def _objet(archive: Path, sha: str) -> Path:
    return archive / "objects" / sha[:2] / sha


def _empreinte(fichier: Path) -> str | None:
    """The sha256 of a file in hexadecimal, None when there is no such file."""
    if not fichier.is_file():
        return None
    with fichier.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _deposer(tmp: Path, archive: Path) -> tuple[Path, str, int, bool]:
    """Move a checked file among the objects: (path, sha256, octets, was already there)."""
    sha, taille = str(_empreinte(tmp)), tmp.stat().st_size
    objet = _objet(archive, sha)
    deja = _empreinte(objet) == sha
    if not deja:
        tmp.chmod(0o444)
        _installer(tmp, objet)
    return objet, sha, taille, deja


def _jeter(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_suffix(".json").unlink(missing_ok=True)


def _decoder(part: Path, encodage: str, url: str) -> None:
    """Undo in place a Content-Encoding that the server applied although we asked for none."""
    tmp = part.with_suffix(".tmp")
    try:
        if encodage in ("gzip", "x-gzip"):
            with gzip.open(part) as entree, tmp.open("wb") as sortie:
                shutil.copyfileobj(entree, sortie, BLOC)
            os.replace(tmp, part)
        elif encodage != "identity":
            raise EOFError
    except (gzip.BadGzipFile, EOFError, zlib.error) as e:
        quoi = f"Le corps reçu est illisible (Content-Encoding {encodage})"
        raise QpvError(quoi, ou=url, attendu="aucun encodage", faire=A_LA_MAIN) from e
    finally:
        tmp.unlink(missing_ok=True)


def _controler(fichier: Path, attendu: str, ou: str, recu: str) -> None:
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
