"""What sheets say of real places, beside the producers' own files read apart."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.sheet_words import ouverts
from warehouse.declared.dictionary import load_dictionary
from warehouse.declared.profile import load_profil
from warehouse.publication.profils.composition import Compositeur
from warehouse.publication.profils.feuille import Feuille
from warehouse.publication.profils.recueil import read_recueil

PLANOISE, DENAIN, BANDRABOUA, HAINAUT = "QP025004", "QP059050", "QP976004", "200042190"
Rates = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def composer(national_release: Path) -> Compositeur:
    found = read_recueil(national_release / "qpv.duckdb", load_profil(), "2015", None, {}, ())
    return Compositeur(found, load_profil(), load_dictionary(), lambda code: f"{code}.html")


@pytest.fixture(scope="module")
def poverty(extracts: Path) -> Rates:
    """Year of Filosofi → quarter → poverty rate, from the files themselves."""
    found = {}
    for year, name in (("2018", "REVN_2022.csv"), ("2013", "REVN_2017.csv")):
        with (extracts / "insee_revn" / name).open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, delimiter=";")
            told = {r["CODGEO"]: (r["TP60"] or "").strip().replace(",", ".") for r in rows}
        found[year] = {
            code: float(text)
            for code, text in told.items()
            if re.fullmatch(r"QP\w+", code or "") and re.fullmatch(r"\d+(\.\d+)?", text)
        }
    return found


@pytest.fixture(scope="module")
def sheets(composer: Compositeur) -> dict[str, Feuille]:
    quarters = [c for c, t in composer.recueil.territoires.items() if t.type == "qpv"]
    return {c: composer.qpv(c) for c in quarters}


@pytest.fixture(scope="module")
def of_epci(composer: Compositeur) -> dict[str, Feuille]:
    return {siren: composer.epci(siren) for siren in composer.qpv_des_epci}


def texts(said: object) -> Iterator[str]:
    """Every text of a sheet, wherever it is printed."""
    if isinstance(said, str):
        yield said
    elif dataclasses.is_dataclass(said):
        for field in dataclasses.fields(said):
            yield from texts(getattr(said, field.name))
    elif isinstance(said, (list, tuple)):
        for one in said:
            yield from texts(one)


def words(sheet: Feuille) -> list[str]:
    return [text.replace("\u202f", " ").replace("\xa0", " ") for text, _ in sheet.phrases]


def test_planoise_says_its_poverty_its_rank_and_its_six_points(
    composer: Compositeur, poverty: Rates
) -> None:
    """Six points of poverty since 2013 stood in no headline of a fiche."""
    now, before = poverty["2018"], poverty["2013"]
    rank = 1 + sum(rate > now[PLANOISE] for rate in now.values())
    level, move, _ = words(composer.qpv(PLANOISE))
    assert f"En 2018, {now[PLANOISE]:.1f} %".replace(".", ",") in level
    assert (
        f"{rank}e taux de pauvreté le plus élevé des {len(now):_} quartiers".replace("_", " ")
        in level
    )
    gained = f"{now[PLANOISE] - before[PLANOISE]:.1f}".replace(".", ",")
    assert f"Depuis 2013, le taux de pauvreté a augmenté de {gained} points" in move


def test_denain_opens_with_work_where_it_stands_out_and_not_with_poverty(
    composer: Compositeur, poverty: Rates
) -> None:
    rank = 1 + sum(rate > poverty["2018"][DENAIN] for rate in poverty["2018"].values())
    assert rank > len(poverty["2018"]) / 5  # its poverty is in no end fifth
    level, _, alike = words(composer.qpv(DENAIN))
    assert level.startswith("En 2018, 34,4 % des habitants de 15 à 64 ans ont un emploi")
    assert "Pas-de-Calais" in alike and "Nord" in alike


def test_the_range_of_an_epci_is_that_of_the_files(composer: Compositeur, poverty: Rates) -> None:
    inside = {c: poverty["2018"][c] for c in composer.qpv_des_epci[HAINAUT] if c in poverty["2018"]}
    lowest, highest = min(inside.values()), max(inside.values())
    said = f"de {lowest:.1f} % (Elnon) à {highest:.1f} % (Centre)".replace(".", ",")
    assert said in words(composer.epci(HAINAUT))[0]


def test_a_place_of_which_little_is_known_says_little(composer: Compositeur) -> None:
    sheet = composer.qpv(BANDRABOUA)
    assert len(sheet.phrases) == 1 and sheet.phrases[0][0].startswith("Depuis 2013, la population")
    assert not sheet.lignes and sheet.manque


def test_every_line_of_every_sheet_stands_beside_something(
    sheets: dict[str, Feuille], of_epci: dict[str, Feuille]
) -> None:
    """A comparator or a rank, on a band of quarters: else the line is not there."""
    lines = [(c, x) for c, s in (sheets | of_epci).items() for x in s.lignes]
    alone = [(c, x.indicateur) for c, x in lines if not x.bande or not (x.reperes or x.rang)]
    assert len(sheets) > 1400 and len(of_epci) > 350 and len(lines) > 10_000 and alone == []


def test_no_place_is_called_by_its_number(
    sheets: dict[str, Feuille], of_epci: dict[str, Feuille]
) -> None:
    said = [text for s in (sheets | of_epci).values() for text in texts(s)]
    assert len(said) > 100_000
    assert [text for text in said if re.search(r"\bEPCI \d{9}", text)] == []


def test_a_sentence_speaks_of_sets_from_95_percent_and_of_percents_from_a_hundred(
    sheets: dict[str, Feuille], of_epci: dict[str, Feuille]
) -> None:
    counts = {x.nom for x in load_profil().lignes if x.hors_profil}
    sets = percents = 0
    for sheet in (sheets | of_epci).values():
        for text in words(sheet):
            for part, whole in re.findall(r"calculé sur ([\d ]+) des ([\d ]+)\)", text):
                known, among = (int(n.replace(" ", "")) for n in (part, whole))
                assert 100 * known >= 95 * among, text
                sets += 1
            if found := re.match(
                r"Depuis [^,]+, l[ea] (.+?) a \w+ de [\d,]+ %, de ([\d ]+) à", text
            ):
                assert found[1] in counts and int(found[2].replace(" ", "")) >= 100, text
                percents += 1
            else:
                assert not re.search(r"(augmenté|baissé) de [\d, ]+ %", text), text
    assert sets > 50 and percents > 100


def test_the_moves_of_an_epci_s_quarters_are_counted_as_the_tables_have_them(
    composer: Compositeur, of_epci: dict[str, Feuille], national_release: Path
) -> None:
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as con:
        moves = {
            (place, since): Decimal(repr(points)).quantize(Decimal("0.1"), ROUND_HALF_UP)
            for place, since, points in con.execute(
                "select e.code_territoire, e.periode_comparaison, e.evolution_pts"
                " from fct_evolution as e join fct_indicateur as f"
                " using (code_territoire, perimetre, code_indicateur, periode)"
                " where e.code_indicateur = 'taux_pauvrete' and e.statut = 'diffuse'"
                " and f.motif is null and f.en_avant"
            ).fetchall()
        }
    told = 0
    for siren, sheet in of_epci.items():
        for text in words(sheet):
            rise = "le taux de pauvreté a augmenté d.un point ou plus dans"
            if not (found := re.match(rf"Depuis (\d{{4}}), {rise} (?:les )?(\d+)", text)):
                continue
            inside = [moves.get((c, found[1])) for c in composer.qpv_des_epci[siren]]
            assert int(found[2]) == sum((points or 0) >= 1 for points in inside), text
            told += 1
    assert told > 100


def test_nothing_is_said_across_a_break_on_a_small_base_or_under_a_reserve(
    sheets: dict[str, Feuille], national_release: Path
) -> None:
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select code_territoire, code_indicateur, periode_comparaison, statut"
            " from fct_evolution"
            " where type_territoire = 'qpv' and perimetre = '2015'"
        ).fetchall()
        allowed = {(t, i, p) for t, i, p, statut in rows if statut == "diffuse"}
        levels = {
            (t, i): (value, motif)
            for t, i, value, motif in con.execute(
                "select code_territoire, code_indicateur, valeur, motif from fct_indicateur"
                " where en_avant and statut = 'diffuse' and type_territoire = 'qpv'"
            ).fetchall()
        }
    names = {x.nom: x.indicateur for x in load_profil().lignes}
    told = 0
    for code, sheet in sheets.items():
        for text in words(sheet):
            if not (
                found := re.match(r"Depuis (fin )?(\d{4}), l[ea] (.+?) a (augmenté|baissé)", text)
            ):
                continue
            indicateur = names[found[3]]
            period = f"{found[2]}-12-31" if found[1] else found[2]
            assert (code, indicateur, period) in allowed, text
            assert not levels[code, indicateur][1], text
            told += 1
    assert told > 1000
    assert not any("EPCI 2" in text for s in sheets.values() for text in words(s))


def test_what_is_under_an_open_finding_opens_no_sentence_and_bears_its_mark(
    composer: Compositeur, national_release: Path
) -> None:
    report = json.loads((national_release / "qualite/rapport.json").read_text(encoding="utf-8"))
    found = ouverts(report["plausibilite"])
    nouns = {x.indicateur: x.nom for x in load_profil().lignes if not x.hors_profil}
    doubtful = dataclasses.replace(composer.recueil, ouverts=found)
    again = Compositeur(doubtful, load_profil(), load_dictionary(), lambda code: None)
    quarters = [key for key in found if key[0] in nouns and key in doubtful.niveaux]
    seen = 0
    for indicateur, code in quarters:
        if doubtful.territoires[code].type != "qpv":
            continue
        sheet = again.qpv(code)
        for text in words(sheet)[: 2 if doubtful.semblables.get(code) else None]:
            assert nouns[indicateur] not in text, (code, text)
        assert not any(x.indicateur == indicateur and not x.a_verifier for x in sheet.lignes)
        seen += 1
    assert seen > 2


def test_the_bands_are_those_of_the_files(composer: Compositeur, poverty: Rates) -> None:
    band = composer.recueil.bandes["taux_pauvrete"]
    rates = sorted(poverty["2018"].values())
    assert (band.nombre, band.bas, band.haut) == (len(rates), rates[0], rates[-1])
    assert rates[len(rates) // 2] == pytest.approx(band.mediane)


def test_a_drawn_point_is_the_table_s_figure(composer: Compositeur, poverty: Rates) -> None:
    """The place of each point of Planoise's poverty, read back from the drawing."""
    sheet = composer.qpv(PLANOISE)
    [curve] = [s for s in sheet.series if s.titre.startswith("Taux de pauvreté")]
    drawn = [
        (float(x), float(y))
        for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', curve.marques)
    ]
    points = composer.recueil.series["taux_pauvrete", PLANOISE]
    assert len(drawn) == len(points)
    by_year = {p.periode: xy for p, xy in zip(points, drawn, strict=True)}
    assert by_year["2018"][1] < by_year["2013"][1]  # higher on the page
    low, high = (min(points, key=lambda p: p.valeur), max(points, key=lambda p: p.valeur))
    span = by_year[low.periode][1] - by_year[high.periode][1]
    for year in ("2013", "2018"):
        share = (poverty[year][PLANOISE] - low.valeur) / (high.valeur - low.valeur)
        assert by_year[low.periode][1] - by_year[year][1] == pytest.approx(share * span, abs=0.11)


def test_nothing_is_expected_on_quarters_that_are_no_longer_in_force() -> None:
    from ingest.expected_figures import expected_figures
    from ingest.registry import load_registry

    day = date(2026, 11, 30)
    registry, dictionary = load_registry(), load_dictionary()
    assert expected_figures(registry, dictionary, "2015", day) == {}
    due = expected_figures(registry, dictionary, "2024", day)
    assert due["taux_pauvrete"][0] == "Insee" and due["taux_pauvrete"][2] > "2026-11-30"
