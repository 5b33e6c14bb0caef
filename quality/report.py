"""The quality report of a release: one JSON, one HTML page."""

from __future__ import annotations

import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

PAGES = Path(__file__).parent / "templates"


def write_report(folder: Path, report: dict) -> None:
    """`rapport.json` and `rapport.html`.

    Args:
        report: release_id, titre, controles, plausibilite, attendus, statuts, secret (masques,
            depuis, blocs), fichiers, non_prouves, non_lus, periodes, a_verifier, ignorees,
            rattachements, unites, contours, ecartes, rendus, comparaisons_refusees.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (folder / "rapport.json").write_text(text + "\n", encoding="utf-8")
    pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True)
    page = pages.get_template("rapport.html.j2").render(r=report)
    (folder / "rapport.html").write_text(page, encoding="utf-8")
