"""Hostile servers: each in the place of a source's address, page or data.gouv answer."""

from __future__ import annotations

import gzip
import json
import socket
import time
import zlib
from collections.abc import Callable, Iterator

from tests.trial.case import Case
from tests.trial.raw_server import LIFE, Answer, Request, always, reply
from tests.trial.texts import LIST
from warehouse.base.layout import SAMPLE_DIR

CSV = (SAMPLE_DIR / LIST).read_bytes()
_HOST = "127.0.0.1"


def server_cases() -> Iterator[Case]:
    """Every hostile server, after three that are honest."""
    said = "le fichier ne contient que 13 territoires"
    honest = always(reply(CSV, Content_Type="text/csv"))
    page = b'<html><a href="/liste-qp2015.csv">la liste</a></html>'
    by_page = _routes({"/page": always(reply(page, Content_Type="text/html"))}, honest)
    by_api = _routes({"/api/1/datasets/jeu/": _data_set([_resource()])}, honest)
    yield _case("serveur", "témoin", honest, _by_url, said)
    yield _case("page de liens", "témoin", by_page, _by_page, said)
    yield _case("data.gouv", "témoin", by_api, _by_api, said)
    for name, answer in _files().items():
        yield _case("serveur", name, answer, _by_url)
    for name, answer in _pages(page).items():
        yield _case("page de liens", name, answer, _by_page)
    for name, answer in _data_sets().items():
        yield _case("data.gouv", name, answer, _by_api)


#: Seconds of a download, in place of the quarter of an hour of a table.
_PATIENCE = 10
Declare = Callable[[dict[str, dict], str], None]


def _case(kind: str, name: str, answer: Answer, declare: Declare, said: str = "") -> Case:
    words = ("build", "--edition", "2023", "--sans-documents")
    named = [_HOST, LIST]

    def declared(sources: dict[str, dict], url: str) -> None:
        declare(sources, url)
        sources["anct_liste_qpv"]["duree_max"] = _PATIENCE

    return Case(kind, name, lambda _: None, named, words, declared, answer, said=said)


def _by_url(sources: dict[str, dict], url: str) -> None:
    sources["anct_liste_qpv"]["millesimes"]["2015"]["url"] = f"{url}/{LIST}"


def _by_page(sources: dict[str, dict], url: str) -> None:
    source = sources["anct_liste_qpv"]
    source["page"] = f"{url}/page"
    source["millesimes"]["2015"]["lien"] = r"liste-qp2015\.csv"


def _by_api(sources: dict[str, dict], _: str) -> None:
    sources["anct_liste_qpv"]["dataset"] = "jeu"
    sources["anct_liste_qpv"]["millesimes"]["2015"]["ressource"] = "liste"
    for millesime, declared in sources["anct_liste_qpv"]["millesimes"].items():
        if millesime != "2015":
            declared["ressource"] = "liste"


def _routes(routes: dict[str, Answer], others: Answer) -> Answer:
    return lambda to, request: routes.get(request.path, others)(to, request)


def _slowly(head: bytes, block: bytes, pause: float) -> Answer:
    """A block every so many seconds, for as long as a server lives."""

    def answer(to: socket.socket, _: Request) -> None:
        to.sendall(head)
        for _ in range(int(LIFE / pause)):
            to.sendall(block)
            time.sleep(pause)

    return answer


def _endless(head: bytes, block: bytes) -> Answer:
    """As many blocks as the client takes."""

    def answer(to: socket.socket, _: Request) -> None:
        to.sendall(head)
        while True:
            to.sendall(block)

    return answer


def _silent(to: socket.socket, _: Request) -> None:
    time.sleep(LIFE)


def _redirect(location: Callable[[Request], str], status: str = "302 Found") -> Answer:
    def answer(to: socket.socket, request: Request) -> None:
        if request.path.startswith("/autre"):
            to.sendall(reply(CSV))
        else:
            to.sendall(reply(b"", status, Location=location(request)))

    return answer


def _bomb(mebibytes: int, fill: bytes = b"\0") -> bytes:
    made = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = fill * ((1 << 20) // len(fill))
    return b"".join(made.compress(block) for _ in range(mebibytes)) + made.flush()


def _chunks(*chunks: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    return head + b"".join(chunks)


def _lies_when_resumed(to: socket.socket, request: Request) -> None:
    """Half a file, then for its second half, under the same ETag, other bytes than announced."""
    half = len(CSV) // 2
    if "range" not in request.headers:
        to.sendall(reply(CSV[:half], length=len(CSV), ETag='"a"'))
        return
    at = int(request.headers["range"].removeprefix("bytes=").rstrip("-"))
    body = b"\0" * (len(CSV) - at)
    told = {"ETag": '"a"', "Content_Range": f"bytes {at}-{len(CSV) - 1}/{len(CSV)}"}
    to.sendall(reply(body, "206 Partial Content", **told))


def _never_ends_a_range(to: socket.socket, request: Request) -> None:
    """One byte more at each resume."""
    at = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
    told = {"ETag": '"a"', "Content_Range": f"bytes {at}-{len(CSV) - 1}/{len(CSV)}"}
    status = "206 Partial Content" if "range" in request.headers else "200 OK"
    to.sendall(reply(CSV[at : at + 1], status, length=len(CSV) - at, **told))


def _files() -> dict[str, Answer]:
    def here(path: str, host: str = _HOST) -> Callable[[Request], str]:
        return lambda request: f"http://{host}:{request.port}{path}"

    def to(address: str) -> Callable[[Request], str]:
        return lambda _: address

    def deeper(request: Request) -> str:
        return f"http://{_HOST}:{request.port}{request.path}x"

    html = b"<!DOCTYPE html><html><body>Maintenance</body></html>"
    ok = b"HTTP/1.1 200 OK\r\n"
    csv = {"Content_Type": "text/csv"}
    return {
        "goutte à goutte": _slowly(reply(b"", length=100_000), b"x" * 20, 1),
        "en-têtes goutte à goutte": _slowly(ok, b"X-A: b\r\n", 1),
        "statut goutte à goutte": _slowly(b"HTTP/1.1 ", b"2", 1),
        "corps sans fin": _endless(reply(b"", length=None), CSV),
        "corps sans fin, morceaux": _endless(_chunks(), b"400\r\n" + b"x" * 1024 + b"\r\n"),
        "annonce 1 Tio": _endless(reply(b"", length=1 << 40), CSV),
        "en-têtes sans fin": _endless(ok, b"X-A: b\r\n"),
        "en-tête sans fin": _endless(ok + b"X-A: ", b"x" * 4096),
        "statut sans fin": _endless(b"HTTP/1.1 200 ", b"x" * 4096),
        "100 sans fin": _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        "bombe gzip": always(reply(_bomb(1000), Content_Encoding="gzip", **csv)),
        "bombe gzip de texte": always(
            reply(_bomb(600, CSV + b"QP059021;x;59014\n" * 900), Content_Encoding="gzip", **csv)
        ),
        "gzip coupé": always(reply(gzip.compress(CSV)[:-12], Content_Encoding="gzip")),
        "gzip qui n'en est pas": always(reply(CSV, Content_Encoding="gzip")),
        "gzip double": always(
            reply(gzip.compress(gzip.compress(CSV)), Content_Encoding="gzip, gzip")
        ),
        "br": always(reply(CSV, Content_Encoding="br")),
        "encodage inconnu": always(reply(CSV, Content_Encoding="x" * 5000)),
        "coupé": always(reply(CSV[:300], length=len(CSV))),
        "coupé sans longueur": always(reply(CSV[:300], length=None)),
        "plus long qu'annoncé": always(reply(CSV, length=300)),
        "longueur négative": always(reply(CSV[:300], length=-5)),
        "deux longueurs": always(reply(CSV, length=300, Content_length="733")),
        "longueur de 5 000 chiffres": always(
            reply(CSV[:300], length=None, Content_Length="9" * 5000)
        ),
        "morceau coupé": always(_chunks(b"400\r\n" + CSV[:100])),
        "morceau de taille fausse": always(_chunks(b"zz\r\n" + CSV + b"\r\n")),
        "vide": always(reply(b"")),
        "HTML": always(reply(html, Content_Type="text/html")),
        "HTML dit csv": always(reply(html, **csv)),
        "zip dit csv": always(reply(b"PK\x03\x04" + bytes(200), **csv)),
        "octets nuls": always(reply(bytes(10_000), **csv)),
        "JSON d'erreur": always(reply(b'{"error": "quota"}', **csv)),
        "file:": _redirect(to("file:///etc/passwd")),
        "ftp:": _redirect(to("ftp://127.0.0.1/x.csv")),
        "gopher:": _redirect(to("gopher://127.0.0.1/x")),
        "data:": _redirect(to("data:text/csv,code;nom_qp")),
        "javascript:": _redirect(to("javascript:alert(1)")),
        "sans adresse": _redirect(to("")),
        "adresse fausse": _redirect(to("http://[::1/x")),
        "adresse très longue": _redirect(to("http://127.0.0.1/" + "x" * 20_000)),
        "vers localhost": _redirect(here("/autre.csv", "localhost")),
        "vers 127.0.0.2": _redirect(here("/autre.csv", "127.0.0.2")),
        "vers 0.0.0.0": _redirect(here("/autre.csv", "0.0.0.0")),
        "vers 2130706433": _redirect(here("/autre.csv", "2130706433")),
        "vers ::ffff:127.0.0.1": _redirect(here("/autre.csv", "[::ffff:127.0.0.1]")),
        "vers 169.254.169.254": _redirect(to("http://169.254.169.254/latest/meta-data/")),
        "vers 10.0.0.1": _redirect(to("http://10.0.0.1/x.csv")),
        "identité dans l'adresse": _redirect(here("/autre.csv", "u:p@localhost")),
        "boucle": _redirect(here(f"/{LIST}")),
        "toujours plus loin": _redirect(deeper, "307 Temporary Redirect"),
        "300": always(reply(b"", "300 Multiple Choices")),
        "404": always(reply(html, "404 Not Found")),
        "403": always(reply(html, "403 Forbidden")),
        "401": always(reply(b"", "401 Unauthorized", WWW_Authenticate="Basic realm=x")),
        "407": always(reply(b"", "407 Proxy Authentication Required")),
        "500": always(reply(html, "500 Internal Server Error")),
        "503, revenir dans un siècle": always(reply(b"", "503 Busy", Retry_After="3153600000")),
        "429, revenir en 2099": always(
            reply(b"", "429 Too Many", Retry_After="Wed, 21 Oct 2099 07:28:00 GMT")
        ),
        "429, revenir hier": always(reply(b"", "429 Too Many", Retry_After="-1")),
        "204": always(reply(b"", "204 No Content")),
        "304 sans demande": always(reply(b"", "304 Not Modified")),
        "206 sans demande": always(
            reply(CSV[:100], "206 Partial Content", Content_Range="bytes 0-99/733")
        ),
        "416": always(reply(b"", "416 Range Not Satisfiable")),
        "999": always(reply(CSV, "999 Non")),
        "statut texte": always(b"HTTP/1.1 deux cents\r\n\r\n" + CSV),
        "HTTP/0.9": always(CSV),
        "SSH": always(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "octets": always(bytes(range(256)) * 10),
        "en-tête à contrôles": always(reply(html, Content_Type="text/html\x1b[31m")),
        "raison de 60 ko": always(reply(b"", "404 " + "x" * 60_000)),
        "type de 60 ko": always(reply(html, "404 Non", Content_Type="x" * 60_000)),
        "1 000 en-têtes": always(reply(CSV, **{f"X_{i}": "a" for i in range(1000)})),
        "muet": _silent,
        "muet après les en-têtes": _slowly(reply(b"", length=100), b"", LIFE),
        "ferme": lambda to, _: to.close(),
        "ment à la reprise": _lies_when_resumed,
        "un octet par reprise": _never_ends_a_range,
    }


def _pages(page: bytes) -> dict[str, Answer]:
    def only(body: bytes, **headers: str) -> Answer:
        return always(reply(body, **({"Content_Type": "text/html"} | headers)))

    links = b"".join(b'<a href="/%d/liste-qp2015.csv">a</a>' % i for i in range(50_000))
    return {
        "goutte à goutte": _slowly(reply(b"", length=100_000), b"<a>", 1),
        "sans fin": _endless(reply(b"", length=None), b'<a href="/x">x</a>' * 100),
        "bombe gzip": only(_bomb(1000), Content_Encoding="gzip"),
        "sans lien": only(b"<html>rien</html>"),
        "50 000 liens": only(links),
        "lien file:": only(b'<a href="file:///etc/liste-qp2015.csv">a</a>'),
        "lien de 1 Mo": only(b'<a href="/' + b"x" * 1_000_000 + b'/liste-qp2015.csv">a</a>'),
        "base ailleurs": only(b'<base href="http://10.0.0.1/">' + page),
        "balises ouvertes": only(b"<a href=" * 200_000),
        "binaire": only(bytes(range(256)) * 100),
        "jeu inconnu": _routes(
            {"/page": only(page, Content_Type="text/html; charset=klingon")},
            always(reply(b"", "404 Non")),
        ),
        "500": always(reply(b"", "500 Non")),
        "muette": _silent,
    }


def _resource(**changed: object) -> dict:
    known = {"id": "r-1", "title": "la liste", "format": "csv", "url": f"http://{_HOST}/{LIST}"}
    return known | {"last_modified": "2024-01-01T00:00:00"} | changed


def _data_set(resources: object, **more: object) -> Answer:
    return always(reply(json.dumps({"resources": resources} | more).encode()))


def _data_sets() -> dict[str, Answer]:
    body = json.dumps({"resources": [_resource()]}).encode()
    many = [_resource(id=f"r-{i}", title="liste " + "x" * 500) for i in range(5000)]
    return {
        "crochets": always(reply(b"[" * 200_000 + b"]" * 200_000)),
        "accolades": always(reply(b'{"resources":' * 50_000 + b"1" + b"}" * 50_000)),
        "sans fin": _endless(reply(b"", length=None), body),
        "goutte à goutte": _slowly(reply(b"", length=100_000), b" ", 1),
        "bombe gzip": always(reply(_bomb(1000, b" "), Content_Encoding="gzip")),
        "HTML": always(reply(b"<html>Erreur</html>")),
        "vide": always(reply(b"")),
        "coupé": always(reply(body[:-9])),
        "sans ressources": always(reply(b"{}")),
        "ressources nulles": _data_set(None),
        "ressource sans id": _data_set([{"title": "la liste"}]),
        "id chemin": _data_set([_resource(id="../../x")]),
        "date impossible": _data_set([_resource(last_modified="jamais")]),
        "date hors du temps": _data_set([_resource(last_modified=10**30)]),
        "5 000 du même instant": _data_set(many),
        "titre de 10 Mo": _data_set([_resource(title="x" * 10_000_000, format="pdf", url="")]),
        "entier de 5 000 chiffres": always(reply(body.replace(b'"r-1"', b"9" * 5000))),
        "demi-caractère": _data_set([_resource(title="liste \ud800", format="pdf", url="")]),
        "adresse fausse": _data_set([_resource(url="http://[::1/x", format=None)]),
        "500": always(reply(b"", "500 Non")),
        "404": always(reply(b'{"message": "non"}', "404 Non")),
        "muet": _silent,
    }
