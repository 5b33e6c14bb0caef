"""A link on a producer's page: the address of a file whose name changes at each release."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import requests

from ingest.addresses import require_address, require_admitted
from ingest.connection import Delais, Essais, open_session, read_page, retry
from ingest.contents import A_LA_MAIN
from ingest.limits import PAGES, Compteur, Limites
from warehouse.base.errors import QpvError


def find_link(
    page_url: str,
    pattern: str,
    *,
    limites: Limites = PAGES,
    hotes: Collection[str] = (),
    timeout: Delais = (10, 60),
    tentatives: int = 5,
    attente_max: float = 30.0,
    session: requests.Session | None = None,
) -> str:
    """The absolute URL of the only link of an HTML page that matches the regex `pattern`.

    The pattern is searched in the link as written, then in its absolute form.

    Args:
        limites: bytes and seconds of the page.
        hotes: hosts that a redirection or the link may lead to, beside that of the page.

    Raises:
        QpvError: page out of reach or out of bounds, no link or several distinct links that
            match, or one that leads to another host.
    """
    require_address(page_url)
    try:
        motif = re.compile(pattern)
    except re.error as e:
        raise QpvError(f"Le motif « {pattern} » n'est pas une expression régulière ({e})") from e

    with open_session(session, page_url, Compteur(limites, page_url), hotes) as liaison:
        essais = Essais("page", tentatives, attente_max)
        liens = links_of(*retry(lambda: read_page(liaison, timeout), liaison, essais))
    trouves = {a for brut, a in liens if motif.search(brut) or motif.search(a)}
    if len(trouves) == 1:
        trouve = trouves.pop()
        require_admitted(page_url, page_url, trouve, hotes)
        return trouve
    fichiers = {a for _, a in liens if re.search(r"(?i)\.(csv|xlsx?|zip|parquet)\b", a)}
    raise QpvError(
        f"{len(trouves) or 'Aucun'} lien(s) de la page correspondent au motif « {pattern} »",
        ou=f"{page_url} ; candidats : {', '.join(sorted(trouves or fichiers)[:10]) or 'aucun'}",
        attendu="un seul lien",
        faire=f"corrigez le motif de la source, ou {A_LA_MAIN}",
    )


def links_of(reponse: requests.Response, corps: bytes) -> list[tuple[str, str]]:
    """The links of a page that was read: (as written, absolute URL without fragment)."""
    dit = requests.utils.get_encoding_from_headers(reponse.headers) or ""
    utf8 = "charset" not in reponse.headers.get("Content-Type", "").lower()
    latin = not utf8 and re.fullmatch(r"(?i)iso-8859-15?|latin-?1|(windows-|cp)1252", dit)
    return _Liens(reponse.url, corps.decode("cp1252" if latin else "utf-8", "replace")).liens


class _Liens(HTMLParser):
    """The links of a page: `liens` holds (href as written, absolute URL without fragment)."""

    def __init__(self, page_url: str, page: str) -> None:
        super().__init__()
        self.base = page_url
        self.liens: list[tuple[str, str]] = []
        # The parser stumbles on some declarations, and takes for ever on "<" that open nothing.
        self.feed(re.sub(r"<(?![a-zA-Z/]|!--)", "&lt;", page))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = (dict(attrs).get("href") or "").strip()
        with suppress(ValueError):  # a malformed link is no candidate
            absolu = urldefrag(urljoin(self.base, href)).url
            if href and tag == "base":
                self.base = absolu
            elif href and urlsplit(absolu).scheme in ("http", "https"):
                self.liens.append((href, absolu))
