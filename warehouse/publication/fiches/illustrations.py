"""Which chart an exhibit gets, as a view model: never one where a table says it as well."""

from __future__ import annotations

from warehouse.declared.dictionary import ColonneTableau, Indicateur, Tableau
from warehouse.domain import format as f
from warehouse.publication.fiches.charts import Graphique, Trace
from warehouse.publication.fiches.data import Donnees
from warehouse.publication.fiches.tableaux import Absents, Cadre, Vue

#: Fewer marks than this are read faster in the table.
_MINIMUM = 3
#: Types whose figure grows with the territory: those of France would flatten the quarters'.
_COMPTES = ("effectif", "superficie")


class Illustrateur:
    """Makes charts from the data of a release, in the order of the exhibits' rows."""

    def __init__(self, donnees: Donnees, indicateurs: dict[str, Indicateur]) -> None:
        self.donnees, self.indicateurs = donnees, indicateurs

    def graphique(self, tableau: Tableau, vue: Vue, cadre: Cadre) -> Graphique | None:
        """The chart of an exhibit: ranges if it declares one, else its first column.

        Two periods where the exhibit shows an evolution in points and both ends are known for most
        territories; bars otherwise. None when too little is left to draw, or no quarter is.
        """
        if vue.vide:
            return None
        if tableau.etendue:
            drawn = self._traces(vue, [(code, "niveau") for code in tableau.etendue])
            return self._fini("etendues", tableau.etendue, vue, cadre, drawn)
        first = next((c for c in tableau.colonnes if self._se_dessine(c, vue)), None)
        if first is None:
            return None
        code = first.indicateur
        if any(c.indicateur == code and c.grandeur == "evolution_pts" for c in tableau.colonnes):
            drawn = self._traces(vue, [(code, "comparaison"), (code, "niveau")])
            if 2 * sum(None not in t.valeurs for t in drawn) > len(drawn):
                return self._fini("periodes", [code], vue, cadre, drawn)
        drawn = self._traces(vue, [(code, "niveau")])
        return self._fini("barres", [code], vue, cadre, drawn)

    def _se_dessine(self, colonne: ColonneTableau, vue: Vue) -> bool:
        return colonne.grandeur == "niveau" and colonne.indicateur in vue.indicateurs

    def _traces(self, vue: Vue, columns: list[tuple[str, str]]) -> list[Trace]:
        """The rows that have what must be drawn. Counts: quarters only."""
        last = self.indicateurs[columns[-1][0]]
        counts = last.type in _COMPTES
        traces = []
        for genre, lines in vue.groupes:
            for line in lines if genre == "quartiers" or not counts else []:
                territoire = line.rang.territoire
                facts = [self.donnees.fait(column, territoire.code) for column in columns]
                known = [fact for fact in facts if fact.texte]
                is_partial = len(columns) == 2 and facts[-1].texte
                if len(known) == len(facts) or is_partial:
                    shown = [known[1]] if len(columns) == 3 else known
                    text = " → ".join(fact.texte + "†" * fact.tierce for fact in shown)
                    values = tuple(fact.valeur if fact.texte else None for fact in facts)
                    traces.append(Trace(territoire.libelle, genre, values, text))
        return traces

    def _fini(
        self, genre: str, codes: list[str], vue: Vue, cadre: Cadre, traces: list[Trace]
    ) -> Graphique | None:
        """The chart of the middle one of some indicators, with its title, marks and words."""
        if len(traces) < _MINIMUM or traces[0].genre != "quartiers":
            return None
        code = codes[len(codes) // 2]
        indicateur, known = self.indicateurs[code], self.donnees.periodes[code]
        period = f.periode_courte(known.periode or "")
        is_plain = indicateur.type == "effectif" or indicateur.unite in ("ratio", "indice")
        unit = "" if is_plain else f", en {indicateur.unite}"
        chart = Graphique(
            vue.id,
            genre,
            f"{indicateur.libelle}{unit}, {period}",
            "",
            indicateur.unite,
            traces,
            absents=self._absents(codes, cadre),
        )
        if genre == "periodes":
            before = f.periode_courte(known.comparaison or "")
            chart.legendes = (before, period)
            chart.titre = f"{indicateur.libelle}{unit}, {before} et {period}"
        elif genre == "etendues":
            first, *others = (self.indicateurs[c].libelle for c in codes)
            named = f.list_in_words([first, *(o[:1].lower() + o[1:] for o in others)])
            chart.titre = f"{named}{unit}, {period}"
            chart.legendes = ("", indicateur.libelle, "")
        elif same := next((t for t in traces if t.genre == "comparaisons"), None):
            [value] = same.valeurs
            assert value is not None  # a territory without its number has no bar
            chart.repere = (same.libelle, value)
        said = f"{f.FINE}; ".join(f"{t.libelle} : {t.texte}" for t in traces)
        chart.description = f"{chart.titre}. {said}."
        return chart

    def _absents(self, codes: list[str], cadre: Cadre) -> Absents:
        """Territories that would be drawn and lack the figure, each with its reason."""
        lacking = []
        is_count = self.indicateurs[codes[0]].type in _COMPTES
        for rang in cadre.quartiers if is_count else [*cadre.quartiers, *cadre.autres]:
            facts = [self.donnees.fait((c, "niveau"), rang.territoire.code) for c in codes]
            if missing := [fact for fact in facts if not fact.texte]:
                lacking.append((rang.territoire.libelle, [missing]))
        return cadre.notes.absents(lacking)
