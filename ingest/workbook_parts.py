"""The XML parts of an xlsx: their elements, the parts they name, the places of their cells."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import IO
from xml.parsers import expat

#: Where a cell is: letters of its column, number of its row.
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def parse(
    content: bytes | IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] = lambda _: None,
    text: Callable[[str], None] = lambda _: None,
) -> None:
    """Elements of an XML part by their local names, read as a stream if it is one.

    Raises:
        ValueError: a document type, which could name entities.
        expat.ExpatError: it is no XML.
    """

    def refuse(*_: object) -> None:
        raise ValueError("une déclaration DOCTYPE dans le classeur")

    def local(name: str) -> str:
        return name.rpartition(" ")[2]

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, given: start(
        local(name), {local(key): value for key, value in given.items()}
    )
    parser.EndElementHandler = lambda name: end(local(name))
    parser.CharacterDataHandler = text
    parser.buffer_text = True
    if isinstance(content, bytes):
        parser.Parse(content, True)
    else:
        parser.ParseFile(content)


def related(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Path → (id, kind) of the parts that a part names; of the whole workbook for no part."""
    where = PurePosixPath(part)
    found: dict[str, tuple[str, str]] = {}

    def see(name: str, given: dict[str, str]) -> None:
        if name == "Relationship" and given.get("TargetMode") != "External":
            target = given["Target"]
            path = target[1:] if target.startswith("/") else str(where.parent / target)
            found[path] = given["Id"], given["Type"].rpartition("/")[2]

    rels = str(where.parent / "_rels" / f"{where.name}.rels")
    parse(archive.read(rels), see)
    return found


def column_of(letters: str) -> int:
    """The number from 0 of the column that these letters name."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
