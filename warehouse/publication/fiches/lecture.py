"""From a release's database to lookups: every table read once. Judges no figure."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

import duckdb

from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary, Edition
from warehouse.domain.format import nombre, periode_longue, propre
from warehouse.domain.producteur import TYPE as TYPE_PRODUCTEUR
from warehouse.domain.statuts import signe_de
from warehouse.publication.fiches.data import (
    Colonne,
    Donnees,
    Fait,
    Lien,
    Periodes,
    Source,
    Territoire,
)
from warehouse.publication.fiches.locaux import Local, lire
from warehouse.publication.fiches.textes import (
    BASE_NULLE,
    CHIFFRES_CLES,
    ILLISIBLE,
    SANS_COMPARAISON,
    SANS_LIGNE,
    SANS_SOURCE,
    motif_par_defaut,
)
from warehouse.release.connect import texte_sql

EVOLUTIONS = ("evolution_nb", "evolution_pct", "evolution_pts")
_PERIODE_EN_TETE = re.compile(r"(\d{4}(?:-\d\d-\d\d|-T[1-4]|-\d{4})?)(?= : )")
_TERRITOIRES = """
select code_territoire, type_territoire, libelle, libelle_long, code_departement, nb_qpv
from dim_territoire where coalesce(perimetre, '') in (?, '') order by 1
"""
#: What parts two words of a label: `Centre-Ville` and `Centre Ville` are one.
_MOTS = re.compile(r"\W+")
_CODE_QPV = re.compile(r"\bQ[PN][0-9A-Z]{5,7}\b")


def charger(
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
            return _Lecture(link, dictionary, edition.perimetre).donnees(codes)
    except duckdb.Error as error:
        raise QpvError(
            f"la base de la publication ne se lit pas : {error}",
            ou=str(db),
            attendu="les tables du contrat (fct_indicateur, fct_evolution, dim_*, pont_*)",
        ) from error


class _Lecture:
    """One pass over one open release."""

    def __init__(
        self, link: duckdb.DuckDBPyConnection, dictionary: Dictionary, perimetre: str
    ) -> None:
        self.link, self.dictionary, self.perimetre = link, dictionary, perimetre
        self.territoires = {t.code: t for t in self._territoires()}
        exhibits = (t for r in dictionary.rubriques for t in r.tableaux)
        self.tierces = {
            tuple(row)
            for row in self._rows(
                "select source_id, millesime from dim_source where confiance = 'tierce'"
            )
        }
        self.montres = {c.indicateur for t in exhibits for c in t.colonnes} | {*CHIFFRES_CLES}
        self.lus = list(self.territoires)
        self.motifs: dict[str, str] = {}
        self.cles_de_source: dict[tuple, tuple] = {}

    def donnees(self, codes: Collection[str] | None) -> Donnees:
        periodes = self._periodes()
        epci = self._liens(
            "pont_qpv_epci",
            "code_epci, libelle_epci",
            "population_dans_epci, population_qpv, source_id, millesime",
            "rang",
        )
        locaux = lire(self._rows, self.territoires, self.perimetre)
        if codes is not None:
            self._garder({c.removeprefix("EPCI:") for c in codes}, epci, locaux)
        faits, manque = self._faits(periodes)
        return Donnees(
            territoires=self.territoires,
            epci_des_qpv=epci,
            communes_des_qpv=self._liens(
                "pont_qpv_commune", "code_commune, libelle_commune", complete="est_complete"
            ),
            periodes=periodes,
            sources=self._sources(),
            faits=faits,
            manque=manque,
            sans_passe=self._sans_passe(),
            locaux=locaux,
        )

    def _garder(
        self, codes: set[str], epci: dict[str, list[Lien]], locaux: dict[str, Local]
    ) -> None:
        """Figures of the fiches' own territories and of those that stand beside them."""
        known = self.territoires
        quarters = {q for q, links in epci.items() if codes & {q, *(x.code for x in links)}}
        quarters |= codes & known.keys()
        sirens = {x.code for q in quarters for x in epci.get(q, ())}
        sirens |= {locaux[c].siren for c in codes if c in locaux}
        beside = {f"{kind}:{s}" for s in sirens for kind in ("QPV@EPCI", "EPCI")}
        places = {known[q].departement for q in quarters}
        beside |= {f"{kind}:{d}" for d in places for kind in ("QPV@DEP", "DEP")}
        beside |= {
            c for c, t in known.items() if t.type in ("qpv_france", TYPE_PRODUCTEUR, "france")
        }
        self.lus = sorted(quarters | beside)

    def _rows(self, sql: str, *values: str | list[str]) -> Iterable[tuple]:
        """Rows of a query; `?` stands for a text or a list of texts.

        Written out: to bind them, DuckDB imports numpy, pandas and pyarrow, a third of a second.
        """
        first, *others = sql.split("?")
        written = map(_ecrit, values)
        query = first + "".join(v + part for v, part in zip(written, others, strict=True))
        cursor = self.link.execute(query)
        while rows := cursor.fetchmany(20_000):
            yield from rows

    def _territoires(self) -> Iterable[Territoire]:
        rows = [*self._rows(_TERRITOIRES, self.perimetre)]
        borne = Counter(_MOTS.sub(" ", (row[2] or "").casefold()) for row in rows)
        for code, kind, libelle, long, departement, nb in rows:
            label, whole = propre(libelle) or code, propre(long)
            if kind == "qpv" and borne[_MOTS.sub(" ", (libelle or "").casefold())] > 1:
                label = whole or label
            yield Territoire(code, kind, label, departement or "", nb, whole)

    def _periodes(self) -> dict[str, Periodes]:
        return {
            code: Periodes(propre(citation).rstrip("."), periode, comparaison)
            for code, citation, periode, comparaison in self._rows(
                "select code_indicateur, citation, periode, periode_comparaison from dim_indicateur"
            )
        }

    def _liens(
        self,
        table: str,
        columns: str,
        habitants: str = "null, null, null, null",
        *order: str,
        complete: str = "true",
    ) -> dict[str, list[Lien]]:
        links: dict[str, list[Lien]] = defaultdict(list)
        code = columns.split(",")[0]
        for qpv, target, libelle, whole_list, part, motif, inside, whole, *source in self._rows(
            f"select code_qpv, {columns}, {complete}, part_population, motif_part, {habitants}"
            f" from {table}"
            f" where perimetre = ? order by {', '.join(['code_qpv', *order, code])}",
            self.perimetre,
        ):
            if qpv in self.territoires:
                label, origin = propre(libelle) or target, tuple(source) if source[0] else None
                links[qpv].append(
                    Lien(
                        target,
                        label,
                        part,
                        propre(motif),
                        inside,
                        whole,
                        origin,
                        origin in self.tierces,
                        bool(whole_list),
                    )
                )
        return dict(links)

    def _sans_passe(self) -> dict[str, str]:
        """Why the figures of a quarter are compared with nothing."""
        return {
            code: propre(motif)
            for code, motif in self._rows(
                "select code_territoire, min(motif) from fct_evolution"
                " where periode_comparaison is null and type_territoire = 'qpv' and perimetre = ?"
                " group by code_territoire",
                self.perimetre,
            )
        }

    def _sources(self) -> list[Source]:
        found: dict[tuple[str, str], Source] = {}
        for row in self._rows(
            "select source_id, millesime, titre, producteur, page, licence, confiance, periodes,"
            " fichier, sha256, etat, remarque from dim_source"
            " order by source_id, millesime, fichier"
        ):
            source_id, millesime, titre, producteur, page, licence, confiance = row[:7]
            periodes, fichier, sha256, etat, remarque = row[7:]
            source = found.setdefault(
                (source_id, millesime),
                Source(
                    source_id,
                    millesime,
                    propre(titre) or source_id,
                    propre(producteur),
                    page if re.match(r"https?://", page or "") else None,
                    propre(licence),
                    confiance == "tierce",
                    ", ".join(map(periode_longue, re.findall(r"[\w-]+", periodes or ""))),
                ),
            )
            if etat == "lue":
                source.fichiers.append((propre(fichier), (sha256 or "")[:12]))
                source.remarque = propre(remarque)
            else:
                source.absents.append((propre(fichier), propre(remarque)))
        ordered = sorted(found.values(), key=lambda s: (not s.fichiers, s.source_id, s.millesime))
        for numero, source in enumerate(ordered, 1):
            source.numero = numero
        return ordered

    def _faits(
        self, periodes: dict[str, Periodes]
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
        self._niveaux(faits)
        self._evolutions(faits)
        return faits, manque

    def _niveaux(self, faits: dict[Colonne, dict[str, Fait]]) -> None:
        """Levels of the edition's period and of the earlier one, in one pass over the table.

        A level without a period is a row that only says why it is missing.
        """
        decimals = {c: i.arrondi for c, i in self.dictionary.indicateurs.items()}
        for code, grandeur, territoire, valeur, statut, motif, source_id, millesime in self._rows(
            "select f.code_indicateur,"
            " if(f.periode is not distinct from i.periode, 'niveau', 'comparaison'),"
            " f.code_territoire, f.valeur, f.statut, f.motif, f.source_id, f.millesime"
            " from fct_indicateur as f inner join dim_indicateur as i using (code_indicateur)"
            " where coalesce(f.perimetre, '') in (?, '')"
            " and (f.periode is not distinct from i.periode or f.periode = i.periode_comparaison)"
            " and f.code_indicateur in (select unnest(?))"
            " and f.code_territoire in (select unnest(?))",
            self.perimetre,
            sorted(self.montres),
            self.lus,
        ):
            cells = faits.get((code, grandeur))
            if cells is not None:
                source = self.cles_de_source.setdefault(
                    (source_id, millesime), (source_id, millesime)
                )
                cells[territoire] = self._fait(valeur, statut, motif, decimals[code], False, source)

    def _evolutions(self, faits: dict[Colonne, dict[str, Fait]]) -> None:
        decimals = {c: i.arrondi for c, i in self.dictionary.indicateurs.items()}
        for code, territoire, statut, motif, verdict, *values in self._rows(
            "select f.code_indicateur, f.code_territoire, f.statut, f.motif, f.comparabilite,"
            " f.evolution_nb, f.evolution_pct, f.evolution_pts"
            " from fct_evolution as f inner join dim_indicateur as i using (code_indicateur)"
            " where coalesce(f.perimetre, '') in (?, '') and f.periode = i.periode"
            " and f.periode_comparaison is not distinct from i.periode_comparaison"
            " and f.code_indicateur in (select unnest(?))"
            " and f.code_territoire in (select unnest(?))",
            self.perimetre,
            sorted(self.montres),
            self.lus,
        ):
            if (code, "evolution_nb") not in faits:
                continue
            shown = decimals[code]
            for grandeur, valeur, digits in zip(
                EVOLUTIONS, values, (shown, 1, max(shown, 1)), strict=True
            ):
                if valeur is None and statut == "diffuse":
                    cell = Fait("", BASE_NULLE)
                else:
                    cell = self._fait(valeur, statut, motif, digits, True, None)
                faits[code, grandeur][territoire] = cell
            if statut in ("diffuse", "non_comparable"):
                self._cote_a_cote(faits[code, "comparaison"], territoire, verdict, motif)

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
        """A motif with its period in words and each quarter's label beside its code."""
        if not motif:
            return ""
        if motif not in self.motifs:
            text = _CODE_QPV.sub(self._nommer, propre(motif)).rstrip(". ")
            if dated := _PERIODE_EN_TETE.match(text):
                text = periode_longue(dated[1]) + text[dated.end() :]
            self.motifs[motif] = text
        return self.motifs[motif]

    def _nommer(self, match: re.Match[str]) -> str:
        known = self.territoires.get(match[0])
        return f"{match[0]} {known.libelle}" if known else match[0]


def _ecrit(value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_ecrit, value))}]"
    return texte_sql(value)
