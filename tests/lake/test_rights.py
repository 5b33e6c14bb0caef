"""What an analyst's account can reach: releases, and nothing of the workshops they come from."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.lake.day import Day
from tests.lake.servers import SeaweedFS
from warehouse import connect
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.release.build_database import workshop_of
from warehouse.release.ducklake import Lac, attach_lake

LECTEUR = "lecteur"
#: What a reader may do beyond reading releases, as PostgreSQL's own tables tell it.
_OF_ROLES = """
select 'rôle ' || rolname from pg_roles
where pg_has_role('{who}', oid, 'MEMBER') and (
    rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls
    or rolname like 'pg#_%' escape '#')
"""
_OF_DATABASE = """
select 'base ' || datname from pg_database where datname = current_database()
    and has_database_privilege('{who}', oid, '{rights}')
"""
_OF_SCHEMAS = """
select 'schéma ' || nspname from pg_namespace
where nspname !~ '^pg_' and nspname <> 'information_schema'
    and has_schema_privilege('{who}', oid, '{rights}')
"""
_OF_TABLES = """
select 'table ' || c.oid::regclass from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where nspname !~ '^pg_' and nspname <> 'information_schema' and relkind in ('r', 'v', 'm', 'p')
    and (has_table_privilege('{who}', c.oid, '{rights}')
        or has_any_column_privilege('{who}', c.oid, '{columns}'))
"""
_WRITES, _WRITES_COLUMNS = "INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER", "INSERT, UPDATE"


def too_wide(day: Day, who: str) -> list[str]:
    """Every right of an account that a reader of releases has no use for."""
    lac, atelier = day.lake.base, f"{day.lake.base}_atelier"
    asked = [
        (lac, _OF_ROLES, "", ""),
        (lac, _OF_DATABASE, "CREATE, TEMPORARY", ""),
        (lac, _OF_SCHEMAS, "CREATE", ""),
        (lac, _OF_TABLES, _WRITES, _WRITES_COLUMNS),
        (atelier, _OF_DATABASE, "CONNECT, CREATE, TEMPORARY", ""),
        (atelier, _OF_SCHEMAS, "USAGE, CREATE", ""),
        (atelier, _OF_TABLES, f"SELECT, {_WRITES}", f"SELECT, {_WRITES_COLUMNS}"),
    ]
    found = []
    for base, query, rights, columns in asked:
        told = query.format(who=who, rights=rights, columns=columns)
        found += day.lake.catalogue.ask(told, base).stdout.split("\n")
    return [one for one in found if one]


@pytest.fixture
def place(day: Day) -> Lac:
    found = workshop_of(Layout(day.folders[0]).warehouse_db)
    assert found
    return found


@pytest.fixture
def as_reader(day: Day, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in day.lake.environment(LECTEUR).items():
        monkeypatch.setenv(name, value)
    yield


def test_an_analyst_has_no_right_but_to_read_releases(day: Day) -> None:
    assert too_wide(day, LECTEUR) == []


@pytest.mark.parametrize(
    ("where", "grant"),
    [
        ("postgres", "connect on database {atelier}"),
        ("postgres", "temporary on database {lac}"),
        ("atelier", "usage on schema {schema}"),
        ("atelier", "select on {schema}.ducklake_data_file"),
        ("atelier", "select (encryption_key) on {schema}.ducklake_data_file"),
        ("lac", "insert on public.ducklake_snapshot"),
        ("lac", "create on schema public"),
        ("postgres", "pg_read_all_data"),
    ],
)
def test_a_grant_that_is_too_wide_is_found(day: Day, place: Lac, where: str, grant: str) -> None:
    bases = {"lac": day.lake.base, "atelier": f"{day.lake.base}_atelier", "postgres": "postgres"}
    told = grant.format(schema=place.schema, **bases)
    day.lake.catalogue.ask(f"grant {told} to {LECTEUR}", bases[where])
    try:
        assert too_wide(day, LECTEUR)
    finally:
        day.lake.catalogue.ask(f"revoke {told} from {LECTEUR}", bases[where])
    assert too_wide(day, LECTEUR) == []


def test_sql_shows_an_analyst_no_workshop(day: Day, place: Lac, as_reader: None) -> None:
    for query in ("select 1", f"select * from {place.schema}.ducklake_data_file"):
        done = day.lake.catalogue.ask(query, f"{day.lake.base}_atelier", check=False, who=LECTEUR)
        assert done.returncode and "permission denied for database" in done.stderr
    dumped = day.lake.catalogue.client(
        "pg_dump", LECTEUR, "-d", f"{day.lake.base}_atelier", check=False
    )
    assert dumped.returncode and not dumped.stdout
    theirs = Lac(
        place.catalogue.replace("user=qpv", f"user={LECTEUR}"), place.donnees, place.schema
    )
    for told in (theirs, Lac(theirs.catalogue, theirs.donnees)):
        with duckdb.connect() as con, pytest.raises(QpvError, match="le lac refuse"):
            attach_lake(con, told, "atelier", read_only=True)


def test_the_catalogue_of_releases_names_nothing_else(day: Day, as_reader: None) -> None:
    with connect("lac") as con:
        names = {name for (name,) in con.execute(
            "select distinct schema_name from duckdb_tables() where database_name = 'lac'"
        ).fetchall()}  # fmt: skip
        assert {name[:2] for name in names - {"registre"}} == {"p_"}
        told = con.execute("select commit_message from lac.snapshots()").fetchall()
        assert all(said is None or said.startswith(("envoi ", "retrait ")) for (said,) in told)
    kept = day.lake.catalogue.ask("select table_name from ducklake_table", day.lake.base).stdout
    assert not [name for name in kept.split() if name.startswith(("int_", "stg_", "mesures"))]


def test_s3_shows_an_analyst_no_file_of_a_workshop(day: Day, place: Lac) -> None:
    storage = day.lake.storage
    files = storage.files(SeaweedFS.ATELIER, f"{day.lake.base}/{place.schema}/")
    published = storage.files(SeaweedFS.SEAU, f"{day.lake.base}/", LECTEUR)
    assert len(files) > 30 and len(published) > 14
    for who in (LECTEUR, None):
        for name in (files[0], files[-1]):
            assert storage.call("GET", f"/{SeaweedFS.ATELIER}/{name}", who).status_code == 403
            assert storage.call("HEAD", f"/{SeaweedFS.ATELIER}/{name}", who).status_code == 403
        for query in ("", "list-type=2", "versions="):
            listed = storage.call("GET", f"/{SeaweedFS.ATELIER}/", who, query)
            assert listed.status_code == 403, query
        for bucket, name in ((SeaweedFS.ATELIER, files[0]), (SeaweedFS.SEAU, published[0])):
            for method in ("PUT", "DELETE"):
                assert storage.call(method, f"/{bucket}/{name}", who).status_code == 403
    assert storage.call("GET", f"/{SeaweedFS.SEAU}/{published[0]}", None).status_code == 403
    assert storage.call("GET", f"/{SeaweedFS.SEAU}/{published[0]}", LECTEUR).status_code == 200


def test_files_of_a_workshop_say_nothing_without_its_catalogue(day: Day, place: Lac) -> None:
    """Whoever gets hold of the bucket alone, a back-up of it for instance."""
    storage = day.lake.storage
    files = storage.files(SeaweedFS.ATELIER, f"{day.lake.base}/{place.schema}/")
    assert 30 < len(files) < 1000, "a listing has a thousand names at most"
    for name in files:
        content = storage.call("GET", f"/{SeaweedFS.ATELIER}/{name}").content
        assert (content[:4], content[-4:]) == (b"PARE", b"PARE"), name
        assert b"QP0590" not in content
