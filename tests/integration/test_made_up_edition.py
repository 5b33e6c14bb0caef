"""Edition 2024 whole, from made-up files in the producers' layouts: nothing is lost on the way.

`qpv build` is given a folder and no other word: the edition in force is built.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.fixtures import forked_qpv
from tests.fixtures import made_up_edition as made_up
from warehouse.base.layout import Layout
from warehouse.declared.dictionary import load_dictionary
from warehouse.domain.format import nombre

DICTIONARY = load_dictionary()
#: Rubriques without a table on QPV 2024, which the fiche names in a line: no page of the C2S is
#: known, and the thematic base that held aided contracts stopped with QPV 2015.
SANS_TABLE = {"sante", "contrats_aides"}
#: The published index is of QPV 2015; the other one needs the census of France, which none gives.
SANS_CHIFFRE = {"synthese"}
#: In one EPCI, in two, and under a code of the earlier list of Mayotte.
QUARTIERS = (made_up.DE_L_EPCI[0], made_up.PARTAGE)
ANCIEN, COMMUNE = made_up.MAYOTTE_AVANT[0], made_up.MAYOTTE[0]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the made-up edition was built."""
    folder, data = tmp_path_factory.mktemp("extraits"), tmp_path_factory.mktemp("data")
    made_up.write_edition(folder)
    words = ("--extracts", str(folder), "--data", str(data), "--sans-documents")
    shown = forked_qpv.Setting(fiches=(made_up.EPCI, *QUARTIERS, ANCIEN, COMMUNE))
    done = forked_qpv.run("build", *words, stderr=data / "dit.txt", setting=shown)
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture(scope="module")
def con(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    layout = Layout(data)
    with duckdb.connect() as link:
        link.execute(f"attach '{layout.warehouse_db}' as build (read_only)")
        link.execute(f"attach '{layout.latest / 'qpv.duckdb'}' as release (read_only)")
        yield link


def sections(data: Path, page: str) -> dict[str, list[str]]:
    """Rubrique → the figures that its tables print, spaces as in the page."""
    text = (Layout(data).latest / "fiches" / f"{page}.html").read_text(encoding="utf-8")
    return {
        part.partition('"')[0]: [
            html.unescape(re.sub(r"<sup.*?</sup>|<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", part, re.DOTALL)
        ]
        for part in text.split('<section class="rubrique" aria-labelledby="r-')[1:]
    }


@pytest.mark.parametrize(
    "page", [f"annexes/epci/{made_up.EPCI}", *(f"annexes/qpv/{c}" for c in QUARTIERS)]
)
def test_every_rubrique_that_a_table_feeds_has_figures(data: Path, page: str) -> None:
    found = sections(data, page)
    shown = {r.rubrique for r in DICTIONARY.rubriques if r.tableaux}
    # What has no figure is not drawn: one block names it.
    assert shown - found.keys() == SANS_TABLE | SANS_CHIFFRE
    assert all(any(re.match(r"-?\d", c) for c in cells) for cells in found.values())
    text = (Layout(data).latest / "fiches" / f"{page}.html").read_text(encoding="utf-8")
    named = html.unescape(re.findall(r'<p class="sans-source">(.*?)</p>', text)[0])
    for rubrique in DICTIONARY.rubriques:
        assert (rubrique.question[:25] in named) == (rubrique.rubrique in SANS_TABLE)
    missing = html.unescape(" ".join(re.findall(r'<p class="manque">(.*?)</p>', text)))
    for rubrique in DICTIONARY.rubriques:
        if rubrique.rubrique in SANS_CHIFFRE:
            assert all(tableau.titre in missing for tableau in rubrique.tableaux)


def test_every_table_was_read_under_its_own_period(con) -> None:
    rows = con.execute(
        "select distinct source_id, periode from build.landing.mesures where source_id in ("
        "select source_id from release.dim_source where etat = 'lue') order by all"
    ).fetchall()
    assert dict(rows) == {
        "cnaf_allocataires": "2024-12-31",
        "depp_scolarite": "2024-2025",
        "insee_defm": "2024-12-31",
        "insee_filosofi": "2021",
        "insee_filosofi_declare": "2021",
        "insee_filosofi_territoires": "2021",
        "insee_population": "2020",
        "insee_population_communes": "2020",
        "insee_rp": "2022",
        "insee_side": "2023",
        "sdes_rpls": "2025-01-01",
    }


def test_no_landed_cell_of_a_published_mesure_is_lost_before_the_tables(con) -> None:
    """Found again as it is where an indicator is that mesure alone, diffused where it is a term."""
    users: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for code, i in DICTIONARY.indicateurs.items():
        alone = len(i.num) == 1 and not i.den and not i.den_ensemble and i.facteur == 1
        alone = alone and [*i.num.values()] == [1] and not i.publiee
        for mesure in {*i.num, *i.den, *([i.publiee] if i.publiee else [])} if i.publier else ():
            users[mesure].append((code, alone))
    figures = {
        (t, i): (value, statut)
        for t, i, value, statut in con.execute(
            "select code_territoire, code_indicateur, valeur, statut from release.fct_indicateur"
        ).fetchall()
    }
    cells = con.execute(
        "select code_territoire, mesure, valeur from build.landing.mesures"
        " where statut = 'diffuse' and code_territoire !~ 'COM:.*'"
    ).fetchall()
    lost, compared = [], 0
    for territoire, mesure, valeur in cells:
        said = [(figures.get((territoire, code)), alone) for code, alone in users[mesure]]
        same = [found == (valeur, "diffuse") for found, alone in said if alone]
        compared += len(same)
        if users[mesure] and not all(same):
            lost.append((territoire, mesure, "valeur"))
        if users[mesure] and not any(found and found[1] == "diffuse" for found, _ in said):
            lost.append((territoire, mesure, "aucun indicateur"))
    assert lost == []
    assert compared > 2_000


@pytest.mark.parametrize("code", QUARTIERS)
def test_no_published_figure_of_an_exhibit_is_lost_before_the_sheet(
    con, data: Path, code: str
) -> None:
    found, compared = sections(data, f"annexes/qpv/{code}"), 0
    for rubrique in DICTIONARY.rubriques:
        shown = {
            c.indicateur for t in rubrique.tableaux for c in t.colonnes if c.grandeur == "niveau"
        }
        rows = con.execute(
            "select code_indicateur, valeur from release.fct_indicateur where code_territoire = ?"
            " and statut = 'diffuse' and list_contains(?, code_indicateur)",
            [code, sorted(shown)],
        ).fetchall()
        for indicateur, valeur in rows:
            printed = nombre(valeur, DICTIONARY.indicateurs[indicateur].arrondi)
            assert any(printed in cell for cell in found[rubrique.rubrique]), (indicateur, printed)
            compared += 1
    assert compared > 60


def test_the_membership_table_puts_a_quarter_in_its_two_epci(con) -> None:
    rows = con.execute(
        "select code_qpv, list(code_epci order by rang), any_value(origine)"
        " from release.pont_qpv_epci where perimetre = '2024' group by 1 order by 1"
    ).fetchall()
    assert rows == [
        (c, made_up.epci(c), "appartenance") for c in sorted(made_up.DE_L_EPCI)
    ]  # fmt: skip


def test_the_set_of_the_epci_adds_its_quarters_up(con) -> None:
    """Job seekers of five quarters, their sum over the landed cells, and each share of that sum."""
    quarters = ", ".join(f"'{code}'" for code in made_up.DE_L_EPCI)
    [(total, women)] = con.execute(
        "select sum(valeur) filter (mesure = 'ft_defm_abc'),"
        " sum(valeur) filter (mesure = 'ft_defm_abc_femmes') from build.landing.mesures"
        f" where code_territoire in ({quarters})"
    ).fetchall()
    found = dict(
        con.execute(
            "select code_indicateur, valeur from release.fct_indicateur where code_territoire = ?"
            " and code_indicateur in ('nb_defm_abc', 'part_defm_abc_femmes')",
            [f"QPV@EPCI:{made_up.EPCI}"],
        ).fetchall()
    )
    assert found == {
        "nb_defm_abc": total,
        "part_defm_abc_femmes": pytest.approx(100 * women / total),
    }


def test_the_quarters_of_the_earlier_list_are_published_apart(con, data: Path) -> None:
    rows = con.execute(
        "select code_territoire, libelle, code_epci, codes_communes from release.dim_territoire"
        " where code_departement = '976' and type_territoire = 'qpv' and perimetre = '2024'"
        " order by 1"
    ).fetchall()
    names = [f"Village {code} (ancien code)" for code in made_up.MAYOTTE_AVANT]
    assert [(code, name) for code, name, _, _ in rows[:2]] == [
        *zip(made_up.MAYOTTE_AVANT, names, strict=True)
    ]
    assert all(epci is None and towns is None for _, _, epci, towns in rows[:2])
    assert [code for code, *_ in rows[2:]] == made_up.MAYOTTE
    said = {
        (code, indicateur): (statut, motif)
        for code, indicateur, statut, motif in con.execute(
            "select code_territoire, code_indicateur, statut, motif from release.fct_indicateur"
            " where code_indicateur in ('population_municipale', 'superficie')"
        ).fetchall()
    }
    kept = "le producteur suit encore la liste précédente (Mayotte)"
    assert said[ANCIEN, "population_municipale"] == ("diffuse", None)
    assert said[COMMUNE, "population_municipale"][0] == "non_disponible"
    assert said[COMMUNE, "population_municipale"][1].startswith(kept)
    assert said["QPV@DEP:976", "population_municipale"][0] == "non_disponible"
    assert said[COMMUNE, "superficie"] == ("diffuse", None)
    left = "ancien code (Mayotte) : cette source suit la liste en vigueur"
    assert said[ANCIEN, "superficie"] == ("non_disponible", left)
    assert (Layout(data).latest / "fiches" / "qpv" / f"{ANCIEN}.html").is_file()
    remarks = con.execute(
        "select remarque from release.dim_source where source_id = 'insee_rp'"
    ).fetchall()
    assert "2 quartiers y sont aux codes d'une liste précédente" in remarks[0][0]


def test_a_commune_that_no_list_names_is_no_territory_and_the_report_says_so(
    con, data: Path
) -> None:
    """The made-up compositions hold one département: the quarters elsewhere keep their figures."""
    named = con.execute(
        "select code_territoire, libelle from release.dim_territoire"
        " where type_territoire = 'commune'"
    ).fetchall()
    assert named and all(code.startswith("COM:59") for code, _ in named)
    sets = con.execute(
        "select code_territoire from release.dim_territoire where code_territoire like 'QPV@COM:%'"
    ).fetchall()
    assert all(code.startswith("QPV@COM:59") for (code,) in sets)
    report = (Layout(data).latest / "qualite" / "rapport.json").read_text(encoding="utf-8")
    assert "commune 13001 inconnue des compositions et du code officiel" in report
