"""What every page of a release is made with: templates, a style and a script by their hash."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

COMMUNS = Path(__file__).parent / "templates"
_DATE = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")


def environnement(*dossiers: Path, styles: tuple[Path, ...] = ()) -> Environment:
    """Templates with autoescape always on; the frame, the style and the scripts are shared.

    Args:
        dossiers: more templates, before the shared ones.
        styles: more rules, after the shared ones.
    """
    env = Environment(
        loader=FileSystemLoader([*dossiers, COMMUNS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    style = "".join(p.read_text(encoding="utf-8") for p in (COMMUNS / "style.css", *styles))
    env.globals.update(style=Markup(style), style_sha=_empreinte(style))
    for name, file in (("script", "tableaux.js"), ("filtre", "filtre.js")):
        script = (COMMUNS / file).read_text(encoding="utf-8")
        env.globals.update({name: Markup(script), f"{name}_sha": _empreinte(script)})
    return env


def _empreinte(text: str) -> str:
    """The hash by which the page's content security policy lets one inline block run."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def address_from(cible: Path, depuis: Path) -> str:
    """A relative address from the pages of one folder to those of another."""
    away = os.path.relpath(cible.resolve(), depuis.resolve())
    return quote(away.replace(os.sep, "/")) + "/"


def jour_de_publication(release_id: str, db: Path) -> date:
    """The day that the release's id names, else that of its database."""
    for found in _DATE.finditer(release_id):
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            continue
    return datetime.fromtimestamp(db.stat().st_mtime, UTC).date()
