"""Bodies whose length nobody says: proved whole, or refused, or said not to be proved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fixtures import loopback_server as corpus
from tests.fixtures.loopback_server import CSV, GROS, Reponse, Serveur, fichier, sha
from tests.integration.test_fetch import objets, prendre, refus


@pytest.fixture
def serveur():
    with Serveur() as s:
        yield s


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


COUPE = b"code_qp;n\nQN07501M;1558\n"


@pytest.mark.parametrize("octets", [len(COUPE) - 2, len(COUPE) - 1, 12])
def test_a_body_without_length_that_stops_in_a_line_is_refused(serveur, archive, octets):
    # « 1558 » read as « 155 » by a server that fails always at the same byte.
    url = serveur.route("/f.csv", Reponse(COUPE, muet=True, couper=octets))
    assert "s'arrête au milieu d'une ligne" in refus(url, archive)
    assert objets(archive) == [] and not list((archive / "partial").glob("*.part"))


def test_a_body_without_length_is_read_twice(serveur, archive):
    deux = Reponse(GROS, muet=True)
    url = serveur.route("/f.csv", replace(deux, couper=len(CSV)), deux)
    assert "deux téléchargements diffèrent" in refus(url, archive)
    assert objets(archive) == []
    assert prendre(url, archive).preuve == ""
    assert len(serveur.vues("/f.csv")) == 4


def test_a_known_content_needs_no_second_reading(serveur, archive):
    sans_fin = GROS.rstrip()
    url = serveur.route("/f.csv", Reponse(sans_fin, muet=True))
    assert "milieu d'une ligne" in refus(url, archive)
    assert prendre(url, archive, connus={sha(sans_fin)}).sha256 == sha(sans_fin)
    assert len(serveur.vues("/f.csv")) == 3


@pytest.mark.parametrize(("attendu", "corps"), corpus.BONS)
def test_a_content_that_shows_its_own_end_is_proven(serveur, archive, attendu, corps):
    url = serveur.route("/f", Reponse(corps, muet=True))
    proven = attendu not in ("csv", "xls")
    assert bool(prendre(url, archive, attendu).preuve) == proven
    assert len(serveur.demandes) == 2 - proven
    if proven:
        coupe = serveur.route("/coupe", Reponse(corps, muet=True, couper=len(corps) - 2))
        refus(coupe, archive / "autre", attendu)


def test_geojson_cut_after_a_brace_is_refused(serveur, archive):
    corps = b'{"type": "FeatureCollection", "features": [{"a": 1}, {"b": 2}]}'
    url = serveur.route("/f", Reponse(corps, muet=True, couper=corps.index(b", {")))
    assert "le JSON ne se referme pas" in refus(url, archive, "geojson")


@pytest.mark.parametrize("reste", [0, 5])
def test_chunks_without_their_end_are_a_cut_body(serveur, archive, reste):
    url = serveur.route("/f.csv", Reponse(CSV, chunked=True, couper=len(CSV) - reste))
    assert "coupée" in refus(url, archive)


def test_what_proves_a_download_whole_is_kept(serveur, archive):
    url = serveur.route("/f.csv", fichier(CSV, etag='"v1"'))
    assert prendre(url, archive).preuve == "le serveur en a dit la longueur"
    again = prendre(url, archive)
    assert (again.inchange, again.preuve) == (True, "le serveur en a dit la longueur")
