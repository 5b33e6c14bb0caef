"""A file of units is judged before it is counted: what spreadsheets, databases and merges do."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from ingest.archive import archive_local
from ingest.landing import LandingReport
from ingest.micro import MicroFile, inspect, micro_view, refuse_strangers
from ingest.registry import load_registry
from tests.fixtures import made_up_stock as stock
from warehouse.base.errors import QpvError

REGISTRY = load_registry()
SIRENE = "insee_sirene_etablissements"
GEO = "insee_sirene_geolocalisation"
UL = "insee_sirene_unites_legales"
RPLS = "sdes_rpls_logements"
LISTS = {p: frozenset(stock.codes(p, 14)) for p in ("2015", "2024")}
FILES = {
    SIRENE: stock.ETABLISSEMENTS,
    GEO: stock.GEOLOCALISATION,
    UL: stock.UNITES_LEGALES,
    RPLS: "rpls_logements_2025.csv",
}
TEXT = "select * replace ({} as {}) from FILE"


@pytest.fixture(scope="module")
def extraits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stock")
    stock.write_stock(folder, etablissements=600, logements=600, seed=5, quartiers=14)
    return folder


def changed(extraits: Path, folder: Path, source: str, query: str, kind: str = "") -> Path:
    """The file of a source after a query over it (FILE), in its own format or in `kind`."""
    origin = extraits / FILES[source]
    kind = kind or origin.suffix[1:]
    read = f"read_csv('{origin}', all_varchar = true)" if origin.suffix == ".csv" else f"'{origin}'"
    path = folder / f"{origin.stem}.{kind}"
    options = "format csv, header, delimiter ';'" if kind == "csv" else "format parquet"
    duckdb.execute(f"copy ({query.replace('FILE', read)}) to '{path}' ({options})")
    return path


def judged(path: Path, source: str, folder: Path, millesime: str = "") -> LandingReport:
    millesime = millesime or list(REGISTRY[source].millesimes)[-1]
    archived = archive_local(path, archive=folder / "archive", attendu=path.suffix[1:])
    out = folder / "out.parquet"
    return inspect(REGISTRY[source], millesime, archived, out=out, lists=LISTS)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("source", list(FILES))
def test_a_file_as_its_producer_writes_it_is_accepted_in_both_formats(
    extraits: Path, tmp_path: Path, source: str, kind: str
) -> None:
    path = changed(extraits, tmp_path, source, "select * from FILE", kind)
    report = judged(path, source, tmp_path)
    with duckdb.connect() as con:
        read = f"read_csv('{path}', all_varchar = true)" if kind == "csv" else f"'{path}'"
        assert con.execute(f"select count(*) from {read}").fetchall() == [(report.territoires,)]
    assert report.territoires > 400


_DAY = "dateCreationEtablissement"
_QP = "plg_qp24"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("source", "column", "expression"),
    [
        # Keys: a number loses its first zero or gets a decimal; spaces; a blank; another key.
        (SIRENE, "siret", "('0' || substr(siret, 2))::bigint"),
        (SIRENE, "siret", "siret::double"),
        (SIRENE, "siret", "siret[1:3] || ' ' || siret[4:]"),
        (SIRENE, "siret", "siret || ' '"),
        (SIRENE, "siret", "if(rowid_ = 4, null, siret)"),
        (SIRENE, "siret", "siren"),
        (GEO, "siret", "substr(siret, 2)"),
        (UL, "siren", "('0' || substr(siren, 2))::bigint"),
        (RPLS, "DEPCOM", "'1' || DEPCOM[3:]"),
        (RPLS, "DEPCOM", "if(rowid_ = 4, '', DEPCOM)"),
        # Dates as a spreadsheet, a database or a person writes them.
        (SIRENE, _DAY, f"strftime({_DAY}, '%d/%m/%Y')"),
        (SIRENE, _DAY, f"strftime({_DAY}, '%d/%m/%y')"),
        (SIRENE, _DAY, f"strftime({_DAY}, '%Y/%m/%d')"),
        (SIRENE, _DAY, f"strftime({_DAY}, '%Y%m%d')"),
        (SIRENE, _DAY, f"date_diff('day', date '1899-12-30', {_DAY})"),
        (SIRENE, _DAY, f"if(rowid_ = 4, '2021-02-30', strftime({_DAY}, '%Y-%m-%d'))"),
        (SIRENE, _DAY, "null::date"),
        # Other words, other codes, numbers with a decimal.
        (SIRENE, "etatAdministratifEtablissement", "'Actif'"),
        (SIRENE, "etatAdministratifEtablissement", "lower(etatAdministratifEtablissement)"),
        (SIRENE, "etatAdministratifEtablissement",
         "if(rowid_ = 4, null, etatAdministratifEtablissement)"),
        (SIRENE, "trancheEffectifsEtablissement",
         "try_cast(trancheEffectifsEtablissement as integer)"),
        (SIRENE, "trancheEffectifsEtablissement", "'1 ou 2 salariés'"),
        (SIRENE, "statutDiffusionEtablissement", "'oui'"),
        (SIRENE, "nomenclatureActivitePrincipaleEtablissement", "'NAF rév. 2'"),
        (SIRENE, "activitePrincipaleEtablissement", "'G'"),
        (SIRENE, "activitePrincipaleEtablissement", "'Restauration rapide'"),
        (SIRENE, "activitePrincipaleEtablissement", "null::varchar"),
        (UL, "categorieJuridiqueUniteLegale", "categorieJuridiqueUniteLegale::double"),
        (UL, "categorieJuridiqueUniteLegale", "'Entrepreneur individuel'"),
        (UL, "categorieJuridiqueUniteLegale", "null::varchar"),
        (GEO, "qualite_xy", "qualite_xy::double"),
        (GEO, "qualite_qp24", "'sûr'"),
        (GEO, "qualite_qp15", "'4'"),
        (GEO, "epsg", "'EPSG:' || epsg"),
        (GEO, "epsg", "epsg::double"),
        # Quarters that the list has not: of the other perimeter, spelt otherwise, without place.
        (GEO, _QP, "plg_qp15"),
        (GEO, _QP, f"lower({_QP})"),
        (GEO, _QP, f"if(rowid_ = 4, 'QN99901M', {_QP})"),
        (GEO, "plg_qp15", "'hors zone'"),
        (RPLS, "PLG_QP24", "PLG_QP15"),
        (RPLS, "PLG_QP15", "'OUI'"),
        # Coordinates in degrees, with a thousands separator, or with a space.
        (GEO, "x", "x / 300000"),
        (GEO, "y", "format('{:,.1f}', y::double)"),
        (GEO, "x", "replace(format('{:,.1f}', x::double), ',', ' ')"),
        (RPLS, "Y", "'50,41'"),
        # Dwellings.
        (RPLS, "QPV_CODE", "PLG_QP24"),
        (RPLS, "QPV_CODE", "''"),
        (RPLS, "TYPECONST_CODE", "'Collectif'"),
        (RPLS, "TYPECONST_CODE", "lower(TYPECONST_CODE)"),
        (RPLS, "NBPIECE", "NBPIECE || '.0'"),
        (RPLS, "NBPIECE", "'T' || NBPIECE"),
        (RPLS, "CONSTRUCT", "'01/01/' || CONSTRUCT"),
        (RPLS, "DPEENERGIE", "'Classe ' || DPEENERGIE"),
        (RPLS, "QUALITE_XY", "QUALITE_XY || '.0'"),
        (RPLS, "QUALITE_QP15", "'03'"),
    ],
)  # fmt: skip
def test_what_would_be_read_as_nothing_is_refused_by_file_column_and_rows(
    extraits: Path, tmp_path: Path, source: str, column: str, expression: str, kind: str
) -> None:
    query = f"select * exclude (rowid_) replace ({expression} as {column}) from "
    query += "(select *, row_number() over () as rowid_ from FILE)"
    path = changed(extraits, tmp_path, source, query, kind)
    with pytest.raises(QpvError) as refused:
        judged(path, source, tmp_path)
    said = str(refused.value)
    assert f"fichier {path.name}, colonne {column} : " in said
    assert "première" in said and "Attendu : " in said
    if "rowid_ = 4" in expression:  # after its header line, a csv has its fourth row on line 5
        assert f"première ligne {4 + (kind == 'csv')}" in said, said
    if column in ("siret", "siren"):
        assert "«" not in said  # a unit is never named


@pytest.mark.parametrize(("source", "query"), [
    (GEO, "select * from FILE union all select * from FILE where hash(siret) % 3 = 0"),
    (GEO, f"select * from FILE union all select * replace ('{stock.codes('2024', 1)[0]}' as "
          "plg_qp24) from (from FILE limit 1)"),
    (SIRENE, "select * from FILE union all (from FILE limit 1)"),
    (UL, "select * from FILE union all from FILE"),
])  # fmt: skip
def test_a_unit_that_comes_twice_is_refused_with_its_rows(
    extraits: Path, tmp_path: Path, source: str, query: str
) -> None:
    path = changed(extraits, tmp_path, source, query)
    with pytest.raises(QpvError, match="la même unité y est plusieurs fois") as refused:
        judged(path, source, tmp_path)
    assert path.name in str(refused.value) and re.search(
        r"d'abord lignes \d+, \d+", str(refused.value)
    )


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_dwellings_written_twice_are_refused_though_nothing_identifies_one(
    extraits: Path, tmp_path: Path, kind: str
) -> None:
    path = changed(extraits, tmp_path, RPLS, "select * from FILE union all from FILE", kind)
    with pytest.raises(QpvError, match="nombre pair de fois"):
        judged(path, RPLS, tmp_path)


def test_what_is_tolerated_is_counted(extraits: Path, tmp_path: Path) -> None:
    """The made-up stock holds 00.00Z, an activity that waits for its code, as the real one does."""
    report = judged(extraits / FILES[SIRENE], SIRENE, tmp_path)
    with duckdb.connect() as con:
        [(waiting, undated)] = con.execute(
            "select count(*) filter (activitePrincipaleEtablissement = '00.00Z' and "
            "nomenclatureActivitePrincipaleEtablissement = 'NAFRev2'), "
            "count(*) filter (dateCreationEtablissement is null) "
            f"from '{extraits / FILES[SIRENE]}'"
        ).fetchall()
    assert report.cellules["activitePrincipaleEtablissement"]["illisibles"] == waiting > 0
    assert report.cellules[_DAY] == {"vides": undated, "illisibles": 0}


def test_every_column_at_fault_is_named_at_once(extraits: Path, tmp_path: Path) -> None:
    query = f"select * replace (strftime({_DAY}, '%d/%m/%Y') as {_DAY}, 'Actif' as "
    query += "etatAdministratifEtablissement) from FILE"
    with pytest.raises(QpvError) as refused:
        judged(changed(extraits, tmp_path, SIRENE, query), SIRENE, tmp_path)
    said = str(refused.value)
    assert f"colonne {_DAY}" in said and "etatAdministratifEtablissement : un de : A, F" in said
    assert "« Actif »" in said and "une date écrite aaaa-mm-jj" in said


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_decimal_comma_is_a_number(extraits: Path, tmp_path: Path, kind: str) -> None:
    query = TEXT.format("replace((x::double + 0.5)::varchar, '.', ',')", "x")
    path = changed(extraits, tmp_path, GEO, query, kind)
    judged(path, GEO, tmp_path)
    view = micro_view(REGISTRY[GEO], [MicroFile("2026", path, path.name, "0")])
    with duckdb.connect() as con:
        [(found,)] = con.execute(f"select sum(x) from ({view})").fetchall()
        [(wanted,)] = con.execute(
            f"select sum(x::double + 0.5) from '{extraits / FILES[GEO]}'"
        ).fetchall()
    assert found == pytest.approx(wanted)


def test_a_number_without_lost_zero_is_its_text(extraits: Path, tmp_path: Path) -> None:
    path = changed(extraits, tmp_path, SIRENE, TEXT.format("siret::bigint", "siret"))
    judged(path, SIRENE, tmp_path)
    view = micro_view(REGISTRY[SIRENE], [MicroFile("2026", path, path.name, "0")])
    with duckdb.connect() as con:
        [(kind,)] = con.execute(f"select distinct typeof(code) from ({view})").fetchall()
    assert kind == "VARCHAR"


def test_a_list_that_the_edition_does_not_land_judges_no_code(
    extraits: Path, tmp_path: Path
) -> None:
    path = changed(extraits, tmp_path, GEO, TEXT.format("'QP000000'", "plg_qp15"))
    archived = archive_local(path, archive=tmp_path / "archive", attendu="parquet")
    known = {"2024": LISTS["2024"]}
    inspect(REGISTRY[GEO], "2026", archived, out=tmp_path / "out.parquet", lists=known)


@pytest.mark.parametrize(("source", "query", "other"), [
    (GEO, TEXT.format("'9' || substr(siret, 2)", "siret"), SIRENE),
    (SIRENE, "select * from FILE where etatAdministratifEtablissement = 'A'", SIRENE),
    (UL, "select * from FILE where hash(siren) % 5 > 0", UL),
])  # fmt: skip
def test_files_that_do_not_hold_the_same_units_are_refused_with_their_share(
    extraits: Path, tmp_path: Path, source: str, query: str, other: str
) -> None:
    path = changed(extraits, tmp_path, source, query)
    whole = {s: [MicroFile("2026", extraits / FILES[s], FILES[s], "0")] for s in (SIRENE, GEO, UL)}
    assert [share for *_, share in refuse_strangers(REGISTRY, whole)] == [1.0, 1.0]
    with pytest.raises(QpvError, match="ne parlent pas des mêmes") as refused:
        refuse_strangers(REGISTRY, whole | {source: [MicroFile("2026", path, path.name, "0")]})
    assert FILES[other] in str(refused.value) and " % de celles du premier" in str(refused.value)


def older(extraits: Path, folder: Path) -> Path:
    """Dwellings under the headers of before, when one column named the quarter."""
    query = "select * exclude (PLG_QP24, QUALITE_QP24, QPV_LIBELLE) rename (PLG_QP15 as PLG_QP, "
    query += "QUALITE_QP15 as QUALITE_QP, TYPECONST_CODE as TYPECONST) from FILE"
    return changed(extraits, folder, RPLS, query)


def test_both_generations_of_headers_of_dwellings_are_read(extraits: Path, tmp_path: Path) -> None:
    path = older(extraits, tmp_path)
    judged(path, RPLS, tmp_path, "2023")
    view = micro_view(REGISTRY[RPLS], [MicroFile("2023", path, path.name, "0")])
    with duckdb.connect() as con:
        [(former, present)] = con.execute(
            "select count(*) filter (code_qpv_ancien like 'QP%'), count(code_qpv_actuel) "
            f"from ({view})"
        ).fetchall()
    assert former > 100 and present == 0


def test_the_headers_of_another_generation_name_their_millesime(
    extraits: Path, tmp_path: Path
) -> None:
    with pytest.raises(QpvError) as refused:
        judged(older(extraits, tmp_path), RPLS, tmp_path, "2025")
    said = str(refused.value)
    assert "PLG_QP24" in said and "cet en-tête est celui du millésime 2023" in said
