"""A producer's own line of all its QPV: landed with what it covers, or left if that is unsaid."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.archive import ArchivedFile
from ingest.landing import land
from ingest.registry import Source
from tests.fixtures.archives import zipped
from tests.fixtures.small_source import CODES, ROW, Essai, cell, table
from tests.unit.test_registry import refusal
from warehouse.domain.producteur import CODE, champ

IGNORED = "lignes_ignorees:\n  - {entete: Ensemble, raison: total national}\n"
LINE = """\
ligne_nationale:
  cle: Ensemble
  champs: {population: [metropole, "974"], caf: [metropole, "974", "972"]}
  arrondis: {caf: 100}
"""
NATIONAL = "Ensemble;5 019 573;52,1;1 428 400;13 770;"
OWN = LINE + "  fichiers: ['ESSAI_{yyyy}_ENSQP.csv']\n  membre: 'data_.*_ENSQP\\.csv'\n"


@pytest.fixture
def essai(tmp_path: Path) -> Essai:
    return Essai(tmp_path)


def source(essai: Essai, line: str = LINE, *edits: tuple[str, str]) -> Source:
    return essai.source((IGNORED, line), *edits)


def test_each_figure_says_which_quarters_and_which_rounding(essai: Essai) -> None:
    rows = essai.land(table(NATIONAL, ROW), source=source(essai))
    people = cell(rows, "pop_municipale", CODE)
    covered = "QPV de France métropolitaine et de La Réunion"
    assert (people["valeur"], people["statut"], people["champ"]) == (5019573, "diffuse", covered)
    assert people["motif"] == f"ligne nationale du producteur : {covered}"
    caf = "ligne nationale du producteur : "
    caf += "QPV de France métropolitaine, de La Réunion et de Martinique"
    counted, median = (cell(rows, m, CODE) for m in ("caf_allocataires", "caf_mediane"))
    assert counted["motif"] == f"{caf} ; effectifs arrondis à la centaine"
    assert (median["valeur"], median["motif"]) == (13770, caf)  # only counts are rounded to it
    assert cell(rows, "caf_allocataires")["champ"] is None
    assert essai.report.territoires == 1


def test_a_block_whose_coverage_is_not_said_and_an_empty_cell_are_left(essai: Essai) -> None:
    rows = essai.land(table("Ensemble;5 019 573;52,1;;;", ROW), source=source(essai))
    assert {r["mesure"] for r in rows if r["code_territoire"] == CODE} == {"pop_municipale"}


def test_a_line_that_the_millesime_does_not_have_is_refused_by_name(essai: Essai) -> None:
    until = LINE.replace("  cle", '  jusqua: "2019"\n  cle')
    said = essai.refusal(table(NATIONAL, ROW), source=source(essai, until))
    assert "clé illisible : 'Ensemble'" in said and "ligne 2" in said


def test_a_line_twice_or_alone_is_refused(essai: Essai) -> None:
    own = source(essai)
    assert f"territoire en double : {CODE}" in essai.refusal(table(NATIONAL, NATIONAL), source=own)
    assert "aucun territoire" in essai.refusal(table(NATIONAL), source=own)


def _land(essai: Essai, own: Source, *files: tuple[str, bytes]) -> list[dict]:
    archived = []
    for partie, (nom, content) in zip(own.parts_of("2021"), files, strict=True):
        path = essai.folder / nom
        path.write_bytes(content)
        archived.append((partie, ArchivedFile(path, "ab" * 32, 1, nom, nom, "", None, False)))
    essai.report = land(own, "2021", archived, out=essai.out, codes_qpv=CODES)
    return pq.read_table(essai.out).to_pylist()


def _zip(**members: str) -> bytes:
    return zipped({f"{name}.csv": text for name, text in members.items()})


def test_a_line_in_a_file_of_its_own(essai: Essai) -> None:
    own = source(essai, OWN.replace("cle: Ensemble", 'cle: "00"'))
    national = table(NATIONAL.replace("Ensemble", "00"))
    names = ("ESSAI_2021.csv", "ESSAI_2021_ENSQP.csv")
    assert [p.fichiers for p in own.parts_of("2021")] == [[n] for n in names]
    rows = _land(essai, own, (names[0], table().encode()), (names[1], national.encode()))
    assert cell(rows, "pop_municipale", CODE)["valeur"] == 5019573
    # In the file of the quarters, the same key is no line: nothing of it is guessed.
    essai.out.unlink()
    assert "clé illisible : '00'" in essai.refusal(national, source=own, nom=names[0])


def test_an_archive_without_the_line_lands_without_it_and_says_so(essai: Essai) -> None:
    own = source(essai, OWN, (r"'data_.*\.csv'", r"'data_QP\.csv'"))
    both = _zip(data_QP=table(), data_X_ENSQP=table(NATIONAL))
    rows = _land(essai, own, ("a.zip", both), ("b.zip", both))
    assert cell(rows, "pop_municipale", CODE)["valeur"] == 5019573
    alone = _zip(data_QP=table())
    rows = _land(essai, own, ("a.zip", alone), ("b.zip", alone))
    assert {r["code_territoire"] for r in rows} == {"QP059050"}
    assert "n'a pas la ligne nationale" in essai.report.ignorees[r"data_.*_ENSQP\.csv"]


@pytest.mark.parametrize(
    ("edits", "key", "said"),
    [
        ([(IGNORED, LINE.replace("{population", "{habitants"))],
         "ligne_nationale.champs", "bloc inconnu : 'habitants'"),
        ([(IGNORED, LINE.replace('"974"]', '"59"]', 1))], "ligne_nationale.champs", "59"),
        ([(IGNORED, LINE + IGNORED)], "lignes_ignorees", "est lue, et non ignorée"),
        ([(IGNORED, LINE), ("cle: qpv,", "cle: epci,")], "ligne_nationale", "une ligne par QPV"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_refused_when_declared(
    tmp_path: Path, edits: list[tuple[str, str]], key: str, said: str
) -> None:
    refused = refusal(tmp_path, *edits)
    assert f"clé {key}" in refused and said in refused


def test_a_file_under_agreement_keeps_its_line_to_itself(essai: Essai) -> None:
    """A total beside masked cells would betray them."""
    own = source(essai, OWN).model_copy(update={"acces": "convention"})
    assert len(own.parts_of("2021")) == 1
    closed = source(essai).model_copy(update={"acces": "convention"})
    rows = essai.land(table(NATIONAL, ROW), source=closed)
    assert {r["code_territoire"] for r in rows} == {"QP059050"}


def test_the_words_of_a_coverage() -> None:
    assert champ(["metropole"]) == "QPV de France métropolitaine"
    assert champ(["971", "976"]) == "QPV de Guadeloupe et de Mayotte"
