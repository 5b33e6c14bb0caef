"""A text that a converter damaged is given back its letters where they are sure, else refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.archive import ArchivedFile
from ingest.damaged_text import refuse_damaged
from ingest.landing import land
from ingest.readers import RawTable, read_table
from ingest.registry import load_registry
from quality.printed_tables import csv_rows
from quality.release_texts import check_texts
from tests.conftest import SHARED
from tests.fixtures.small_source import Essai
from tests.unit.test_readers import workbook
from warehouse.base.characters import fault, mend
from warehouse.base.errors import QpvError
from warehouse.base.strict import Strict, load_yaml

FRENCH = "Cœur d’Îlot – Cité de l'Été « À Noël, ça sèche » où çà… ŒUVRE ÉÈÊËÀÂÇÔÙÛÜŸ N° 5 € ½"
LISTE = """\
id: essai_quartiers
titre: Liste d'essai
producteur: anct
page: https://exemple.invalid/page
calendrier: {jours: ["02-01"], texte: une fois}
acces: publique
perimetre: "2015"
nature: reference
parties: [{fichiers: ["L_{yyyy}.csv"], entete_cle: CODGEO, cle: qpv}]
attributs: [{nom: libelle, entete: LIB}]
colonnes_ignorees: [{entete: NOTE_LIBRE, raison: commentaire}]
millesimes: {"2021": {}}
"""


def test_sound_french_is_left_alone() -> None:
    for text in (FRENCH, FRENCH.replace(" ", "\u00a0"), FRENCH.replace("'", "’"), FRENCH.upper()):
        assert (mend(text), fault(text)) == (text, None)
    for apart in ("CITÉ\u00a0»", "LIBERTÉ’", "É – À", "Bâle « Â »", "ligne 1\nligne 2\t", "Š œ Ž"):
        assert fault(apart) is None, apart


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("C\x9cur", "Cœur"),
        ("l\x92Été", "l’Été"),
        ("CC Pays\x96Nord", "CC Pays–Nord"),
        ("\x80", "€"),
    ],
)
def test_a_control_that_is_a_windows_letter_is_given_it_back(text: str, letters: str) -> None:
    assert mend(text) == letters and fault(mend(text)) is None


@pytest.mark.parametrize("letter", "éèàçêôîûùëïüÉÈÀÇÊÔœŒ’–«»°€…")
@pytest.mark.parametrize("codec", ["cp1252", "latin-1", "mac_roman", "cp850"])
def test_a_letter_encoded_twice_is_told(letter: str, codec: str) -> None:
    """Also as it looks after its case was changed, or its no-break space made plain."""
    read = "".join(bytes([b]).decode(codec, "ignore") or chr(b) for b in letter.encode())
    for text in (read, read.upper(), f"Cit{read} du Nord", mend(f"Cit{read}")):
        assert fault(text), (letter, codec, text)
    assert fault("Cité Ã  la rose") and fault("CitÃƒÂ©")


@pytest.mark.parametrize("codec", ["cp850", "mac_roman"])
def test_a_file_of_another_machine_is_told(codec: str) -> None:
    assert "MS-DOS ou Macintosh" in (fault("Cité de la Paix".encode(codec).decode("cp1252")) or "")


def test_a_label_written_as_html_is_told() -> None:
    for text in ("Cit&eacute;", "L&#39;Île", "A &amp; B", "Cit&#xE9;"):
        assert "HTML" in (fault(text) or ""), text
    assert fault("Nord & Sud ; Est") is None and fault("A&B;") is None


@pytest.mark.parametrize("code", [0x00, 0x0B, 0x1B, 0x7F, 0x81, 0x8D, 0x9D, 0xD800, 0xFFFD, 0xFFFF])
def test_what_is_no_letter_is_a_fault(code: int) -> None:
    assert f"U+{code:04X}" in (fault(mend(f"Cit{chr(code)}")) or "")


def formats(libelle: str) -> dict[str, bytes]:
    """The same small table in every format that is read."""
    parquet = io.BytesIO()
    pq.write_table(pa.table({"CODGEO": ["QP059050"], "LIB": [libelle]}), parquet)
    feature = {"properties": {"CODGEO": "QP059050", "LIB": libelle}, "geometry": None}
    return {
        "e.csv": f"CODGEO;LIB\nQP059050;{libelle}\n".encode(),
        "e.xlsx": workbook(Feuille=[["CODGEO", "LIB"], ["QP059050", libelle]]),
        "e.parquet": parquet.getvalue(),
        "e.geojson": json.dumps({"features": [feature]}).encode(),
    }


@pytest.mark.parametrize("nom", ["e.csv", "e.xlsx", "e.parquet", "e.geojson"])
def test_every_format_is_mended_and_counted(tmp_path: Path, nom: str) -> None:
    path = tmp_path / "objet"
    path.write_bytes(formats("C\x9cur d'Agglo")[nom])
    raw = read_table(path, nom=nom, fmt="csv", entete_cle="CODGEO", membre=None, feuille=None)
    assert raw.rows[0][1][:2] == ["QP059050", "Cœur d'Agglo"] and raw.rendus == 1


@pytest.mark.parametrize("libelle", ["CitÃ©", "Cit\x81", "Cit\ufffd", "Cit\x1b[31m"])
def test_a_damaged_label_is_refused_with_its_place(tmp_path: Path, libelle: str) -> None:
    essai = Essai(tmp_path)
    source = essai.source(yaml=LISTE)
    content = f"CODGEO;LIB;NOTE_LIBRE\nQP059051;Nord;a\nQP059050;{libelle};b\n"
    said = essai.refusal(content, source=source, codes=None)
    assert "texte abîmé" in said and "ligne 3, colonne 'LIB'" in said and "\x1b" not in said


def test_a_column_left_aside_is_not_judged_and_a_mended_cell_is_reported(tmp_path: Path) -> None:
    essai = Essai(tmp_path)
    source = essai.source(yaml=LISTE)
    content = "CODGEO;LIB;NOTE_LIBRE\nQP059050;C\x9cur;CitÃ©\n"
    assert essai.land(content, source=source, codes=None)[0]["libelle"] == "Cœur"
    assert essai.report.rendus == 1


def test_a_table_under_secrecy_tells_the_place_and_not_the_cell() -> None:
    raw = RawTable("s.csv", ["CODE", "LIB"], [(2, ["Q1", "CitÃ©"])], confidentiel=True)
    with pytest.raises(QpvError) as refused:
        refuse_damaged(raw, [])
    assert "ligne 2, colonne 'LIB'" in str(refused.value) and "Ã" not in str(refused.value)


def test_the_door_refuses_what_landing_would_have_let_through() -> None:
    with duckdb.connect() as con:
        con.execute("create table dim_territoire (code text, libelle text, n int)")
        con.execute("insert into dim_territoire values ('QP1', 'Cité', 1)")
        assert check_texts(con).passe
        con.execute("insert into dim_territoire values ('QP2', 'C\x9cur', 1), ('QP3', 'CitÃ©', 1)")
        [said] = check_texts(con).echecs
    assert said.startswith("dim_territoire.libelle : ") and "U+009C" in said and "CitÃ©" in said


def test_a_hand_written_file_is_judged_too(tmp_path: Path) -> None:
    class Champ(Strict):
        remarque: list[str]

    path = tmp_path / "champ.yml"
    path.write_text('remarque: ["repris du site", "citÃ©"]\n', encoding="utf-8")
    with pytest.raises(QpvError, match=r"encodées deux fois .* clé remarque\.1"):
        load_yaml(path, Champ)


def test_a_printed_table_is_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("territoire;nom\nQP059050;C\x9cur\n", encoding="utf-8")
    assert csv_rows(path, "territoire")[1][0][1]["nom"] == "Cœur"
    path.write_text("territoire;nom\nQP059050;CitÃ©\n", encoding="utf-8")
    with pytest.raises(QpvError, match=r"encodées deux fois .* ligne 2, colonne 'nom'"):
        csv_rows(path, "territoire")


def test_the_official_list_lands_with_its_letters(tmp_path: Path) -> None:
    path = SHARED.parent / "extracts_plus" / "geo" / "anct_2024" / "listeqp2024-cog2024.csv"
    if not path.is_file():
        pytest.skip("the official list (../shared/extracts_plus) is not here")
    source = load_registry()["anct_liste_qpv"]
    partie = source.parts_of("2024")[0]
    file = ArchivedFile(path, "ab" * 32, path.stat().st_size, path.name, "", "", None, False)
    report = land(source, "2024", [(partie, file)], out=tmp_path / "l.parquet", codes_qpv=None)
    labels = pq.read_table(tmp_path / "l.parquet")["libelle"].to_pylist()
    assert "Cœur D'Agglo" in labels and not any("\x80" <= c <= "\x9f" for t in labels for c in t)
    assert sum("œ" in label for label in labels) >= 10 <= report.rendus


def test_the_real_files_hold_nothing_to_refuse() -> None:
    """Labels of every real csv: what is damaged in them is only what can be mended."""
    folders = (SHARED / "extracts", SHARED.parent / "extracts_plus")
    if not all(folder.is_dir() for folder in folders):
        pytest.skip("the real extracts (../shared) are not here")
    mended = 0
    for path in (p for folder in folders for p in folder.rglob("*.csv")):
        text = path.read_text(encoding="utf-8-sig")
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=";"):
            for cell in row:
                if not cell.isascii():
                    mended += mend(cell) != cell
                    assert fault(mend(cell)) is None, (path.name, cell)
    assert mended >= 15
