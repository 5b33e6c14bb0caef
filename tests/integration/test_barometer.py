"""`qpv barometre`: one page and one table per place, figures of the release and no other."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pypdfium2 as pdfium
import pytest

from tests.conftest import invoke_qpv
from tests.fixtures.pdf_text import read_pdf, squeezed
from warehouse.declared.ensembles import find_ensemble, load_ensemble
from warehouse.domain.format import nombre

SIREN = "200042190"
LIST = """
titre: "Liste <b>d’essai</b>"
themes:
  - titre: "#panic() emploi"
    lignes:
      - {indicateur: part_defm_abc_femmes, mots: "=Femmes"}
      - {indicateur: taux_emploi_15_64_ans, mots: "En emploi"}
"""


def printed(sample_data: Path, out: Path, *words: str) -> list[Path]:
    code, said = invoke_qpv("barometre", *words, "--data", str(sample_data), "--sortie", str(out))
    assert code == 0, said
    return [Path(line) for line in said.splitlines()]


def test_the_shipped_list_has_about_thirty_indicators_in_nine_themes() -> None:
    told = load_ensemble(find_ensemble("barometre"))
    assert len(told.themes) == 9 and 28 <= len(told.indicateurs) <= 34


def test_each_place_has_one_tagged_page_and_a_table_of_the_release(
    sample_data: Path, sample_release: Path, tmp_path: Path
) -> None:
    written = printed(sample_data, tmp_path, SIREN, "59172")
    assert [p.name for p in written] == [
        f"{SIREN}.pdf", f"{SIREN}.csv", "COM-59172.pdf", "COM-59172.csv"
    ]  # fmt: skip
    for pdf in written[::2]:
        with pdfium.PdfDocument(pdf) as document:
            assert len(document) == 1
        assert read_pdf(pdf).balise
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        kept = {
            (i, t, p): (v, s)
            for i, t, p, v, s in con.execute(
                "select code_indicateur, code_territoire, coalesce(periode, ''), valeur, statut"
                " from fct_indicateur where en_avant"
            ).fetchall()
        }
    for path in written[1::2]:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) > 30
        for row in rows:
            value, statut = kept[row["code_indicateur"], row["code_territoire"], row["periode"]]
            assert row["statut"] == statut
            assert row["valeur"] == ("" if statut != "diffuse" else str(value))


def test_the_communes_of_an_epci_come_with_it(sample_data: Path, tmp_path: Path) -> None:
    own = tmp_path / "ma-liste.yml"
    own.write_text(LIST, encoding="utf-8")
    words = (SIREN, "--communes", "--ensemble", str(own))
    names = [path.stem for path in printed(sample_data, tmp_path / "x", *words)[::2]]
    assert names[0] == SIREN and "COM-59172" in names
    assert "COM-59606" not in names  # Valenciennes: another EPCI, though quarters lie in both


def test_a_list_of_one_s_own_is_printed_in_its_words(
    sample_data: Path, sample_release: Path, tmp_path: Path
) -> None:
    own = tmp_path / "ma-liste.yml"
    own.write_text(LIST, encoding="utf-8")
    pdf, table = printed(sample_data, tmp_path, SIREN, "--ensemble", str(own))
    text = read_pdf(pdf).texte
    for words in ("Liste <b>d’essai</b>", "#panic() emploi", "=Femmes", "(12 sur 13)"):
        assert squeezed(words) in text  # Elnon's women are masked: 12 quarters of 13 are ranged
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        low, high = con.execute(
            "select min(valeur), max(valeur) from fct_indicateur where en_avant and"
            " code_indicateur = 'part_defm_abc_femmes' and statut = 'diffuse'"
            " and type_territoire = 'qpv'"
        ).fetchone() or (0, 0)
    assert squeezed(f"{nombre(low, 1)} à {nombre(high, 1)}") in text
    assert "'=Femmes" in table.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["QP059050"], "pas de baromètre pour QP059050"),
        ([SIREN, "--ensemble", "rien"], "ensemble d'indicateurs inconnu"),
    ],
)
def test_what_has_no_barometer_is_refused(
    words: list[str], said: str, sample_data: Path, tmp_path: Path
) -> None:
    code, told = invoke_qpv("barometre", *words, "--data", str(sample_data), "--sortie",
                            str(tmp_path / "x"))  # fmt: skip
    assert code == 1 and said in told and not (tmp_path / "x").exists()


def test_a_list_that_names_an_unknown_indicator_is_refused_with_its_key(
    sample_data: Path, tmp_path: Path
) -> None:
    own = tmp_path / "ma-liste.yml"
    own.write_text(LIST.replace("part_defm_abc_femmes", "part_defm_femme"), encoding="utf-8")
    code, told = invoke_qpv("barometre", SIREN, "--ensemble", str(own), "--data",
                            str(sample_data))  # fmt: skip
    assert code == 1
    assert "themes.0.lignes.0.indicateur" in told and "écrire part_defm" in told
