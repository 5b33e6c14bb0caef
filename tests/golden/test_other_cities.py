"""Figures of other cities' documents, each by its printed rounding, from the national release.

The printed rows stay outside the repository (../shared/published_elsewhere). A period that the
release does not hold is looked for in the landed cells of the same producers' other editions.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.collect import collect
from ingest.extracts_folder import ExtractsFolder
from ingest.landing import land
from ingest.registry import load_registry
from tests.conftest import EXTRACTS, SHARED
from tests.golden.test_insee_pages import refuse_unlooked_at
from warehouse.declared.dictionary import load_dictionary

PRINTED = SHARED.parent / "published_elsewhere" / "autres_villes.csv"
PLUS = SHARED.parent / "extracts_plus"
#: Editions whose periods the national release does not name.
LANDED = (("insee_demo", "2018"), ("insee_revn", "2018"))
#: Printed, ours: 1 055 in Insee's file is printed « 1 050 », rounded down where half goes up.
DIVERGENCES = {
    ("COM:97302", "population_municipale, minimum des QPV", "2013"): ("1050", 1055.0),
}
OF_THE_QPV = {"moyenne": "avg", "minimum": "min", "maximum": "max"}

pytestmark = pytest.mark.skipif(
    not PRINTED.is_file() or not PLUS.is_dir(),
    reason="printed figures of other cities (../shared/published_elsewhere) are not here",
)


def printed() -> list[dict[str, str]]:
    with PRINTED.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=";"))


@pytest.fixture(scope="module")
def con(national_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """The release, and the view `cellules` of editions that it does not name."""
    out, registry = tmp_path_factory.mktemp("autres"), load_registry()
    folder = ExtractsFolder(EXTRACTS, PLUS)
    paths = []
    for source_id, millesime in LANDED:
        source = registry[source_id]
        files = collect(source, millesime, archive=out / "archive", extracts=folder).files
        paths.append(out / f"{source_id}.parquet")
        land(source, millesime, files, out=paths[-1], codes_qpv=None)
    with duckdb.connect() as link:
        link.read_parquet([str(p) for p in paths]).create_view("cellules")
        link.execute(f"attach '{national_release / 'qpv.duckdb'}' as qpv (read_only)")
        link.execute("set search_path = 'memory,qpv'")
        yield link


def level(con: duckdb.DuckDBPyConnection, codes: list[str], indicateur: str, periode: str):
    """Figures of these territories, one each: the release's, else the landed cells'."""
    found = con.execute(
        "select valeur from fct_indicateur where code_territoire in (select unnest($1)) "
        "and code_indicateur = $2 and periode = $3 and statut = 'diffuse'",
        [codes, indicateur, periode],
    ).fetchall()
    if not found:
        [mesure] = load_dictionary().indicateurs[indicateur].num
        found = con.execute(
            "select valeur from cellules where code_territoire in (select unnest($1)) "
            "and mesure = $2 and periode = $3 and statut = 'diffuse'",
            [codes, mesure, periode],
        ).fetchall()
    assert len(found) == len(codes), f"{indicateur} {periode} : {len(found)} sur {len(codes)}"
    return [valeur for (valeur,) in found]


def quarters(con: duckdb.DuckDBPyConnection, territoire: str) -> list[str]:
    """The QPV 2015 of a commune, of a whole of the contract, or of all that the list holds."""
    kind, _, code = territoire.partition(":")
    where = {
        "COM": "code_qpv in (select code_qpv from pont_qpv_commune where code_commune = $1)",
        "QPV@DEP": "code_departement = $1",
        "QPV@EPCI": "code_qpv in (select code_qpv from pont_qpv_epci where code_epci = $1)",
        "REG": "code_departement in (select DEP from regions where REG = $1)",
        "France et DROM": "$1 = ''",
    }[kind]
    with (EXTRACTS / "geo" / "insee_cog_departements_2021.csv").open(encoding="utf-8") as lines:
        regions = [(row["DEP"], row["REG"]) for row in csv.DictReader(lines)]
    found = con.execute(
        "with regions (DEP, REG) as (select unnest($2), unnest($3)), "
        "qpv as (select code_territoire as code_qpv, code_departement from dim_territoire "
        f"where type_territoire = 'qpv' and perimetre = '2015') "
        f"select code_qpv from qpv where {where}",
        [code, *(list(column) for column in zip(*regions, strict=True))],
    ).fetchall()
    return [qpv for (qpv,) in found]


def of_commune(con: duckdb.DuckDBPyConnection, territoire: str, indicateur: str, periode: str):
    """What the file says of a quarter's communes, where this one is its only one.

    A quarter over several communes has their sum: the smallest figure is the commune's alone.
    """
    codes = quarters(con, territoire)
    people = [level(con, [code], "pop_communes_du_qpv", periode)[0] for code in codes]
    return level(con, [codes[people.index(min(people))]], indicateur, periode)[0]


def computed(con: duckdb.DuckDBPyConnection, territoire: str, indicateur: str, periode: str):
    """The figure of a printed row, in the words of the file of printed figures."""
    if indicateur.startswith("évolution "):
        name, _, unit = indicateur.removeprefix("évolution ").partition(" ")
        before, after = periode.split("-")
        if territoire.startswith("COM:"):
            start, end = (computed(con, territoire, name, p) for p in (before, after))
            return end - start
        column = "evolution_pct" if unit else "evolution_nb"
        return con.execute(
            f"select {column} from fct_evolution where code_territoire = ? and code_indicateur = ? "
            "and periode = ? and periode_comparaison = ? and statut = 'diffuse'",
            [territoire, name, after, before],
        ).fetchone()[0]
    if indicateur == "nb_qpv":
        assert periode == "2015"
        return len(quarters(con, territoire))
    if " / " in indicateur:
        above, below = indicateur.split(" / ")
        if territoire.startswith("COM:"):
            num, den = (of_commune(con, territoire, name, periode) for name in (above, below))
        else:  # the people of the last census, under counts of the year
            [num] = level(con, [territoire], above, periode)
            [den] = level(con, [territoire], below, "2013")
        return 100 * num / den
    name, _, statistic = indicateur.partition(", ")
    if statistic:
        figures = level(con, quarters(con, territoire), name, periode)
        of = OF_THE_QPV[statistic.removesuffix(" des QPV")]
        return duckdb.execute(
            f"select {of}(v) from (select unnest($1) as v)", [figures]
        ).fetchone()[0]
    if territoire.startswith("COM:"):
        return of_commune(con, territoire, "pop_qpv_des_communes", periode)
    if territoire.startswith(("REG:", "France")):
        return sum(level(con, quarters(con, territoire), name, periode))
    return level(con, [territoire], name, periode)[0]


def rounded(value: float, step: str) -> Decimal:
    """To a multiple of the printed step, half away from zero."""
    unit = Decimal(step)
    return (Decimal(str(round(value, 9))) / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def test_every_figure_of_other_cities_is_ours(con: duckdb.DuckDBPyConnection) -> None:
    rows = printed()
    diverging = {}
    for row in rows:
        place = (row["territoire"], row["indicateur"], row["periode"])
        ours, text = computed(con, *place), row["valeur_imprimee"]
        if rounded(ours, row["pas_arrondi"]) != Decimal(text):
            diverging[place] = (text, ours)
    assert diverging == DIVERGENCES
    assert len(rows) == 74


def test_a_set_is_the_sum_of_its_quarters(con: duckdb.DuckDBPyConnection) -> None:
    """Printed of the set, added up from the quarters: two ways to one figure."""
    sets = [
        row
        for row in printed()
        if row["territoire"].startswith("QPV@") and row["indicateur"] == "population_municipale"
    ]
    for row in sets:
        parts = level(con, quarters(con, row["territoire"]), row["indicateur"], row["periode"])
        assert rounded(sum(parts), row["pas_arrondi"]) == Decimal(row["valeur_imprimee"]), row
    assert len(sets) == 5


def test_no_figure_beside_insee_s_pages_is_left_unlooked_at(national_release: Path) -> None:
    refuse_unlooked_at(national_release)
