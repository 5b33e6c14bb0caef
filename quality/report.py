"""The quality report of a release: one JSON, one HTML page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from warehouse.domain.types_territoire import code_pattern

PAGES = Path(__file__).parent / "templates"
#: What may be the code of a territory, in a sentence.
_CODE = re.compile(rf"\b(?:{code_pattern()[1:-1]})\b")


def write_report(folder: Path, report: dict, noms: Mapping[str, str]) -> None:
    """`rapport.json` and `rapport.html`; the page says places by their names.

    Args:
        report: release_id, titre, controles, plausibilite, attendus, statuts, secret (masques,
            depuis, blocs), fichiers, non_prouves, non_lus, periodes, a_verifier, ignorees,
            rattachements, unites, contours, ecartes, rendus, comparaisons_refusees.
        noms: code of each territory → its name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (folder / "rapport.json").write_text(text + "\n", encoding="utf-8")
    pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True)
    pages.filters["nommes"] = lambda text: named(text, noms)
    page = pages.get_template("rapport.html.j2").render(r=report)
    (folder / "rapport.html").write_text(page, encoding="utf-8")


def named(text: str, noms: Mapping[str, str]) -> str:
    """A sentence in which each known code stands after its name."""

    def told(found: re.Match[str]) -> str:
        code = found[0]
        return f"{noms[code]} ({code})" if code in noms else code

    return _CODE.sub(told, text)
