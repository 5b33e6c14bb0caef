"""From a URL to the archive over HTTP: conditional, resumed, retried, failures put in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from filelock import FileLock
from requests.exceptions import ChunkedEncodingError, RequestException
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter
from urllib3.exceptions import HTTPError

from ingest.archive import (
    ArchivedFile,
    deposer,
    disque,
    ecrire_json,
    emplacements,
    empreinte,
    lire_json,
    objet_de,
)
from ingest.contents import (
    A_LA_MAIN,
    BLOC,
    controler,
    decoder,
    exiger_format,
    fin_prouvee,
    finit_une_ligne,
)
from warehouse.errors import QpvError

# insee.fr turns away clients that do not look like a browser.
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 qpv-warehouse/1"
ENTETES = {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
PANNES = {
    "CertVerif": "le certificat du serveur est refusé",
    "Proxy": "le proxy du réseau ne répond pas",
    "imeout": "le serveur est resté muet trop longtemps",
    "NameResol": "le nom du serveur est introuvable",
    "NewConn": "le serveur est injoignable ou refuse la connexion",
    "": "la connexion a été coupée",
}
Delais = tuple[float, float]


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
    connus: Collection[str] = (),
    timeout: Delais = (10, 60),
    tentatives: int = 5,
    attente_max: float = 30.0,
    session: requests.Session | None = None,
    sur_progression: Callable[[int, int | None], None] | None = None,
) -> ArchivedFile:
    """Download `url` into the archive: conditional, resumed, retried, and checked before it enters.

    Args:
        attendu: one of contents.FORMATS.
        connus: sha256 of files known to be whole.
        timeout: seconds to connect, then seconds of silence allowed while reading.
        tentatives: number of tries in all, the first one included.
        attente_max: longest pause between two tries, in seconds, Retry-After included.
        sur_progression: called with (bytes received so far, total bytes or None).

    Raises:
        QpvError: on any failure; the archive then holds no new object.
    """
    exiger_format(attendu)
    exiger_adresse(url)
    part, fiche = emplacements(archive, url)
    with disque(archive), nullcontext(session) if session else requests.Session() as http:
        part.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(part.with_suffix(".lock")):
            connu = lire_json(fiche, url, "sha256", "obtenu_le")
            if connu and empreinte(objet := objet_de(archive, connu["sha256"])) != connu["sha256"]:
                connu = {}
            recu = insister(
                lambda: _essai(http, url, part, connu, timeout, sur_progression),
                (nom, url, tentatives, attente_max),
            )
            if recu is connu:
                controler(objet, attendu, url, "déjà dans l'archive")
                sha, taille, le = connu["sha256"], objet.stat().st_size, connu["obtenu_le"]
                vu = connu.get("etag"), True, connu.get("preuve", "")
                return ArchivedFile(objet, sha, taille, nom, url, le, *vu)
            try:
                decoder(part, recu["encodage"], url)
                controler(part, attendu, url, f"statut 200, type {recu['type']}")
                preuve = recu["longueur"] or fin_prouvee(part, attendu)
                if not preuve and empreinte(part) not in connus:
                    _relire(http, url, part, attendu, timeout, (nom, url, tentatives, attente_max))
                objet, sha, taille, deja = deposer(part, archive)
            finally:
                _jeter(part)
            le, etag = datetime.now(UTC).isoformat(timespec="seconds"), recu["etag"]
            memoire = {"url": url, "etag": etag, "last_modified": recu["last_modified"]}
            memoire |= {"sha256": sha, "octets": taille, "obtenu_le": le, "nom": nom}
            ecrire_json(fiche, memoire | {"preuve": preuve})
            return ArchivedFile(objet, sha, taille, nom, url, le, etag, deja, preuve)


def _relire(
    http, url: str, part: Path, attendu: str, timeout: Delais, quoi: tuple[str, str, int, float]
) -> None:
    """Judge a body whose length nobody said: downloaded again, and its last line must have an end.

    Closed too soon, such a connection looks like a finished one. A server that fails always at
    the same byte gives the same body twice, and rarely stops between two lines.

    Raises:
        QpvError: the bodies differ, or the text stops in the middle of a line.
    """
    autre = part.with_name(f"{part.stem}-bis.part")
    try:
        _jeter(autre)
        recu = insister(lambda: _essai(http, url, autre, {}, timeout, None), quoi)
        decoder(autre, recu["encodage"], url)
        tailles = part.stat().st_size, autre.stat().st_size
        if empreinte(part) != empreinte(autre):
            defaut = f"deux téléchargements diffèrent ({tailles[0]} et {tailles[1]} octets)"
        elif attendu in ("json", "geojson"):
            defaut = "le JSON ne se referme pas"
        elif attendu == "csv" and not finit_une_ligne(part):
            defaut = f"le texte s'arrête au milieu d'une ligne ({tailles[0]} octets)"
        else:
            return
    finally:
        _jeter(autre)
    raise QpvError(
        f"Rien ne dit que le fichier reçu soit entier : {defaut}",
        ou=url,
        attendu="une longueur annoncée par le serveur, ou un fichier dont la fin se reconnaît",
        faire=f"réessayez plus tard, ou {A_LA_MAIN}",
    )


def _essai(http, url: str, part: Path, connu: dict, timeout: Delais, progression) -> dict[str, Any]:
    """One request: fills `part` and returns what the server said of it, or `connu` on a 304."""
    fiche = part.with_suffix(".json")
    avant = lire_json(fiche, url, "validateur", "encodage", "type")
    octets = part.stat().st_size if avant and part.exists() else 0
    if octets:
        demande = {"Range": f"bytes={octets}-", "If-Range": avant["validateur"]}
    else:
        demande = {"If-None-Match": "etag", "If-Modified-Since": "last_modified"}
        demande = {k: connu[v] for k, v in demande.items() if connu.get(v)}
    with ouvrir(http, url, ENTETES | demande, timeout, 206, 304, 416) as reponse:
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
            avant |= {"longueur": _longueur(recus, total, encodage)}
            ecrire_json(fiche, avant)
        else:
            plage = re.fullmatch(rf"bytes {octets}-\d+/(\d+)", recus.get("Content-Range", ""))
            vus = (("etag", etag), ("last_modified", modifie), ("encodage", encodage))
            meme = all(valeur in (None, avant.get(cle)) for cle, valeur in vus)
            if statut != 206 or not octets or not plage or not meme:
                _jeter(part)
                motif = f"le serveur ne sait pas reprendre la suite (statut {statut})"
                raise _Passagere(motif, 0 if octets else None)
            total = int(plage[1])
            avant["longueur"] = "le serveur en a dit la longueur"
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


def _longueur(recus: Any, total: int | None, encodage: str) -> str:
    """What in an answer lets a cut body be seen, in French; empty when nothing does."""
    if total is not None:
        return "le serveur en a dit la longueur"
    if "chunked" in recus.get("Transfer-Encoding", "").lower():
        return "le serveur en a dit la fin"
    return "la compression en a la somme" if encodage != "identity" else ""


@contextmanager
def ouvrir(http, url: str, entetes: dict, timeout: Delais, *admis: int) -> Iterator[Any]:
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
        exiger_adresse(urljoin(reponse.url, reponse.headers["Location"]))


def exiger_adresse(url: str) -> None:
    """Refuse any address that is not http or https."""
    with suppress(ValueError):
        if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname:
            return
    raise QpvError("Adresse refusée", ou=url, attendu="une adresse http:// ou https://")


def insister(action: Callable[[], Any], quoi: tuple[str, str, int, float]) -> Any:
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


def _jeter(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_suffix(".json").unlink(missing_ok=True)
