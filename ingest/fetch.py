"""From a URL to the archive over HTTP: conditional, resumed, checked before anything enters."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from filelock import FileLock

from ingest.addresses import require_address
from ingest.archive import (
    ArchivedFile,
    disque,
    emplacements,
    empreinte,
    objet_de,
    read_json,
    store,
    write_json,
)
from ingest.connection import (
    ENTETES,
    Delais,
    Essais,
    Liaison,
    Passagere,
    longueur_annoncee,
    open_answer,
    open_session,
    receive,
    retry,
)
from ingest.contents import (
    A_LA_MAIN,
    check_content,
    decode_content,
    ends_its_line,
    fin_prouvee,
    require_format,
)
from ingest.limits import TABLES, Compteur, Limites
from warehouse.base.errors import QpvError

#: Called with (bytes received so far, total bytes or None).
Progression = Callable[[int, int | None], None]


def fetch(
    url: str,
    *,
    archive: Path,
    nom: str,
    attendu: str,
    connus: Collection[str] = (),
    limites: Limites = TABLES,
    hotes: Collection[str] = (),
    timeout: Delais = (10, 60),
    tentatives: int = 5,
    attente_max: float = 30.0,
    session: requests.Session | None = None,
    sur_progression: Progression | None = None,
) -> ArchivedFile:
    """Download `url` into the archive: conditional, resumed, bounded, checked before it enters.

    Args:
        attendu: one of contents.FORMATS.
        connus: sha256 of files known to be whole.
        limites: bytes and seconds, those of all tries included.
        hotes: hosts that a redirection may lead to, beside that of `url`.
        timeout: seconds to connect, then seconds of silence allowed while reading.
        tentatives: number of tries in all, the first one included.
        attente_max: longest pause between two tries, in seconds, Retry-After included.

    Raises:
        QpvError: on any failure; the archive then holds no new object.
    """
    require_format(attendu)
    require_address(url)
    part, fiche = emplacements(archive, url)
    with disque(archive):
        part.parent.mkdir(parents=True, exist_ok=True)
        with (
            FileLock(part.with_suffix(".lock")),
            open_session(session, url, Compteur(limites, url, part.parent), hotes) as liaison,
        ):
            essais = Essais(nom, tentatives, attente_max)
            connu = read_json(fiche, url, "sha256", "obtenu_le")
            if connu and empreinte(objet := objet_de(archive, connu["sha256"])) != connu["sha256"]:
                connu = {}
            recu = retry(
                lambda: _request_once(liaison, part, connu, timeout, sur_progression),
                liaison,
                essais,
            )
            if recu is connu:
                check_content(objet, attendu, url, "déjà dans l'archive")
                sha, taille, le = connu["sha256"], objet.stat().st_size, connu["obtenu_le"]
                vu = connu.get("etag"), True, connu.get("preuve", "")
                return ArchivedFile(objet, sha, taille, nom, url, le, *vu)
            try:
                decode_content(part, recu["encodage"], url, liaison.compteur.count)
                check_content(part, attendu, url, f"statut 200, type {recu['type']}")
                preuve = recu["longueur"] or fin_prouvee(part, attendu)
                if not preuve and empreinte(part) not in connus:
                    _read_again(liaison, part, attendu, timeout, essais)
                objet, sha, taille, deja = store(part, archive)
            finally:
                _discard(part)
            le, etag = datetime.now(UTC).isoformat(timespec="seconds"), recu["etag"]
            memoire = {"url": url, "etag": etag, "last_modified": recu["last_modified"]}
            memoire |= {"sha256": sha, "octets": taille, "obtenu_le": le, "nom": nom}
            write_json(fiche, memoire | {"preuve": preuve})
            return ArchivedFile(objet, sha, taille, nom, url, le, etag, deja, preuve)


def _read_again(
    liaison: Liaison, part: Path, attendu: str, timeout: Delais, essais: Essais
) -> None:
    """Judge a body whose length nobody said: downloaded again, and its last line must have an end.

    Closed too soon, such a connection looks like a finished one. A server that fails always at
    the same byte gives the same body twice, and rarely stops between two lines.

    Raises:
        QpvError: the bodies differ, or the text stops in the middle of a line.
    """
    autre = part.with_name(f"{part.stem}-bis.part")
    try:
        _discard(autre)
        recu = retry(lambda: _request_once(liaison, autre, {}, timeout, None), liaison, essais)
        decode_content(autre, recu["encodage"], liaison.url, liaison.compteur.count)
        tailles = part.stat().st_size, autre.stat().st_size
        if empreinte(part) != empreinte(autre):
            defaut = f"deux téléchargements diffèrent ({tailles[0]} et {tailles[1]} octets)"
        elif attendu in ("json", "geojson"):
            defaut = "le JSON ne se referme pas"
        elif attendu == "csv" and not ends_its_line(part):
            defaut = f"le texte s'arrête au milieu d'une ligne ({tailles[0]} octets)"
        else:
            return
    finally:
        _discard(autre)
    raise QpvError(
        f"Rien ne dit que le fichier reçu soit entier : {defaut}",
        ou=liaison.url,
        attendu="une longueur annoncée par le serveur, ou un fichier dont la fin se reconnaît",
        faire=f"réessayez plus tard, ou {A_LA_MAIN}",
    )


def _request_once(
    liaison: Liaison, part: Path, connu: dict, timeout: Delais, progression: Progression | None
) -> dict[str, Any]:
    """One request: fills `part` and returns what the server said of it, or `connu` on a 304."""
    try:
        return _receive(liaison, part, connu, timeout, progression)
    except (QpvError, OSError):  # a refusal is final: nothing will go on from there
        _discard(part)
        raise


def _receive(
    liaison: Liaison, part: Path, connu: dict, timeout: Delais, progression: Progression | None
) -> dict[str, Any]:
    url, fiche = liaison.url, part.with_suffix(".json")
    avant = read_json(fiche, url, "validateur", "encodage", "type")
    octets = part.stat().st_size if avant and part.exists() else 0
    if octets:
        demande = {"Range": f"bytes={octets}-", "If-Range": avant["validateur"]}
    else:
        demande = {"If-None-Match": "etag", "If-Modified-Since": "last_modified"}
        demande = {k: connu[v] for k, v in demande.items() if connu.get(v)}
    with open_answer(liaison, ENTETES | demande, timeout, 206, 304, 416) as reponse:
        recus, statut = reponse.headers, reponse.status_code
        if statut == 304 and connu and not octets:
            return connu
        etag, modifie = recus.get("ETag"), recus.get("Last-Modified")
        encodage = recus.get("Content-Encoding", "identity").lower()
        total = longueur_annoncee(reponse)
        if statut == 200:
            _discard(part)
            octets = 0
            # A weak ETag does not promise the same bytes, so it cannot guard a resume.
            fort = etag if etag and not etag.startswith("W/") else modifie
            avant = {"url": url, "etag": etag, "last_modified": modifie, "validateur": fort}
            avant |= {"type": recus.get("Content-Type", "absent"), "encodage": encodage}
            avant |= {"longueur": _longueur(recus, total, encodage)}
        else:
            motif = rf"bytes {octets}-\d+/(\d{{1,18}})"
            plage = re.fullmatch(motif, recus.get("Content-Range", ""))
            vus = (("etag", etag), ("last_modified", modifie), ("encodage", encodage))
            meme = all(valeur in (None, avant.get(cle)) for cle, valeur in vus)
            if statut != 206 or not octets or not plage or not meme:
                _discard(part)
                motif = f"le serveur ne sait pas reprendre la suite (statut {statut})"
                raise Passagere(motif, 0 if octets else None)
            total = int(plage[1])
            avant["longueur"] = "le serveur en a dit la longueur"
        liaison.compteur.announce(total)
        write_json(fiche, avant)
        # A short body must end like any other, so that one test below judges every length.
        reponse.raw.enforce_content_length = False
        with part.open("ab") as sortie:
            for bloc in receive(liaison, reponse, octets):
                sortie.write(bloc)
                octets += len(bloc)
                if progression:
                    progression(octets, total)
    if total is not None and octets != total:
        if octets > total:
            _discard(part)
        raise Passagere(f"{octets} octets reçus pour {total} annoncés")
    return avant


def _longueur(recus: Any, total: int | None, encodage: str) -> str:
    """What in an answer lets a cut body be seen, in French; empty when nothing does."""
    if total is not None:
        return "le serveur en a dit la longueur"
    if "chunked" in recus.get("Transfer-Encoding", "").lower():
        return "le serveur en a dit la fin"
    return "la compression en a la somme" if encodage != "identity" else ""


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_suffix(".json").unlink(missing_ok=True)
