"""From a release's database to its fiches, HTML and PDF. Reads once, prepares templates once."""

from __future__ import annotations

import gc
import re
from base64 import b64encode
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from warehouse.dictionary import Dictionary, Edition
from warehouse.fiches.data import Donnees
from warehouse.fiches.lecture import charger
from warehouse.fiches.pdf import Imprimeur
from warehouse.fiches.sommaire import index, locaux
from warehouse.fiches.textes import ND, SECRET, STATUTS, producteur
from warehouse.fiches.vues import Fiche, Presentation
from warehouse.format import jour

TEMPLATES = Path(__file__).parent / "templates"

#: Folders of pages, one per kind of territory.
_DOSSIERS = ("epci", "qpv", "local")
_DATE = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")


def render_fiches(
    db: Path,
    out: Path,
    *,
    dictionary: Dictionary,
    edition: Edition,
    release_id: str,
    progress: Callable[[int, int], None] | None = None,
    codes: Collection[str] | None = None,
    explorateur: str | None = None,
    pdf: bool = True,
) -> list[Path]:
    """Write `index.html`, `epci/<siren>.html`, `qpv/<code>.html`, `local/<code>.html` under `out`,
    and each fiche as PDF beside its page if `pdf`.

    Args:
        db: the release's `qpv.duckdb`, opened read-only.
        progress: called after each fiche with the number done and the total.
        codes: EPCI siren, QPV or local codes to render, instead of all; the index is always
            written.
        explorateur: the page to search and compare, to which the index then links.

    Returns:
        The HTML pages written, the index first.

    Raises:
        QpvError: the database does not hold the contract's tables, or a code is unknown or
            cannot name a file.
    """
    data = charger(db, dictionary, edition, codes)
    choice = Presentation(data, dictionary)
    paths = choice.chemins(codes)
    choice.existantes = {*paths, *_deja_la(out)} if codes is not None else set(paths)
    day = _date_de(release_id, db)
    commun = _commun(edition, release_id, day, data)
    env = _environnement(commun, data)
    for folder in {path.split("/")[0] for path in paths}:
        (out / folder).mkdir(parents=True, exist_ok=True)
    listed = {
        "departements": index(choice),
        "locaux": locaux(choice),
        "explorateur": explorateur,
    }
    written = [_ecrire(out / "index.html", env, "index.html.j2", **listed)]

    def pages() -> Iterator[tuple[Path, Fiche]]:
        for path in paths:
            fiche = choice.fiche(path)
            written.append(_ecrire(out / path, env, "fiche.html.j2", fiche=fiche, pdf=pdf))
            yield (out / path).with_suffix(".pdf"), fiche

    done = count(1)

    def fait() -> None:
        if progress:
            progress(next(done), len(paths))

    gc.freeze()  # a million cells that live to the end: walking them took 8 % of the time
    try:
        if pdf:
            Imprimeur(commun, data.sources, day).imprimer(pages(), fait)
        else:
            for _ in pages():
                fait()
    finally:
        gc.unfreeze()
    return written


def _ecrire(path: Path, env: Environment, template: str, **values: object) -> Path:
    path.write_text(env.get_template(template).render(values), encoding="utf-8")
    return path


def _deja_la(out: Path) -> set[str]:
    """Fiches that an earlier call wrote, to which links may point."""
    return {p.relative_to(out).as_posix() for d in _DOSSIERS for p in out.glob(f"{d}/*.html")}


def _commun(edition: Edition, release_id: str, jour_de: date, data: Donnees) -> dict[str, object]:
    """What every fiche of a release says, whatever it is printed as."""
    names = {producteur(s.producteur): None for s in data.sources if s.fichiers}
    return {
        "edition": edition.titre,
        "perimetre": edition.perimetre,
        "release_id": release_id,
        "date": jour(jour_de),
        "producteurs": ", ".join(names) or "les producteurs cités",
        "statuts": list(STATUTS.values()),
    }


def _environnement(commun: dict[str, object], data: Donnees) -> Environment:
    """Templates with autoescape always on, and what every page of a release shares."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "tri.js").read_text(encoding="utf-8")
    env.globals.update(
        commun,
        producteur=producteur,
        signes=(ND, SECRET),
        sources=data.sources,
        style=Markup(style),
        style_sha=_empreinte(style),
        script=Markup(script),
        script_sha=_empreinte(script),
    )
    env.globals["annexes"] = Markup(env.get_template("annexes.html.j2").render())
    return env


def _empreinte(text: str) -> str:
    """The hash by which the page's content security policy lets one inline block run."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _date_de(release_id: str, db: Path) -> date:
    """The day that the release's id names, else that of its database."""
    for found in _DATE.finditer(release_id):
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            continue
    return datetime.fromtimestamp(db.stat().st_mtime, UTC).date()
