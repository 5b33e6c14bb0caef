"""One document by Typst from one JSON file: tagged, dated, its labels never read as markup."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

#: A page among the objects of a PDF.
_PAGE = re.compile(rb"/Type\s*/Page\b")


def typeset(template: Path, told: Mapping[str, object], jour: date) -> bytes:
    """A PDF/UA-1 of what a template makes of `donnees.json`: tagged, with its title and language.

    Args:
        jour: the day written in the file: the same release gives the same bytes.
    """
    with TemporaryDirectory(prefix="typst-") as folder:
        main = shutil.copyfile(template, Path(folder) / template.name)
        data = json.dumps(told, ensure_ascii=False)
        (Path(folder) / "donnees.json").write_text(data, encoding="utf-8")
        pdf = typst.compile(
            str(main),
            root=folder,
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=datetime.combine(jour, time(), UTC),
        )
    assert isinstance(pdf, bytes)  # one file: only images come page by page
    return pdf


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(_PAGE.findall(pdf))
