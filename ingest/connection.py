"""One asked address, until its answer is open: watched by the clock, held to admitted hosts."""

from __future__ import annotations

import gzip
import io
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import extract_cookies_to_jar
from requests.exceptions import ChunkedEncodingError, RequestException
from requests.utils import requote_uri
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential_jitter,
)
from urllib3.exceptions import HTTPError

from ingest.addresses import hote_de, is_private, refus_d_hote, require_admitted
from ingest.contents import A_LA_MAIN, BLOC, illisible
from ingest.limits import Compteur
from warehouse.base.errors import QpvError

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
#: Redirections followed one after the other.
SAUTS = 10
Delais = tuple[float, float]


class Passagere(Exception):
    """A failure that the next try may not meet; `attente`: seconds the server asks us to wait."""

    def __init__(self, motif: str, attente: float | None = None) -> None:
        super().__init__(motif)
        self.attente = attente


class NetworkFailure(QpvError):
    """An address out of reach after all its tries: later, it may answer."""


@dataclass(frozen=True)
class Liaison:
    """The session of one download, what it may still take, and the hosts it may be sent to."""

    http: requests.Session
    url: str
    compteur: Compteur
    hotes: Collection[str]


@contextmanager
def open_session(
    session: requests.Session | None, url: str, compteur: Compteur, hotes: Collection[str]
) -> Iterator[Liaison]:
    """A session whose connections end when the time of `compteur` is over, headers included."""
    garde = _Garde(url, hotes)
    # The silence allowed between two bytes says nothing of a server that sends one now and then.
    minuterie = threading.Timer(compteur.fin - time.monotonic(), garde.cut)
    minuterie.daemon = True
    with nullcontext(session) if session else requests.Session() as http:
        http.mount("http://", garde)
        http.mount("https://", garde)
        minuterie.start()
        try:
            yield Liaison(http, url, compteur, hotes)
        finally:
            minuterie.cancel()
            garde.forget()


class _Garde(HTTPAdapter):
    """Connections that can be cut from another thread, none of them to a closed network."""

    def __init__(self, url: str, hotes: Collection[str]) -> None:
        super().__init__()
        self._url, self._hotes = url, hotes
        self._prises: list[socket.socket] = []
        self._verrou = threading.Lock()
        self._coupee = False

    def get_connection_with_tls_context(self, *what: Any, **how: Any) -> Any:
        pool, garde = super().get_connection_with_tls_context(*what, **how), self
        connexion: Any = type(pool).ConnectionCls  # of http or of https

        class Gardee(connexion):
            def _new_conn(self) -> socket.socket:
                prise = super()._new_conn()
                if not self.proxy:  # whoever sets a proxy knows where it is
                    garde.judge(self.host, prise)
                garde.record(prise)
                return prise

        pool.ConnectionCls = Gardee
        return pool

    def judge(self, hote: str, prise: socket.socket) -> None:
        """Refuse the peer itself: what a name resolves to may change between two questions."""
        pair = str(prise.getpeername()[0])
        if hote.rstrip(".").lower() != hote_de(self._url) and is_private(pair):
            prise.close()
            defaut = f"il est sur cette machine ou un réseau privé ({pair})"
            raise refus_d_hote(self._url, hote, defaut, {hote_de(self._url), *self._hotes})

    def record(self, prise: socket.socket) -> None:
        """Keep a handle of our own: TLS takes the socket away from whoever opened it."""
        with self._verrou:
            self._prises.append(socket.socket(fileno=os.dup(prise.fileno())))
            if self._coupee:
                self._close_all()

    def cut(self) -> None:
        """End every connection, those under way and those to come."""
        with self._verrou:
            self._coupee = True
            self._close_all()

    def _close_all(self) -> None:
        for prise in self._prises:
            with suppress(OSError):
                prise.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        with self._verrou:
            while self._prises:
                self._prises.pop().close()


@contextmanager
def open_answer(
    liaison: Liaison, entetes: dict[str, str], timeout: Delais, *admis: int
) -> Iterator[requests.Response]:
    """An open response (200 or `admis`); what goes wrong until it closes is put in words."""
    url = liaison.url
    try:
        with _follow_redirections(liaison, entetes, timeout) as reponse:
            vu = f"statut {reponse.status_code} {reponse.reason}"
            if reponse.status_code == 429 or reponse.status_code >= 500:
                raise Passagere(vu, _secondes(reponse.headers.get("Retry-After", "")))
            if reponse.status_code not in (200, *admis):
                vu += f", type {reponse.headers.get('Content-Type', 'absent')}"
                faire = f"vérifiez l'adresse dans un navigateur, ou {A_LA_MAIN}"
                raise QpvError(
                    f"Refus du serveur ({vu})", ou=url, attendu="statut 200", faire=faire
                )
            yield reponse
    except (requests.ConnectionError, requests.Timeout, ChunkedEncodingError, HTTPError) as e:
        liaison.compteur.temps()
        raise Passagere(_en_mots(e)) from e
    except RequestException as e:
        motif = f"L'adresse ne peut pas être suivie ({type(e).__name__})"
        raise QpvError(motif, ou=url, faire=f"vérifiez l'adresse, ou {A_LA_MAIN}") from e


def _follow_redirections(
    liaison: Liaison, entetes: dict[str, str], timeout: Delais
) -> requests.Response:
    """The first answer that is no redirection."""
    url, http = liaison.url, liaison.http
    for _ in range(SAUTS + 1):
        liaison.compteur.temps()
        try:
            return http.get(
                url,
                headers=entetes,
                stream=True,
                timeout=timeout,
                hooks={"response": _stop_at_redirection},
            )
        except _Redirigee as redirection:
            extract_cookies_to_jar(http.cookies, *redirection.vue)
            require_admitted(liaison.url, url, redirection.suite, liaison.hotes)
            url = redirection.suite
    raise requests.TooManyRedirects


class _Redirigee(Exception):
    """A redirection to `suite`; `vue`: the request and the raw answer, whose cookies are kept."""

    def __init__(self, reponse: requests.Response, suite: str) -> None:
        super().__init__(suite)
        self.suite, self.vue = suite, (reponse.request, reponse.raw)


def _stop_at_redirection(reponse: requests.Response, **_: Any) -> None:
    """Leave at once an answer that is a redirection: requests would read its body, however long."""
    if reponse.is_redirect:
        reponse.close()
        suite = reponse.headers["Location"]
        with suppress(ValueError):  # what is malformed is refused as it was written
            lue = requests.Session().get_redirect_target(reponse) or suite
            suite = requote_uri(urljoin(reponse.url, lue))
        raise _Redirigee(reponse, suite)


def receive(liaison: Liaison, reponse: requests.Response, deja: int = 0) -> Iterator[bytes]:
    """The body as it is sent, block after block, within the bounds; `deja`: bytes held before."""
    octets = deja
    while bloc := reponse.raw.read1(BLOC, decode_content=False):
        octets += len(bloc)
        liaison.compteur.count(octets)
        yield bloc
    liaison.compteur.temps()  # a connection that the clock has cut looks finished


def read_page(
    liaison: Liaison, timeout: Delais, conditions: Mapping[str, str] = MappingProxyType({})
) -> tuple[requests.Response, bytes]:
    """A page or an answer in memory: its headers, and its decoded body, both within the bounds.

    Args:
        conditions: headers of a conditional request; an answer 304 then has no body.
    """
    admis = (304,) if conditions else ()
    with open_answer(liaison, ENTETES | dict(conditions), timeout, *admis) as reponse:
        if reponse.status_code == 304:
            return reponse, b""
        liaison.compteur.announce(longueur_annoncee(reponse))
        corps = b"".join(receive(liaison, reponse))
    encodage = reponse.headers.get("Content-Encoding", "identity").lower()
    if encodage == "identity":
        return reponse, corps
    try:
        if encodage not in ("gzip", "x-gzip"):
            raise EOFError
        with gzip.GzipFile(fileobj=io.BytesIO(corps)) as serre:
            clair = serre.read(liaison.compteur.limites.octets + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as e:
        raise illisible(encodage, liaison.url) from e
    liaison.compteur.count(len(clair))
    return reponse, clair


def longueur_annoncee(reponse: requests.Response) -> int | None:
    """The Content-Length of an answer in bytes; None when it says none.

    Raises:
        QpvError: it says one that is no length: nothing would then show a cut body.
    """
    longueur = reponse.headers.get("Content-Length")
    if longueur is None:
        return None
    if longueur.isdecimal() and len(longueur) < 20:
        return int(longueur)
    raise QpvError(
        f"Le serveur annonce une longueur illisible (Content-Length {longueur:.40})",
        ou=reponse.url,
        attendu="un nombre d'octets",
        faire=f"réessayez plus tard, ou {A_LA_MAIN}",
    )


class Essais(NamedTuple):
    """How often a download is tried: its name in messages, the number of tries, the longest pause
    between two in seconds."""

    nom: str
    tentatives: int
    attente_max: float


def retry(action: Callable[[], Any], liaison: Liaison, demande: Essais) -> Any:
    """Run `action` until it passes, no later than the time of `liaison` allows."""
    longest = demande.attente_max
    recul = wait_exponential_jitter(multiplier=min(1, longest), max=longest)

    def pause(etat: Any) -> float:
        voulue = etat.outcome.exception().attente
        return recul(etat) if voulue is None else min(voulue, longest)

    reste = max(0.0, liaison.compteur.fin - time.monotonic())
    fin = stop_after_attempt(demande.tentatives) | stop_before_delay(reste)
    essais = Retrying(retry=retry_if_exception_type(Passagere), wait=pause, stop=fin, reraise=True)
    try:
        return essais(action)
    except Passagere as e:
        faits = essais.statistics["attempt_number"]
        echec = f"Échec du téléchargement de « {demande.nom} » après {faits} tentative(s) : {e}"
        faire = f"réessayez plus tard, ou {A_LA_MAIN}"
        raise NetworkFailure(echec, ou=liaison.url, faire=faire) from e


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
