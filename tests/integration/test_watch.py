"""The watch against a server that publishes, revises, fails and forgets, day after day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.receipts import FileReceipt, Receipt
from ingest.registry import Registry, load_registry
from orchestration.watching import Round, watch
from tests.fixtures.archives import zipped
from tests.fixtures.loopback_server import PAGE, Reponse, Serveur, fichier, sha
from tests.fixtures.small_source import ID, YAML
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout

DAY = date(2026, 1, 10)


class Producteur:
    """A producer whose page links to files, and whoever watches it."""

    def __init__(self, serveur: Serveur, folder: Path) -> None:
        self.serveur, self.layout = serveur, Layout(folder / "data")
        self.folder = folder
        self.page = serveur.route("/page", Reponse(b""))
        self.day = DAY

    def registry(self, yaml: str = YAML, lien: str = "ESSAI_{yyyy}\\\\.zip") -> Registry:
        text = yaml.replace("https://exemple.invalid/page", self.page)
        text = text.replace("acces:", f'lien: "{lien}"\nacces:')
        sources = self.folder / "sources"
        sources.mkdir(exist_ok=True)
        (sources / f"{ID}.yml").write_text(text, encoding="utf-8")
        return load_registry(sources)

    def publish(self, *years: str, **bodies: str) -> None:
        """The page as it is from now on, and the files whose bytes are given."""
        links = "".join(f'<a href="/f/ESSAI_{year}.zip">{year}</a>' for year in years)
        links += '<a href="/f/notice.csv">notice</a>'
        self.serveur.route("/page", Reponse(f"<html>{links}</html>".encode()))
        for year, text in bodies.items():
            body = zipped({"data_essai.csv": text.encode()})
            self.put(year.strip("_"), body)

    def put(self, year: str, body: bytes, etag: str | None = None, **odd: object) -> None:
        etag = etag or f'"{hash(body)}"'
        self.serveur.route(f"/f/ESSAI_{year}.zip", fichier(body, etag=etag, **odd))

    def look(self, **how: object) -> Round:
        """A visit on a new day."""
        self.day += timedelta(days=1)
        return watch(self.layout, self.registry(), today=self.day, pause=0, **how)

    def states(self, **how: object) -> list[tuple[str, str | None]]:
        return [(one.etat, one.millesime) for one in self.look(**how).constats]


@pytest.fixture
def producteur(tmp_path: Path) -> Iterator[Producteur]:
    with Serveur() as serveur:
        made = Producteur(serveur, tmp_path)
        made.publish("2017", "2021", _2017="a;b\n1;2\n", _2021="a;b\n3;4\n")
        yield made


RIEN = [("rien_de_neuf", None)]


def test_a_year_that_nothing_declares_is_told_with_its_address(producteur: Producteur) -> None:
    assert producteur.states() == RIEN
    producteur.publish("2017", "2021", "2022")
    [found] = producteur.look().constats
    assert (found.etat, found.millesime) == ("paru", "2022")
    assert found.adresse.endswith("/f/ESSAI_2022.zip")
    assert not producteur.serveur.vues("/f/ESSAI_2022.zip")  # to be read by a person first


def test_other_bytes_under_the_same_name_are_a_revision_and_a_new_label_is_none(
    producteur: Producteur,
) -> None:
    assert producteur.states() == RIEN
    body = zipped({"data_essai.csv": b"a;b\n3;5\n"})
    producteur.put("2021", body)
    [found] = producteur.look().constats
    assert (found.etat, found.millesime, found.depuis) == ("revise", "2021", producteur.day)
    producteur.put("2021", body, etag='"the same bytes from another machine"')
    [again] = producteur.look().constats
    assert again.cle == found.cle


def test_what_was_read_here_tells_a_new_label_from_new_bytes(producteur: Producteur) -> None:
    """A server that labels its bytes anew is no revision where they are those that were read."""
    body = zipped({"data_essai.csv": b"a;b\n3;4\n"})
    file = FileReceipt(
        nom="x", sha256=sha(body), octets=1, origine="x", obtenu_le="2026-01-01T00:00:00+00:00"
    )
    receipt = Receipt(
        source_id=ID,
        millesime="2021",
        fichiers=[file],
        absents=[],
        raisons=[],
        territoires=1,
        sur_place=True,
    )
    path = producteur.layout.landed(ID, "2021").with_suffix(".json")
    path.parent.mkdir(parents=True)
    path.write_text(receipt.model_dump_json(), encoding="utf-8")
    producteur.put("2021", body)
    assert producteur.states() == RIEN
    producteur.put("2021", body, etag='"the same bytes from another machine"')
    assert producteur.states() == RIEN
    producteur.put("2021", zipped({"data_essai.csv": b"a;b\n3;5\n"}))
    assert producteur.states() == [("revise", "2021")]


def test_an_address_that_moves_with_the_same_bytes_is_nothing_new(producteur: Producteur) -> None:
    producteur.states()
    body = zipped({"data_essai.csv": b"a;b\n3;5\n"})
    producteur.put("2021", body)
    assert producteur.states() == [("revise", "2021")]
    producteur.serveur.route("/v2/ESSAI_2021.zip", fichier(body, etag='"v2"'))
    page = b'<a href="/f/ESSAI_2017.zip">x</a><a href="/v2/ESSAI_2021.zip">y</a>'
    producteur.serveur.route("/page", Reponse(page))
    [found] = producteur.look().constats
    assert found.depuis == producteur.day - timedelta(days=1)


def test_a_day_is_asked_once_and_an_unchanged_file_gives_no_body(producteur: Producteur) -> None:
    producteur.look()
    asked = len(producteur.serveur.demandes)
    same_day = watch(producteur.layout, producteur.registry(), today=producteur.day, pause=0)
    assert [one.etat for one in same_day.constats] == ["rien_de_neuf"]
    assert len(producteur.serveur.demandes) == asked
    producteur.look()
    *_, last = producteur.serveur.vues("/f/ESSAI_2021.zip")
    assert last.statut == 304


def test_a_page_of_maintenance_takes_nothing_away(producteur: Producteur) -> None:
    producteur.states()
    producteur.serveur.route("/page", Reponse(PAGE))
    for _ in range(4):
        assert producteur.states() == [("injoignable", None)]
    producteur.publish("2017", "2021")
    assert producteur.states() == RIEN


@pytest.mark.parametrize(
    "broken",
    [
        Reponse(PAGE, entetes={"Content-Type": "text/html"}),
        Reponse(PAGE),
        Reponse(b"", statut=503, entetes={"Retry-After": "0"}),
        Reponse(zipped({"data_essai.csv": b"x" * 900})[:-40], entetes={"ETag": '"cut"'}),
    ],
    ids=["page", "page without type", "503", "broken zip"],
)
def test_a_broken_file_is_no_revision(producteur: Producteur, broken: Reponse) -> None:
    producteur.states()
    producteur.serveur.route("/f/ESSAI_2021.zip", broken)
    assert producteur.states() == [("injoignable", None)]
    producteur.publish("2017", "2021", _2021="a;b\n3;4\n")
    assert producteur.states() == RIEN


def test_a_first_visit_in_a_maintenance_leads_to_no_false_revision(producteur: Producteur) -> None:
    html = Reponse(PAGE, entetes={"Content-Type": "text/html", "ETag": '"x"'})
    producteur.serveur.route("/f/ESSAI_2021.zip", html)
    assert producteur.states() == [("injoignable", None)]
    producteur.publish("2017", "2021", _2021="a;b\n3;4\n")
    assert producteur.states() == RIEN


def test_a_file_that_is_gone_is_told_at_the_second_visit_without_it(producteur: Producteur) -> None:
    producteur.states()
    producteur.publish("2021")
    assert producteur.states() == RIEN
    assert producteur.states() == [("disparu", "2017")]
    producteur.publish("2017", "2021")
    assert producteur.states() == RIEN


def test_a_round_is_bounded_and_says_what_it_left(producteur: Producteur) -> None:
    left = producteur.look(duree=-1)
    assert left.remises == [ID] and not producteur.serveur.demandes
    assert "remises à demain (1)" in " ".join(left.lines())


def test_a_data_set_tells_of_its_files_by_their_dates(producteur: Producteur) -> None:
    yaml = YAML.replace("acces:", 'dataset: jeu\nressource: "ESSAI_{yyyy}"\nacces:')
    sources = producteur.folder / "sources"
    sources.mkdir()
    (sources / f"{ID}.yml").write_text(yaml, encoding="utf-8")
    registry = load_registry(sources)

    def told(day: int, *resources: tuple[str, str]) -> list[tuple[str, str | None]]:
        answer = [
            {"id": f"r{n}", "title": title, "format": "zip", "last_modified": when, "url": ""}
            for n, (title, when) in enumerate(resources)
        ]
        body = json.dumps({"resources": answer}).encode()
        api = producteur.serveur.route("/api/datasets/jeu/", Reponse(body)).split("/datasets")[0]
        for n, (title, _) in enumerate(resources):
            csv = zipped({"data_e.csv": f"{title};{answer[n]['last_modified']}\n1;2\n".encode()})
            producteur.serveur.route(f"/api/datasets/r/r{n}", fichier(csv, etag=f'"{hash(csv)}"'))
        today = DAY + timedelta(days=day)
        done = watch(producteur.layout, registry, today=today, pause=0, api=api)
        return [(one.etat, one.millesime) for one in done.constats]

    first = ("ESSAI_2021", "2026-01-05T10:00:00+00:00")
    assert told(1, first) == RIEN
    assert told(2, first, ("ESSAI_2022", "2026-01-06T10:00:00+00:00")) == [("paru", "2022")]
    assert told(3, ("ESSAI_2021", "2026-01-12T10:00:00+00:00")) == [("revise", "2021")]


def test_files_of_a_folder_that_nobody_claims_are_named(
    producteur: Producteur, tmp_path: Path
) -> None:
    folder = tmp_path / "recus"
    folder.mkdir()
    header = "CODGEO;POP_MUN;A;NOTE_CNAF\nQP059050;1;2;0\n"
    (folder / "ESSAI_2023.csv").write_text(header, encoding="utf-8")
    (folder / "extraction du 3 mars 2024.csv").write_text(header, encoding="utf-8")
    (folder / "ESSAI_2021.csv").write_text(header, encoding="utf-8")
    (folder / "communes 2024.csv").write_text("CODGEO;LIBGEO\n59001;x\n", encoding="utf-8")
    (folder / "facture.csv").write_text("client;montant\nx;1\n", encoding="utf-8")
    found = producteur.look(extracts=[folder])
    assert dict(found.fichiers) == {
        "ESSAI_2023.csv": f"ressemble à {ID}, millésime 2023 (par son nom)",
        "extraction du 3 mars 2024.csv": f"ressemble à {ID}, millésime 2024 (par son en-tête)",
        "communes 2024.csv": "inconnu du registre",
        "facture.csv": "inconnu du registre",
    }
    assert found.asks


def test_two_rounds_do_not_meet(producteur: Producteur) -> None:
    from orchestration.watching import _alone

    producteur.look()
    with _alone(producteur.layout.watch), pytest.raises(QpvError, match="déjà en cours"):
        producteur.look()
    producteur.look()
