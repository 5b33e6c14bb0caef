"""From a release's database to lookups: every table read once. Judges no figure."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary, Edition
from warehouse.domain.format import nombre, periode_longue, propre
from warehouse.domain.producteur import TYPE as TYPE_PRODUCTEUR
from warehouse.domain.statuts import signe_de
from warehouse.publication.attendus import sans_fichier
from warehouse.publication.fiches.data import (
    Colonne,
    Donnees,
    Fait,
    Lien,
    Periodes,
    SourceCitee,
)
from warehouse.publication.fiches.locaux import Local, read_locaux
from warehouse.publication.fiches.textes import (
    BASE_NULLE,
    CHIFFRES_CLES,
    ILLISIBLE,
    SANS_COMPARAISON,
    SANS_LIGNE,
    SANS_SOURCE,
    motif_par_defaut,
)
from warehouse.release.published import Chiffre, Evolution, Rattachement, Territoire
from warehouse.release.reader import Reader

EVOLUTIONS = ("evolution_nb", "evolution_pct", "evolution_pts")
_PERIODE_EN_TETE = re.compile(r"(\d{4}(?:-\d\d-\d\d|-T[1-4]|-\d{4})?)(?= : )")
#: What parts two words of a label: `Centre-Ville` and `Centre Ville` are one.
_MOTS = re.compile(r"\W+")
_CODE = re.compile(
    r"\b(?:Q[PN][0-9A-Z]{5,7}|(?:(?:HORS)?QPV@)?(?:(?:EPCI|DEP|COM|REG):\w+|FRMETRO))\b"
)


def load_donnees(
    db: Path, dictionary: Dictionary, edition: Edition, codes: Collection[str] | None = None
) -> Donnees:
    """Every table of the release once, read-only, restricted to the edition's perimeter.

    Args:
        codes: EPCI siren, QPV or local codes whose fiches are wanted: the figures of what stands
            in them only, instead of all.

    Raises:
        QpvError: no such file, or a table or column of the contract is missing.
    """
    if not db.is_file():
        raise QpvError("la base de la publication est absente", ou=str(db))
    try:
        with duckdb.connect(str(db), read_only=True) as link:
            link.execute("set enable_progress_bar = false")
            return _Lecture(Reader(link), dictionary, edition.perimetre).donnees(codes)
    except duckdb.Error as error:
        raise QpvError(
            f"la base de la publication ne se lit pas : {error}",
            ou=str(db),
            attendu="les tables du contrat (fct_indicateur, fct_evolution, dim_*, pont_*)",
        ) from error


class _Lecture:
    """One pass over one open release."""

    def __init__(self, reader: Reader, dictionary: Dictionary, perimetre: str) -> None:
        self.reader, self.dictionary, self.perimetre = reader, dictionary, perimetre
        self.territoires = {t.code: t for t in self._territoires()}
        exhibits = (t for r in dictionary.rubriques for t in r.tableaux)
        self.fichiers = reader.fichiers()
        self.tierces = {f.cle for f in self.fichiers if f.est_tierce}
        self.montres = {c.indicateur for t in exhibits for c in t.colonnes} | {*CHIFFRES_CLES}
        self.decimales = {c: i.arrondi for c, i in dictionary.indicateurs.items()}
        self.motifs: dict[str, str] = {}
        self.cles_de_source: dict[tuple, tuple] = {}

    def donnees(self, codes: Collection[str] | None) -> Donnees:
        periodes = {
            i.code: Periodes(propre(i.citation).rstrip("."), i.periode, i.comparaison)
            for i in self.reader.indicateurs().values()
        }
        epci = self._liens(self.reader.epci(perimetres=[self.perimetre]))
        communes = self._liens(self.reader.communes(perimetres=[self.perimetre]))
        locaux = read_locaux(self.reader, self.territoires, self.perimetre)
        lus = None
        if codes is not None:
            lus = self._autour({c.removeprefix("EPCI:") for c in codes}, epci, locaux)
        faits, manque = self._faits(periodes, lus)
        return Donnees(
            territoires=self.territoires,
            epci_des_qpv=epci,
            communes_des_qpv=communes,
            periodes=periodes,
            sources=self._sources(),
            faits=faits,
            manque=manque,
            sans_passe=self._sans_passe(),
            locaux=locaux,
        )

    def _autour(
        self, codes: set[str], epci: dict[str, list[Lien]], locaux: dict[str, Local]
    ) -> set[str]:
        """The fiches' own territories and those that stand beside them."""
        known = self.territoires
        quarters = {q for q, links in epci.items() if codes & {q, *(x.code for x in links)}}
        quarters |= codes & known.keys()
        sirens = {x.code for q in quarters for x in epci.get(q, ())}
        sirens |= {locaux[c].siren for c in codes if c in locaux}
        beside = {f"{kind}:{s}" for s in sirens for kind in ("QPV@EPCI", "EPCI")}
        places = {known[q].departement for q in quarters}
        beside |= {f"{kind}:{d}" for d in places for kind in ("QPV@DEP", "DEP")}
        everywhere = ("qpv_france", TYPE_PRODUCTEUR, "france", "epci_avec_qpv")
        beside |= {c for c, t in known.items() if t.type in everywhere}
        return quarters | beside

    def _territoires(self) -> Iterable[Territoire]:
        rows = self.reader.territoires(perimetres=[self.perimetre, ""])
        borne = Counter(_MOTS.sub(" ", t.libelle.casefold()) for t in rows)
        for t in rows:
            label, whole = propre(t.libelle) or t.code, propre(t.libelle_long)
            if t.type == "qpv" and borne[_MOTS.sub(" ", t.libelle.casefold())] > 1:
                label = whole or label
            yield replace(t, libelle=label, libelle_long=whole)

    def _liens(self, rows: Iterable[Rattachement]) -> dict[str, list[Lien]]:
        links: dict[str, list[Lien]] = defaultdict(list)
        for row in rows:
            if row.code_qpv in self.territoires:
                origin = (row.source_id, row.millesime or "") if row.source_id else None
                links[row.code_qpv].append(
                    Lien(
                        row.code,
                        propre(row.libelle) or row.code,
                        row.part,
                        propre(row.motif),
                        row.habitants,
                        row.population,
                        origin,
                        origin in self.tierces,
                        row.est_complet,
                    )
                )
        return dict(links)

    def _sans_passe(self) -> dict[str, str]:
        """Why the figures of a quarter are compared with nothing."""
        return {code: propre(motif) for code, motif in self.reader.sans_passe(self.perimetre)}

    def _sources(self) -> list[SourceCitee]:
        found: dict[tuple[str, str], SourceCitee] = {}
        for f in self.fichiers:
            source = found.setdefault(
                f.cle,
                SourceCitee(
                    f.source_id,
                    f.millesime,
                    propre(f.titre) or f.source_id,
                    propre(f.producteur),
                    f.page if re.match(r"https?://", f.page or "") else None,
                    propre(f.licence),
                    f.est_tierce,
                ),
            )
            if f.etat == "lue":
                source.fichiers.append((propre(f.fichier), (f.sha256 or "")[:12]))
                source.remarque = propre(f.remarque)
        ordered = sorted(found.values(), key=lambda s: (not s.fichiers, s.source_id, s.millesime))
        for numero, source in enumerate(ordered, 1):
            source.numero = numero
        return ordered

    def _faits(
        self, periodes: dict[str, Periodes], lus: Collection[str] | None
    ) -> tuple[dict[Colonne, dict[str, Fait]], dict[Colonne, Fait]]:
        """Cells by column and territory, for what fiches show: a fifth of what is published."""
        faits: dict[Colonne, dict[str, Fait]] = {}
        manque: dict[Colonne, Fait] = {}
        for code, indicateur in self.dictionary.indicateurs.items():
            if not indicateur.publier or code not in self.montres:
                continue
            known = periodes.get(code, Periodes("", None, None))
            for grandeur in ("niveau", "comparaison", *EVOLUTIONS):
                reason = SANS_LIGNE
                if known.periode is None:
                    reason = SANS_SOURCE
                elif grandeur != "niveau" and known.comparaison is None:
                    reason = SANS_COMPARAISON
                faits[code, grandeur] = {}
                manque[code, grandeur] = Fait("", reason)
        perimetres = (self.perimetre, "")
        shown = {"indicateurs": self.montres, "territoires": lus, "perimetres": perimetres}
        self._niveaux(faits, self.reader.chiffres(**shown))
        self._evolutions(faits, self.reader.evolutions(**shown))
        return faits, manque

    def _niveaux(self, faits: dict[Colonne, dict[str, Fait]], chiffres: Iterator[Chiffre]) -> None:
        """Levels of the edition's period and of the earlier one, in one pass over the table.

        A level without a period is a row that only says why it is missing.
        """
        for c in chiffres:
            cells = faits.get((c.code_indicateur, c.role))
            if cells is not None:
                key = (c.source_id, c.millesime)
                cells[c.code_territoire] = self._fait(
                    c.valeur,
                    c.statut,
                    c.motif,
                    self.decimales[c.code_indicateur],
                    False,
                    self.cles_de_source.setdefault(key, key),
                )

    def _evolutions(
        self, faits: dict[Colonne, dict[str, Fait]], evolutions: Iterator[Evolution]
    ) -> None:
        for e in evolutions:
            code, territoire = e.code_indicateur, e.code_territoire
            if (code, "evolution_nb") not in faits:
                continue
            shown = self.decimales[code]
            for grandeur, valeur, digits in zip(
                EVOLUTIONS, (e.nb, e.pct, e.pts), (shown, 1, max(shown, 1)), strict=True
            ):
                if valeur is None and e.statut == "diffuse":
                    cell = Fait("", BASE_NULLE)
                else:
                    cell = self._fait(valeur, e.statut, e.motif, digits, True, None)
                faits[code, grandeur][territoire] = cell
            if e.statut in ("diffuse", "non_comparable"):
                self._cote_a_cote(faits[code, "comparaison"], territoire, e.comparabilite, e.motif)

    def _cote_a_cote(
        self, cells: dict[str, Fait], territoire: str, verdict: str | None, motif: str | None
    ) -> None:
        """Two periods side by side are a comparison too: the earlier one follows the verdict."""
        if verdict == "non_comparable":
            cells[territoire] = self._fait(None, verdict, motif, 0, False, None)
            return
        shown = cells.get(territoire)
        if verdict == "comparable_avec_reserve" and shown and shown.texte:
            cells[territoire] = shown._replace(motif=self._motif(motif))

    def _fait(
        self,
        valeur: float | None,
        statut: str,
        motif: str | None,
        decimales: int,
        signe: bool,
        source: tuple[str, str] | None,
    ) -> Fait:
        """A value is read only where its statut says that it may be."""
        if statut != "diffuse":
            reason = self._motif(motif) or motif_par_defaut(statut)
            return Fait("", reason, signe=signe_de(statut))
        if valeur is None or not math.isfinite(valeur):
            return Fait("", ILLISIBLE)
        text = nombre(valeur, decimales, signe=signe)
        return Fait(text, self._motif(motif), valeur, source, source in self.tierces)

    def _motif(self, motif: str | None) -> str:
        """A motif with its period in words, its places by name, and quarters by code too."""
        if not motif:
            return ""
        if motif not in self.motifs:
            text = _CODE.sub(self._name, sans_fichier(propre(motif))).rstrip(". ")
            if dated := _PERIODE_EN_TETE.match(text):
                text = periode_longue(dated[1]) + text[dated.end() :]
            self.motifs[motif] = text
        return self.motifs[motif]

    def _name(self, match: re.Match[str]) -> str:
        known = self.territoires.get(match[0])
        if known is None:
            return match[0]
        return f"{match[0]} {known.libelle}" if known.type == "qpv" else known.libelle
