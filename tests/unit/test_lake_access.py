"""Where a lake is said to be: half of it, a password, an extension that is not there, refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from orchestration.cli.main import app
from warehouse.base.errors import QpvError
from warehouse.lake import access
from warehouse.lake.access import attach, lake_of_environment, required_lake
from warehouse.lake.releases import PublicationDuLac, choose, schema_of
from warehouse.release import ducklake
from warehouse.release.ducklake import Lac

DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def unsaid(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (access.CATALOGUE, access.DONNEES):
        monkeypatch.delenv(name, raising=False)


def test_without_a_lake_nothing_is_asked_of_one() -> None:
    assert lake_of_environment() is None
    with pytest.raises(QpvError, match="aucun lac n'est dit"):
        required_lake()


@pytest.mark.parametrize("words", [("list",), ("verify",), ("withdraw", "2023", "--motif", "x")])
def test_the_first_names_of_the_commands_of_the_lake_still_answer(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, ["lac", *words])
    assert (done.exit_code, "aucun lac n'est dit" in done.output) == (1, True)


@pytest.mark.parametrize("said", [access.CATALOGUE, access.DONNEES])
def test_half_a_lake_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(said, "x")
    other = {access.CATALOGUE, access.DONNEES} - {said}
    with pytest.raises(QpvError, match=f"à moitié : {other.pop()} manque"):
        lake_of_environment()


@pytest.mark.parametrize(
    "said",
    [
        "postgres:host=h dbname=d password=secret",
        "postgres:host=h PassWord = secret",
        "postgres:postgresql://qpv:secret@h/d",
        "postgres:host=h passfile=/x/secret",
    ],
)
def test_a_password_is_never_said_with_the_catalogue(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access.CATALOGUE, said)
    monkeypatch.setenv(access.DONNEES, "s3://seau/")
    with pytest.raises(QpvError, match="mot de passe") as refused:
        lake_of_environment()
    assert "secret" not in str(refused.value)


def test_an_extension_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ducklake, "_WHEELS", {"ducklake": "duckdb_extension_nowhere"})
    with pytest.raises(QpvError, match="l'extension ducklake de DuckDB n'est pas installée"):
        attach(Lac("catalogue.ducklake", "donnees/"), read_only=True)


def test_storage_without_its_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with pytest.raises(QpvError, match="AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY manque"):
        ducklake._secret()


def test_a_key_is_written_as_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "l'une")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "l'autre")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000/")
    said = ducklake._secret()
    assert "key_id 'l''une', secret 'l''autre'" in said
    assert "endpoint '127.0.0.1:9000', url_style 'path', use_ssl false" in said


def _one(publication: str, motif: str | None = None) -> PublicationDuLac:
    gone = DAY if motif else None
    schema = schema_of(publication)
    return PublicationDuLac(publication, "2022", "Édition", schema, "", DAY, DAY, gone, motif)


def test_the_last_that_stands_is_read_or_the_one_that_is_named() -> None:
    known = [_one("2022-a"), _one("2022-b"), _one("2024-c", "un motif")]
    assert choose(known, None).publication == "2022-b"
    assert choose(known, "2022-a").publication == "2022-a"
    with pytest.raises(QpvError, match="2 publications du lac"):
        choose(known, "2022")
    with pytest.raises(QpvError, match="retirée du lac : un motif"):
        choose(known, "2024-c")
    with pytest.raises(QpvError, match="aucune publication du lac"):
        choose([], None)


def test_a_schema_is_a_name_that_every_client_takes() -> None:
    assert schema_of("2022-20261130T202311Z-d7f3") == "p_2022_20261130t202311z_d7f3"
