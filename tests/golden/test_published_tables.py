"""The twelve tables of the fiche of June 2023, cell by cell, against the sample's release.

A cell agrees when our figure, rounded half away from zero to the printed decimals, is the printed
one, or when the fiche prints no number and we publish none and say why. Every other cell stands in
`divergences.yml` with its reason, and an entry there that no longer diverges fails too.
"""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "data" / "published"
DIVERGENCES = Path(__file__).with_name("divergences.yml")

TABLES = (
    "ages_2019",
    "c2s_2020_2022",
    "defm_annuel_2021",
    "defm_trim_2016_2022",
    "emploi_2019",
    "idt_2011_2019",
    "minima_sociaux_caf_2016_2021",
    "monoparentales_caf_2016_2021",
    "nationalite_2011_2019",
    "population_2018",
    "scolarisation_2019",
    "sirene_2020",
)
FIELDS = {"fichier", "territoire", "colonne", "imprime", "obtenu", "raison"}
NO_NUMBER = ("nd", "-", "")
ABSENT = "absent"  # no row at all
NO_VALUE = "sans valeur"  # a row without value, which says why

Cell = tuple[str, str]  # (territoire, colonne)
Pair = tuple[str, str]  # (printed, obtained)

pytestmark = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason=f"tableaux publiés absents de cette machine : {PUBLISHED}"
)


def _read(name: str) -> list[dict[str, str]]:
    with (PUBLISHED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _columns(table: str) -> dict[str, dict[str, str]]:
    """Printed column → its indicator, what it measures, and its periods."""
    return {row["colonne"]: row for row in _read("golden_map") if row["fichier"] == table}


def _printed(table: str) -> dict[Cell, str]:
    return {
        (row["territoire"], column): row[column].strip()
        for row in _read(table)
        for column in row
        if column not in ("territoire", "libelle_publie")
    }


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _rounded(value: float, decimals: int) -> str:
    """Half away from zero; the ninth decimal clears what binary arithmetic adds."""
    exact = Decimal(str(round(value, 9)))
    return str(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def _index(path: Path, *key: str) -> dict[tuple, dict]:
    rows = [r for r in pq.read_table(path).to_pylist() if r["perimetre"] in ("2015", "", None)]
    indexed = {tuple(row[name] for name in key): row for row in rows}
    assert len(indexed) == len(rows), f"{path.name} : deux lignes pour une même clé {key}"
    return indexed


@pytest.fixture(scope="module")
def figures(sample_release: Path) -> dict[tuple, dict]:
    """Rows of the release: levels by 3-part key, evolutions by 4-part key."""
    key = ("code_territoire", "code_indicateur", "periode")
    tables = sample_release / "tables"
    return {
        **_index(tables / "fct_indicateur.parquet", *key),
        **_index(tables / "fct_evolution.parquet", *key, "periode_comparaison"),
    }


def _obtained(
    figures: dict[tuple, dict], territoire: str, column: dict[str, str], decimals: int
) -> str:
    """What the release holds for a printed cell, in the words of `divergences.yml`."""
    level = column["mesure"] == "niveau"
    key = (territoire, column["code_indicateur"], column["periode"])
    row = figures.get(key if level else (*key, column["periode_comparaison"]))
    if row is None:
        return ABSENT
    value = row["valeur" if level else column["mesure"]]
    if value is None:
        says_why = row["statut"] != "diffuse" and (row["motif"] or "").strip()
        return NO_VALUE if says_why else "sans valeur ni motif"
    text = _rounded(value, decimals)
    return text if row["statut"] == "diffuse" else f"{text}, statut {row['statut']}"


def _agree(printed: str, obtained: str) -> bool:
    if printed in NO_NUMBER:
        return obtained == NO_VALUE
    number = _number(printed)
    return number is not None and number == _number(obtained)


def _diverging(table: str, figures: dict[tuple, dict]) -> dict[Cell, Pair]:
    """Every cell of a table that the release does not reproduce."""
    printed, columns = _printed(table), _columns(table)
    usual = {
        name: max(
            _decimals(t) for (_, c), t in printed.items() if c == name and _number(t) is not None
        )
        for name in columns
    }
    found = {}
    for (territoire, name), text in printed.items():
        decimals = usual[name] if _number(text) is None else _decimals(text)
        obtained = _obtained(figures, territoire, columns[name], decimals)
        if not _agree(text, obtained):
            found[territoire, name] = (text, obtained)
    return found


def _listed() -> list[dict[str, str]]:
    return yaml.safe_load(DIVERGENCES.read_text(encoding="utf-8"))


def _complaints(expected: dict[Cell, Pair], found: dict[Cell, Pair]) -> list[str]:
    """One line per cell where the list and the release disagree."""
    lines = []
    for cell in sorted(expected.keys() | found.keys()):
        said, seen = expected.get(cell), found.get(cell)
        if said is None:
            lines.append(f"{cell} : imprimé {seen[0]!r}, obtenu {seen[1]!r}, non listé")
        elif seen is None:
            lines.append(f"{cell} : listé ({said[0]!r} / {said[1]!r}) et ne diverge plus")
        elif said != seen:
            lines.append(f"{cell} : listé {said}, constaté {seen}")
    return lines


@pytest.mark.parametrize("table", TABLES)
def test_published_table_is_reproduced(table: str, figures: dict[tuple, dict]) -> None:
    expected = {
        (entry["territoire"], entry["colonne"]): (entry["imprime"], entry["obtenu"])
        for entry in _listed()
        if entry["fichier"] == table
    }
    complaints = _complaints(expected, _diverging(table, figures))
    assert not complaints, f"{table} :\n" + "\n".join(complaints)


def test_the_map_covers_every_printed_column() -> None:
    assert {row["fichier"] for row in _read("golden_map")} == set(TABLES)
    for table in TABLES:
        assert {column for _, column in _printed(table)} == set(_columns(table)), table


def test_every_divergence_is_a_printed_cell_with_a_reason() -> None:
    entries = _listed()
    cells = [(entry["fichier"], entry["territoire"], entry["colonne"]) for entry in entries]
    assert len(set(cells)) == len(cells), "une cellule est listée deux fois"
    for entry in entries:
        assert set(entry) == FIELDS, entry
        assert all(isinstance(text, str) for text in entry.values()), f"guillemets : {entry}"
        assert entry["fichier"] in TABLES, entry
        printed = _printed(entry["fichier"]).get((entry["territoire"], entry["colonne"]))
        assert printed == entry["imprime"], entry
        assert entry["raison"].endswith("."), entry


def test_the_gap_of_all_quarters_to_the_epci_that_hold_one(sample_release: Path) -> None:
    """Both are printed in the table of the C2S: what we say of the gap is their difference."""
    printed = {row["territoire"]: row for row in _read("c2s_2020_2022")}
    here, there = printed["QPV@FRMETRO"], printed["EPCI_QPV@FRMETRO"]
    names = {column: row["code_indicateur"] for column, row in _columns("c2s_2020_2022").items()}
    rates = [column for column in names if column.startswith("taux_")]
    rows = pq.read_table(
        sample_release / "tables" / "fct_ecart.parquet",
        filters=[("code_reference", "=", there["territoire"])],
    ).to_pylist()
    told = {(row["code_territoire"], row["code_indicateur"]): row["ecart"] for row in rows}
    wanted = {names[c]: float(Decimal(here[c]) - Decimal(there[c])) for c in rates}
    assert len(wanted) == 4
    assert told == {
        (here["territoire"], code): pytest.approx(gap, abs=1e-9) for code, gap in wanted.items()
    }
