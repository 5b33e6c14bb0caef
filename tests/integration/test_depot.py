"""A release is deposited by the portal's API, on loopback: once whole, then what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.depot import deposit, plan
from tests.conftest import invoke_qpv
from tests.fixtures.loopback_server import Reponse, Serveur
from tests.fixtures.portal import KEY, Portail
from tests.fixtures.told_releases import write_release
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.release.register import register
from warehouse.release.seal import seal


def release(layout: Layout, release_id: str, table: str) -> Path:
    """A sealed release with a table, its rubriques and its catalogue."""
    folder = write_release(layout, release_id, {})
    (folder / "tables" / "rubriques").mkdir(parents=True)
    (folder / "tables" / "fct_indicateur.parquet").write_text(table, encoding="utf-8")
    (folder / "tables" / "rubriques" / "population.csv").write_text("a;b\n", encoding="utf-8")
    about = {
        "dcterms:title": {"@value": f"Chiffres clés {release_id}"},
        "dcterms:description": {"@value": "Des chiffres."},
        "dcat:keyword": [{"@value": "Politique de la ville"}],
    }
    (folder / "catalogue.jsonld").write_text(json.dumps(about), encoding="utf-8")
    register(layout, release_id, seal(folder))
    return folder


@pytest.fixture
def portail() -> Iterator[Portail]:
    with Serveur() as server:
        yield Portail(server)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def test_a_first_deposit_makes_a_private_data_set_with_each_file(
    layout: Layout, portail: Portail
) -> None:
    folder = release(layout, "2023-1-a", "un")
    said = list(deposit(layout, plan(layout, folder), portail.environment))
    assert said[0].startswith("Jeu créé, privé : jeu-1")
    assert (portail.words["private"], portail.words["tags"]) == (True, ["politique-de-la-ville"])
    assert portail.words["extras"] == {"qpv:publication": "2023-1-a"}
    assert sorted(portail.files.values()) == ["a;b\n", "un"]
    assert list(deposit(layout, plan(layout, folder), portail.environment)) == [
        "Jeu à jour : jeu-1, publication 2023-1-a"
    ]


def test_the_next_release_replaces_what_changed_and_nothing_else(
    layout: Layout, portail: Portail
) -> None:
    list(deposit(layout, plan(layout, release(layout, "2023-1-a", "un")), portail.environment))
    before = len(portail.server.demandes)
    depot = plan(layout, release(layout, "2023-2-b", "deux"))
    assert depot.a_envoyer == ["tables/fct_indicateur.parquet"]
    list(deposit(layout, depot, portail.environment))
    assert sorted(portail.files.values()) == ["a;b\n", "deux"]
    sent = [(d.methode, d.chemin) for d in portail.server.demandes[before:]]
    assert [m for m, _ in sent] == ["POST", "PUT", "PUT"]
    assert portail.words["extras"] == {"qpv:publication": "2023-2-b"}


def test_what_is_stopped_goes_on_and_makes_no_second_data_set(
    layout: Layout, portail: Portail
) -> None:
    folder = release(layout, "2023-1-a", "un")
    kept = portail.server.routes["/api/1/datasets/jeu-1/upload/"]
    portail.server.route("/api/1/datasets/jeu-1/upload/", Reponse(b"", 500))
    with pytest.raises(QpvError, match="statut 500"):
        list(deposit(layout, plan(layout, folder), portail.environment))
    portail.server.routes["/api/1/datasets/jeu-1/upload/"] = kept
    list(deposit(layout, plan(layout, folder), portail.environment))
    assert len(portail.server.vues("/api/1/datasets/")) == 1 and len(portail.files) == 2


def test_the_key_is_in_no_message_and_follows_no_redirection(
    layout: Layout, portail: Portail
) -> None:
    folder = release(layout, "2023-1-a", "un")
    portail.server.route("/api/1/datasets/", Reponse(b"", 302, {"Location": "/ailleurs"}))
    with pytest.raises(QpvError) as refused:
        list(deposit(layout, plan(layout, folder), portail.environment))
    assert KEY not in str(refused.value) and not portail.server.vues("/ailleurs")
    for environment, said in (
        ({}, "aucune clé"),
        ({"QPV_DATAGOUV_CLE": KEY, "QPV_DATAGOUV_API": "http://exemple.fr/api"}, "en clair"),
    ):
        with pytest.raises(QpvError, match=said):
            list(deposit(layout, plan(layout, folder), environment))


def test_a_release_that_changed_is_not_deposited(layout: Layout) -> None:
    folder = release(layout, "2023-1-a", "un")
    (folder / "tables" / "fct_indicateur.parquet").write_text("autre", encoding="utf-8")
    with pytest.raises(QpvError, match="n'est plus celle qui a été publiée"):
        plan(layout, folder)


def test_a_trial_says_what_would_go_and_asks_nobody(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.depot._MOST", 3)
    folder = release(layout, "2023-1-a", "trop lourd")
    assert plan(layout, folder).trop_lourds == ["tables/fct_indicateur.parquet"]
    data = ("--data", str(layout.root))
    code, said = invoke_qpv("deposer", "--simuler", *data)
    assert code == 0 and "Un nouveau jeu, privé" in said and "laissés" in said
    assert not (layout.root / "depots.json").exists()
    assert invoke_qpv("deposer", *data)[0] == 2
    assert invoke_qpv("deposer", "--simuler", "--vers", "data.gouv", *data)[0] == 2
    monkeypatch.delenv("QPV_DATAGOUV_CLE", raising=False)
    code, said = invoke_qpv("deposer", "--vers", "data.gouv", *data)
    assert code == 1 and "aucune clé pour déposer" in said
