"""One exhibit as a view model: rows in order, notes, source and reading. Renders nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from warehouse.declared.dictionary import ColonneTableau, Dictionary, Tableau
from warehouse.domain import format as f
from warehouse.domain.names import load_names
from warehouse.domain.types_territoire import types_territoire
from warehouse.publication.fiches.data import Donnees, Fait
from warehouse.release.published import Territoire


@dataclass(slots=True)
class Rang:
    """A territory as a row; `lien`: its page, seen from the fiche; `renvoi`: asterisk note."""

    territoire: Territoire
    lien: str | None = None
    renvoi: bool = False


Cellule = tuple[str, str, str, bool]  # text, note call, motif, third-party
Absents = list[tuple[str, list[str]]]  # names, calls of the reasons why nothing is there


class Notes:
    """Letters of one fiche's notes: each distinct reason is said once, at its end."""

    def __init__(self) -> None:
        self._calls: dict[str, str] = {}

    def appel(self, raison: str) -> str:
        """The letter of a reason."""
        return self._calls.setdefault(raison, f.lettre(len(self._calls)))

    def cellule(self, fait: Fait) -> Cellule:
        """The cell as printed, its reason's call beside it."""
        if not fait.motif:
            return (fait.texte, "", "", fait.tierce)
        return (fait.texte or fait.signe, self.appel(fait.motif), fait.motif, fait.tierce)

    def absents(self, items: Iterable[tuple[str, list[list[Fait]]]]) -> Absents:
        """Empty rows or columns, those with the same reasons together."""
        together: dict[tuple[str, ...], list[str]] = {}
        for label, rows in items:
            together.setdefault(tuple(_raisons(rows)), []).append(label)
        return [
            (", ".join(map(f.guillemets, labels)), [self.appel(r) for r in reasons if r])
            for reasons, labels in together.items()
        ]

    def liste(self) -> list[tuple[str, str]]:
        """(letter, reason)."""
        return [(call, reason) for reason, call in self._calls.items()]


@dataclass(slots=True)
class Cadre:
    """The rows that every exhibit of one fiche has, and the notes that they share.

    `producteurs`: producers' own sets of QPV, only shown where they fill a gap of France's.
    `reunions`: places put together, only shown where they have a figure.
    """

    quartiers: list[Rang]
    ensembles: list[Rang]
    comparaisons: list[Rang]
    producteurs: list[Rang] = field(default_factory=list)
    reunions: list[Rang] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)

    @property
    def autres(self) -> list[Rang]:
        return self.ensembles + self.comparaisons


@dataclass(slots=True)
class Ligne:
    """One row: its territory and its cells as printed."""

    rang: Rang
    cellules: list[Cellule]


@dataclass(slots=True)
class Entete:
    """A column header: title, then unit and period in small."""

    titre: str
    precision: str


@dataclass(slots=True)
class Vue:
    """One exhibit, ready to print. When `vide`, only `titre` and `raisons` have something."""

    id: str
    titre: str
    vide: bool = False
    raisons: list[str] = field(default_factory=list)
    entetes: list[Entete] = field(default_factory=list)
    groupes: list[tuple[str, list[Ligne]]] = field(default_factory=list)
    tri: str = ""
    colonnes_vides: Absents = field(default_factory=list)
    rangs_vides: Absents = field(default_factory=list)
    sources: str = ""
    fichiers: dict[int, set[str]] = field(default_factory=dict)  # number, periods
    tierces: list[int] = field(default_factory=list)
    lecture: str = ""
    note: str = ""
    indicateurs: list[str] = field(default_factory=list)


class Atelier:
    """Makes exhibits from the data of a release and the dictionary's drawing."""

    def __init__(self, donnees: Donnees, dictionary: Dictionary) -> None:
        self.donnees = donnees
        self.indicateurs = dictionary.indicateurs
        self.numeros = {(s.source_id, s.millesime): s.numero for s in donnees.sources}
        self.tierces = {s.numero for s in donnees.sources if s.tierce}
        self._entetes: dict[int, Entete] = {}

    def vue(self, tableau: Tableau, cadre: Cadre) -> Vue | None:
        """One exhibit for one fiche; None when the dictionary publishes none of its columns."""
        columns = [c for c in tableau.colonnes if self.indicateurs[c.indicateur].publier]
        if not columns:
            return None
        cadre = replace(
            cadre,
            ensembles=cadre.ensembles + self._comblent(cadre, columns),
            comparaisons=cadre.comparaisons + self._reunions(cadre, columns),
        )
        cells = [self.donnees.faits[c.indicateur, c.grandeur] for c in columns]
        absent = [self.donnees.manque[c.indicateur, c.grandeur] for c in columns]
        grid = {
            rang.territoire.code: [
                by_code.get(rang.territoire.code) or none
                for by_code, none in zip(cells, absent, strict=True)
            ]
            for rang in [*cadre.quartiers, *cadre.autres]
        }
        # What is missing everywhere is explained for the quarters: the rest follows from them.
        quarters = [grid[rang.territoire.code] for rang in cadre.quartiers]
        full = [i for i in range(len(columns)) if any(row[i].texte for row in grid.values())]
        if not full:
            return Vue(tableau.id, tableau.titre, vide=True, raisons=_raisons(quarters))
        view = Vue(tableau.id, tableau.titre, note=f.typographie(tableau.note or ""))
        shown = [columns[i] for i in full]
        view.entetes = [self._entete(c) for c in shown]
        view.indicateurs = list(dict.fromkeys(c.indicateur for c in shown))
        self._lignes(view, cadre, {code: [row[i] for i in full] for code, row in grid.items()})
        view.colonnes_vides = cadre.notes.absents(
            (columns[i].titre, [row[i : i + 1] for row in quarters])
            for i in range(len(columns))
            if i not in full
        )
        self._provenance(view, shown)
        view.lecture = self._lecture(view, shown)
        return view

    def _comblent(self, cadre: Cadre, columns: list[ColonneTableau]) -> list[Rang]:
        """The producers' sets that have a figure which the set of all QPV has not."""
        france = [r.territoire.code for r in cadre.ensembles if r.territoire.type == "qpv_france"]
        return [
            rang
            for rang in cadre.producteurs
            if any(
                self._a(rang.territoire.code, c) and not any(self._a(code, c) for code in france)
                for c in columns
            )
        ]

    def _reunions(self, cadre: Cadre, columns: list[ColonneTableau]) -> list[Rang]:
        return [r for r in cadre.reunions if any(self._a(r.territoire.code, c) for c in columns)]

    def _a(self, code: str, column: ColonneTableau) -> bool:
        return bool(self.donnees.fait((column.indicateur, column.grandeur), code).texte)

    def _lignes(self, view: Vue, cadre: Cadre, grid: dict[str, list[Fait]]) -> None:
        def order(rang: Rang) -> tuple:
            first = grid[rang.territoire.code][0].valeur
            label = rang.territoire.libelle.casefold()
            return (first is None, -(first or 0), label, rang.territoire.code)

        for genre, rangs in (
            ("quartiers", sorted(cadre.quartiers, key=order)),
            ("ensembles", cadre.ensembles),
            ("comparaisons", cadre.comparaisons),
        ):
            lines = [
                Ligne(rang, [cadre.notes.cellule(cell) for cell in grid[rang.territoire.code]])
                for rang in rangs
                if genre == "quartiers" or any(c.texte for c in grid[rang.territoire.code])
            ]
            if lines:
                view.groupes.append((genre, lines))
        view.rangs_vides = cadre.notes.absents(
            (rang.territoire.libelle, [grid[rang.territoire.code]])
            for rang in cadre.autres
            if not any(cell.texte for cell in grid[rang.territoire.code])
        )
        if len(cadre.quartiers) > 1:
            view.tri = view.entetes[0].titre

    def _entete(self, colonne: ColonneTableau) -> Entete:
        """Unit when the title does not say it, then the period, or from which to which."""
        made = self._entetes.get(id(colonne))
        if made is None:
            indicateur = self.indicateurs[colonne.indicateur]
            known = self.donnees.periodes[colonne.indicateur]
            unite, grandeur = indicateur.unite, colonne.grandeur
            if grandeur == "evolution_pct":
                unite = "%"
            elif grandeur == "evolution_pts":
                unite = "points"
            sign = "€" if "€" in unite else unite.rstrip("s")
            parts = [] if sign in colonne.titre.partition("(")[2] else [unite]
            if grandeur == "niveau" and known.periode:
                parts.append(f.periode_courte(known.periode))
            elif grandeur == "comparaison" and known.comparaison:
                parts.append(f.periode_courte(known.comparaison))
            elif known.periode and known.comparaison:
                parts.append(f.intervalle(known.comparaison, known.periode))
            made = self._entetes[id(colonne)] = Entete(colonne.titre, ", ".join(parts))
        return made

    def _provenance(self, view: Vue, shown: list[ColonneTableau]) -> None:
        """Citations with their periods, and the numbers of the files that gave the cells."""
        cited: dict[str, list[str]] = {}
        used: dict[int, set[str]] = {}
        codes = [line.rang.territoire.code for _, lines in view.groupes for line in lines]
        for colonne in shown:
            known = self.donnees.periodes[colonne.indicateur]
            roles = {"niveau": known.periode, "comparaison": known.comparaison}
            if colonne.grandeur in roles:
                roles = {colonne.grandeur: roles[colonne.grandeur]}
            periods = cited.setdefault(known.citation, [])
            for role, periode in roles.items():
                if periode and periode not in periods:
                    periods.append(periode)
                cells = self.donnees.faits[colonne.indicateur, role]
                for key in {cells[code].source for code in codes if code in cells}:
                    if key in self.numeros:
                        used.setdefault(self.numeros[key], set()).add(periode or "")
        view.sources = f.typographie(" ; ").join(
            ", ".join(
                [*filter(None, [citation]), f.list_in_words(map(f.periode_longue, sorted(periods)))]
            )
            for citation, periods in cited.items()
        )
        view.fichiers = {number: used[number] for number in sorted(used)}
        view.tierces = sorted(self.tierces.intersection(used))

    def _lecture(self, view: Vue, shown: list[ColonneTableau]) -> str:
        """A sentence from the first row that has a level, and its evolution when that leads."""
        levels = [i for i, c in enumerate(shown) if c.grandeur == "niveau"]
        if not levels:
            return ""
        at = levels[0]
        lines = [line for _, group in view.groupes for line in group]
        for line in lines:
            code = line.rang.territoire.code
            colonne = shown[at]
            fact = self.donnees.fait((colonne.indicateur, "niveau"), code)
            if not fact.texte:
                continue
            known = self.donnees.periodes[colonne.indicateur]
            sentence = f.phrase_de_lecture(
                self.indicateurs[colonne.indicateur].lecture,
                name_in_sentence(line.rang.territoire),
                fact.texte,
                f.periode_longue(known.periode or ""),
            )
            first = shown[0]
            if first.grandeur == "evolution_pct" and first.indicateur == colonne.indicateur:
                change = self.donnees.fait((first.indicateur, first.grandeur), code)
                if change.texte:
                    sentence += (
                        f", soit {change.texte}{f.FINE}% {f.depuis(known.comparaison or '')}"
                    )
            return sentence
        return ""


def is_collectivity(territoire: Territoire) -> bool:
    """Whether what stands at the level of a département is one."""
    return territoire.code.removeprefix("DEP:") in load_names().collectivites


def sans_qp(label: str) -> str:
    """A label without the words that say it is one of quarters."""
    return label.removeprefix("QP ").removeprefix("Quartier ")


def name_in_sentence(territoire: Territoire) -> str:
    """A territory inside a sentence, with its article."""
    label = territoire.libelle
    if territoire.type == "departement" and is_collectivity(territoire):
        return f"la collectivité {f.guillemets(label)}"
    if said := types_territoire()[territoire.type].dit:
        return said.format(nom=sans_qp(label), cite=f.guillemets(label))
    return load_names().avec_article(label) or f"l'intercommunalité {label}"


def _raisons(rows: Iterable[list[Fait]]) -> list[str]:
    """Distinct reasons of some cells, the most frequent first."""
    return [r for r, _ in Counter(c.motif for row in rows for c in row).most_common()]
