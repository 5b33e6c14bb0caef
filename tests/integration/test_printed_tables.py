"""`qpv verifier` reads a table as spreadsheets leave it, and its numbers as landing reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values import CellError, ColumnReading, parse_cell
from quality.disclosure.tables.declared import Relations
from quality.plausibility.columns import printed_column
from quality.plausibility.tables import Reading, read_tables
from quality.printed_tables import csv_files, csv_rows
from quality.secrecy.tables.reading import Declared
from tests.conftest import invoke_qpv
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import load_dictionary

HEAD = "fichier,colonne,code_indicateur,mesure,periode,periode_comparaison"
COUNT = f"{HEAD}\nt1,n,nb_defm_abc,niveau,2021-12-31,\n"
SHARE = f"{HEAD}\nt1,n,part_defm_abc_femmes,niveau,2021-12-31,\n"
TABLE = "territoire;n\nQP059021;1731\nQP059022;385\n"


def given_tables(folder: Path, carte: str = COUNT, **tables: str | bytes) -> Path:
    """A folder of a map and of tables, by their names with `_` for the dot."""
    for name, content in tables.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("_", ".")).write_bytes(data)
    (folder / "golden_map.csv").write_text(carte, encoding="utf-8")
    return folder


def reading(folder: Path) -> Reading:
    return read_tables([folder], None, load_dictionary(), ())


def values(folder: Path) -> list[float | None]:
    found = reading(folder).con.execute("select valeur from chiffre order by t")
    return [value for (value,) in found.fetchall()]


def refusal(folder: Path) -> str:
    with pytest.raises(QpvError) as refused:
        reading(folder)
    return str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        TABLE.replace("\n", ";;\n"),
        "Tableau 1;\n;\n" + TABLE,
        TABLE.replace(";", "\t"),
        TABLE.replace(";", ","),
        TABLE.replace("\n", "\r\n\r\n"),
        TABLE + ";\nSource : Dares ; calculs\n(1) au 31/12\n",
        TABLE.replace("territoire", " Territoire "),
        "".join(f"{line};Été\n" for line in TABLE.splitlines()).encode("cp1252"),
        TABLE.replace("1731", "1,731"),
        TABLE.replace("1731", '" 1\u202f731\u00a0"').encode("utf-8-sig"),
    ],
)
def test_one_table_under_every_dress(tmp_path: Path, text: str | bytes) -> None:
    assert values(given_tables(tmp_path, t1_csv=text)) == [1731, 385]


def test_an_ending_in_capitals_is_a_table(tmp_path: Path) -> None:
    (given_tables(tmp_path, t1_CSV=TABLE) / "golden_map.csv").rename(tmp_path / "Golden_Map.CSV")
    assert values(tmp_path) == [1731, 385]


@pytest.mark.parametrize("cell", ["12 3", "1731*", "1 731 (1)", "385 r", "#N/A", "#DIV/0!", "5 %"])
def test_what_is_no_count_is_refused_at_its_place(tmp_path: Path, cell: str) -> None:
    said = refusal(given_tables(tmp_path, t1_csv=TABLE.replace("385", cell)))
    assert "ligne 3, n" in said and "À faire" in said


def test_a_count_that_can_be_two_is_refused(tmp_path: Path) -> None:
    text = TABLE.replace("1731", "1,731").replace("385", "2,004")
    assert "peut en être deux" in refusal(given_tables(tmp_path, t1_csv=text))


def test_signs_and_words_are_missing_figures_and_are_told(tmp_path: Path) -> None:
    more = "QP059023;///\nQP059024;<5\nQP059025;voir note\nQP059026;nd\nQP059027;\nQP059028;-\n"
    found = reading(given_tables(tmp_path, t1_csv=TABLE + more))
    assert (found.chiffres, found.manquants) == (2, 6)
    [told] = found.non_verifies
    assert all(f"« {sign} » (1)" in told for sign in ("///", "<5", "voir note"))
    assert "nd" not in told.split(":")[-1]


def test_shares_written_0_to_1_are_refused_until_the_map_says_how(tmp_path: Path) -> None:
    text = TABLE.replace("1731", "0,463").replace("385", "0,386")
    assert "0,463 peut être 46,3 %" in refusal(given_tables(tmp_path, SHARE, t1_csv=text))
    for ecriture, shares in (("fraction", [46.3, 38.6]), ("pourcent", [0.463, 0.386])):
        head, row = SHARE.splitlines()
        carte = f"{head},ecriture\n{row},{ecriture}\n"
        assert values(given_tables(tmp_path, carte, t1_csv=text)) == shares
    carte = f"{head},ecriture\n{row},décimale\n"
    assert "ecriture inconnue" in refusal(given_tables(tmp_path, carte, t1_csv=text))
    text = text.replace("0,463", "46,3 %").replace("0,386", "38,6")
    assert values(given_tables(tmp_path, SHARE, t1_csv=text)) == [46.3, 38.6]


def test_nothing_read_is_not_nothing_to_report(tmp_path: Path) -> None:
    folder = given_tables(tmp_path, COUNT.replace("t1", "t9"), t1_csv=TABLE, t2_xlsx=b"PK\x03\x04")
    code, output = invoke_qpv("verifier", str(folder))
    assert (code, "Rien à signaler" in output) == (1, False)
    assert "aucun chiffre à vérifier" in output
    assert "t1.csv : golden_map.csv ne dit rien de ce fichier" in output
    assert "t9 : golden_map.csv le décrit, il manque" in output
    assert "t2.xlsx : seuls les CSV se lisent" in output
    empty = given_tables(tmp_path, t1_csv="territoire;n\nQP059021;nd\n")
    assert "aucun chiffre à vérifier" in refusal(empty)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TABLE.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04" + bytes(20), "c'est un classeur"),
        (TABLE.replace(";", "|").encode(), "tabulation"),
        (TABLE.encode() + b"QP0590", "plus courte que l'en-tête"),
        (TABLE.encode() + b"QP059023;1;2", "plus de cellules que d'en-têtes"),
        (b"territoire;n;N\nQP059021;1;2", "deux colonnes portent l'en-tête"),
        (b"territoire;n\n", "sans ligne"),
        (b"", "colonne absente : territoire"),
        pytest.param(b"territoire;" + b"n" * 140_000, "cellule trop longue", id="long"),
    ],
)
def test_what_is_no_table_says_what_to_mend(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in refusal(given_tables(tmp_path, t1_csv=content))


def test_two_tables_of_one_name_are_refused(tmp_path: Path) -> None:
    given_tables(tmp_path, t1_csv=TABLE, t1_CSV=TABLE)
    with pytest.raises(QpvError, match="deux tableaux du même nom : t1"):
        csv_files([tmp_path])


def test_a_column_without_name_is_said(tmp_path: Path) -> None:
    found = reading(given_tables(tmp_path, t1_csv=";territoire;n\n0;QP059021;5\n1;QP059022;6\n"))
    assert "(sans nom, colonne 1)" in found.non_verifies[0]


def test_without_a_key_the_first_line_is_the_header(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_text('\n"EPCI";QPV\nE1;Q1\nE1;Q2\n', encoding="utf-8")
    header, rows = csv_rows(path, None)
    assert (header, [line for line, _ in rows]) == (["EPCI", "QPV"], [3, 4])


@given(st.text(alphabet="0123456789.,  \u202f-%(*#n/d<", max_size=10), st.booleans())
def test_both_readers_give_the_same_number_or_none(text: str, share: bool) -> None:
    code, kind = ("part_defm_abc_femmes", "part") if share else ("nb_defm_abc", "effectif")
    indicateur = load_dictionary().indicateurs[code]
    try:
        landed = parse_cell(text, ColumnReading(kind))[0]
    except CellError:
        return
    rows = [(2, {"territoire": "QP059021", "n": text})]
    [(_, _, printed)] = printed_column(Path("t"), rows, "n", indicateur, "niveau", None, [])
    assert (None if printed is None else float(printed)) == landed


RELATIONS = Relations.model_validate(
    {
        "tableaux": [
            {"fichier": "t1", "dimensions": ["zone"], "mesures": {"n": {"entier": True}, "p": {}}}
        ]
    }
)


def audited(folder: Path, text: str, name: str = "t1.csv") -> list[float | None]:
    (folder / name).write_text(text, encoding="utf-8")
    return [case.valeur for case in Declared(RELATIONS, {}, folder).tables([folder]).cases]


@pytest.mark.parametrize("name", ["t1.csv", "t1.CSV"])
def test_the_audit_reads_the_same_way(tmp_path: Path, name: str) -> None:
    text = "Tableau\n\nZone\tn\tp\nQ1\t1,731\t46,3\nQ2\t385\t\nSource : Dares\n"
    assert audited(tmp_path, text, name) == [1731, 46.3, 385, None]


@pytest.mark.parametrize("cell", ["12 3", "1731*", "#N/A", "5 %", "1,731", "<5"])
def test_the_audit_refuses_the_same_cells(tmp_path: Path, cell: str) -> None:
    with pytest.raises(QpvError, match="un nombre illisible") as refused:
        audited(tmp_path, f"zone;n;p\nQ1;3;{cell}\nQ2;385;2\n")
    assert "ligne 2, p" in str(refused.value)
