"""Each event is told once by each channel, by real servers on loopback; no secret is said."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.registry import load_registry
from ingest.watch.states import Nouvelle
from orchestration.events import of_refusal, of_round, of_withdrawal
from orchestration.messages import Message, tell
from tests.fixtures.loopback_server import Reponse, Serveur
from tests.fixtures.mail_server import Boite
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.declared.dictionary import load_edition
from warehouse.declared.diffusion import Diffusion

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
UN = Message("paru", "insee_demo:paru:2024:2026-03-01", "insee_demo 2024 paru", "À déclarer.")
DEUX = Message("brouillon", "brouillon:x", "Brouillon à relire", "Lire la page.")
SECRET = "mot-de-passe-secret"


def declared(port: int, **more: object) -> Diffusion:
    mail = {"serveur": "127.0.0.1", "port": port, "chiffrement": "aucun", "de": "qpv@exemple.fr",
            "a": ["a@exemple.fr", "b@exemple.fr"]}  # fmt: skip
    return Diffusion.model_validate({"messages": {"courriel": mail | more}})


def test_a_message_goes_once_by_mail_by_webhook_and_in_the_diary(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with Boite() as boite, Serveur() as serveur:
        hook = serveur.route(f"/hooks/{SECRET}", Reponse(b"ok"))
        how = {"diffusion": declared(boite.port), "environment": {"QPV_WEBHOOK": hook}}
        assert tell(layout, [UN], now=NOW, **how) == []
        assert tell(layout, [UN, DEUX], now=NOW + timedelta(days=1), **how) == []
        assert [m["Subject"] for m in boite.recus] == [f"[qpv] {m.titre}" for m in (UN, DEUX)]
        assert boite.recus[0]["To"] == "a@exemple.fr, b@exemple.fr"
        assert boite.recus[0].get_content().strip() == "À déclarer."
        posted = [json.loads(d.corps) for d in serveur.vues(f"/hooks/{SECRET}")]
        assert [p["evenement"] for p in posted] == ["paru", "brouillon"]
        assert posted[0]["text"] == "**insee_demo 2024 paru**\nÀ déclarer."
    diary = (layout.messages / "journal.txt").read_text("utf-8").splitlines()
    assert diary == [
        "01/03/2026 06:00 insee_demo 2024 paru. À déclarer.",
        "02/03/2026 06:00 Brouillon à relire. Lire la page.",
    ]
    assert SECRET not in "".join(p.read_text("utf-8") for p in layout.messages.glob("*.*"))


def test_a_channel_that_fails_is_tried_again_and_the_others_go(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with Serveur() as serveur:
        hook = serveur.route("/h", Reponse(b"ok"))
        with Boite(refus=b"451 later") as closed:
            how = {"environment": {"QPV_WEBHOOK": hook}}
            [said] = tell(layout, [UN], now=NOW, diffusion=declared(closed.port), **how)
            assert "le courriel n'est pas parti" in said and not closed.recus
        with Boite() as boite:
            how |= {"diffusion": declared(boite.port)}
            assert tell(layout, [], now=NOW + timedelta(days=1), **how) == []
            assert len(boite.recus) == len(serveur.vues("/h")) == 1
            assert tell(layout, [], now=NOW + timedelta(days=2), **how) == []
            assert len(boite.recus) == 1


@pytest.mark.parametrize("answer", [Reponse(b"", 500), Reponse(b"", 302, {"Location": "/x"})])
def test_a_webhook_that_refuses_is_told_without_its_address(
    tmp_path: Path, answer: Reponse
) -> None:
    with Serveur() as serveur:
        hook = serveur.route(f"/{SECRET}", answer)
        [said] = tell(Layout(tmp_path), [UN], diffusion=Diffusion(),
                      environment={"QPV_WEBHOOK": hook})  # fmt: skip
        assert "hôte 127.0.0.1" in said and SECRET not in said
        assert not serveur.vues("/x")
    for nowhere in (f"http://127.0.0.1:1/{SECRET}", f"ht!tp://{SECRET}", f"http://[{SECRET}"):
        [said] = tell(Layout(tmp_path), [UN], diffusion=Diffusion(),
                      environment={"QPV_WEBHOOK": nowhere})  # fmt: skip
        assert SECRET not in said


def test_a_password_does_not_leave_in_clear(tmp_path: Path) -> None:
    with Boite() as boite:
        account = {"QPV_SMTP_COMPTE": "qpv", "QPV_SMTP_MOT_DE_PASSE": SECRET}
        [said] = tell(Layout(tmp_path), [UN], diffusion=declared(boite.port), environment=account)
        assert "ne part pas en clair" in said and SECRET not in said
        safe = declared(boite.port, chiffrement="starttls")
        [said] = tell(Layout(tmp_path), [UN], diffusion=safe, environment=account)
        assert SECRET not in said and not boite.recus


def test_a_label_is_no_header_of_a_mail(tmp_path: Path) -> None:
    hostile = Message(
        "paru", "x", "titre\r\nBcc: tous@exemple.fr", "texte\r\n.\r\nMAIL FROM:<x@y.z>"
    )
    with Boite() as boite:
        assert tell(Layout(tmp_path), [hostile], diffusion=declared(boite.port)) == []
        [mail] = boite.recus
        assert mail["Bcc"] is None and "Bcc: tous@exemple.fr" in mail["Subject"]


def test_what_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "messages").write_text("a file", encoding="utf-8")
    [said] = tell(Layout(tmp_path), [UN])
    assert said.startswith("message non écrit")


def test_a_refusal_is_repeated_only_where_all_that_it_reads_is_public() -> None:
    registry, today = load_registry(), date(2026, 3, 1)
    refusal = QpvError("la porte refuse : 7771 contre 12", ou="x")
    edition = load_edition("2022")
    told = of_refusal(refusal, edition, registry, Path("data"), today)
    assert "7771" in told.texte
    source = registry["insee_demo"].model_copy(update={"acces": "convention"})
    closed = registry.model_copy(update={"sources": {**registry.sources, "insee_demo": source}})
    told = of_refusal(refusal, edition, closed, Path("data"), today)
    assert "7771" not in told.texte and "se lit sur la machine" in told.texte


def test_only_what_asks_for_a_person_is_told() -> None:
    found = [
        Nouvelle("insee_demo", "paru", "vu", "2024", date(2026, 3, 1), "proposer"),
        Nouvelle("insee_ipro", "rien_de_neuf", "annuel"),
        Nouvelle("insee_revn", "injoignable", "statut 503"),
    ]
    [told] = of_round(found, load_registry())
    assert told.titre == "insee_demo 2024 paru et non déclaré" and "proposer" in told.texte
    assert "faux" in of_withdrawal("x", "faux").texte
