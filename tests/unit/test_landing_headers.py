"""Every column of a file is explained by the registry, or the file is refused, naming them."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.small_source import HEADER, ROW, YAML, Essai, cell, table


def test_each_block_lands_with_its_own_period(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    rows = essai.land(table())
    periods = {r["mesure"]: (r["periode"], str(r["periode_debut"])) for r in rows}
    assert periods == {
        "pop_municipale": ("2018", "2018-01-01"),
        "rp_part_femmes": ("2017", "2015-01-01"),
        "caf_allocataires": ("2019-12-31", "2019-12-31"),
        "caf_mediane": ("2019-12-31", "2019-12-31"),
    }
    assert essai.report.colonnes == ["POP_MUN", "TX_F", "A", "MED_A21"]


def test_case_and_surrounding_blanks_of_a_header_do_not_count(tmp_path: Path) -> None:
    header = "codgeo ;Pop_Mun;tx_f\u00a0;A ;med_a21;Note_Cnaf"
    assert cell(Essai(tmp_path).land(table(header=header)), "pop_municipale")["valeur"] == 1345


def test_what_is_left_aside_is_reported_with_its_reason(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    essai.land(table(f"{ROW};Elnon;3", header=f"{HEADER};LIBGEO;EVOL_CA_N_E "))
    reason = "libellé ou série sans période"
    assert essai.report.ignorees == {"LIBGEO": reason, "EVOL_CA_N_E": reason}


def test_an_unknown_and_a_missing_column_are_refused_by_name(tmp_path: Path) -> None:
    said = Essai(tmp_path).refusal(table(header=HEADER.replace("TX_F", "TX_FEMMES")))
    assert "ESSAI_2021.csv : colonnes absentes : TX_F ; colonnes inconnues : TX_FEMMES" in said
    assert "`millesimes.2021`" in said
    assert "celui du millésime 2017" not in said


def test_a_missing_note_column_is_refused(tmp_path: Path) -> None:
    said = Essai(tmp_path).refusal(table(header=HEADER.replace(";NOTE_CNAF", ";LIBGEO")))
    assert "colonnes absentes : NOTE_CNAF" in said


def test_the_file_of_another_millesime_is_refused_naming_which(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    of_2017 = table("QP059050;1 345;200;0", header="CODGEO;POP_MUN;A;NOTE_CNAF")
    assert "cet en-tête est celui du millésime 2017" in essai.refusal(of_2017)
    said = essai.refusal(table(), millesime="2017", nom="ESSAI_2017.csv")
    assert "pas celui du millésime 2017 de essai_quartiers ; cet en-tête est celui du" in said
    assert "celui du millésime 2021. Où" in said


def test_a_twin_must_explain_every_column_and_its_note(tmp_path: Path) -> None:
    """A header that merely contains another millésime's columns is not its header."""
    header = "CODGEO;POP_MUN;A;NOTE_CNAF;NEUF"
    assert "cet en-tête" not in Essai(tmp_path).refusal(table("QP059050;1;2;0;3", header=header))


def test_the_wrong_file_altogether_is_said_briefly(tmp_path: Path) -> None:
    names = [f"X{n}" for n in range(40)]
    header, row = ";".join(["CODGEO", *names]), ";".join(["QP059050", *names])
    said = Essai(tmp_path).refusal(table(row, header=header))
    assert "X0, X1" in said and "et 20 autres" in said and "X39" not in said


def test_a_header_written_twice_is_refused(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    assert "deux colonnes portent l'en-tête 'A'" in essai.refusal(
        table(f"{ROW};201", header=f"{HEADER};A")
    )
    assert "deux colonnes portent l'en-tête 'CODGEO'" in essai.refusal(
        table(f"{ROW};QP059051", header=f"{HEADER};CODGEO")
    )


def test_a_nameless_column_counts_only_when_it_holds_something(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    header = HEADER.replace(";A;", ";;A;")
    rows = [ROW.replace(";200;", ";;200;"), "QP059051;1;2;{};3;4;0"]
    said = essai.refusal(table(*rows, header=header).format("7"))
    assert "(sans nom, colonne 4, remplie à la ligne 3)" in said
    assert essai.land(table(*rows, header=header).format(" "))


def test_a_column_said_absent_may_be_absent_and_one_renamed_may_be_renamed(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    own = 'periodes: {population: "2018", rp: "2017", caf: "2019-12-31"}'
    more = own + "\n    absentes: [caf_mediane]\n    entetes: {rp_part_femmes: PART_F}"
    rows = essai.land(
        table("QP059050;1;2;3;0", header="CODGEO;POP_MUN;PART_F;A;NOTE_CNAF"),
        source=essai.source((own, more)),
    )
    assert {r["mesure"]: r["entete"] for r in rows} == {
        "pop_municipale": "POP_MUN",
        "rp_part_femmes": "PART_F",
        "caf_allocataires": "A",
    }


def test_one_column_per_period_lands_as_as_many_periods(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    source = essai.source(
        ("entete: POP_MUN", 'entete: "pop_{an}"'),
        ('population: "2013", caf: "2015-12-31"', 'population: ["2013", "2018"]'),
    )
    rows = essai.land(
        table("QP059050;1;2", header="CODGEO;pop_2018;pop_2013"), source=source, millesime="2017"
    )
    assert {(r["periode"], r["valeur"]) for r in rows} == {("2018", 1), ("2013", 2)}


REFERENCE = (
    YAML[: YAML.index("lignes_ignorees")]
    + """\
nature: reference
attributs:
  - {nom: libelle, entete: "LIB_{yyyy}"}
  - {nom: code_epci, entete: EPCI, obligatoire: false}
millesimes:
  "2021": {}
  "2022": {absentes: [libelle]}
"""
)


def test_a_reference_keeps_its_attributes_as_text_and_refuses_the_rest(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    source = essai.source(yaml=REFERENCE)
    [row] = essai.land("CODGEO;LIB_2021\nQP02A003; Été \n", source=source)
    assert (row["code"], row["libelle"], row["perimetre"]) == ("QP02A003", "Été", "2015")
    assert (row["fichier"], row["millesime"], row["code_epci"]) == ("ESSAI_2021.csv", "2021", None)
    essai.out.unlink()
    said = essai.refusal("CODGEO;EPCI;X\nQP02A003;1;2\n", source=source)
    assert "colonnes absentes : LIB_2021 ; colonnes inconnues : X" in said
    said = essai.refusal("CODGEO;LIB_2021\nQP02A003;#N/A\n", source=source)
    assert "erreur de tableur : '#N/A'" in said and "ligne 2, colonne 'LIB_2021'" in said
    assert essai.land("CODGEO;EPCI\nQP02A003;1\n", source=source, millesime="2022")


def test_codes_put_end_to_end_land_apart_by_their_declared_width(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    wide = ("entete: EPCI, obligatoire: false}", "entete: EPCI, largeur: 9}")
    source = essai.source(wide, yaml=REFERENCE)

    def lands(epci: str) -> str | None:
        [row] = essai.land(f"CODGEO;LIB_2021;EPCI\nQP02A003;a;{epci}\n", source=source)
        return row["code_epci"]

    assert lands("200042190245901160") == lands("200042190 245901160") == "200042190;245901160"
    assert (lands("200042190"), lands("ZZZZZZZZZ"), lands("")) == ("200042190", "ZZZZZZZZZ", None)
    for broken in ("20004219", "200042190245", "2000-2190"):
        essai.out.unlink(missing_ok=True)
        said = essai.refusal(f"CODGEO;LIB_2021;EPCI\nQP02A003;a;{broken}\n", source=source)
        assert f"codes mis bout à bout illisibles : '{broken}'" in said
        assert "ligne 2, colonne 'EPCI'" in said and "9 caractères" in said
