"""Hostile folders, names, YAML and outlines: what is no file, what is nobody's, what never ends."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.trial.case import Case
from tests.trial.texts import LIST, REVN, whole

CHAMP = "champ.yml"
LOCAL = "perimetres_locaux.geojson"


def place_cases() -> Iterator[Case]:
    """Every hostile folder, name, YAML and outline."""
    yield from _folders()
    yield from _strangers()
    for name, content in _champs().items():
        yield Case("YAML", name, whole(CHAMP, content), [CHAMP])
    for name, content in _relations().items():
        words = ("audit", "{folder}/REVN_2023.csv", "--relations", "{folder}/relations.yml")
        yield Case(
            "YAML", f"audit : {name}", whole("relations.yml", content), ["relations.yml"], words
        )
    for name, content in _outlines().items():
        words = ("build", "--extracts", "{folder}", "--sans-documents")
        words += ("--perimetres-locaux", "{folder}/trait.geojson")
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        yield Case("GeoJSON", name, whole("trait.geojson", body), ["trait.geojson"], words)


def _instead(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Something else under the name of a file of the sample."""

    def place(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return place


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's address is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _folders() -> Iterator[Case]:
    kinds: dict[str, Callable[[Path], object]] = {
        "dossier": lambda path: path.mkdir(),
        "tube": os.mkfifo,
        "prise": _socket,
        "lien vers /dev/zero": lambda path: path.symlink_to("/dev/zero"),
        "lien vers /dev/random": lambda path: path.symlink_to("/dev/random"),
        "lien vers soi": lambda path: path.symlink_to(path.name),
        "lien mort": lambda path: path.symlink_to("nulle-part"),
        "lien vers un dossier": lambda path: path.symlink_to("/etc"),
        "lien vers /proc/self/mem": lambda path: path.symlink_to("/proc/self/mem"),
    }
    for name in (REVN, LIST, CHAMP):
        for kind, make in kinds.items():
            yield Case("nature", f"{name} : {kind}", _instead(name, make), [name])

    def second(content: bytes, *where: str) -> Callable[[Path], None]:
        def place(folder: Path) -> None:
            path = folder.joinpath(*where)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

        return place

    def renamed(to: str, content: bytes = b"") -> Callable[[Path], None]:
        def place(folder: Path) -> None:
            (folder / REVN).unlink()
            (folder / to).write_bytes(content)

        return place

    html = b"<!DOCTYPE html><html>"
    yield Case("nature", "deux contenus d'un nom", second(b"CODGEO\n", "b", REVN), [REVN])
    yield Case("nature", "double d'un dossier profond", second(b"x", *"abcdef" * 8, REVN), [REVN])
    yield Case("nature", "autre casse", renamed("revn_2023.CSV", html), ["revn_2023.CSV"])
    yield Case("nature", "seconde copie", renamed("REVN_2023 (1).csv", html), ["REVN_2023 (1).csv"])
    yield Case("nature", "copie", renamed("REVN_2023 - Copie.csv", html), ["REVN_2023 - Copie.csv"])
    yield Case("nature", "espaces", renamed(" REVN_2023.csv ", html), ["REVN_2023.csv"])
    for name, words in {
        "dossier absent": "{folder}/rien",
        "fichier pour dossier": "{folder}/REVN_2023.csv",
        "nom sans fin": "{folder}/" + "x" * 5000,
        "retour de ligne": "{folder}/a\nb",
    }.items():
        told = ("build", "--extracts", words, "--sans-documents")
        yield Case("nature", name, lambda _: None, ["extraits"], told)
    for name, make in kinds.items():
        words = ("build", "--extracts", "{folder}", "--sans-documents")
        words += ("--perimetres-locaux", f"{{folder}}/{LOCAL}")
        yield Case("nature", f"périmètres : {name}", _at(LOCAL, make), [LOCAL], words)


def _at(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    return lambda folder: make(folder / name) and None


def _strangers() -> Iterator[Case]:
    if os.geteuid() != 0:
        return

    def closed(*names: str) -> Callable[[Path], None]:
        return lambda folder: [folder.joinpath(name).chmod(0) for name in names] and None

    def closed_folder(folder: Path) -> None:
        (folder / "b").mkdir()
        shutil.move(folder / REVN, folder / "b" / REVN)
        (folder / "b").chmod(0)

    for name in (REVN, LIST, CHAMP):
        yield Case("droits", f"{name} fermé", closed(name), [name], stranger=True)
    yield Case("droits", "sous-dossier fermé", closed_folder, ["extraits/b"], stranger=True)
    yield Case("droits", "dossier fermé", closed("."), ["extraits"], stranger=True)
    words = ("build", "--extracts", "{folder}", "--sans-documents", "--data")
    for name, data in {"dossier d'un autre": "/root/qpv", "racine": "/proc/qpv"}.items():
        told = (*words, data)
        yield Case("droits", f"données : {name}", lambda _: None, [data], told, stranger=True)


def _champs() -> dict[str, bytes]:
    start = 'ensembles_complets: ["*"]\n'
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    laughs += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10))
    texts = {
        "vide": "",
        "liste": "- a\n- b\n",
        "texte": "bonjour\n",
        "clé inconnue": start + "secret: 1\n",
        "clé deux fois": start + start,
        "tabulation": "ensembles_complets:\n\t- a\n",
        "crochet ouvert": 'ensembles_complets: ["*"\n',
        "texte pour liste": 'ensembles_complets: "*"\n',
        "nombre pour texte": start + "edition: 2023\n",
        "édition inconnue": start + 'edition: "1999"\n',
        "édition chemin": start + 'edition: "../../etc/passwd"\n',
        "édition très longue": start + f'edition: "{"9" * 100_000}"\n',
        "objet Python": start + "remarque: !!python/object/apply:os.system ['true']\n",
        "balise inconnue": start + "remarque: !secret x\n",
        "alias inconnu": start + "remarque: *a\n",
        "alias de soi": "ensembles_complets: &a [*a]\n",
        "mille millions d'alias": laughs + start,
        "alias en valeur": laughs + "ensembles_complets: *a9\n",
        "crochets": "ensembles_complets: " + "[" * 20_000 + "]" * 20_000 + "\n",
        "accolades": "ensembles_complets: " + "{a: " * 5_000 + "}" * 5_000 + "\n",
        "fusions": "a: &a {b: 1}\n" + "c: {<<: [" + "*a, " * 1000 + "*a]}\n",
        "deux documents": start + "---\n" + start,
        "contrôle": start + 'remarque: "a\\x07b"\n',
        "encodé deux fois": start + 'remarque: "donnÃ©es"\n',
        "10 Mo": start + "remarque: '" + "x" * 10_000_000 + "\n",
        "10 Mo de clés": "".join(f"k{i}: 1\n" for i in range(800_000)),
        "clé liste": "? [a, b]\n: 1\n",
        "clé dictionnaire": "? {a: b}\n: 1\n",
        "date": start + "remarque: 2023-01-01\n",
        "date impossible": start + "remarque: 2023-99-99\n",
        "entier sans fin": start + "remarque: 0x" + "f" * 100_000 + "\n",
        "sexagésimal": start + "remarque: " + "1:" * 5000 + "1\n",
    }
    raw = {
        "octets faux": b'ensembles_complets: ["\xff\xfe"]\n',
        "nul": b"ensembles_complets: []\0\n",
        "UTF-16": start.encode("utf-16"),
        "binaire": bytes(range(256)) * 40,
    }
    return {name: text.encode() for name, text in texts.items()} | raw


def _relations() -> dict[str, bytes]:
    champs = _champs()
    kept = ("vide", "liste", "clé deux fois", "mille millions d'alias", "crochets", "octets faux")
    return {name: champs[name] for name in kept} | {"objet Python": b"tableaux: !!python/name:os.x"}


def _outlines() -> dict[str, bytes | dict]:
    square = [[3.0, 50.3], [3.1, 50.3], [3.1, 50.4], [3.0, 50.4], [3.0, 50.3]]

    def one(geometry: object, **properties: object) -> dict:
        known = {"code": "A", "libelle": "Un"} | properties
        feature = {"type": "Feature", "properties": known, "geometry": geometry}
        return {"type": "FeatureCollection", "features": [feature]}

    def polygon(*rings: object) -> dict:
        return {"type": "Polygon", "coordinates": list(rings)}

    def with_code(code: object) -> dict:
        return one(polygon(square), code=code)

    good = one(polygon(square))
    twice = good | {"features": good["features"] * 2}
    bare = {"type": "FeatureCollection", "features": [{"type": "Feature"}]}
    huge = [[1e308, -1e308], [1e308, 1e308], [-1e308, 1e308], [1e308, -1e308]]
    cross = [[3.0, 50.3], [3.1, 50.4], [3.1, 50.3], [3.0, 50.4], [3.0, 50.3]]
    text = json.dumps(good)
    return {
        "vide": b"",
        "texte": b"bonjour",
        "HTML": b"<html></html>",
        "zip": b"PK\x03\x04" + bytes(100),
        "coupé": text[:-10].encode(),
        "coupé et refermé": text[:-10].encode() + b"}",
        "UTF-16": text.encode("utf-16"),
        "liste": b"[1, 2]",
        "sans entités": {"type": "FeatureCollection", "features": []},
        "entités nulles": {"type": "FeatureCollection", "features": None},
        "entité nombre": {"type": "FeatureCollection", "features": [1]},
        "entité nue": bare,
        "TopoJSON": {"type": "Topology", "objects": {}, "arcs": []},
        "crochets": b'{"features": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "géométrie nulle": one(None),
        "géométrie texte": one("POLYGON EMPTY"),
        "crochets en géométrie": text.replace(
            json.dumps(square), "[" * 50_000 + "]" * 50_000
        ).encode(),
        "point": one({"type": "Point", "coordinates": [3.0, 50.3]}),
        "collection": one({"type": "GeometryCollection", "geometries": []}),
        "polygone vide": one(polygon()),
        "anneau de deux points": one(polygon(square[:2])),
        "anneau ouvert": one(polygon(square[:4])),
        "anneau qui se recoupe": one(polygon(cross)),
        "plat": one(polygon([[3.0, 50.3]] * 5)),
        "mètres": one(polygon([[x * 240_000, y * 140_000] for x, y in square])),
        "latitude d'abord": one(polygon([[y, x] for x, y in square])),
        "hors de France": one(polygon([[x + 20, y] for x, y in square])),
        "NaN": text.replace("50.3", "NaN").encode(),
        "infini": one(polygon(huge)),
        "1e400": text.replace("50.3", "1e400").encode(),
        "coordonnées texte": one(polygon([["3", "50"]] * 4)),
        "une coordonnée": one(polygon([[3.0]] * 4)),
        "sans code": with_code(None),
        "code vide": with_code(""),
        "code deux fois": twice,
        "code chemin": with_code("../../etc"),
        "code balise": with_code("<script>"),
        "code contrôle": with_code("A\x1b[31m"),
        "code de 5 000 lettres": with_code("A" * 5000),
        "code liste": with_code(["A"]),
        "libellé contrôle": one(polygon(square), libelle="a\x07b"),
        "demi-caractère": one(polygon(square), libelle="\ud800"),
        "millions de points": one(polygon([square[i % 4] for i in range(400_000)] + [square[0]])),
    }  # fmt: skip
