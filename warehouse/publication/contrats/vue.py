"""The page of a contract as a view model: objectives, euros, changes, in words. Renders nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from warehouse.declared.contracts import Citation, Contrat, Objectif
from warehouse.domain import format as f
from warehouse.publication.contrats.etats import ETATS, ChiffreLu, Suivi, said_period
from warehouse.publication.contrats.euros import SommeDeCredits
from warehouse.publication.contrats.mesures import Mesures
from warehouse.publication.profils import mots

_VERBES = {
    "au_moins": "au moins",
    "au_plus": "au plus",
    "hausse": "en hausse",
    "baisse": "en baisse",
}
_SENS = {"▲": "en hausse", "▼": "en baisse", "=": "sans changement", "": ""}


@dataclass(frozen=True)
class ChiffreVu:
    """A figure as printed: its value or its sign, its period, its note, what is cited of it."""

    valeur: str
    quand: str
    note: str = ""
    source: tuple[int, str] | None = None


@dataclass(frozen=True)
class ObjectifVu:
    """An objective as a page shows it."""

    code: str
    libelle: str
    quoi: str
    indicateur: str | None
    comparaison: str
    etat: str
    classe: str
    raison: str
    fleche: str
    sens: str
    depart: ChiffreVu | None
    maintenant: ChiffreVu | None
    cible: ChiffreVu


@dataclass(frozen=True)
class LigneEuros:
    """A group of quarters as a row: one cell per theme, with why it has no ratio."""

    nom: str
    habitants: str
    cellules: list[tuple[str, str]]


#: A year, its themes, its rows.
EurosDUneAnnee = tuple[int, list[str], list[LigneEuros]]


@dataclass(frozen=True)
class ContratVu:
    """The whole page."""

    siren: str
    nom: str
    titre: str
    exemple: str
    accroche: str
    comptes: list[tuple[str, int]]
    orientations: list[tuple[str, tuple[int, str] | None, list[ObjectifVu]]]
    annees: list[EurosDUneAnnee]
    quartiers: list[str]
    locaux: list[str]
    veille: list[str]
    comites: list[tuple[str, str, tuple[int, str] | None]]
    documents: list[tuple[int, str, str | None, bool]]
    depuis: str = ""
    changements: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Resume:
    """What the sheet of an EPCI says of its contract; `page`: where it leads."""

    titre: str
    exemple: bool
    comptes: tuple[tuple[str, int], ...]
    page: str = ""

    @property
    def imprime(self) -> str:
        """The whole of it on one line: `Contrat… (exemple) – 13 objectifs suivis : …`."""
        return f"{self.titre}{' (exemple)' if self.exemple else ''} – {self.phrase}"

    @property
    def phrase(self) -> str:
        """`13 objectifs suivis : 2 en chemin, 1 s’éloigne, 10 pas de mesure`."""
        total = sum(count for _, count in self.comptes)
        said = ", ".join(f"{count} {state}" for state, count in self.comptes)
        return (
            f"{total} objectif{'s' if total > 1 else ''} suivi{'s' if total > 1 else ''} : {said}"
        )


class Metteur:
    """Sets one contract in words beside one release."""

    def __init__(self, contrat: Contrat, mesures: Mesures) -> None:
        self._contrat, self._mesures = contrat, mesures
        self._numeros = {code: rank for rank, code in enumerate(contrat.documents, start=1)}

    def page(self, suivis: Sequence[Suivi], sommes: Sequence[SommeDeCredits]) -> ContratVu:
        """The page, without what changed."""
        contrat = self._contrat
        groups = [
            (
                self._dit(o.libelle),
                self._cite(o.source),
                [self._objectif(s) for s in suivis if s.objectif.orientation == code],
            )
            for code, o in contrat.orientations.items()
        ]
        places = contrat.perimetres
        count = len(contrat.quartiers)
        s = "s" if count > 1 else ""
        return ContratVu(
            siren=contrat.siren,
            nom=self._nom(f"EPCI:{contrat.siren}"),
            titre=self._dit(contrat.titre),
            exemple=self._dit(contrat.exemple or ""),
            accroche=f"{count} quartier{s} du périmètre {contrat.perimetre}, de {contrat.debut} à "
            f"{contrat.fin}",
            comptes=[*resume(contrat, suivis).comptes],
            orientations=[group for group in groups if group[2]],
            annees=self._annees(sommes),
            quartiers=[self._nom(code) for code in contrat.quartiers],
            locaux=[self._nom(code) for code in places.locaux],
            veille=[self._nom(code) for code in places.veille_active],
            comites=[
                (f.jour(one.date), self._dit(one.libelle), self._cite(one.source))
                for one in sorted(contrat.comites, key=lambda one: one.date)
            ],
            documents=[
                (self._numeros[code], self._dit(d.titre), d.adresse, d.lu)
                for code, d in contrat.documents.items()
            ],
        )

    def quoi(self, objectif: Objectif) -> str:
        """What measures an objective: an indicator and a place, or a list."""
        if objectif.comptage:
            return f"liste comptée par l’équipe du contrat : {self._dit(objectif.comptage.liste)}"
        assert objectif.indicateur
        label = mots.imprime(self._mesures.indicateurs[objectif.indicateur].libelle)
        return f"{label}, {self._nom(objectif.territoire or self._contrat.ensemble)}"

    def unite(self, objectif: Objectif) -> tuple[str, int]:
        """Unit and decimals of its figures."""
        if objectif.comptage:
            return f.propre(objectif.comptage.unite), objectif.comptage.arrondi
        assert objectif.indicateur
        how = self._mesures.indicateurs[objectif.indicateur]
        return how.unite, how.arrondi

    def _objectif(self, s: Suivi) -> ObjectifVu:
        one = s.objectif
        start = self._chiffre(one, s.depart)
        if start and one.depart:
            note = start.note
            if s.imprime is not None:
                printed = self._nombre(one, s.imprime)
                note = f"le document cité imprime {printed}" + (f" ; {note}" if note else "")
            start = ChiffreVu(start.valeur, start.quand, note, self._cite(one.depart.source))
        aim = _VERBES[one.cible.operateur]
        if one.cible.valeur is not None:
            aim = f"{aim} {self._nombre(one, one.cible.valeur)}"
        return ObjectifVu(
            code=one.code,
            libelle=self._dit(one.libelle),
            quoi=self.quoi(one),
            indicateur=one.indicateur,
            comparaison=s.comparaison,
            etat=s.etat,
            classe=f"e{ETATS.index(s.etat)}",
            raison=mots.imprime(f.typographie(f.propre(s.raison))),
            fleche=s.fleche,
            sens=_SENS[s.fleche],
            depart=start,
            maintenant=self._chiffre(one, s.maintenant),
            cible=ChiffreVu(aim, f"en {one.cible.annee}", "", self._cite(one.cible.source)),
        )

    def _chiffre(self, objectif: Objectif, mesure: ChiffreLu | None) -> ChiffreVu | None:
        if mesure is None:
            return None
        said = mesure.signe if mesure.valeur is None else self._nombre(objectif, mesure.valeur)
        said += "†" * mesure.tierce
        perimetre = f", QPV {mesure.perimetre}" if mesure.perimetre else ""
        return ChiffreVu(said, f"{said_period(mesure)}{perimetre}", mots.imprime(mesure.note))

    def _nombre(self, objectif: Objectif, valeur: float) -> str:
        unit, decimals = self.unite(objectif)
        return f.avec_unite(f.nombre(valeur, decimals), unit)

    def _annees(self, sommes: Sequence[SommeDeCredits]) -> list[EurosDUneAnnee]:
        told = []
        for year in dict.fromkeys(s.annee for s in sommes):
            mine = [s for s in sommes if s.annee == year]
            used = {s.orientation for s in mine}
            themes = [c for c in self._contrat.orientations if c in used]
            rows = []
            for quarters in dict.fromkeys(s.quartiers for s in mine):
                cells = {s.orientation: s for s in mine if s.quartiers == quarters}
                people = next(iter(cells.values())).habitants
                rows.append(
                    LigneEuros(
                        self._groupe(quarters),
                        "nd" if people is None else f.nombre(people, 0),
                        [_euros(cells.get(theme)) for theme in themes],
                    )
                )
            titles = [self._dit(self._contrat.orientations[c].libelle) for c in themes]
            told.append((year, titles, rows))
        return told

    def _groupe(self, quarters: tuple[str, ...]) -> str:
        if {*quarters} == {*self._contrat.quartiers}:
            return f"Tous les quartiers ({len(quarters)}), ensemble"
        return " + ".join(self._nom(code) for code in quarters)

    def _nom(self, code: str) -> str:
        place = self._mesures.territoires.get(code)
        return mots.imprime(f.propre(place.avec_communes) or code) if place else code

    def _cite(self, citation: Citation | None) -> tuple[int, str] | None:
        if citation is None:
            return None
        return self._numeros[citation.document], self._dit(citation.page)

    @staticmethod
    def _dit(texte: str) -> str:
        return mots.imprime(f.propre(texte))


def resume(contrat: Contrat, suivis: Sequence[Suivi]) -> Resume:
    """How many objectives are in each state."""
    counts = Counter(one.etat for one in suivis)
    told = tuple((state, counts[state]) for state in ETATS if counts[state])
    return Resume(mots.imprime(f.propre(contrat.titre)), contrat.exemple is not None, told)


def _euros(somme: SommeDeCredits | None) -> tuple[str, str]:
    """What is printed of a group in a theme: no line is no figure, a blank amount no sum."""
    if somme is None:
        return "–", "aucune action déclarée"
    if somme.par_habitant is None:
        return "nd", mots.imprime(somme.raison)
    assert somme.montant is not None
    total = f"{f.nombre(somme.montant, 0)}{f.FINE}€, {somme.actions} action"
    return f"{f.nombre(somme.par_habitant, 2)}{f.FINE}€", total + "s" * (somme.actions > 1)
