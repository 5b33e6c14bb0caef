"""Which addresses may be asked, and which ones a server may send us to. Connects to nothing."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from contextlib import suppress
from urllib.parse import urlsplit

from ingest.contents import A_LA_MAIN
from warehouse.base.errors import QpvError


def require_address(url: str) -> None:
    """Refuse any address that is not http or https."""
    with suppress(ValueError):
        if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname:
            return
    raise QpvError("Adresse refusée", ou=url, attendu="une adresse http:// ou https://")


def hote_de(url: str) -> str:
    """The host of an address, in lower case; empty when it has none."""
    with suppress(ValueError):
        return (urlsplit(url).hostname or "").rstrip(".")
    return ""


def is_private(hote: str) -> bool:
    """Whether a host is written as an IP address of this machine or of a closed network."""
    with suppress(ValueError):
        adresse = ipaddress.ip_address(hote.partition("%")[0])
        adresse = getattr(adresse, "ipv4_mapped", None) or adresse
        return not adresse.is_global or adresse.is_multicast
    return False


def require_admitted(demandee: str, avant: str, suite: str, hotes: Collection[str]) -> None:
    """Judge the address that an answer (a redirection, a link) sends us to.

    Args:
        demandee: the address asked first, whose own host is always admitted.
        avant: the one that answered.
        hotes: other hosts admitted.

    Raises:
        QpvError: another scheme than http(s), https left for http, a password, a host that is
            not admitted, or the IP address of a closed network.
    """
    admis = {hote_de(demandee), *hotes}
    try:
        require_address(suite)
    except QpvError as refus:
        raise refus_d_hote(demandee, suite, "ni http ni https", admis) from refus
    hote, lue = hote_de(suite), urlsplit(suite)
    if lue.username is not None or lue.password is not None:
        defaut = "elle porte un nom d'utilisateur ou un mot de passe"
    elif urlsplit(avant).scheme == "https" and lue.scheme == "http":
        defaut = "elle quitte https pour http"
    elif hote not in admis:
        defaut = "le registre ne nomme pas cet hôte pour cette source"
    elif is_private(hote) and hote != hote_de(demandee):
        defaut = "c'est une adresse de cette machine ou d'un réseau privé"
    else:
        return
    raise refus_d_hote(demandee, hote, defaut, admis)


def refus_d_hote(demandee: str, hote: str, defaut: str, admis: Collection[str]) -> QpvError:
    """The refusal of a host that an answer leads to; the rest of that address is not repeated."""
    return QpvError(
        f"Adresse refusée, l'adresse demandée mène à « {hote} » : {defaut}",
        ou=demandee,
        attendu=f"http(s) vers {' ou '.join(sorted(admis))}",
        faire="vérifiez dans un navigateur où mène cette adresse ; si le producteur a changé "
        f"d'hébergeur, ajoutez-le à `redirections` de la source, ou {A_LA_MAIN}",
    )
