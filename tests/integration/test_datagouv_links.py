"""A data.gouv resource by its name and format: the newest one, or a refusal in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import collect as collecting
from ingest import datagouv
from ingest.collect import collect
from tests.fixtures.archives import zipped
from tests.fixtures.loopback_server import CSV, PAGE, Reponse, Serveur, fichier
from tests.fixtures.small_source import YAML, Essai
from warehouse.base.errors import QpvError

JEU = "quartiers-prioritaires"
CHEMIN = f"/api/1/datasets/{JEU}/"
PEU = {"tentatives": 2, "attente_max": 0.01, "timeout": (2, 2)}


@pytest.fixture
def serveur() -> Iterator[Serveur]:
    with Serveur() as s:
        yield s


def ressource(rid: str, title: str, fmt: str | None, le: str, nom: str = "") -> dict:
    """A resource as the API writes it, with more keys than are read."""
    url = f"https://static.exemple.invalid/resources/jeu/{le[:10]}/{nom}"
    return {"id": rid, "title": title, "format": fmt, "last_modified": le, "url": url, "extras": {}}


def find(
    serveur: Serveur, ressources: list[dict] | Reponse, motif: str, *formats: str
) -> tuple[str, str | None]:
    if not isinstance(ressources, Reponse):
        ressources = Reponse(json.dumps({"id": "5a56", "resources": ressources}).encode())
    api = serveur.route(CHEMIN, ressources).removesuffix(f"/datasets/{JEU}/")
    url, nom = datagouv.find_resource(JEU, motif, formats=set(formats), api=api, **PEU)
    return url.removeprefix(api), nom


def refusal(serveur: Serveur, ressources: list[dict] | Reponse, motif: str, *formats: str) -> str:
    with pytest.raises(QpvError) as refused:
        find(serveur, ressources, motif, *formats)
    assert "\n" not in str(refused.value)
    return str(refused.value)


LISTES = [
    ressource("a-1", "Liste 2023", "csv", "2024-02-01T10:00:00+00:00", "listeqp2024-cog2023.csv"),
    ressource("a-3", "Liste 2025", "csv", "2026-01-16T11:03:50+00:00", "listeqp2024-cog2025.csv"),
    ressource("a-2", "Liste 2024", "csv", "2025-02-01T10:00:00", "listeqp2024-cog2024.csv"),
    ressource("b-1", "Contours", "shp", "2026-05-01T10:00:00+00:00", "contours.zip"),
]


def test_the_newest_of_several_is_taken_by_its_stable_address(serveur: Serveur) -> None:
    found = find(serveur, LISTES, "listeqp2024-cog", "csv")
    assert found == ("/datasets/r/a-3", "listeqp2024-cog2025.csv")
    assert find(serveur, LISTES, "Liste 2024", "csv")[0] == "/datasets/r/a-2"


def test_the_format_chooses_among_files_of_one_title(serveur: Serveur) -> None:
    same = [
        ressource("x-1", "Passage", "xlsx", "2026-03-01T10:00:00+00:00", "passage.xlsx"),
        ressource("c-1", "Passage", "csv", "2025-03-01T10:00:00+00:00", "passage.csv"),
        ressource("s-1", "Passage", "SHP", "2026-04-01T10:00:00+00:00", "passage.zip"),
    ]
    assert find(serveur, same, "^Passage$", "csv")[0] == "/datasets/r/c-1"
    assert find(serveur, same, "^Passage$", "geojson", "zip") == ("/datasets/r/s-1", "passage.zip")
    said = refusal(serveur, same, "^Passage$", "parquet")
    assert "au format parquet" in said
    assert "Passage (xlsx), Passage (csv), Passage (shp/zip)" in said


def test_a_resource_without_format_nor_file_name_is_never_taken(serveur: Serveur) -> None:
    bare = [ressource("n-1", "Passage", None, "2026-03-01T10:00:00+00:00")]
    assert "Passage (sans format)" in refusal(serveur, bare, "Passage", "csv")


def test_an_address_that_is_none_names_no_file(serveur: Serveur) -> None:
    broken = ressource("x-1", "Passage", None, "2026-03-01T10:00:00+00:00")
    broken["url"] = "http://[::1/passage.csv"
    assert "Passage (sans format)" in refusal(serveur, [broken], "Passage", "csv")


def test_none_is_refused_naming_those_there(serveur: Serveur) -> None:
    said = refusal(serveur, LISTES, "correspondance", "csv")
    assert "Aucune ressource(s) de data.gouv répondent au motif « correspondance »" in said
    assert "Liste 2023 (csv)" in said and CHEMIN in said and "--extracts DIR" in said
    assert "candidates : aucune" in refusal(serveur, [], "correspondance", "csv")


def test_two_of_the_same_instant_are_refused(serveur: Serveur) -> None:
    twins = [LISTES[1], LISTES[1] | {"id": "a-4"}]
    assert "2 ressource(s)" in refusal(serveur, twins, "listeqp", "csv")


@pytest.mark.parametrize(
    "body",
    [PAGE, b"", b"[]", b'{"message": "Not found"}', b'{"resources": [{"title": "sans id"}]}',
     b'{"resources": [{"id": "../x", "last_modified": "2026-01-01T00:00:00"}]}'],
)  # fmt: skip
def test_an_answer_that_is_no_data_set_is_refused(serveur: Serveur, body: bytes) -> None:
    said = refusal(serveur, Reponse(body), "x", "csv")
    assert "n'est pas la description d'un jeu de données" in said and CHEMIN in said


def test_an_error_page_is_refused_and_a_passing_failure_retried(serveur: Serveur) -> None:
    assert "statut 404" in refusal(serveur, Reponse(b"absent", 404), "x", "csv")
    assert "après 2 tentative(s)" in refusal(serveur, Reponse(PAGE, 503), "x", "csv")
    good = Reponse(json.dumps({"resources": LISTES}).encode())
    api = serveur.route(CHEMIN, Reponse(b"", 503), good).removesuffix(f"/datasets/{JEU}/")
    url, _ = datagouv.find_resource(JEU, "Liste 2024", formats={"csv"}, api=api, **PEU)
    assert url.endswith("/datasets/r/a-2")


def test_a_millesime_is_collected_through_its_data_set(
    serveur: Serveur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = ("parties:", f"dataset: {JEU}\nressource: 'ESSAI_{{yyyy}}'\nparties:")
    source = Essai(tmp_path).source(declared, yaml=YAML)
    older = ressource("r-1", "ESSAI_2020", "csv", "2026-01-01T00:00:00+00:00", "ESSAI_2020.csv")
    wanted = ressource("r-2", "ESSAI_2021", "zip", "2022-01-01T00:00:00+00:00", "ESSAI_2021.zip")
    body = json.dumps({"resources": [older, wanted]}).encode()
    api = serveur.route(CHEMIN, Reponse(body)).removesuffix(f"/datasets/{JEU}/")
    serveur.route("/api/1/datasets/r/r-2", fichier(zipped({"data_essai.csv": CSV})))
    monkeypatch.setattr(
        collecting,
        "find_resource",
        lambda *what, **how: datagouv.find_resource(*what, **how, api=api, **PEU),
    )
    [(_, file)] = collect(source, "2021", archive=tmp_path / "archive", extracts=None).files
    assert file.nom == "ESSAI_2021.zip"
    assert [d.chemin for d in serveur.demandes] == [CHEMIN, "/api/1/datasets/r/r-2"]
