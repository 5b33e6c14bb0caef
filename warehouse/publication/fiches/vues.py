"""A whole fiche as a view model: who is shown beside whom. Renders nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary, Rubrique, Tableau
from warehouse.domain import format as f
from warehouse.domain.producteur import TYPE as TYPE_PRODUCTEUR
from warehouse.publication.attendus import Attendu, group_missing
from warehouse.publication.fiches.charts import draw
from warehouse.publication.fiches.constats import Redacteur
from warehouse.publication.fiches.data import Donnees
from warehouse.publication.fiches.habitants import (
    avec_part,
    habitants,
    premieres_communes,
    reserves,
    sans_passe,
)
from warehouse.publication.fiches.illustrations import Illustrateur
from warehouse.publication.fiches.locaux import accroche, page_locale
from warehouse.publication.fiches.modele import Carte, Fiche, QuartierCite, RubriqueVue
from warehouse.publication.fiches.tableaux import Atelier, Cadre, Notes, Rang, name_in_sentence
from warehouse.publication.fiches.textes import CHIFFRES_CLES, NB_CHIFFRES_CLES
from warehouse.release.published import Territoire

_NOM_DE_FICHIER = re.compile(r"(LOC:)?[0-9A-Z][0-9A-Z_-]*")


class Presentation:
    """Chooses the rows of each fiche. Links lead to the pages that exist, under `racine`."""

    def __init__(
        self, donnees: Donnees, dictionary: Dictionary, existantes: Collection[str] = ()
    ) -> None:
        self.donnees, self.dictionary = donnees, dictionary
        self.atelier = Atelier(donnees, dictionary)
        self.illustrateur = Illustrateur(donnees, dictionary.indicateurs)
        self.redacteur = Redacteur(donnees, dictionary.indicateurs)
        self.existantes = set(existantes)
        self.racine = "../../"
        self.attendus: Mapping[str, Attendu] = {}
        self.qpv_des_epci: dict[str, list[str]] = {}
        self.noms_epci: dict[str, str] = {}
        for qpv, links in donnees.epci_des_qpv.items():
            for link in links:
                self.qpv_des_epci.setdefault(link.code, []).append(qpv)
                known = donnees.territoires.get(f"EPCI:{link.code}")
                self.noms_epci.setdefault(link.code, known.libelle if known else link.libelle)
        self.france = {
            kind: [t for t in donnees.territoires.values() if t.type == kind]
            for kind in ("qpv_france", TYPE_PRODUCTEUR, "france", "epci_avec_qpv")
        }

    def chemins(self, codes: Collection[str] | None) -> list[str]:
        """Pages to render, EPCI first: all of them, or those of some EPCI siren or QPV codes.

        Raises:
            QpvError: a code that is neither, or one that cannot name a file.
        """
        pages = {code: f"annexes/epci/{code}.html" for code in sorted(self.qpv_des_epci)}
        pages |= {code: f"annexes/qpv/{code}.html" for code in self.donnees.qpv}
        pages |= {code: page_locale(code) for code in self.donnees.locaux}
        wanted = pages if codes is None else [c.removeprefix("EPCI:") for c in sorted(codes)]
        for code in wanted:
            if not _NOM_DE_FICHIER.fullmatch(code):
                raise QpvError(
                    f"le code {code!r} ne peut nommer un fichier",
                    attendu="des chiffres et des lettres capitales, sans accent",
                )
            if code not in pages:
                raise QpvError(
                    f"{code} n'est ni un EPCI ni un QPV de l'édition",
                    attendu="un siren d'EPCI, un code de quartier du périmètre de l'édition, ou "
                    "celui d'un périmètre local (LOC:…)",
                )
        return [pages[code] for code in dict.fromkeys(wanted)]

    def fiche(self, chemin: str) -> Fiche:
        """The page at one of `chemins`."""
        *_, kind, code = chemin.removesuffix(".html").split("/")
        if kind == "local":
            return self._fiche_locale(f"LOC:{code}", chemin)
        return self._fiche_epci(code, chemin) if kind == "epci" else self._fiche_qpv(code, chemin)

    def _fiche_epci(self, siren: str, chemin: str) -> Fiche:
        codes = self.qpv_des_epci[siren]
        places = self.departements(codes)
        cadre = self._cadre(codes, [siren], places, liens=True)
        main = [f"QPV@EPCI:{siren}"]
        beside = [f"EPCI:{siren}", *(t.code for t in self.france["qpv_france"])]
        name = self.noms_epci[siren]
        return self._fiche(chemin, name, siren, cadre, main, beside, places)

    def _fiche_qpv(self, code: str, chemin: str) -> Fiche:
        sirens = [link.code for link in self.donnees.epci_des_qpv.get(code, [])]
        places = self.departements([code])
        cadre = self._cadre([code], sirens, places, liens=False)
        beside = [f"{kind}:{s}" for s in sirens[:1] for kind in ("QPV@EPCI", "EPCI")]
        name = self.donnees.territoires[code].libelle
        return self._fiche(chemin, name, code, cadre, [code], beside, places)

    def _fiche_locale(self, code: str, chemin: str) -> Fiche:
        local = self.donnees.locaux[code]
        places = self.departements([code])
        sirens = [local.siren] if local.siren else []
        cadre = self._cadre([code], sirens, places, liens=False)
        beside = [f"{kind}:{s}" for s in sirens for kind in ("QPV@EPCI", "EPCI")]
        page = self._fiche(chemin, local.libelle_long, code, cadre, [code], beside, places)
        page.recouvre = [
            (
                f"{self.donnees.territoires[qpv].libelle} ({qpv})",
                self.lien(f"annexes/qpv/{qpv}.html", self.racine),
                f.nombre(part, 1) + f"{f.FINE}%",
            )
            for qpv, part in local.recouvre
        ]
        return page

    def _fiche(
        self,
        chemin: str,
        nom: str,
        code: str,
        cadre: Cadre,
        principal: list[str],
        ailleurs: list[str],
        departements: list[str],
    ) -> Fiche:
        genre = chemin.split("/")[-2]
        cards, cited = self._cartes(principal[0], ailleurs, cadre.notes)
        missing: list[tuple[str, list[str], str]] = []
        rubriques = [
            made
            for r in self.dictionary.rubriques
            if (
                made := self._rubrique(
                    r, cadre, principal[0], code if genre == "local" else "", missing
                )
            )
        ]
        unfed = [
            f.typographie(r.question)
            for r in self.dictionary.rubriques
            if genre != "local" and r.tableaux and not self._a_une_source(r)
        ]
        named = [self.departement(d) for d in departements]
        page = Fiche(
            chemin=chemin,
            nom=nom,
            genre=genre,
            accroche=accroche(genre, code, len(cadre.quartiers)),
            code=code,
            communes=self._communes(code) if genre == "qpv" else "",
            epci=self._epci(code),
            departements=", ".join(named),
            quartiers=[QuartierCite(r, self._communes(r.territoire.code)) for r in cadre.quartiers],
            cartes=cards,
            rubriques=rubriques,
            notes=cadre.notes.liste(),
            premieres_communes=premieres_communes(self.donnees, cadre.quartiers),
            voisins=self._voisins(code) if genre == "qpv" else [],
            partages=self._partages(cadre.quartiers),
            reserves=reserves(self.donnees, cadre.quartiers),
            habitants=habitants(self.donnees, code, nom) if genre == "epci" else "",
            sans_passe=sans_passe(self.donnees, cadre.quartiers),
            recouvre=[],
            sans_source=unfed,
            manques=group_missing(missing, self.attendus),
        )
        for used in (v.fichiers for r in rubriques for v in r.vues):
            for number, periods in used.items():
                cited.setdefault(number, set()).update(periods)
        page.cites = {
            number: f.list_in_words(map(f.periode_longue, sorted(cited[number] - {""})))
            for number in sorted(cited)
        }
        shown = {c for r in rubriques for v in r.vues for c in v.indicateurs}
        page.definitions = [
            (i.libelle, i.unite, i.definition)
            for c, i in self.dictionary.indicateurs.items()
            if c in shown
        ]
        return page

    def _rubrique(
        self,
        r: Rubrique,
        cadre: Cadre,
        principal: str,
        local: str,
        missing: list[tuple[str, list[str], str]],
    ) -> RubriqueVue | None:
        """Its exhibits, the first chart that one of them gets, and what the figures say.

        An exhibit without a figure is not drawn: it is told to `missing`.
        """
        if not self._a_une_source(r):
            return None
        shown = [t for t in r.tableaux if not local or self._a_un_chiffre(t, local)]
        made = {t.id: (t, v) for t in shown if (v := self.atelier.vue(t, cadre))}
        for exhibit, view in made.values():
            if view.vide:
                missing.append((exhibit.titre, view.raisons, exhibit.colonnes[0].indicateur))
        views = {name: pair for name, pair in made.items() if not pair[1].vide}
        if not views:
            return None
        drawn = (self.illustrateur.graphique(t, v, cadre) for t, v in views.values())
        chart = next(filter(None, drawn), None)
        return RubriqueVue(
            r.rubrique,
            r.theme,
            f.typographie(r.question),
            [v for _, v in views.values()],
            self.redacteur.constat(
                (c for t, _ in views.values() for c in t.colonnes),
                principal,
                self._a_cote(cadre, principal),
            ),
            chart,
            draw(chart) if chart else None,
        )

    def _a_une_source(self, r: Rubrique) -> bool:
        """Whether a block of the edition gives a period to one of its figures."""
        known = [self.donnees.periodes.get(c.indicateur) for t in r.tableaux for c in t.colonnes]
        return any(said is None or said.periode for said in known)

    def _a_cote(self, cadre: Cadre, principal: str) -> list[str]:
        """What a finding is set beside, by preference: the EPCI if alone, France, then sets."""
        wanted = ("epci", "france", "qpv_epci", "qpv_france")
        found: dict[str, list[str]] = {kind: [] for kind in wanted}
        for rang in cadre.autres:
            known = rang.territoire
            is_itself = known.code == principal or (known.nb_qpv == 1 and known.type == "qpv_epci")
            if known.type in found and not is_itself:
                found[known.type].append(known.code)
        return [codes[0] for codes in found.values() if len(codes) == 1]

    def _a_un_chiffre(self, tableau: Tableau, code: str) -> bool:
        """Few sources cover a local perimeter: its page keeps the exhibits that it appears in."""
        cells = ((c.indicateur, c.grandeur) for c in tableau.colonnes)
        return any(self.donnees.fait(cell, code).texte for cell in cells)

    def _cadre(
        self, codes: list[str], sirens: list[str], departements: list[str], *, liens: bool
    ) -> Cadre:
        known = self.donnees.territoires

        def rows(*wanted: str) -> list[Rang]:
            return [Rang(known[code]) for code in wanted if code in known]

        quarters = rows(*codes)
        for rang in quarters:
            code = rang.territoire.code
            rang.renvoi = len(self.donnees.epci_des_qpv.get(code, ())) > 1
            if liens:
                rang.lien = self.lien(f"annexes/qpv/{code}.html", self.racine)
        quarters.sort(key=lambda r: (r.territoire.libelle.casefold(), r.territoire.code))
        return Cadre(
            quarters,
            rows(*(f"QPV@EPCI:{s}" for s in sirens), *(f"QPV@DEP:{d}" for d in departements))
            + [Rang(t) for t in self.france["qpv_france"]],
            rows(*(f"EPCI:{s}" for s in sirens), *(f"DEP:{d}" for d in departements))
            + [Rang(t) for t in self.france["france"]],
            [Rang(t) for t in self.france[TYPE_PRODUCTEUR]],
            [Rang(t) for t in self.france["epci_avec_qpv"]],
        )

    def _cartes(
        self, code: str, elsewhere: list[str], notes: Notes
    ) -> tuple[list[Carte], dict[int, set[str]]]:
        """The first key figures that are diffuse for the territory of the fiche, and their
        sources: number, periods."""
        cards: list[Carte] = []
        cited: dict[int, set[str]] = {}
        indicateurs = self.dictionary.indicateurs
        for wanted in CHIFFRES_CLES:
            column = (wanted, "niveau")
            if len(cards) == NB_CHIFFRES_CLES or column not in self.donnees.faits:
                continue
            fact = self.donnees.fait(column, code)
            if not fact.texte:
                continue
            unit = indicateurs[wanted].unite
            others = [
                (
                    self.donnees.territoires[other].libelle,
                    f.avec_unite(there.texte, unit),
                    there.tierce,
                )
                for other in elsewhere
                if other in self.donnees.territoires
                and (there := self.donnees.fait(column, other)).texte
            ]
            text, call, _, third = notes.cellule(fact)
            facts = [fact, *(self.donnees.fait(column, other) for other in elsewhere)]
            keys = {x.source for x in facts if x.texte and x.source}
            known = self.donnees.periodes[wanted]
            for key in keys & self.atelier.numeros.keys():
                cited.setdefault(self.atelier.numeros[key], set()).add(known.periode or "")
            cards.append(
                Carte(
                    indicateurs[wanted].libelle,
                    text,
                    f.avec_unite("", unit),
                    f.periode_longue(known.periode or ""),
                    call,
                    third,
                    others,
                )
            )
        return cards, cited

    def lien(self, chemin: str, racine: str) -> str | None:
        """A relative link, only to a page that exists."""
        return racine + chemin if chemin in self.existantes else None

    def _communes(self, code: str) -> str:
        return ", ".join(avec_part(link) for link in self.donnees.communes_des_qpv.get(code, []))

    def _epci(self, code: str) -> list[tuple[str, str | None]]:
        if local := self.donnees.locaux.get(code):
            name = self.noms_epci.get(local.siren)
            return (
                [(name, self.lien(f"annexes/epci/{local.siren}.html", self.racine))] if name else []
            )
        return [
            (self.noms_epci[link.code], self.lien(f"annexes/epci/{link.code}.html", self.racine))
            for link in self.donnees.epci_des_qpv.get(code, [])
        ]

    def _voisins(self, code: str) -> list[tuple[str, str]]:
        """The other quarters of the EPCI that a quarter touches, those that have a page."""
        sirens = [link.code for link in self.donnees.epci_des_qpv.get(code, [])]
        others = {c for s in sirens for c in self.qpv_des_epci[s]} - {code}
        pages = [
            (self.donnees.territoires[c].avec_communes, page)
            for c in others
            if (page := self.lien(f"annexes/qpv/{c}.html", self.racine))
        ]
        return sorted(pages, key=lambda p: (p[0].casefold(), p[1]))

    def _partages(self, rangs: list[Rang]) -> list[tuple[str, int, str]]:
        """Quarters that lie in several EPCI, those in the same ones together."""
        together: dict[str, list[str]] = {}
        for rang in rangs:
            if rang.renvoi:
                links = self.donnees.epci_des_qpv[rang.territoire.code]
                epci = [Territoire(x.code, "epci", self.noms_epci[x.code]) for x in links]
                named = zip(links, map(name_in_sentence, epci), strict=True)
                places = (avec_part(replace(link, libelle=name)) for link, name in named)
                label = f.guillemets(rang.territoire.libelle)
                together.setdefault(f.list_in_words(places), []).append(label)
        return [(f.list_in_words(labels), len(labels), where) for where, labels in together.items()]

    def departements(self, codes: list[str]) -> list[str]:
        """Those where some quarters lie, the one of most quarters first."""
        found = Counter(self.donnees.territoires[c].departement for c in codes)
        return [d for d, _ in sorted(found.items(), key=lambda x: (-x[1], x[0])) if d]

    def departement(self, code: str) -> str:
        """Its name and code, or the code when it is unknown."""
        known = self.donnees.territoires.get(f"DEP:{code}")
        return f"{known.libelle} ({code})" if known else code
