"""Territories that quarters are set beside, against the raw files read here with the csv module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import EXTRACTS, EXTRACTS_PLUS
from tests.fixtures.raw_rows import raw_rows

#: Header of Filosofi 2018, year aside → our indicator, and the sign of its formula.
FILOSOFI = {
    "NBMEN": ("nb_menages_fiscaux", 1),
    "Q1": ("revenu_premier_quartile", 1),
    "Q2": ("revenu_median", 1),
    "D1": ("revenu_premier_decile", 1),
    "D9": ("revenu_dernier_decile", 1),
    "GI": ("indice_gini", 1),
    "PPSOC": ("part_revenus_prestations", 1),
    "PIMPOT": ("part_revenus_impots", -1),
}
#: File → the territories looked at: communes with many quarters and with one, Paris whole.
LOOKED_AT = {
    "COM": ["59172", "59606", "75056", "13055", "69123", "93066", "2A004", "97411"],
    "REG": ["32", "11", "94", "04"],
}
#: What the published fiche prints of RP 2018, and what the communes of the file add to it.
PRINTED = {"EPCI:200042190": (158837, 0), "DEP:59": (2606234, 0), "FRMETRO": (64844037, 21)}


@pytest.fixture(scope="module")
def con(national_release: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as opened:
        yield opened


def figures(
    con: duckdb.DuckDBPyConnection, indicateur: str, periode: str
) -> dict[str, tuple[float | None, str]]:
    found = con.execute(
        "select code_territoire, valeur, statut from fct_indicateur"
        " where code_indicateur = $1 and periode = $2 and perimetre = ''",
        [indicateur, periode],
    ).fetchall()
    return {code: (valeur, statut) for code, valeur, statut in found}


@pytest.mark.parametrize("kind", LOOKED_AT)
def test_incomes_of_communes_and_regions_are_those_of_the_file(
    con: duckdb.DuckDBPyConnection, kind: str
) -> None:
    folder = EXTRACTS_PLUS / "reference_territories"
    raw = {row["CODGEO"]: row for row in raw_rows(folder / f"FILO2018_DISP_{kind}.csv")}
    seen = 0
    for stem, (indicateur, sign) in FILOSOFI.items():
        ours = figures(con, indicateur, "2018")
        for key in LOOKED_AT[kind]:
            text = raw[key][f"{stem}18"].replace(",", ".") if key in raw else ""
            valeur, statut = ours[f"{kind}:{key}"]
            assert (statut == "diffuse") == bool(text)
            if text:
                assert valeur == pytest.approx(sign * float(text)), (stem, key)
                seen += 1
    assert seen >= len(FILOSOFI) * (len(LOOKED_AT[kind]) - 1)


def test_populations_are_the_sums_of_the_communes_of_their_year(
    con: duckdb.DuckDBPyConnection,
) -> None:
    raw = raw_rows(EXTRACTS_PLUS / "geo" / "epci" / "epci_communes_2021.csv")
    regions = {
        r["DEP"]: r["REG"] for r in raw_rows(EXTRACTS / "geo/insee_cog_departements_2021.csv", ",")
    }
    expected: dict[str, int] = {}
    for row in raw:
        if not row["DEP"]:
            continue
        places = [f"COM:{row['CODGEO']}", f"EPCI:{row['EPCI']}", f"DEP:{row['DEP']}", "FR"]
        places += [f"REG:{regions[row['DEP']]}"]
        places += [] if row["DEP"].startswith("97") else ["FRMETRO"]
        for place in places:
            expected[place] = expected.get(place, 0) + int(row["PMUN"])
    assert {c: expected[c] for c in PRINTED} == {c: sum(said) for c, said in PRINTED.items()}
    ours = figures(con, "population_municipale", "2018")
    known = {code: valeur for code, (valeur, statut) in ours.items() if statut == "diffuse"}
    compared = {code: expected[code] for code in known if code in expected}
    assert {code: known[code] for code in compared} == compared
    kinds = {code.partition(":")[0] for code in compared}
    assert kinds == {"COM", "EPCI", "DEP", "REG", "FR", "FRMETRO"}
    assert len(compared) > 1200


def test_minimum_incomes_of_regions_are_those_of_the_file_and_no_refused_level_enters(
    con: duckdb.DuckDBPyConnection,
) -> None:
    path = EXTRACTS / "reference_territories" / "rsa_aah_defm_epci_departement_region_france.csv"
    raw = {row["id"]: row for row in raw_rows(path, ",")}
    rsa = figures(con, "nb_allocataires_rsa_socle", "2020-12-31")
    assert rsa["REG:32"] == (float(raw["R32"]["rsa_2020"]), "diffuse")
    assert rsa["FR"] == (float(raw["FR"]["rsa_2020"]), "diffuse")
    assert rsa["REG:04"][1] != "diffuse"  # overseas is two lines in that file
    aah = figures(con, "nb_allocataires_aah", "2020-12-31")
    assert aah["EPCI:200042190"][1] == "diffuse"
    assert {aah[code][1] for code in ("DEP:59", "REG:32", "FR")} == {"non_disponible"}


def test_what_is_left_of_an_epci_is_its_figure_less_its_quarters(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """Communauté urbaine d'Arras and its five quarters; La Porte du Hainaut has four astride."""
    quarters = [f"QP0620{n}" for n in range(60, 65)]
    folder = EXTRACTS / "reference_territories"
    epci = raw_rows(folder / "rsa_aah_defm_epci_departement_region_france.csv", ",")
    [whole] = [row for row in epci if row["id"] == "200033579"]
    communes = raw_rows(EXTRACTS_PLUS / "geo" / "epci" / "epci_communes_2021.csv")
    people = sum(int(row["PMUN"]) for row in communes if row["EPCI"] == "200033579")

    def inside(path: Path, column: str) -> float:
        read = {row["CODGEO"]: row[column] for row in raw_rows(path)}
        return sum(float("".join(read[q].split())) for q in quarters)

    revenus = EXTRACTS / "insee_revn" / "REVN_2022.csv"
    expected = {
        ("population_municipale", "2018"): people
        - inside(EXTRACTS / "insee_demo" / "DEMO_2022.csv", "POP_MUN"),
        ("nb_allocataires_rsa_socle", "2020-12-31"): float(whole["rsa_2020"])
        - inside(revenus, "ARSAS"),
        ("nb_allocataires_aah", "2020-12-31"): float(whole["aah_2020"]) - inside(revenus, "AAAH"),
    }
    told = "select code_indicateur, periode, valeur, statut, perimetre, motif from fct_indicateur"
    ours = {
        (code, periode): rest
        for code, periode, *rest in con.sql(
            f"{told} where code_territoire = 'HORSQPV@EPCI:200033579'"
        ).fetchall()
    }
    assert {key: ours[key][:3] for key in expected} == {
        key: [value, "diffuse", "2015"] for key, value in expected.items()
    }
    [astride] = con.sql(
        f"{told} where code_territoire = 'HORSQPV@EPCI:200042190' and periode = '2018'"
        " and code_indicateur = 'population_municipale'"
    ).fetchall()
    assert astride[2:] == (None, "non_disponible", "2015", "sans reste : 4 de ses QPV en débordent")


def test_only_communes_with_a_quarter_are_territories(con: duckdb.DuckDBPyConnection) -> None:
    published = {
        code
        for (code,) in con.sql(
            "select code_territoire from dim_territoire where type_territoire = 'commune'"
        ).fetchall()
    }
    touched = {
        f"COM:{code}"
        for (code,) in con.sql(
            "select code_commune_entiere from pont_qpv_commune where perimetre = '2015'"
        ).fetchall()
    }
    assert published == touched and len(published) > 800
    assert "COM:75118" not in published and "COM:75056" in published


def test_a_quarter_is_beside_its_commune_and_says_where_it_has_several(
    national_release: Path,
) -> None:
    build = national_release.parent.parent / "build" / "warehouse.duckdb"
    with duckdb.connect(str(build), read_only=True) as con:
        beside = con.sql(
            "select code_territoire, code_reference, motif_choix"
            " from intermediate.int_references where reference = 'commune' and perimetre = '2015'"
            " and code_territoire like 'QP0%'"
        ).fetchall()
        several = {
            code
            for (code,) in con.sql(
                "select code_qpv from marts.pont_qpv_commune where perimetre = '2015'"
                " group by code_qpv having count(distinct code_commune_entiere) > 1"
            ).fetchall()
        }
    assert all(reference for _, reference, _ in beside)
    assert {c: r for c, r, _ in beside}["QP059050"] == "COM:59172"
    said = {code for code, _, why in beside if why}
    assert said == {code for code in several if code.startswith("QP0")} and said
