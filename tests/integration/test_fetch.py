"""What fetch, archive_local and find_link promise, against a real server that misbehaves."""

from __future__ import annotations

import errno
import gzip
import json
import multiprocessing
import re
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
import requests
import tenacity

from ingest.archive import ArchivedFile, archive_local
from ingest.fetch import fetch
from ingest.links import find_link
from tests.fixtures import loopback_server as corpus
from tests.fixtures.loopback_server import CSV, GROS, Reponse, Serveur, fichier, sha
from warehouse.base.errors import QpvError

VITE = {"timeout": (1, 0.25), "tentatives": 3, "attente_max": 0.02}
HIER = "Tue, 14 Jan 2025 10:00:00 GMT"


@pytest.fixture(autouse=True)
def _proxy_hostile(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead proxy in the environment must not matter for the loopback."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def serveur():
    with Serveur() as s:
        yield s


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def prendre(url: str, archive: Path, attendu: str = "csv", **options: object) -> ArchivedFile:
    return fetch(url, archive=archive, nom="f.csv", attendu=attendu, **(VITE | options))


def objets(archive: Path) -> list[bytes]:
    return [p.read_bytes() for p in (archive / "objects").rglob("*") if p.is_file()]


def refus(url: str, archive: Path, attendu: str = "csv", **options: object) -> str:
    """The text of the refusal, after checking that nothing entered the archive."""
    with pytest.raises(QpvError) as e:
        prendre(url, archive, attendu, **options)
    assert objets(archive) == []
    assert not list((archive / "urls").glob("*.json"))
    assert url in str(e.value)
    return str(e.value)


def test_200_is_archived_under_its_sha256(serveur, archive):
    url = serveur.route("/f.csv", fichier(CSV, etag='"a"'))
    avancees, avant = [], datetime.now(UTC).replace(microsecond=0)
    f = prendre(url, archive, sur_progression=lambda *a: avancees.append(a))
    assert f.path == archive / "objects" / sha(CSV)[:2] / sha(CSV)
    assert objets(archive) == [CSV]
    assert stat.S_IMODE(f.path.stat().st_mode) == 0o400
    assert (f.sha256, f.octets, f.nom, f.origine) == (sha(CSV), len(CSV), "f.csv", url)
    assert (f.etag, f.inchange) == ('"a"', False)
    assert avant <= datetime.fromisoformat(f.obtenu_le) <= datetime.now(UTC)
    assert avancees[-1] == (len(CSV), len(CSV))
    lus = serveur.demandes[0].entetes
    assert lus["accept-encoding"] == "identity"
    assert lus["user-agent"].startswith("Mozilla/5.0") and "qpv" in lus["user-agent"]
    assert {p.suffix for p in (archive / "partial").iterdir()} <= {".lock"}


@pytest.mark.parametrize("preuve", [{"etag": '"a"'}, {"modifie": HIER}])
def test_unchanged_file_gives_304_the_second_time(serveur, archive, preuve):
    url = serveur.route("/f.csv", fichier(CSV, **preuve))
    premier, second = prendre(url, archive), prendre(url, archive)
    assert [d.statut for d in serveur.demandes] == [200, 304]
    assert (premier.inchange, second.inchange) == (False, True)
    assert replace(premier, inchange=True) == second


def test_without_304_the_bytes_tell_what_changed(serveur, archive):
    url = serveur.route("/f.csv", fichier(CSV), fichier(CSV), fichier(CSV + b"x"))
    assert [prendre(url, archive).inchange for _ in range(3)] == [False, True, False]
    assert sorted(objets(archive)) == [CSV, CSV + b"x"]


@pytest.mark.parametrize("degat", ["corrompu", "absent"])
def test_damaged_object_is_fetched_again_without_condition(serveur, archive, degat):
    url = serveur.route("/f.csv", fichier(CSV, etag='"a"'))
    objet = prendre(url, archive).path
    objet.unlink()
    if degat == "corrompu":
        objet.write_bytes(b"autre")
    assert prendre(url, archive).path.read_bytes() == CSV
    assert [d.statut for d in serveur.demandes] == [200, 200]


@pytest.mark.parametrize("contenu", ["{", "[]", '{"url": 3}', '{"url": "URL", "sha256": 4}'])
def test_damaged_memory_is_ignored(serveur, archive, contenu):
    url = serveur.route("/f.csv", fichier(CSV, etag='"a"'))
    prendre(url, archive)
    (memoire,) = (archive / "urls").glob("*.json")
    assert memoire.name == f"{sha(url.encode())}.json"
    lue = json.loads(memoire.read_text())
    assert lue["url"] == url and lue["sha256"] == sha(CSV) and lue["octets"] == len(CSV)
    memoire.write_text(contenu.replace("URL", url))
    assert prendre(url, archive).sha256 == prendre(url, archive).sha256 == sha(CSV)
    assert [d.statut for d in serveur.demandes] == [200, 200, 304]


def test_two_500_then_200(serveur, archive):
    url = serveur.route("/f.csv", Reponse(statut=500), Reponse(statut=502), fichier(CSV))
    assert prendre(url, archive).sha256 == sha(CSV)
    assert len(serveur.demandes) == 3


def test_lasting_failures_are_told_in_words(serveur, archive):
    with Serveur() as autre:
        ferme = autre.route("/f.csv", fichier(CSV))
    muet = serveur.route("/muet", Reponse(CSV, couper=5, silence=5))
    casse = serveur.route("/casse", Reponse(statut=503))
    boucle = serveur.route("/boucle", Reponse(statut=302, entetes={"Location": "/boucle"}))
    cas = {casse: "statut 503", ferme: "injoignable", muet: "muet trop longtemps"}
    for url, mots in cas.items():
        texte = refus(url, archive)
        assert mots in texte and "3 tentative" in texte and "--extracts DIR" in texte
    assert len(serveur.vues("/casse")) == len(serveur.vues("/muet")) == 3
    assert "TooManyRedirects" in refus(boucle, archive)


@pytest.mark.parametrize(("demande", "voulue"), [("7", 7), ("3600", 10), ("date", 4), ("?", 1.5)])
def test_429_waits_what_retry_after_asks(serveur, archive, monkeypatch, demande, voulue):
    if demande == "date":
        demande = format_datetime(datetime.now(UTC) + timedelta(seconds=4.9), usegmt=True)
    pauses = []
    monkeypatch.setattr(tenacity.nap.time, "sleep", pauses.append)
    refus_429 = Reponse(statut=429, entetes={"Retry-After": demande})
    url = serveur.route("/f.csv", refus_429, fichier(CSV))
    prendre(url, archive, attente_max=10)
    assert pauses == [pytest.approx(voulue, abs=0 if demande.isdecimal() else 1)]


@pytest.mark.parametrize("statut", [403, 404, 410])
def test_4xx_is_refused_at_once(serveur, archive, statut):
    url = serveur.route("/f.csv", Reponse(b"absent", statut))
    assert str(statut) in refus(url, archive)
    assert len(serveur.demandes) == 1


def test_server_that_stalls_then_recovers(serveur, archive):
    lent = fichier(GROS, etag='"a"', couper=100_000, silence=5)
    url = serveur.route("/f.csv", lent, fichier(GROS, etag='"a"'))
    assert prendre(url, archive).sha256 == sha(GROS)
    assert serveur.demandes[1].entetes["range"] == "bytes=100000-"


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("preuve", [{"etag": '"a"'}, {"modifie": HIER}])
def test_cut_download_is_resumed(serveur, archive, preuve, chunked):
    coupe = fichier(GROS, couper=300_000, chunked=chunked, **preuve)
    url = serveur.route("/f.csv", coupe, fichier(GROS, **preuve))
    assert prendre(url, archive).path.read_bytes() == GROS
    lus = serveur.demandes[1].entetes
    assert (lus["range"], lus["if-range"]) == ("bytes=300000-", *preuve.values())
    assert sum(d.servis for d in serveur.demandes) == len(GROS)


def test_cut_download_is_resumed_by_the_next_run(serveur, archive):
    url = serveur.route("/f.csv", fichier(GROS, etag='"a"', couper=300_000), Reponse(statut=503))
    refus(url, archive)
    serveur.route("/f.csv", fichier(GROS, etag='"a"'))
    assert prendre(url, archive).sha256 == sha(GROS)
    assert sum(d.servis for d in serveur.demandes) == len(GROS)


@pytest.mark.parametrize("ignore_if_range", [False, True])
def test_cut_then_changed_file_is_taken_whole(serveur, archive, ignore_if_range):
    neuf = GROS.replace(b"QN", b"QZ")

    def suite(demande):
        if ignore_if_range:
            demande.entetes.pop("if-range", None)
        return fichier(neuf, etag='"b"')(demande)

    url = serveur.route("/f.csv", fichier(GROS, etag='"a"', couper=300_000), suite)
    assert prendre(url, archive).etag == '"b"' and objets(archive) == [neuf]
    assert len(serveur.demandes) == 2 + ignore_if_range


@pytest.mark.parametrize("preuve", [{}, {"etag": 'W/"a"'}])
def test_cut_without_strong_validator_starts_over(serveur, archive, preuve):
    url = serveur.route("/f", fichier(GROS, couper=300_000, **preuve), fichier(GROS, **preuve))
    assert prendre(url, archive).sha256 == sha(GROS)
    assert "range" not in serveur.demandes[1].entetes


@pytest.mark.parametrize("suite", corpus.INUTILES.values(), ids=corpus.INUTILES)
def test_useless_answer_to_a_resume_starts_over(serveur, archive, suite):
    entier = fichier(GROS, etag='"a"')
    url = serveur.route("/f.csv", fichier(GROS, etag='"a"', couper=300_000), suite, entier)
    assert prendre(url, archive).path.read_bytes() == GROS
    assert "range" not in serveur.demandes[2].entetes


def test_wrong_length_is_refused_after_the_tries(serveur, archive):
    trop = Reponse(CSV, entetes={"Content-Length": "10"}, chunked=True)
    for annonce, reponse in ((99, Reponse(CSV, longueur=99)), (10, trop)):
        url = serveur.route(f"/{annonce}", reponse)
        assert f"{len(CSV)} octets reçus pour {annonce} annoncés" in refus(url, archive)
        assert len(serveur.vues(f"/{annonce}")) == 3


@pytest.mark.parametrize("cas", corpus.MAUVAIS)
def test_wrong_content_is_refused(serveur, archive, cas):
    attendu, corps, mot = corpus.MAUVAIS[cas]
    url = serveur.route("/f", Reponse(corps, entetes={"Content-Type": "application/x-test"}))
    texte = refus(url, archive, attendu)
    assert mot in texte and f"un fichier {attendu}" in texte
    assert "statut 200" in texte and "application/x-test" in texte
    assert len(serveur.demandes) == 1
    assert {p.suffix for p in (archive / "partial").iterdir()} <= {".lock"}


def test_refusal_shows_the_start_of_what_came(serveur, archive):
    corps = b"<body>\x07Maintenance en cours" + b"." * 100
    url = serveur.route("/f", Reponse(corps, entetes={"Content-Type": "text/html"}))
    assert "page HTML" in (texte := refus(url, archive))
    assert re.search(r"« (.*?) »", texte)[1] == ("<body>Maintenance en cours" + "." * 100)[:60]


@pytest.mark.parametrize(("attendu", "corps"), corpus.BONS)
def test_right_content_enters_whatever_the_mime_type(serveur, archive, attendu, corps):
    url = serveur.route("/f", Reponse(corps, entetes={"Content-Type": "text/html"}))
    assert prendre(url, archive, attendu).path.read_bytes() == corps


def test_gzip_body_is_decoded(serveur, archive):
    serre = gzip.compress(GROS)
    entetes = {"Content-Encoding": "gzip", "ETag": '"g"'}
    coupe = Reponse(serre, entetes=entetes, couper=len(serre) // 2)
    reste = {"Content-Range": f"bytes {len(serre) // 2}-{len(serre) - 1}/{len(serre)}"}
    suite = Reponse(serre[len(serre) // 2 :], 206, entetes | reste)
    url = serveur.route("/f.csv", coupe, suite)
    assert prendre(url, archive).path.read_bytes() == GROS


@pytest.mark.parametrize("codage", ["gzip", "br"])
def test_undecodable_body_is_refused(serveur, archive, codage):
    serre = gzip.compress(GROS)[:-20]
    url = serveur.route("/f.csv", Reponse(serre, entetes={"Content-Encoding": codage}))
    assert codage in refus(url, archive)


def test_redirect_is_followed(serveur, archive):
    url = serveur.route("/datasets/r/1", Reponse(statut=302, entetes={"Location": "/f.csv"}))
    serveur.route("/f.csv", fichier(CSV, etag='"a"'))
    assert prendre(url, archive).origine == url
    assert prendre(url, archive).inchange


@pytest.mark.parametrize("cible", ["file:///etc/hostname", "ftp://127.0.0.1/f.csv"])
def test_redirect_to_another_scheme_is_refused(serveur, archive, cible):
    espion, session = Mock(), requests.Session()
    session.mount("file://", espion)
    session.mount("ftp://", espion)
    url = serveur.route("/f.csv", Reponse(statut=302, entetes={"Location": cible}))
    with pytest.raises(QpvError, match=r"Adresse refusée.*http"):
        prendre(url, archive, session=session)
    espion.send.assert_not_called()


@pytest.mark.parametrize("url", ["file:///etc/hosts", "ftp://h/f", "f.csv", "http://", "http://["])
def test_only_http_addresses(archive, url):
    with pytest.raises(QpvError, match="Adresse refusée"):
        prendre(url, archive)
    with pytest.raises(QpvError, match="Adresse refusée"):
        find_link(url, "x")


def prendre_ensemble(depart, url: str, archive: Path) -> None:
    depart.wait()
    prendre(url, archive, timeout=(1, 5))


def test_two_processes_share_one_download(serveur, archive):
    def lent(demande):
        time.sleep(0.3)
        return fichier(GROS, etag='"a"')(demande)

    url, contexte = serveur.route("/f.csv", lent), multiprocessing.get_context("spawn")
    arguments = (contexte.Barrier(2), url, archive)
    fils = [contexte.Process(target=prendre_ensemble, args=arguments) for _ in range(2)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert [fil.exitcode for fil in fils] == [0, 0]
    assert sorted(d.statut for d in serveur.demandes) == [200, 304]
    assert objets(archive) == [GROS]


def test_threads_do_not_mix_their_downloads(serveur, archive):
    url = serveur.route("/f.csv", *[fichier(GROS, couper=n) for n in (9, 70_000)], fichier(GROS))
    with ThreadPoolExecutor(6) as fils:
        resultats = list(fils.map(prendre, [url] * 6, [archive] * 6))
    assert [r.path.read_bytes() == GROS for r in resultats] == [True] * 6


@pytest.mark.parametrize("moment", ["download", "archiving"])
def test_disk_full_leaves_the_archive_without_the_object(serveur, archive, moment):
    url = serveur.route("/f.csv", fichier(GROS))
    ouvrir, deplacer = Path.open, Path.replace

    def ouvrir_plein(chemin: Path, mode: str = "r", **k: object):
        return ouvrir(Path("/dev/full") if mode == "ab" else chemin, mode, **k)

    def deplacer_plein(source: Path, cible: Path) -> Path:
        if "objects" in str(cible):
            raise OSError(errno.ENOSPC, "No space left on device")
        return deplacer(source, cible)

    pannes = {"download": (Path, "open", ouvrir_plein)}
    pannes["archiving"] = (Path, "replace", deplacer_plein)
    with pytest.MonkeyPatch.context() as m:
        m.setattr(*pannes[moment])
        with pytest.raises(QpvError, match="Plus de place"):
            prendre(url, archive)
    assert objets(archive) == [] and not list((archive / "urls").glob("*"))
    assert len(serveur.demandes) == 1
    assert prendre(url, archive).sha256 == sha(GROS)


def test_local_file_is_archived(archive, tmp_path):
    source = tmp_path / "à la main.csv"
    source.write_bytes(CSV)
    f = archive_local(source, archive=archive, attendu="csv")
    assert f.path.read_bytes() == CSV and source.exists()
    assert stat.S_IMODE(f.path.stat().st_mode) == 0o400
    assert (f.nom, f.origine, f.etag, f.inchange) == (source.name, source.name, None, False)
    assert archive_local(source, archive=archive, attendu="csv").inchange


def test_local_file_gets_the_same_checks(archive, tmp_path):
    source = tmp_path / "f.csv"
    source.write_bytes(corpus.PAGE)
    refuses = {"page HTML": (source, "csv"), "Format inconnu": (source, "docx")}
    refuses["introuvable"] = (tmp_path / "absent.csv", "csv")
    for mots, (chemin, attendu) in refuses.items():
        with pytest.raises(QpvError, match=mots):
            archive_local(chemin, archive=archive, attendu=attendu)
    assert objets(archive) == []
    assert list((archive / "partial").iterdir()) == []


def lien(serveur: Serveur, motif: str, *etapes: object) -> str:
    page = Reponse(corpus.LIENS.encode(), entetes={"Content-Type": "text/html"})
    return find_link(serveur.route("/stats/1", *etapes, page), motif, **VITE)


def test_find_link_returns_the_only_one_in_absolute_form(serveur):
    trouve = lien(serveur, r"/fichier/\d+/BTX\.zip", Reponse(statut=503))
    assert trouve == serveur.route("/fichier/8571/BTX.zip?a=1&b=2")
    assert lien(serveur, r"^/fichier/.*été\.csv$").endswith("/fichier/8571/été.csv")
    assert serveur.demandes[0].entetes["user-agent"].startswith("Mozilla/5.0")


@pytest.mark.parametrize(("motif", "nombre"), [("absent", "Aucun"), ("fichier/", "2")])
def test_find_link_wants_exactly_one(serveur, motif, nombre):
    with pytest.raises(QpvError) as e:
        lien(serveur, motif)
    texte = str(e.value)
    assert texte.startswith(f"{nombre} lien") and f"« {motif} »" in texte
    assert "/stats/1" in texte and "BTX.zip" in texte and "été.csv" in texte


def test_find_link_failures_are_told(serveur):
    with pytest.raises(QpvError, match="404"):
        lien(serveur, "x", Reponse(statut=404))
    with pytest.raises(QpvError, match="motif"):
        lien(serveur, "(")
