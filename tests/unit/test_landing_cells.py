"""A value never travels alone: statut, motif and origin go with it, or the cell is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ingest.registry import load_registry
from tests.fixtures.small_source import HEADER, ROW, YAML, Essai, cell, table
from warehouse.base.errors import QpvError

ALLOCATAIRES = "QP059050;1 345;51,5;{};10 620;{}"


@pytest.mark.parametrize(
    ("note", "statut", "motif"),
    [
        ("0", "secret_producteur", "case laissée vide"),
        ("1", "secret_producteur", "case laissée vide"),
        ("so", "secret_producteur", "case laissée vide"),
        ("SO ", "secret_producteur", "case laissée vide"),
        ("2", "non_diffuse", "NOTE 2"),
        ("3", "non_diffuse", "NOTE 3"),
        ("4", "non_diffuse", "NOTE 4"),
        ("5", "non_diffuse", "NOTE 5"),
        ("6", "non_diffuse", "NOTE 6"),
        ("", "hors_champ", "ne couvre pas ce territoire"),
    ],
)
def test_the_note_says_why_a_cell_is_blank(
    tmp_path: Path, note: str, statut: str, motif: str
) -> None:
    rows = Essai(tmp_path).land(table(f"QP059050;1;2;;;{note}"))
    found = cell(rows, "caf_allocataires")
    assert found["valeur"] is None and found["statut"] == statut and motif in found["motif"]
    assert found["note"] == note.strip().lower()
    assert cell(rows, "pop_municipale")["statut"] == "diffuse"


def test_zero_is_a_value_and_a_blank_is_not_zero(tmp_path: Path) -> None:
    rows = Essai(tmp_path).land(table("QP059050;0;0,0;;0;0"))
    assert cell(rows, "pop_municipale")["valeur"] == cell(rows, "caf_mediane")["valeur"] == 0
    assert cell(rows, "caf_allocataires")["valeur"] is None
    assert Essai(tmp_path).land(table("QP059050;;;;;0"))[0]["statut"] == "secret_producteur"


def test_note_1_keeps_the_value_and_asks_for_care(tmp_path: Path) -> None:
    rows = Essai(tmp_path).land(table(ALLOCATAIRES.format("200", "1")))
    found = cell(rows, "caf_allocataires")
    assert (found["valeur"], found["statut"]) == (200, "diffuse")
    assert "prudence" in found["motif"]
    assert cell(rows, "pop_municipale")["motif"] is None


@pytest.mark.parametrize("note", ["2", "3", "5", "6", ""])
def test_a_value_under_a_note_that_says_there_is_none_is_refused(tmp_path: Path, note: str) -> None:
    said = Essai(tmp_path).refusal(table(ROW.replace("QP059050", "QP02A003"),
                                         ALLOCATAIRES.format("1 200", note)))  # fmt: skip
    assert f"le fichier se contredit : '1 200' sous la NOTE '{note}'" in said
    assert "fichier ESSAI_2021.csv, ligne 3, colonne 'A'" in said


@pytest.mark.parametrize("note", ["7", "0.0", "x"])
def test_an_unknown_note_is_refused_at_its_place(tmp_path: Path, note: str) -> None:
    said = Essai(tmp_path).refusal(table(ALLOCATAIRES.format("200", note)))
    assert f"code NOTE inconnu : '{note}'" in said
    assert "ligne 2, colonne 'NOTE_CNAF'" in said


def test_a_word_keeps_its_own_statut_unless_the_note_says_more(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    assert cell(essai.land(table(ALLOCATAIRES.format("nd", "0"))), "caf_allocataires")[
        "statut"
    ] == "non_disponible"  # fmt: skip
    rows = essai.land(table("QP059050;1;2;ns;nd;5"))
    assert {r["statut"] for r in rows if r["bloc"] == "caf"} == {"non_diffuse"}


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("QP059050;1 345,5;51,5;200;10 620;0", "POP_MUN", "un effectif entier"),
        ("QP059050;-1;51,5;200;10 620;0", "POP_MUN", "une valeur positive ou nulle"),
        ("QP059050;1 345;151,5;200;10 620;0", "TX_F", "une part entre 0 et 100"),
        ("QP059050;1 345;51,5;2OO;10 620;0", "A", "un nombre"),
        ("QP059050;1 345;51,5;200;10,620;0", "MED_A21", "un nombre sans ambiguïté"),
    ],
)
def test_an_impossible_value_is_refused_at_its_place(
    tmp_path: Path, row: str, column: str, said: str
) -> None:
    refusal = Essai(tmp_path).refusal(table(ROW.replace("QP059050", "QP02A003"), row))
    assert f"fichier ESSAI_2021.csv, ligne 3, colonne '{column}'" in refusal
    assert f"Attendu : {said}" in refusal


def test_a_refusal_is_one_whole_paragraph(tmp_path: Path) -> None:
    assert Essai(tmp_path).refusal(table("QP059050;1;2;abc\u202f.;3;0")) == (
        "valeur impossible : 'abc\\u202f.' (un mot, non un nombre). "
        "Où : fichier ESSAI_2021.csv, ligne 2, colonne 'A'. "
        "Attendu : un nombre comme 1731, 1 731 ou 46,3, une case vide, « nd », « ns », « s » ou "
        "« c ». À faire : chercher dans la documentation du fichier ce que ce signe veut dire, et "
        "le déclarer dans `signes` du bloc."
    )


def test_a_column_shows_what_its_comma_is(tmp_path: Path) -> None:
    others = "QP059051;385;1,5;12;9,5;0", "QP02A003;12,004;2,5;;1 200,25;0"
    rows = Essai(tmp_path).land(table("QP059050;1,731;12,345;200;10,620;0", *others))
    first = [r["valeur"] for r in rows if r["code_territoire"] == "QP059050"]
    assert first == [1731, 12.345, 200, 10.62]


def test_a_count_that_nothing_shows_is_refused(tmp_path: Path) -> None:
    said = Essai(tmp_path).refusal(table("QP059050;1,731;1;2;3;0", "QP059051;2,004;1;2;3;0"))
    assert "valeur impossible : '1,731' (un nombre qui peut en être deux)" in said
    assert "ligne 2, colonne 'POP_MUN'" in said and "type de la mesure" not in said


FRACTIONS = table("QP059050;1;0,463;2;3;0", "QP059051;1;0,386;2;3;0", "QP02A003;1;0;2;3;0")
PART = "{mesure: rp_part_femmes, entete: TX_F, type: part}"


def test_shares_written_0_to_1_are_refused_until_it_is_said_how(tmp_path: Path) -> None:
    said = Essai(tmp_path).refusal(FRACTIONS)
    assert "0,463 peut être 46,3 % ou 0,463 %" in said
    assert "fichier ESSAI_2021.csv, colonne 'TX_F'" in said and "`ecriture: fraction`" in said
    found = []
    for ecriture in ("fraction", "pourcent"):
        essai = Essai(tmp_path)
        source = essai.source((PART, PART[:-1] + f", ecriture: {ecriture}}}"))
        rows = essai.land(FRACTIONS, source=source)
        found.append([r["valeur"] for r in rows if r["mesure"] == "rp_part_femmes"])
    assert found == [[46.3, 38.6, 0], [0.463, 0.386, 0]]


@pytest.mark.parametrize("sign", ["<5", "///", "-", "NC", "…", "n.c.", "voir note"])
def test_a_sign_is_what_its_block_declares_or_is_refused(tmp_path: Path, sign: str) -> None:
    row = table(f"QP059050;1;2;{sign.lower()};3;0")
    said = Essai(tmp_path).refusal(row)
    assert "le déclarer dans `signes` du bloc" in said and "type de la mesure" not in said
    essai = Essai(tmp_path)
    declared = "note: [{entete: NOTE_CNAF}]\n"
    signes = f'    signes: {{"{sign}": hors_champ}}\n'
    rows = essai.land(row, source=essai.source((declared, declared + signes)))
    found = cell(rows, "caf_allocataires")
    assert (found["valeur"], found["statut"]) == (None, "hors_champ")
    assert f"« {sign.lower()} »" in found["motif"]


@pytest.mark.parametrize("sign", ["0", "1 731", "", " "])
def test_a_number_or_a_blank_is_no_sign(tmp_path: Path, sign: str) -> None:
    declared = "note: [{entete: NOTE_CNAF}]\n"
    with pytest.raises(QpvError, match=r"blocs\.caf\.signes"):
        Essai(tmp_path).source((declared, f'{declared}    signes: {{"{sign}": hors_champ}}\n'))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_same_cells_whatever_the_dress(tmp_path: Path, encoding: str) -> None:
    """BOM or Windows-1252, CRLF, quotes, NBSP, decimal point, trailing columns, Ensemble."""
    plain = Essai(tmp_path).land(table())
    header = ";".join(f'"{h}"' for h in [*HEADER.split(";"), "EVOL_É "]) + ";;;"
    row = '"QP059050";1\u00a0345;51.5;200;10\u00a0620;0;3;;;'
    text = "\r\n".join([header, "Ensemble;5\u00a0019\u00a0573;52,1;;;;;;;", row, ""])
    dressed = Essai(tmp_path).land(text.encode(encoding))
    assert [before | {"ligne": 3} for before in plain] == dressed


LONG = (
    YAML[: YAML.index("lignes_ignorees")].replace("cle: qpv", "cle: territoire")
    + """\
nature: longue
colonnes_ignorees: [{entete: remarque, raison: lecture}]
blocs:
  population:
    producteur: insee
    secret: insee_rp
    citation: Insee
    colonnes: [{mesure: pop_municipale, entete: valeur, type: effectif}]
  rp:
    producteur: insee
    secret: insee_rp
    citation: Insee, RP
    fenetre_annees: 2
    colonnes: [{mesure: rp_part_femmes, entete: valeur, type: part}]
millesimes:
  "2021":
    periodes: {population: "2018", rp: ["2011", "2017"]}
"""
)
LONG_HEADER = "CODGEO;mesure;periode;valeur;remarque"
FIGURE = "QP059050;rp_part_femmes;2017;51,5;lu"


def long(essai: Essai, *rows: str, header: str = LONG_HEADER) -> dict:
    return {"content": table(*rows, header=header), "source": essai.source(yaml=LONG)}


def test_a_long_file_lands_one_figure_per_row(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    codes = ["QPV@EPCI:200042190", "QPV@DEP:59", "QPV@FRMETRO"]
    codes += ["EPCI:200042190", "DEP:2A", "FRMETRO"]
    others = [f"{code};pop_municipale;2018;nd;" for code in codes]
    rows = essai.land(**long(essai, FIGURE, FIGURE.replace("2017", "2011"), *others))
    found = {(r["code_territoire"], r["periode"]): r for r in rows}
    assert len(found) == 8 and essai.report.territoires == 7
    assert found["QP059050", "2017"]["valeur"] == 51.5
    assert str(found["QP059050", "2011"]["periode_debut"]) == "2009-01-01"
    assert {c: found[c, "2018"]["perimetre"] for c in codes} == {
        c: "2015" if c.startswith("QPV@") else "" for c in codes
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (FIGURE, "chiffre en double : QP059050, rp_part_femmes, 2017"),
        (FIGURE.replace("femmes", "hommes"), "mesure inconnue : 'rp_part_hommes'"),
        (FIGURE.replace("2017", "2018"), "periode inconnue : '2018'"),
        (FIGURE.replace("2017;", "2011;1"), "valeur impossible : '151,5'"),
        (FIGURE.replace("QP059050", "QP059099"), "code QPV inconnu : QP059099"),
        (FIGURE.replace("QP059050", "QN05950M"), "QN05950M est un QPV 2024"),
        (FIGURE.replace("QP059050", "QPV@CC:59"), "clé illisible : 'QPV@CC:59'"),
    ],
)
def test_a_long_row_that_nothing_explains_is_refused(tmp_path: Path, row: str, said: str) -> None:
    essai = Essai(tmp_path)
    refusal = essai.refusal(**long(essai, FIGURE, row))
    assert said in refusal and "fichier ESSAI_2021.csv, ligne 3" in refusal


def test_a_long_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    said = essai.refusal(**long(essai, FIGURE, header="CODGEO;mesure;année;valeur;remarque"))
    assert "colonnes absentes : periode ; colonnes inconnues : année" in said


def test_a_blank_of_rpls_by_commune_is_a_secret_where_its_note_says_nothing_else(
    tmp_path: Path,
) -> None:
    source = load_registry()["sdes_rpls_territoires"]
    names = [header for _, header, _ in source.columns_of("rpls", "2024")]
    lines = [["CodGeo", "Note", *names], ["59606", "0", "250", *[""] * (len(names) - 1)]]
    text = "\n".join(";".join(line) for line in lines) + "\n"
    rows = Essai(tmp_path).land(
        text, source=source, millesime="2024", nom="data_RPLS2024_COM.csv", codes=None
    )
    said = Counter((row["code_territoire"], row["statut"]) for row in rows)
    assert said == {("COM:59606", "diffuse"): 1, ("COM:59606", "secret_producteur"): len(names) - 1}
