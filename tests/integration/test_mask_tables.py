"""`qpv mask`: a stranger's table in five lines of YAML, its mask, its audit, its refusals."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from quality.disclosure.calls import mask as mask_call
from quality.disclosure.mask import pruning
from tests.conftest import invoke_qpv

ZONES = [(f"R{z // 6}", f"D{z // 2}", f"C{z}") for z in range(18)]
CLUSTERS = [(f"G{z % 4}", f"C{z}") for z in range(18)]
ACTIVITIES = [(f"S{a // 3}", f"A{a}") for a in range(9)]
#: Two columns crossed, two hierarchies of one of them that do not nest, one threshold.
RELATIONS = """\
tableaux: [{fichier: emplois, dimensions: [zone, activite], mesures: {emplois: {entier: true}}}]
dimensions:
  zone: {total: T, hierarchie: [zones.csv, grappes.csv]}
  activite: {total: T, hierarchie: activites.csv}
regles: {emplois: {seuil: 5}}
"""
THRESHOLD = 5


def _below(*hierarchies: list[tuple[str, ...]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"T": set()}
    for lines in hierarchies:
        for line in lines:
            for code in ("T", *line):
                found.setdefault(code, set()).add(line[-1])
    return found


def _write(path: Path, header: list[str], rows: list) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])


@pytest.fixture
def table(tmp_path: Path) -> dict[tuple[str, str], int]:
    """The made-up table, written with its declaration; its figures."""
    counts = np.random.default_rng(4).geometric(1 / 30, (18, 9)) - 1
    zones, activities = _below(ZONES, CLUSTERS), _below(ACTIVITIES)
    figures = {
        (z, a): int(sum(counts[int(i[1:]), int(j[1:])] for i in in_z for j in in_a))
        for z, in_z in zones.items()
        for a, in_a in activities.items()
    }
    rows = [[z, a, figure] for (z, a), figure in figures.items()]
    _write(tmp_path / "emplois.csv", ["zone", "activite", "emplois"], rows)
    _write(tmp_path / "zones.csv", ["region", "departement", "commune"], ZONES)
    _write(tmp_path / "grappes.csv", ["grappe", "commune"], CLUSTERS)
    _write(tmp_path / "activites.csv", ["section", "activite"], ACTIVITIES)
    (tmp_path / "relations.yml").write_text(RELATIONS, encoding="utf-8")
    return figures


def _qpv(folder: Path, command: str, table: str = "emplois.csv", *more: str) -> tuple[int, str]:
    relations = str(folder / "relations.yml")
    return invoke_qpv(command, str(folder / table), "--relations", relations, *more)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_what_is_masked_is_not_found_again(table: dict, tmp_path: Path) -> None:
    assert RELATIONS.count("\n") == 5
    code, output = _qpv(tmp_path, "mask")
    assert code == 0, output
    rows = {
        (r["zone"], r["activite"]): r["emplois"] for r in _rows(tmp_path / "masque/emplois.csv")
    }
    assert {k: v for k, v in rows.items() if v != "s"} == {
        k: str(v) for k, v in table.items() if rows[k] != "s"
    }
    small = {k for k, v in table.items() if 0 < v < THRESHOLD}
    assert small and all(rows[k] == "s" for k in small)
    assert (_qpv(tmp_path, "audit", "masque/emplois.csv")[0]) == 0
    clear = ["--clair", str(tmp_path / "emplois.csv")]
    code, output = _qpv(tmp_path, "audit", "masque/emplois.csv", *clear)
    assert (code, "Aucune case masquée n'est exposée" in output) == (0, True), output
    found = re.search(
        r"sous secret : (\d+) ; masquées pour elles : (\d+)", _qpv(tmp_path, "mask")[1]
    )
    assert found
    assert int(found[1]) == len(small)
    assert int(found[1]) + int(found[2]) == sum(v == "s" for v in rows.values())


def test_each_primary_cell_shown_again_fails_the_audit(table: dict, tmp_path: Path) -> None:
    _qpv(tmp_path, "mask")
    path = tmp_path / "masque" / "emplois.csv"
    masked = path.read_text(encoding="utf-8")
    small = [k for k, v in table.items() if 0 < v < THRESHOLD]
    for zone, activity in small[::4]:
        shown = masked.replace(
            f"\n{zone},{activity},s\n", f"\n{zone},{activity},{table[zone, activity]}\n"
        )
        assert shown != masked
        path.write_text(shown, encoding="utf-8")
        code, output = _qpv(tmp_path, "audit", "masque/emplois.csv")
        assert (code, f"{activity}, {zone}" in output) == (1, True), output


def test_pruning_that_stops_early_is_told_and_the_exact_mask_needs_none(
    table: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> tuple[bool, int]:
        code, output = _qpv(tmp_path, "mask", "emplois.csv", *more)
        assert code == 0, output
        return "À savoir : " in output, sum(
            r["emplois"] == "s" for r in _rows(tmp_path / "masque/emplois.csv")
        )

    more: list[str] = []
    plain, masked = told()
    monkeypatch.setattr(pruning, "EFFORT", -1)
    early, more_masked = told()
    assert (plain, early) == (False, True) and more_masked > masked
    more.append("--exact")
    noted, cheapest = told()
    assert not noted and cheapest < more_masked


def test_the_states_are_written_apart_and_only_if_asked(table: dict, tmp_path: Path) -> None:
    states = tmp_path / "etats.csv"
    _qpv(tmp_path, "mask", "emplois.csv", "--etats", str(states))
    assert sorted(p.name for p in (tmp_path / "masque").iterdir()) == ["emplois.csv"]
    assert {row["etat"] for row in _rows(states)} == {"primaire", "secondaire"}
    small = sum(0 < v < THRESHOLD for v in table.values())
    assert sum(row["etat"] == "primaire" for row in _rows(states)) == small


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("emplois.csv", "T,T,", "T,T,1", "un total n'est pas la somme de ses parties"),
        ("emplois.csv", "C3,A3,", "C3,A3,s", "une case est déjà masquée"),
        ("emplois.csv", "C3,A3,", "C3,A3,?", "un nombre illisible"),
        ("relations.yml", "regles:", "# regles:", "aucune règle"),
        ("relations.yml", "zones.csv", "zone.csv", "zone.csv ne se lit pas"),
        ("relations.yml", "{seuil: 5}", "{seuil: 5, cout: prix}", "colonne absente : prix"),
        ("relations.yml", "{seuil: 5}", "{dominance: {plus_grands: [m]}}", "demande un écart"),
        ("relations.yml", "{seuil: 5}", "{seuil: 5000}", "trop dense"),
    ],
)
def test_bad_input_is_one_paragraph_and_nothing_is_written(
    table: dict, tmp_path: Path, name: str, old: str, new: str, said: str
) -> None:
    path = tmp_path / name
    text = path.read_text(encoding="utf-8")
    if name.endswith(".csv") and new.endswith(("s", "?")):
        text = re.sub(rf"\n{old}\d+\n", f"\n{new}\n", text.replace("\r\n", "\n"))
    else:
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    code, output = _qpv(tmp_path, "mask")
    assert (code, said in output, "Traceback" in output) == (1, True, False), output
    assert len(output.strip().splitlines()) == 1
    assert not [*(tmp_path / "masque").glob("*")]


def test_the_clear_tables_are_never_written_over(table: dict, tmp_path: Path) -> None:
    before = (tmp_path / "emplois.csv").read_bytes()
    code, output = _qpv(tmp_path, "mask", "emplois.csv", "--sortie", str(tmp_path))
    assert (code, "serait écrasé" in output) == (1, True), output
    assert (tmp_path / "emplois.csv").read_bytes() == before


def test_counts_too_dense_are_rounded_instead(table: dict, tmp_path: Path) -> None:
    code, output = _qpv(tmp_path, "mask", "emplois.csv", "--arrondi", "5")
    assert (code, "toutes sommes gardées" in output) == (0, True), output
    folder = tmp_path / "masque"
    rows = {(r["zone"], r["activite"]): int(r["emplois"]) for r in _rows(folder / "emplois.csv")}
    assert all(figure % 5 == 0 for figure in rows.values())
    assert all(abs(rows[place] - figure) < 5 for place, figure in table.items())
    for zone in {z for z, _ in rows}:
        assert rows[zone, "T"] == sum(rows[zone, f"A{a}"] for a in range(9))
    for by in (ZONES, CLUSTERS):
        assert rows["T", "T"] == sum(rows[z, "T"] for z in {line[0] for line in by})
    # The relations written beside say the rounding: the audit is told it, and finds nobody.
    words = ["audit", str(folder / "emplois.csv"), "--relations", str(folder / "relations.yml")]
    for more in ([], ["--clair", str(tmp_path / "emplois.csv")]):
        code, output = invoke_qpv(*words, *more)
        assert (code, "Aucune case masquée n'est exposée" in output) == (0, True), output


AMOUNTS = """\
tableaux:
  - {fichier: par_zone, dimensions: [zone, taille], mesures: {ca: {}}}
  - {fichier: par_activite, dimensions: [activite, taille], mesures: {ca: {}}}
dimensions:
  zone: {total: T, sommes: [{total: T, parties: ["C*"]}]}
  activite: {total: T, sommes: [{total: T, parties: ["A*"]}]}
  taille: {total: T, sommes: [{total: T, parties: ["t*"]}]}
regles:
  ca:
    {contributeurs: n, seuil_contributeurs: 3, dominance: {plus_grands: [max], part: 85},
     ecart: 0.1, cout: valeur}
"""


@pytest.fixture
def amounts(tmp_path: Path) -> dict[str, dict[tuple[str, str], tuple[float, int, float]]]:
    """Turnover by zone × size and by activity × size, of the same made-up firms."""
    rng = np.random.default_rng(2)
    firms = [
        (f"C{rng.integers(8)}", f"A{rng.integers(6)}", f"t{rng.integers(3)}", float(amount))
        for amount in np.round(rng.lognormal(4, 1, 110))
    ]
    found: dict[str, dict[tuple[str, str], tuple[float, int, float]]] = {}
    for name, axis in (("par_zone", 0), ("par_activite", 1)):
        codes = ["T", *sorted({firm[axis] for firm in firms})]
        cells = found.setdefault(name, {})
        for code in codes:
            for size in ("T", "t0", "t1", "t2"):
                own = [f[3] for f in firms if code in ("T", f[axis]) and size in ("T", f[2])] or [
                    0.0
                ]
                cells[code, size] = sum(own), len(own), max(own)
        rows = [[*place, *figures] for place, figures in cells.items()]
        header = ["zone" if axis == 0 else "activite", "taille", "ca", "n", "max"]
        _write(tmp_path / f"{name}.csv", header, rows)
    (tmp_path / "relations.yml").write_text(AMOUNTS, encoding="utf-8")
    return found


def test_linked_tables_of_amounts_hide_the_same_cells_and_no_contributor_leaves(
    amounts: dict, tmp_path: Path
) -> None:
    files = [str(tmp_path / f"{name}.csv") for name in amounts]
    relations = ["--relations", str(tmp_path / "relations.yml")]
    code, output = invoke_qpv("mask", *files, *relations, "--malgre-densite")
    assert code == 0, output
    masked = {name: _rows(tmp_path / "masque" / f"{name}.csv") for name in amounts}
    assert {*masked["par_zone"][0]} == {"zone", "taille", "ca"}
    for name, rows in masked.items():
        for row, (amount, units, largest) in zip(rows, amounts[name].values(), strict=True):
            if units < 3 or largest > 0.85 * amount:
                assert row["ca"] == "s", row
    # The margins that both print are one cell each.
    margins = [{r["taille"]: r["ca"] for r in rows[:4]} for rows in masked.values()]
    assert margins[0] == margins[1]
    published = [str(tmp_path / "masque" / f"{name}.csv") for name in amounts]
    clear = [word for file in files for word in ("--clair", file)]
    code, output = invoke_qpv("audit", *published, *relations, *clear)
    assert (code, "Aucune case masquée n'est exposée" in output) == (0, True), output
    code, output = invoke_qpv("audit", *published, *relations)
    assert (code, "sans les colonnes n et max" in output) == (0, True), output


def _firms(table: dict[tuple[str, str], list[float]]) -> list[dict]:
    """Rows of turnover by zone × size with totals, units, and the two largest firms."""
    rows = []
    for zone in ("T", *dict.fromkeys(z for z, _ in table)):
        for size in ("T", *dict.fromkeys(s for _, s in table)):
            own = [f for (z, s), firms in table.items() for f in firms
                   if zone in ("T", z) and size in ("T", s)]  # fmt: skip
            first, second = (*sorted(own, reverse=True), 0.0, 0.0)[:2]
            rows.append({"zone": zone, "taille": size, "ca": sum(own), "n": len(own),
                         "un": first, "deux": second})  # fmt: skip
    return rows


def test_what_the_second_firm_knows_and_an_amount_of_zero_are_under_secrecy() -> None:
    table = {(z, s): [40.0, 30.0, 20.0, 10.0] for z in ("C0", "C1", "C2") for s in ("t0", "t1")}
    table["C0", "t0"] = [60.0, 37.0, 2.0, 1.0]  # 3 hide 60 from who knows 37: 5 %
    table["C1", "t1"] = [0.0, 0.0]  # two firms, nothing sold
    relations = {
        "tableaux": [{"fichier": "t", "dimensions": ["zone", "taille"], "mesures": {"ca": {}}}],
        "dimensions": {
            name: {"total": "T", "sommes": [{"total": "T", "parties": [parts]}]}
            for name, parts in (("zone", "C*"), ("taille", "t*"))
        },
        "regles": {
            "ca": {"contributeurs": "n", "seuil_contributeurs": 3, "ecart": 0.1,
                   "p_pourcent": {"plus_grands": ["un", "deux"], "part": 10}}
        },
    }  # fmt: skip
    found = mask_call(_firms(table), relations)
    shown = {(r["zone"], r["taille"]): r["ca"] for r in found.tables["t"]}
    assert shown["C0", "t0"] == shown["C1", "t1"] == "s"
    assert (found.exposed, found.cells.count("primaire")) == (0, 2)
    assert {*found.tables["t"][0]} == {"zone", "taille", "ca"}
    # The 0 may be some amount: its zone leaves it open.
    assert shown["C1", "T"] == "s" or shown["C1", "t0"] == "s"


def test_the_audit_told_by_the_clear_tables_finds_a_primary_cell_shown(
    amounts: dict, tmp_path: Path
) -> None:
    files = [str(tmp_path / f"{name}.csv") for name in amounts]
    relations = ["--relations", str(tmp_path / "relations.yml")]
    invoke_qpv("mask", *files, *relations, "--malgre-densite")
    path = tmp_path / "masque" / "par_zone.csv"
    rows = _rows(path)
    at, (amount, *_) = next(
        (i, cell)
        for i, cell in enumerate(amounts["par_zone"].values())
        if cell[1] < 3 or cell[2] > 0.85 * cell[0]
    )
    rows[at]["ca"] = str(amount)
    _write(path, [*rows[0]], [list(row.values()) for row in rows])
    clear = [word for file in files for word in ("--clair", file)]
    published = [str(tmp_path / "masque" / f"{name}.csv") for name in amounts]
    code, output = invoke_qpv("audit", *published, *relations, *clear)
    assert (code, "imprimée telle quelle" in output) == (1, True), output
