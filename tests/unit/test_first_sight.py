"""The first real file of an unseen millésime: every column said, or it does not land."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.small_source import HEADER, ROW, Essai, cell, table
from tests.unit.test_registry import refusal

PERIODES = 'periodes: {population: "2018", rp: "2017", caf: "2019-12-31"}'
UNSEEN = (PERIODES, PERIODES + "\n    statut_entetes: non_verifiees")


def unseen(folder: Path, *edits: tuple[str, str]) -> tuple[Essai, dict]:
    essai = Essai(folder)
    return essai, {"source": essai.source(UNSEEN, *edits)}


def test_a_file_that_is_as_expected_lands(tmp_path: Path) -> None:
    essai, how = unseen(tmp_path)
    assert cell(essai.land(table(), **how), "pop_municipale")["valeur"] == 1345


def test_a_difference_is_said_column_by_column(tmp_path: Path) -> None:
    essai, how = unseen(tmp_path)
    header = "CODGEO;POP_MUN;TX_FEM;A;MED_A21;NOTE_CNAF;NEUF;LIBGEO"
    said = essai.refusal(table(f"{ROW};1;Elnon", header=header), **how)
    assert "premier fichier lu pour essai_quartiers 2021" in said
    assert "n'avaient jamais été vus" in said
    there = "CODGEO = la clé, POP_MUN = pop_municipale, A = caf_allocataires, MED_A21 = caf_mediane"
    assert f"attendues et présentes (5) : {there}, NOTE_CNAF = NOTE de caf ; " in said
    assert "attendues et absentes (1) : TX_F = rp_part_femmes ; " in said
    assert "présentes et inconnues (2) : TX_FEM, NEUF." in said
    assert "sous `millesimes.2021` : pour chaque absente `entetes: {mesure: EN-TÊTE}`" in said
    assert "`colonnes_ignorees` avec sa raison" in said
    assert said.endswith("puis ôter `statut_entetes: non_verifiees`.") and "\n" not in said


def test_the_file_of_a_year_that_was_read_stops_the_run(tmp_path: Path) -> None:
    essai, how = unseen(tmp_path)
    said = essai.refusal(table("QP059050;1;2;0", header="CODGEO;POP_MUN;A;NOTE_CNAF"), **how)
    assert "cet en-tête est celui du millésime 2017" in said


def test_no_list_is_shortened(tmp_path: Path) -> None:
    essai, how = unseen(tmp_path)
    more = [f"COL{i}" for i in range(60)]
    said = essai.refusal(table(";".join([ROW, *more]), header=";".join([HEADER, *more])), **how)
    assert f"présentes et inconnues (60) : {', '.join(more)}." in said


def test_a_key_under_another_name_is_part_of_the_comparison(tmp_path: Path) -> None:
    essai, how = unseen(tmp_path)
    for key in ("codeQPV", "IDENTIFIANT"):
        said = essai.refusal(table(header=HEADER.replace("CODGEO", key)), **how)
        assert "attendues et absentes (1) : CODGEO = la clé" in said
        assert f"présentes et inconnues (1) : {key}" in said
        assert "`entete_cle: NOM`" in said and "`absentes: [mesure]`" not in said


def test_a_file_without_any_expected_header_is_refused(tmp_path: Path) -> None:
    essai, how = unseen(tmp_path)
    said = essai.refusal("x;y\n1;2\n", **how)
    assert "aucun des en-têtes attendus n'y est" in said
    assert "CODGEO (la clé), POP_MUN, TX_F, A, MED_A21, NOTE_CNAF" in said
    assert "`millesimes.2021.entete_cle`" in said


def test_a_header_to_establish_is_never_found(tmp_path: Path) -> None:
    essai, how = unseen(tmp_path, ("entete: TX_F,", 'entete: "? femmes",'))
    said = essai.refusal(table(), **how)
    assert "attendues et absentes (1) : ? femmes = rp_part_femmes" in said
    assert "présentes et inconnues (1) : TX_F" in said


def test_a_period_to_establish_keeps_an_expected_file_from_landing(tmp_path: Path) -> None:
    waiting = PERIODES.replace('rp: "2017"', 'rp: "?"')
    essai = Essai(tmp_path)
    source = essai.source((PERIODES, waiting + "\n    statut_entetes: non_verifiees"))
    said = essai.refusal(table(), source=source)
    assert "période à établir : bloc rp." in said
    assert "sous `millesimes.2021` : `periodes: {rp: PÉRIODE}`" in said
    assert "inconnues" not in said


def test_what_is_to_establish_is_refused_in_a_file_said_to_be_known(tmp_path: Path) -> None:
    said = refusal(tmp_path, ("entete: TX_F,", 'entete: "? femmes",'))
    assert "clé millesimes.2021." in said and "l'en-tête de rp_part_femmes est à établir" in said
    assert "illisible : '?'" in refusal(tmp_path, ('rp: "2017"', 'rp: "?"'))


def test_a_millesime_may_bear_its_perimeter_in_its_key(tmp_path: Path) -> None:
    both = ('  "2021":\n', '  "2021-qp24": {periodes: {rp: "2017"}, perimetre: "2024", '
            'fichiers: [ESSAI_QP24.csv]}\n  "2021":\n')  # fmt: skip
    source = Essai(tmp_path).source(both)
    assert [h for _, h, _ in source.columns_of("caf", "2021")] == ["A", "MED_A21"]
    assert source.perimetre_of("2021-qp24") == "2024"
    assert source.parts_of("2021-qp24")[0].fichiers == ["ESSAI_QP24.csv"]


def test_a_key_that_contradicts_its_perimeter_or_shares_a_file_is_refused(tmp_path: Path) -> None:
    new = '  "2021-qp24": {periodes: {rp: "2017"}, fichiers: [X.csv]}\n  "2021":\n'
    said = refusal(tmp_path, ('  "2021":\n', new))
    assert "clé millesimes.2021-qp24." in said and "-qp24 est du périmètre 2024" in said
    same = new.replace("fichiers: [X.csv]", 'perimetre: "2024"')
    said = refusal(tmp_path, ('  "2021":\n', same))
    assert "le fichier ESSAI_2021.csv est déjà celui du millésime" in said


def test_a_resource_and_its_data_set_go_together(tmp_path: Path) -> None:
    for key in ("dataset: jeu", "ressource: motif"):
        said = refusal(tmp_path, ("parties:", f"{key}\nparties:"))
        assert "clé dataset." in said
