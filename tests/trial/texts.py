"""Hostile csv files: bytes, headers, keys and cells that no producer writes."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.fixtures.archives import zipped
from tests.trial.case import Case

LIST, REVN, DEMO, EPCI = (
    "liste-qp2015.csv",
    "REVN_2023.csv",
    "DEMO_2023.csv",
    "insee_epci_2020.csv",
)
GOOD = "code;nom_qp;insee_com\nQP059021;Anzin;59014\n"
#: The number of the sample's rows, which a witness must see land.
ROWS = 13


def whole(name: str, content: bytes) -> Callable[[Path], None]:
    """A file with this content in place of its own."""
    return lambda folder: (folder / name).write_bytes(content) and None


def edited(name: str, before: str, after: str) -> Callable[[Path], None]:
    """A file of the sample in which one text, there at least once, is another."""

    def place(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert before in text, before
        data = text.replace(before, after, 1).encode("utf-8", "surrogateescape")
        (folder / name).write_bytes(data)

    return place


ZIP = zipped({"a.csv": GOOD}, zipfile.ZIP_STORED)
#: Contents that are not a csv of any table.
CONTENTS: dict[str, bytes] = {
    "vide": b"",
    "blancs": b" \t\r\n \n",
    "BOM seul": b"\xef\xbb\xbf",
    "un octet nul": GOOD.encode() + b"QP059022;a\0b;59014\n",
    "octets nuls": bytes(100_000),
    "nul après 100 ko": GOOD.encode() + b"QP059022;aaaaaaaaa;59014\n" * 5000 + b"\0",
    "UTF-16 LE": GOOD.encode("utf-16"),
    "UTF-16 BE sans BOM": GOOD.encode("utf-16-be"),
    "UTF-32": GOOD.encode("utf-32"),
    "EBCDIC": GOOD.encode("cp500"),
    "HTML": b"<!DOCTYPE html><html><body>Erreur 404</body></html>",
    "HTML après du texte": b"\n\n  <html><head><title>Connexion</title></head></html>",
    "XML": b"<?xml version='1.0'?><r><code>QP059021</code></r>",
    "JSON": b'{"message": "Not found"}',
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "zip": ZIP,
    "zip tronqué": ZIP[:40],
    "gzip": gzip.compress(GOOD.encode()),
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "Parquet": b"PAR1\x15" + bytes(50) + b"PAR1",
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(50),
    "exécutable": b"\x7fELF\x02\x01\x01" + bytes(500),
    "aléa": bytes((i * 7919 + (i >> 3) * 104729) % 256 for i in range(20_000)),
    "pointeur LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
    "courriel": b"From: a@b.fr\nSubject: extraits\n\nBonjour,\n",
    "RTF": b"{\\rtf1\\ansi{\\fonttbl\\f0 Arial;}code;nom_qp}",
    "SQL": b"INSERT INTO qpv (code) VALUES ('QP059021');\n",
    "une ligne": b"code;nom_qp;insee_com\n",
    "séparateurs seuls": b";;;;\n;;;;\n;;;;\n",
    "retours seuls": b"\n" * 1_000_000,
    "guillemet ouvert": b'code;nom_qp;insee_com\nQP059021;"Anzin;59014\nQP059022;b;59014\n',
    "guillemet en en-tête": b'code;"nom_qp;insee_com\nQP059021;a;59014\n',
    "sans clé": b"nom_qp;insee_com\nAnzin;59014\n",
    "sans libellé": b"code;insee_com\nQP059021;59014\n",
    "en-tête deux fois": b"code;code;nom_qp;insee_com\nQP059021;QP059021;a;59014\n",
    "en-tête deux fois, autre casse": b"code;CODE;nom_qp;insee_com\nQP059021;QP059022;a;59014\n",
    "colonne inconnue": b"code;nom_qp;insee_com;secret\nQP059021;a;59014;1\n",
    "colonne sans nom": b"code;nom_qp;insee_com;\nQP059021;a;59014;x\n",
    "en-tête loin": b"x\n" * 5000 + GOOD.encode(),
    "100 000 colonnes": b";".join([b"code", b"nom_qp", b"insee_com"] + [b"x"] * 100_000) + b"\n",
    "ligne courte": GOOD.encode() + b"QP059022;b\n",
    "ligne longue": GOOD.encode() + b"QP059022;b;59014;x\n",
    "ligne de 10 000 cellules": GOOD.encode() + b"QP059022" + b";x" * 10_000 + b"\n",
    "virgules": b"code,nom_qp,insee_com\nQP059021,Anzin, Valenciennes,59014\n",
}
#: Keys of a figure's file.
KEYS: dict[str, str] = {
    "inconnue": "QP059999",
    "vide": "",
    "blanc": "   ",
    "double": "QP059022",
    "double en minuscules": "qp059022",
    "autre périmètre": "QN05921M",
    "sans zéro": "QP59021",
    "nombre": "59021",
    "commune": "59014",
    "formule": "=HYPERLINK(1)",
    "injection": "QP059021'; DROP TABLE dim_territoire; --",
    "chemin": "../../etc/passwd",
    "balise": "<script>alert(1)</script>",
    "gabarit": "{{ env_var('HOME') }}",
    "droite à gauche": "QP059021\u202e",
    "chiffres arabes": "QP\u0660\u0665\u0669\u0660\u0662\u0661",
    "lettres grecques": "Q\u03a1059021",
    "5 000 lettres": "Q" * 5000,
    "1 Mo": "Q" * 1_000_000,
    "retour de ligne": '"QP059021\nQP059022"',
    "émoji": "QP05902\U0001f600",
    "contrôles": "QP\x07059021\x1b[31m",
    "octets faux": "QP05\udcff\udcfe9021",
    "exposant": "5,9E+04",
}
#: Cells of a count.
CELLS: dict[str, str] = {
    "texte": "beaucoup",
    "négatif": "-5",
    "moins typographique": "\u22125",
    "décimales": "12,5",
    "pourcentage": "12 %",
    "infini": "inf",
    "NaN": "NaN",
    "null": "null",
    "N/A": "N/A",
    "1e400": "1e400",
    "10^400": "1" + "0" * 400,
    "exposant": "1,2E+03x",
    "hexadécimal": "0x1A",
    "souligné": "1_000",
    "deux virgules": "1,2,3",
    "deux signes": "--5",
    "formule": "=1+1",
    "formule @": "@SUM(A1:A9)",
    "erreur de tableur": "#REF!",
    "date": "12/03/2021",
    "vrai": "VRAI",
    "inférieur": "<5",
    "inférieur ou égal": "≤5",
    "étoiles": "***",
    "question": "?",
    "balise": "<img src=x onerror=alert(1)>",
    "injection": "1); DROP TABLE x; --",
    "shell": "$(rm -rf /)",
    "gabarit": "{{ 7*7 }}",
    "chiffres arabes": "\u0661\u0662",
    "romain": "Ⅻ",
    "fraction": "½",
    "indice": "12²",
    "droite à gauche": "12\u202e34",
    "largeur nulle": "1\u200b2x",
    "émoji": "\U0001f600",
    "contrôles": "1\x07\x1b[2J2",
    "octets faux": "1\udcff2",
    "120 ko": "x" * 120_000,
    "10 Mo": "x" * 10_000_000,
    "10 Mo de chiffres": "9" * 10_000_000,
    "retour de ligne": '"9\n37"',
    "guillemet ouvert": '"937',
    "guillemets au milieu": '9"3"7x',
    "million de zéros": "0" * 1_000_000 + "x",
}
NOTES = {"9": "9", "négative": "-1", "texte": "oui", "lettre": "A", "100 chiffres": "7" * 100}


def text_cases() -> Iterator[Case]:
    """Every hostile csv."""
    for name, content in CONTENTS.items():
        yield Case("contenu", name, whole(LIST, content), [LIST])
    for name, key in KEYS.items():
        yield Case("clé", f"REVN : {name}", edited(REVN, "QP059021;", f"{key};"), [REVN])
    for name in ("double", "chemin", "vide", "5 000 lettres"):
        yield Case("clé", f"liste : {name}", edited(LIST, "QP059021;", f"{KEYS[name]};"), [LIST])
    for name, cell in CELLS.items():
        yield Case("cellule", f"REVN : {name}", edited(REVN, ";937;", f";{cell};"), [REVN])
    for name in ("texte", "négatif", "120 ko"):
        yield Case("cellule", f"DEMO : {name}", edited(DEMO, ";10744;", f";{CELLS[name]};"), [DEMO])
    for name, cell in {"part de 150": "150", "part négative": "-1", "part texte": "x"}.items():
        place = edited(DEMO, ";10744;nd;nd;nd;", f";10744;nd;nd;{cell};")
        yield Case("cellule", f"DEMO : {name}", place, [DEMO])
    for name, cell in NOTES.items():
        place = edited(REVN, ";937;426;0", f";937;426;{cell}")
        yield Case("NOTE", name, place, [REVN])
    yield Case("contenu", "deux millésimes d'un fichier", _same_file, ["IPRO_2023.csv"])
    yield from _big()


def _same_file(folder: Path) -> None:
    (folder / "IPRO_2023.csv").write_bytes((folder / "IPRO_2022.csv").read_bytes())


def _big() -> Iterator[Case]:
    """Files whose size alone is the fault: they must not be read whole."""

    def sparse(size: int) -> Callable[[Path], None]:
        def place(folder: Path) -> None:
            with (folder / REVN).open("wb") as out:
                out.truncate(size)

        return place

    def rows(name: str, row: bytes, count: int, head: bytes) -> Callable[[Path], None]:
        def place(folder: Path) -> None:
            with (folder / name).open("wb") as out:
                out.write(head)
                for _ in range(count // 10_000):
                    out.write(row * 10_000)

        return place

    head = b"code;nom_qp;insee_com\n"
    yield Case("taille", "1 Gio de zéros", sparse(1 << 30), [REVN])
    yield Case("taille", "8 Gio creux", sparse(8 << 30), [REVN])
    yield Case("taille", "200 Mo", rows(LIST, b"QP059021;Anzin;59014\n", 9_500_000, head), [LIST])
    yield Case("taille", "1 Go d'une ligne", rows(LIST, b"x" * 100, 10_000_000, head), [LIST])
    yield Case("taille", "million de lignes", rows(LIST, b"QP;1\n", 1_000_000, b"a;b\n"), [LIST])
    wide = b"code;nom_qp;insee_com" + b";" * 20_000_000 + b"\n"
    yield Case("taille", "20 millions de colonnes", whole(LIST, wide), [LIST])
