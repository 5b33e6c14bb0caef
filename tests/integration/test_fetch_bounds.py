"""A server that sends too much, for too long or elsewhere is refused for good, nothing is kept."""

from __future__ import annotations

import gzip
import shutil
import time
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import limits
from ingest.addresses import is_private, require_admitted
from ingest.archive import archive_local
from ingest.datagouv import find_resource
from ingest.limits import PAGES, TABLES
from ingest.links import find_link
from tests.fixtures.loopback_server import CSV, LIENS, Reponse, Serveur, fichier
from tests.integration.test_fetch import VITE, objets, prendre, refus
from warehouse.base.errors import QpvError

BREF = replace(TABLES, duree=0.3)
PETIT = replace(TABLES, octets=1_000_000)
BOMBE = gzip.compress(bytes(3_000_000), 9)
GZIP = {"Content-Encoding": "gzip"}
#: Three ways in: a file, a page of links, the answer of an API.
VOIES = ["fetch", "find_link", "find_resource"]


@pytest.fixture
def serveur():
    with Serveur() as s:
        yield s


def demander(voie: str, serveur: Serveur, archive: Path, reponse, limites, **how) -> str:
    """The text of the refusal by one of the ways in, and that nothing was kept nor asked again."""
    chemin = {"find_resource": "/api/datasets/jeu/"}.get(voie, "/f.csv")
    url = serveur.route(chemin, reponse)
    appels: dict[str, Callable[[], object]] = {
        "fetch": lambda: prendre(url, archive, limites=limites, **how),
        "find_link": lambda: find_link(url, "BTX", limites=limites, **VITE | how),
        "find_resource": lambda: find_resource(
            "jeu",
            "x",
            formats={"csv"},
            api=url.removesuffix("/datasets/jeu/"),
            limites=limites,
            **VITE | how,
        ),
    }
    debut = time.monotonic()
    with pytest.raises(QpvError) as e:
        appels[voie]()
    assert time.monotonic() - debut < 3
    assert url in str(e.value)
    assert len(serveur.vues(chemin)) == 1
    if voie == "fetch":
        assert objets(archive) == [] and not list((archive / "urls").glob("*"))
        assert {p.suffix for p in (archive / "partial").iterdir()} == {".lock"}
    return str(e.value)


@pytest.mark.parametrize("voie", VOIES)
@pytest.mark.parametrize(
    "lent",
    [
        Reponse(b"x" * 1000, goutte=0.02),
        Reponse(b"x" * 1000, goutte=0.02, muet=True),
        Reponse(CSV, entetes_sans_fin=0.05),
    ],
    ids=["drip", "drip-without-length", "headers"],
)
def test_a_server_that_never_falls_silent_runs_out_of_time(serveur, tmp_path, voie, lent):
    texte = demander(voie, serveur, tmp_path / "a", lent, BREF)
    assert "trop long" in texte and "au plus 0.3 s (`duree_max` de la source)" in texte


@pytest.mark.parametrize("voie", VOIES)
@pytest.mark.parametrize(
    ("reponse", "mots"),
    [
        (Reponse(b"a;b\n" * 20_000, sans_fin=True), "plus de 1 Mo reçus"),
        (Reponse(b"a;b\n", longueur=1_000_001), "le serveur annonce 2 Mo"),
        (Reponse(BOMBE, entetes=GZIP), "plus de 1 Mo reçus"),
        (Reponse(BOMBE, entetes=GZIP, chunked=True), "plus de 1 Mo reçus"),
    ],
    ids=["endless", "announced", "gzip", "gzip-in-chunks"],
)
def test_a_body_beyond_the_bound_is_refused(serveur, tmp_path, voie, reponse, mots):
    texte = demander(voie, serveur, tmp_path / "a", reponse, PETIT)
    assert mots in texte and "au plus 1 Mo (`taille_max` de la source)" in texte
    assert serveur.demandes[0].servis < 20_000_000


def test_the_rest_of_a_file_may_not_go_beyond_the_bound(serveur, tmp_path):
    """Cut below the bound, then resumed with a total above it."""
    gros = b"a;b\n" * 300_000
    avec = {"etag": '"a"'}
    url = serveur.route("/f.csv", fichier(gros, couper=500_000, chunked=True, **avec))
    serveur.routes["/f.csv"].append(fichier(gros, **avec))
    assert "le serveur annonce 2 Mo" in refus(url, tmp_path / "a", limites=PETIT)
    assert not list((tmp_path / "a" / "partial").glob("*.part"))


def test_tries_share_one_time(serveur, tmp_path):
    url = serveur.route("/f.csv", Reponse(statut=503))
    debut = time.monotonic()
    texte = refus(url, tmp_path / "a", limites=BREF, tentatives=99, attente_max=0.2)
    assert "statut 503" in texte and time.monotonic() - debut < 1.5


def test_within_its_bounds_a_zipped_page_and_file_are_read(serveur, tmp_path):
    serre = Reponse(gzip.compress(LIENS.encode()), entetes=GZIP)
    assert "BTX.zip" in find_link(serveur.route("/p", serre), r"BTX\.zip", **VITE)
    url = serveur.route("/f.csv", Reponse(gzip.compress(CSV), entetes=GZIP))
    assert prendre(url, tmp_path, limites=PETIT).path.read_bytes() == CSV
    coupe = Reponse(gzip.compress(LIENS.encode())[:-9], entetes=GZIP)
    with pytest.raises(QpvError, match="Content-Encoding gzip"):
        find_link(serveur.route("/p", coupe), "BTX", **VITE)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"resources": ' + b"[" * 100_000])
def test_an_answer_of_nested_brackets_is_a_bad_answer(serveur, tmp_path, body):
    texte = demander("find_resource", serveur, tmp_path, Reponse(body), PAGES)
    assert "n'est pas la description d'un jeu de données" in texte


def test_free_disk_is_looked_at_before_and_during(serveur, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    libres = iter([10**12, 50_000_000])
    monkeypatch.setattr(limits, "_PAS", 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, next(libres, 50_000_000)))
    chemin = tmp_path / "local.csv"
    chemin.write_bytes(CSV)
    with pytest.raises(QpvError, match="50 Mo libres"):
        prendre(serveur.route("/f.csv", fichier(CSV * 1000)), tmp_path / "a")
    assert serveur.demandes[0].servis
    with pytest.raises(QpvError, match="50 Mo libres"):
        prendre(serveur.route("/g.csv", fichier(CSV)), tmp_path / "a")
    with pytest.raises(QpvError, match=r"50 Mo libres.*au moins 101 Mo"):
        archive_local(chemin, archive=tmp_path / "a", attendu="csv")
    assert objets(tmp_path / "a") == []
    assert {p.suffix for p in (tmp_path / "a" / "partial").iterdir()} == {".lock"}


DEMANDEE = "https://www.data.gouv.fr/api/1/datasets/r/x"
ADMIS = {"static.data.gouv.fr"}


@pytest.mark.parametrize(
    ("suite", "mots"),
    [
        ("https://autre.invalid/f.csv", "ne nomme pas cet hôte"),
        ("https://static.data.gouv.fr.autre.invalid/f.csv", "ne nomme pas cet hôte"),
        ("https://www.data.gouv.fr@autre.invalid/", "nom d'utilisateur"),
        ("https://moi:secret@static.data.gouv.fr/f.csv", "nom d'utilisateur"),
        ("http://static.data.gouv.fr/f.csv", "quitte https pour http"),
        ("https://169.254.169.254/latest", "ne nomme pas cet hôte"),
        ("https://2130706433/", "ne nomme pas cet hôte"),
        ("https://[::1]/", "ne nomme pas cet hôte"),
        ("file:///etc/passwd", "Adresse refusée"),
    ],
)
def test_a_server_leads_to_named_hosts_only(suite, mots):
    with pytest.raises(QpvError, match=mots) as e:
        require_admitted(DEMANDEE, DEMANDEE, suite, ADMIS)
    assert "secret" not in str(e.value)


def test_named_hosts_and_its_own_are_followed():
    for suite in ("https://static.data.gouv.fr/f.csv", "https://WWW.data.gouv.fr./f.csv"):
        require_admitted(DEMANDEE, DEMANDEE, suite, ADMIS)
    require_admitted(
        "http://h.invalid/", "http://h.invalid/", "https://static.data.gouv.fr/", ADMIS
    )
    with pytest.raises(QpvError, match="réseau privé"):
        require_admitted(DEMANDEE, DEMANDEE, "https://10.0.0.1/f.csv", {"10.0.0.1"})


def test_addresses_of_closed_networks_are_known():
    closed = "127.0.0.1 10.1.2.3 192.168.1.1 172.16.0.1 169.254.169.254 0.0.0.0 ::1 fe80::1%eth0"
    closed += " fd00::1 ::ffff:127.0.0.1 224.0.0.1 100.64.0.1"
    assert [a for a in closed.split() if not is_private(a)] == []
    assert not any(map(is_private, ["8.8.8.8", "2001:4860:4860::8888", "www.insee.fr", ""]))


@pytest.mark.parametrize("voie", VOIES)
def test_a_redirection_elsewhere_is_not_followed(serveur, tmp_path, voie):
    with Serveur() as autre:
        cible = autre.route("/f.csv", fichier(CSV)).replace("127.0.0.1", "localhost")
        vers = Reponse(statut=302, entetes={"Location": cible})
        texte = demander(voie, serveur, tmp_path / "a", vers, TABLES)
        assert "« localhost »" in texte and "`redirections` de la source" in texte
        assert autre.demandes == []


def test_a_named_host_that_resolves_to_a_closed_network_is_refused(serveur, tmp_path):
    """Admitted by its name, refused by the address that answers to it."""
    with Serveur() as autre:
        cible = autre.route("/f.csv", fichier(CSV)).replace("127.0.0.1", "localhost")
        url = serveur.route("/f.csv", Reponse(statut=302, entetes={"Location": cible}))
        texte = refus(url, tmp_path / "a", hotes={"localhost"})
        assert "réseau privé" in texte and "« localhost »" in texte
        assert autre.demandes == []


def test_the_body_of_a_redirection_is_not_read(serveur, tmp_path):
    vers = {"Location": "/g.csv", "Set-Cookie": "passage=1"}
    url = serveur.route("/f.csv", Reponse(b"x" * 60_000, 302, vers, sans_fin=True))
    serveur.route("/g.csv", fichier(CSV))
    assert prendre(url, tmp_path, limites=BREF).path.read_bytes() == CSV
    assert serveur.vues("/g.csv")[0].entetes["cookie"] == "passage=1"


@pytest.mark.parametrize("cible", ["http://[/f.csv", "http://é\xff/", "//", "http://a b/", "x:y"])
def test_a_malformed_redirection_is_refused_in_words(serveur, tmp_path, cible):
    url = serveur.route("/f.csv", Reponse(statut=302, entetes={"Location": cible}))
    refus(url, tmp_path / "a", limites=BREF)


@pytest.mark.parametrize("debut", ["<![<![", "<" * 300_000, "<!doctype html [<", "<?php <?"])
def test_markup_that_no_parser_expects_hides_no_link(serveur, debut):
    url = serveur.route("/p", Reponse(debut.encode() + LIENS.encode()))
    avant = time.monotonic()
    assert find_link(url, r"BTX\.zip", **VITE).endswith("/fichier/8571/BTX.zip?a=1&b=2")
    assert time.monotonic() - avant < 1


@pytest.mark.parametrize("charset", ["rot13", "zlib", "absent", "windows-1252", "utf-8"])
def test_a_page_is_read_whatever_charset_it_says(serveur, charset):
    entetes = {"Content-Type": f"text/html; charset={charset}"}
    url = serveur.route("/p", Reponse(b'<a href="/BTX.zip">\xe9</a>', entetes=entetes))
    assert find_link(url, r"BTX\.zip", **VITE).endswith("/BTX.zip")


@pytest.mark.parametrize("longueur", ["-5", "9" * 5000, "0x12"])
def test_a_length_that_is_none_is_refused(serveur, tmp_path, longueur):
    entetes = {"Content-Length": longueur}
    url = serveur.route("/f.csv", Reponse(CSV, entetes=entetes, muet=True))
    assert "longueur illisible" in refus(url, tmp_path / "a")


def test_a_link_to_another_host_is_not_taken(serveur):
    page = Reponse(b'<a href="http://169.254.169.254/fichier/BTX.zip">x</a>')
    with pytest.raises(QpvError, match=r"« 169\.254\.169\.254 »"):
        find_link(serveur.route("/p", page), r"BTX\.zip", **VITE)
