"""A claim against a release: each way of reading it, one verdict, never « conforme » in doubt."""

from __future__ import annotations

from collections.abc import Iterator

from quality.citations.against_cells import AgainstCells
from quality.citations.claims import Claim
from quality.citations.french_words import stem_of
from quality.citations.gazetteer import Gazetteer
from quality.citations.indicators_in_text import ClaimWords, IndicatorMatch, Lexicon
from quality.citations.numbers_in_text import Unite
from quality.citations.periods_in_text import PeriodSaid
from quality.citations.tokens import of_token
from quality.citations.traces import MASKED, ORDER, Traced
from warehouse.domain.format import list_in_words, periode_longue, premiers
from warehouse.release.jeton import read_jeton
from warehouse.release.released_cells import Cells

#: Ways of reading a claim that are tried.
_READINGS = 60


class Judge:
    """Claims of texts against one release."""

    def __init__(self, cells: Cells, lexicon: Lexicon, places: Gazetteer, publication: str) -> None:
        self.cells, self.lexicon, self.places = cells, lexicon, places
        self._against = AgainstCells(cells)
        self._publication = publication

    def of(self, claim: Claim) -> Traced:
        """What a claim is worth."""
        matches = self._matches(claim)
        places = self._places_of(claim, matches)
        if token := claim.jeton and read_jeton(claim.jeton):
            whole = [m for m in matches if m.entier]
            named = self.lexicon.by_code.get(token.indicateur)
            return of_token(self._against, claim, token, self._publication, whole, named, places)
        if isinstance(places, str):
            return Traced("ambigu", places)
        if not matches:
            return self._unnamed(claim)
        if not all(m.entier for m in matches):
            return self._near(claim, matches)
        if not places:
            return Traced("ambigu", f"lieu non dit ; {self._names(matches)}")
        findings: list[Traced] = []
        for place in places:
            for match in matches:
                findings += self._read(claim, place, match.code)
        return self._one(findings)

    def _matches(self, claim: Claim) -> list[IndicatorMatch]:
        """The indicators that a claim may be about: whole names in any reading, else near ones."""
        unite = claim.figure.unite
        if claim.sorte == "niveau":
            found = [self.lexicon.match(said, unite) for said in claim.dits]
        else:
            found = [self._any_unit(said, unite) for said in claim.dits]
        whole = self._of_kind(claim, [m for each in found for m in each if m.entier])
        return [*{m.code: m for m in whole or [m for each in found for m in each]}.values()]

    def _of_kind(self, claim: Claim, matches: list[IndicatorMatch]) -> list[IndicatorMatch]:
        """A count has no decimals, and a figure without any is a count where it may be one."""
        counts = [m for m in matches if self.cells.indicateurs[m.code].type == "effectif"]
        if claim.sorte != "niveau" or not counts or claim.figure.unite:
            return matches
        return [m for m in matches if m not in counts] if claim.figure.decimales else counts

    def _any_unit(self, said: ClaimWords, unite: Unite) -> list[IndicatorMatch]:
        """A move or a gap is not printed in the unit of its figure."""
        units: tuple[Unite, ...] = ("€", "") if unite == "€" else ("%", "", "points")
        return [m for unit in units for m in self.lexicon.match(said, unit)]

    def _places_of(self, claim: Claim, matches: list[IndicatorMatch]) -> list[str] | str:
        """The territories that the claim may be about; a text where it names several.

        « L'EPCI » is the EPCI of the place at hand, unless the name of the indicator says it.
        """
        absolute = [p for p in claim.lieux if p.codes]
        relative = [p for p in claim.lieux if p.relatif]
        if claim.sorte == "ecart":
            return sorted(absolute[0].codes) if absolute else []
        distinct = [*{p.codes: None for p in absolute}]
        if not distinct:
            return []
        mains = distinct[0]
        if len(distinct) > 1:
            kept = [
                codes
                for codes in distinct
                if all(other is codes or self._holds(other, codes) for other in distinct)
            ]
            if len(kept) != 1:
                names = [self.cells.label(min(codes)) for codes in distinct]
                return f"plusieurs lieux dans la même phrase : {list_in_words(names[:4])}"
            mains = kept[0]
        own = {mot for m in matches if m.entier for mot in m.mots}
        if relative and claim.lieu_repris and stem_of(relative[0].relatif) not in own:
            beside = {self.places.beside(c, relative[0].relatif) for c in mains}
            return sorted(filter(None, beside))
        return sorted(mains)

    def _holds(self, outer: frozenset[str], inner: frozenset[str]) -> bool:
        """Whether a place is only where the other one lies."""
        around: set[str] = set()
        for code in inner:
            t = self.cells.territoires[code]
            if t.type in ("qpv", "commune"):
                around |= {f"EPCI:{t.epci}", f"DEP:{t.departement}", f"REG:{t.region}"}
        return bool(outer & around)

    def _read(self, claim: Claim, place: str, code: str) -> Iterator[Traced]:
        if claim.sorte == "evolution":
            yield from self._moves(claim, place, code)
        elif claim.sorte == "ecart":
            yield from self._gaps(claim, place, code)
        else:
            yield from self._levels(claim, place, code)

    def _levels(self, claim: Claim, place: str, code: str) -> Iterator[Traced]:
        cells = self.cells.levels(place, code)
        if not cells:
            said = f"la publication n'a pas ce chiffre de {self.cells.label(place)}"
            yield Traced("introuvable", said, place, code)
            return
        known = [c.periode for c in cells]
        wanted = [p for said in claim.periodes for p in said.among(known)]
        if claim.periodes and not wanted:
            said = list_in_words([p.label for p in claim.periodes])
            told = f"la publication n'a pas la période {said}"
            yield self._against.elsewhere(claim.figure, place, code, None, told)
        for cell in cells:
            if cell.periode in wanted or not claim.periodes:
                yield self._against.level(claim.figure, cell)

    def _moves(self, claim: Claim, place: str, code: str) -> Iterator[Traced]:
        later, earlier = _pair(claim)
        kept = [
            m
            for m in self.cells.moves(place, code)
            if (later is None or later.among([m.periode]))
            and (earlier is None or earlier.among([m.comparaison]))
        ]
        if not kept:
            yield Traced("introuvable", "la publication ne donne pas cette évolution", place, code)
        for move in kept:
            yield self._against.move(claim.figure, claim.sens, place, code, move)

    def _gaps(self, claim: Claim, place: str, code: str) -> Iterator[Traced]:
        absolute = [p for p in claim.lieux if p.codes]
        relative = [p for p in claim.lieux if p.relatif]
        beside: set[str] = set().union(*(p.codes for p in absolute[1:2]))
        beside |= {c for p in relative if (c := self.places.beside(place, p.relatif))}
        gaps = [g for g in self.cells.gaps(place, code) if g.reference in beside]
        if claim.periodes:
            known = [g.periode for g in gaps]
            wanted = [p for said in claim.periodes for p in said.among(known)]
            gaps = [g for g in gaps if g.periode in wanted]
        if not gaps:
            yield self._no_gap(claim, place, code, beside)
        for gap in gaps:
            yield self._against.gap(claim.figure, claim.sens, place, code, gap)

    def _no_gap(self, claim: Claim, place: str, code: str, beside: set[str]) -> Traced:
        """Why there is no gap: one of the two is masked, or the release draws none."""
        for one in (place, *sorted(beside)):
            for cell in self.cells.levels(one, code):
                said = any(p.among([cell.periode]) for p in claim.periodes)
                if said and cell.statut in MASKED:
                    return Traced("masque", cell.motif or cell.statut, place, code, cell.periode)
        return Traced("introuvable", "la publication ne donne pas cet écart", place, code)

    def _unnamed(self, claim: Claim) -> Traced:
        if not any(said.mots for said in claim.dits):
            return Traced("ambigu", "rien ne dit ce que compte ce nombre")
        return Traced("introuvable", "aucun indicateur de la publication ne porte ces mots")

    def _near(self, claim: Claim, matches: list[IndicatorMatch]) -> Traced:
        common = frozenset[str]().union(*(m.inconnus for m in matches))
        common = common.intersection(*(m.inconnus for m in matches))
        why = f"mots non reconnus : {', '.join(sorted(common)[:5])}" if common else "nom incomplet"
        return Traced("ambigu", f"{why} ; peut-être {self._names(matches)}")

    def _names(self, matches: list[IndicatorMatch]) -> str:
        names = [f"« {self.cells.indicateurs[m.code].libelle} » ({m.code})" for m in matches]
        return premiers(names, 3)

    def _one(self, findings: list[Traced]) -> Traced:
        """One verdict of all readings: a claim agrees only where each of them does."""
        # A place or a name that has no figure at that time is not what was meant.
        told = [
            f
            for f in findings
            if f.valeur is not None or f.sort in ("masque", "comparaison_interdite")
        ]
        kept = (told or findings)[:_READINGS]
        agreeing = [f for f in kept if f.agrees]
        if agreeing and len(agreeing) == len(told):
            worst = [f for f in agreeing if f.sort == "arrondi"]
            return (worst or agreeing)[0]
        if agreeing:
            readings = {(f.territoire, f.indicateur, f.periode) for f in kept}
            return Traced(
                "ambigu", f"{len(readings)} lectures possibles : {self._several(readings)}"
            )
        return min(kept, key=lambda f: ORDER.index(f.sort))

    def _several(self, readings: set[tuple[str, str, str]]) -> str:
        """What differs between the readings of a claim."""
        places = sorted({self.cells.label(p) for p, _, _ in readings})
        codes = sorted({c for _, c, _ in readings})
        dates = [periode_longue(p) for p in sorted({p for _, _, p in readings if p})]
        said = []
        for word, several in (("lieux", places), ("indicateurs", codes), ("périodes", dates)):
            if len(several) > 1:
                said.append(f"{word} {premiers(several, 4)}")
        return " ; ".join(said)


def _pair(claim: Claim) -> tuple[PeriodSaid | None, PeriodSaid | None]:
    """The later and the earlier period of a move, as said; None where one is not."""
    said = sorted({p.label: p for p in claim.periodes}.values(), key=lambda p: p.label)
    before = claim.avant[0] if claim.avant else None
    if before:
        rest = [p for p in said if p.label != before.label]
        return (rest[-1] if rest else None), before
    if len(said) > 1:
        return said[-1], said[0]
    return (said[0] if said else None), None
