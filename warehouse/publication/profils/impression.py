"""From a release's database to its sheets, HTML, PDF and CSV, by one or two processes."""

from __future__ import annotations

import gc
import json
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from urllib.parse import quote

import typst
from markupsafe import Markup, escape

from warehouse.base.errors import QpvError
from warehouse.base.processus import coeurs, share_out
from warehouse.declared.dictionary import Dictionary, Edition
from warehouse.declared.profile import ProfilDeclare, load_profil
from warehouse.domain.format import jour
from warehouse.publication.attendus import Attendu
from warehouse.publication.contrats.vue import Resume
from warehouse.publication.fiches.gabarits import address_from, environnement, jour_de_publication
from warehouse.publication.lieux import CHEMIN as LIEUX
from warehouse.publication.placement import communes_of_quarters, place_quarters, read_shapes
from warehouse.publication.profils import mots
from warehouse.publication.profils.composition import Compositeur
from warehouse.publication.profils.faits import Cle
from warehouse.publication.profils.feuille import Feuille
from warehouse.publication.profils.jsonstat import write_collection, write_jsonstat
from warehouse.publication.profils.recueil import read_recueil
from warehouse.publication.profils.situation import Point, draw_situation
from warehouse.publication.profils.tableau_csv import lignes_de, write_sheet
from warehouse.release.connect import open_reader
from warehouse.release.relations import expose

_TEMPLATES = Path(__file__).parent / "templates"
#: Rows of quarters that one A4 holds; the page and the CSV have them all.
_IMPRIMES = 30
_SEULS, _LOT = 60, 30
_NOM_DE_FICHIER = re.compile(r"[0-9A-Z]+")
#: A page among the objects of a PDF.
_PAGE = re.compile(rb"/Type\s*/Page\b")
_RANG = re.compile(r"(?<=\d)(er|re|e)\b")


@dataclass(frozen=True)
class CommandeDeFeuilles:
    """What is to be rendered and where: all that a process needs to read and write by itself.

    Args:
        codes: QPV codes and EPCI siren; None for all.
        entourage: the fiches of a release that links lead to; None when they stand under `out`.
        contrats: by siren, what the sheet of an EPCI says of its contract.
        coulisses: a folder for what is not kept.
    """

    db: Path
    out: Path
    dictionary: Dictionary
    edition: Edition
    release_id: str
    codes: Collection[str] | None
    pdf: bool
    entourage: Path | None
    explorateur: str | None
    attendus: Mapping[str, Attendu] = field(default_factory=dict)
    ouverts: Collection[Cle] = ()
    contrats: Mapping[str, Resume] = field(default_factory=dict)
    coulisses: Path = Path()


def render_feuilles(
    order: CommandeDeFeuilles, progress: Callable[[int, int], None] | None = None
) -> list[Path]:
    """Write `qpv/<code>.html|.pdf|.csv|.json` and `epci/<siren>…` under `out`, and, of all of
    them, the collection of their figures; the HTML pages written.

    Raises:
        QpvError: the database does not hold the contract's tables, a code is unknown or cannot name
            a file, or a process stopped before its end.
    """
    with TemporaryDirectory(prefix="feuilles-") as aside:
        order = _dans(order, Path(aside))
        pages = _Feuilles(order)
        for folder in ("epci", "qpv"):
            (order.out / folder).mkdir(parents=True, exist_ok=True)
        written: list[Path] = []
        for made in _lots(order, pages):
            written += made
            if progress:
                progress(len(written), len(pages.chemins))
        if order.codes is None:
            pages.write_collection()
    return written


def _dans(order: CommandeDeFeuilles, aside: Path) -> CommandeDeFeuilles:
    told = {name: getattr(order, name) for name in order.__dataclass_fields__}
    return CommandeDeFeuilles(**(told | {"coulisses": aside}))


def _lots(order: CommandeDeFeuilles, pages: _Feuilles) -> Iterator[list[Path]]:
    chemins = pages.chemins
    if len(chemins) >= _SEULS and coeurs() > 1:
        lots = [chemins[i : i + _LOT] for i in range(0, len(chemins), _LOT)]
        yield from share_out(partial(_write_each, order), lots, "fiches")
        return
    for chemin in chemins:
        yield [pages.write(chemin)]


#: What a process has read for the order that it works for.
_lues: dict[Path, _Feuilles] = {}


def _write_each(order: CommandeDeFeuilles, chemins: list[str]) -> list[Path]:
    """In a process of its own: some sheets, from figures that it reads the first time."""
    if order.coulisses not in _lues:
        _lues[order.coulisses] = _Feuilles(order)
        gc.freeze()
    return [_lues[order.coulisses].write(chemin) for chemin in chemins]


class _Feuilles:
    """The sheets of one release, read and ready to write."""

    def __init__(self, order: CommandeDeFeuilles) -> None:
        self._order = order
        self._profil: ProfilDeclare = load_profil()
        self._recueil = read_recueil(
            order.db,
            self._profil,
            order.edition.perimetre,
            order.codes,
            order.attendus,
            order.ouverts,
        )
        self._composer = Compositeur(self._recueil, self._profil, order.dictionary, self._lien)
        self._places = _places(order.db, order.edition.perimetre)
        known = {c: f"epci/{c}" for c in sorted(self._composer.qpv_des_epci)}
        known |= {c: f"qpv/{c}" for c, t in self._recueil.territoires.items() if t.type == "qpv"}
        self._known = known
        self.chemins = [self._chemin(c) for c in (known if order.codes is None else order.codes)]
        self._jour = jour_de_publication(order.release_id, order.db)
        self._racine = self._vers(order.entourage) if order.entourage else "../"
        self._commun = {
            "edition": order.edition.titre,
            "release_id": order.release_id,
            "date": jour(self._jour),
            "jour": self._jour.isoformat(),
        }
        self._env = environnement(_TEMPLATES, styles=(_TEMPLATES / "profil.css",))
        self._env.filters["exposants"] = _exposants
        self._env.globals.update(self._commun)

    def write(self, chemin: str) -> Path:
        """Write the sheet at one of `chemins`: its page, its table and its PDF if it is ordered."""
        kind, code = chemin.split("/")
        feuille = self._composer.epci(code) if kind == "epci" else self._composer.qpv(code)
        places = self._recueil.territoires
        named = [
            f"{places[f'DEP:{d}'].libelle} ({d})" if f"DEP:{d}" in places else d
            for d in feuille.departements
        ]
        quarters = [code] if kind == "qpv" else self._composer.qpv_des_epci[code]
        spots = [self._places[q] for q in quarters if q in self._places]
        situation = draw_situation(feuille.departements, named, spots)
        page = self._order.out / f"{chemin}.html"
        contrat = self._order.contrats.get(code) if kind == "epci" else None
        rows = list(lignes_de(feuille, self._recueil, self._composer))
        write_sheet(page.with_suffix(".csv"), rows)
        write_jsonstat(
            page.with_suffix(".json"), feuille, rows, self._composer.indicateurs, self._commun
        )
        if self._order.pdf:
            told = asdict(feuille) | {
                "lieux_en_clair": ", ".join(named),
                "situation": situation,
                "tierce": _tierce(feuille),
                "contrat": contrat.imprime if contrat else "",
            }
            page.with_suffix(".pdf").write_bytes(self._imprimeur.pdf(told))
        text = self._env.get_template("profil.html.j2").render(
            feuille=feuille,
            departements=", ".join(named),
            situation=situation,
            racine=self._racine,
            liens=self._liens(kind, code),
            tierce=_tierce(feuille),
            contrat=contrat,
            pdf=self._order.pdf,
        )
        page.write_text(text, encoding="utf-8")
        return page

    def write_collection(self) -> None:
        """Write what lists the figures of all sheets."""
        names = self._recueil.territoires
        said = []
        for chemin in self.chemins:
            kind, code = chemin.split("/")
            known = names.get(f"EPCI:{code}" if kind == "epci" else code)
            said.append((f"{chemin}.json", mots.imprime(known.libelle_long) if known else code))
        write_collection(self._order.out, said, self._commun)

    @cached_property
    def _imprimeur(self) -> _Presse:
        folder = Path(mkdtemp(dir=self._order.coulisses))
        return _Presse(folder, self._commun, self._jour)

    def _chemin(self, code: str) -> str:
        code = code.removeprefix("EPCI:")
        if not _NOM_DE_FICHIER.fullmatch(code):
            raise QpvError(
                f"le code {code!r} ne peut nommer un fichier",
                attendu="des chiffres et des lettres capitales, sans accent",
            )
        if code not in self._known:
            raise QpvError(
                f"{code} n'est ni un EPCI ni un QPV de l'édition",
                attendu="un siren d'EPCI ou un code de quartier du périmètre de l'édition",
            )
        return self._known[code]

    def _lien(self, code: str) -> str | None:
        """The sheet of a quarter or an EPCI, if there is one."""
        known = self._known.get(code)
        there = self._order.entourage or self._order.codes is None or code in self._order.codes
        return f"{self._racine}{known}.html" if known and there else None

    def _liens(self, kind: str, code: str) -> dict[str, str | None]:
        there = self._order.explorateur
        wanted = code if kind == "qpv" else f"QPV@EPCI:{code}"
        around = f"{self._racine}../"
        return {
            "annexe": f"{self._racine}annexes/{kind}/{code}.html",
            "explorateur": f"{self._racine}{there}#{quote(wanted)}" if there else None,
            "dictionnaire": f"{around}dictionnaire.html",
            "classeur": self._classeur(kind, code, around),
        }

    def _classeur(self, kind: str, code: str, around: str) -> str | None:
        """The workbook of an EPCI: there, or made after the sheets where documents are ordered."""
        within = self._recueil.epci.get(code, ())
        siren = code if kind == "epci" else next((one.code for one in within), "")
        beside = self._order.entourage
        known = (beside / f"../classeurs/{siren}.xlsx").is_file() if beside else self._order.pdf
        return f"{around}classeurs/{siren}.xlsx" if known and siren else None

    def _vers(self, cible: Path) -> str:
        """A relative address from the folder of the sheets to that of a release."""
        return address_from(cible, self._order.out / "qpv")


class _Presse:
    """Prints sheets with a compiler that it keeps warm: only the file of the sheet changes."""

    def __init__(self, folder: Path, commun: dict[str, str], jour_de: date) -> None:
        main = shutil.copyfile(_TEMPLATES / "profil.typ", folder / "profil.typ")
        told = commun | {"producteurs": "les producteurs cités", "quartiers_imprimes": _IMPRIMES}
        (folder / "commun.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        self._file = folder / "feuille.json"
        self._compiler = typst.Compiler(main, root=folder, ignore_system_fonts=True)
        self._instant = datetime.combine(jour_de, time(), UTC)

    def pdf(self, feuille: dict[str, object]) -> bytes:
        """The sheet as PDF/UA-1, on one page: tagged, with its title and language."""
        pdf = self._compile(feuille | {"depasse": False})
        return pdf if len(_PAGE.findall(pdf)) == 1 else self._compile(feuille | {"depasse": True})

    def _compile(self, feuille: dict[str, object]) -> bytes:
        self._file.write_text(json.dumps(feuille, ensure_ascii=False), encoding="utf-8")
        pdf = self._compiler.compile(pdf_standards=["ua-1"], timestamp=self._instant)
        assert isinstance(pdf, bytes)  # one file: only images come page by page
        return pdf


def _places(db: Path, perimetre: str) -> dict[str, Point]:
    """Quarter → where the map of its release sets it."""
    tables = db.parent / "tables"
    contours = read_shapes(tables / "contours.geojson", "code_qpv")
    lieux = read_shapes(db.parent / LIEUX, "code_territoire")
    if not (contours or lieux):
        return {}
    with open_reader(db) as con:
        expose(con, "territoires", "communes")
        return place_quarters(communes_of_quarters(con, perimetre), contours, lieux)


def _tierce(feuille: Feuille) -> bool:
    return any(source.tierce for source in feuille.sources)


def _exposants(texte: str) -> Markup:
    """Ordinals as French writes them: the letters raised."""
    return Markup(_RANG.sub(r"<sup>\1</sup>", str(escape(texte))))
