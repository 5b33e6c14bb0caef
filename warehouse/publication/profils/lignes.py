"""The lines of a profile: a figure on its band, its rank, its move, its series. Renders no page."""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.declared.dictionary import Indicateur
from warehouse.declared.profile import LigneDeclaree
from warehouse.domain import format as f
from warehouse.publication.profils import mots
from warehouse.publication.profils.bandes import draw_bande, draw_courbe
from warehouse.publication.profils.faits import Mouvement, Niveau, Recueil
from warehouse.publication.profils.feuille import LigneVue, Renvois
from warehouse.publication.profils.phrases import Plume
from warehouse.publication.profils.reperes import ENTIERS, Repere, valeur_et_unite


class Profileur:
    """Lines of the profile, for a quarter or for the quarters of an EPCI."""

    def __init__(self, recueil: Recueil, plume: Plume) -> None:
        self.recueil, self.plume = recueil, plume
        self.indicateurs: dict[str, Indicateur] = plume.indicateurs

    def ligne(self, declared: LigneDeclaree, code: str, renvois: Renvois) -> LigneVue:
        """The line of an indicator that has a figure for a quarter."""
        r = self.recueil
        key = (declared.indicateur, code)
        fact = r.niveaux[key]
        assert fact.valeur is not None
        how = self.indicateurs[declared.indicateur]
        comparateur = self.plume.comparateur
        beside = comparateur.reperes(declared.indicateur, fact.periode, comparateur.de_qpv(code))
        position = r.positions.get(key)
        shown = valeur_et_unite(how, fact.valeur)
        bande = self._bande(
            declared, beside, [(fact.valeur, position.niveau if position else "")], shown
        )
        move, since, reserve = self._mouvement(declared, code)
        courbe, years = self._courbe(declared, code, fact.periode)
        return LigneVue(
            indicateur=declared.indicateur,
            libelle=mots.imprime(how.libelle),
            periode=mots.quand(fact.periode),
            source=renvois.source(fact.source),
            valeur=shown,
            appel=renvois.note(fact.motif),
            tierce=fact.tierce,
            a_verifier=key in r.ouverts,
            bande=bande,
            reperes=self._cites(declared, beside),
            rang=self._rang(declared, code),
            mouvement=move,
            depuis=since,
            appel_mouvement=renvois.note(reserve),
            courbe=courbe,
            annees=years,
        )

    def ligne_epci(
        self, declared: LigneDeclaree, siren: str, codes: list[str], renvois: Renvois
    ) -> LigneVue | None:
        """The line of an indicator for all the quarters of an EPCI; None where none has a figure.

        Its value is that of the whole where the release has one, else the range of the quarters'.
        """
        r = self.recueil
        how = self.indicateurs[declared.indicateur]
        known = self.connus(declared.indicateur, codes)
        if not known:
            return None
        periode = known[0][1].periode
        comparateur = self.plume.comparateur
        beside = comparateur.reperes(declared.indicateur, periode, comparateur.d_epci(siren, codes))
        whole = r.niveau(declared.indicateur, f"QPV@EPCI:{siren}")
        if len(codes) > 1 and whole and whole.valeur is not None and whole.periode == periode:
            shown, note = valeur_et_unite(how, whole.valeur), whole.motif
        else:
            shown, note = self.etendue(how, known), ""
        tones = [r.positions.get((declared.indicateur, c)) for c, _ in known]
        dots = [
            (n.valeur, p.niveau if p else "")
            for (_, n), p in zip(known, tones, strict=True)
            if n.valeur is not None
        ]
        lacking = len(codes) - len(known)
        rang = f"{len(known)} quartiers sur {len(codes)}" if lacking else ""
        sources = [renvois.source(n.source) for _, n in known]
        return LigneVue(
            indicateur=declared.indicateur,
            libelle=mots.imprime(how.libelle),
            periode=mots.quand(periode),
            source=sources[0],
            valeur=shown,
            appel=renvois.note(note),
            tierce=any(n.tierce for _, n in known),
            a_verifier=any((declared.indicateur, c) in r.ouverts for c, _ in known),
            bande=self._bande(declared, beside, dots, shown),
            reperes=self._cites(declared, beside),
            rang=rang,
            mouvement=self._mouvements(declared, codes),
            depuis="",
            appel_mouvement="",
            courbe="",
            annees="",
        )

    def connus(self, indicateur: str, codes: Iterable[str]) -> list[tuple[str, Niveau]]:
        """The quarters that have a figure, lowest first."""
        known = [(c, n) for c in codes if (n := self.recueil.niveau(indicateur, c))]
        return sorted(known, key=lambda x: (x[1].valeur, x[0]))

    def etendue(self, how: Indicateur, known: list[tuple[str, Niveau]]) -> str:
        """`de 29,1 % (Elnon) à 48,9 % (Centre)`; one figure alone where there is no range."""
        named = [
            f"{valeur_et_unite(how, n.valeur or 0)} ({self.nom(c)})"
            for c, n in (known[0], known[-1])
        ]
        return named[0] if len(known) == 1 else f"de {named[0]} à {named[1]}"

    def nom(self, code: str) -> str:
        """A quarter's bare label: its EPCI is known."""
        return mots.imprime(self.recueil.territoires[code].libelle)

    def _bande(
        self,
        declared: LigneDeclaree,
        beside: list[Repere],
        dots: list[tuple[float, str]],
        shown: str,
    ) -> str:
        how = self.indicateurs[declared.indicateur]
        band = self.recueil.bandes.get(declared.indicateur)
        marks = [(x.genre, x.niveau.valeur) for x in beside if x.genre in ENTIERS]
        if not band and not marks:
            return ""
        said = [f"{mots.imprime(how.libelle)} : {shown}"]
        if band:
            low, q1, _, q3, high = (valeur_et_unite(how, v) for v in band[1:])
            said.append(
                f"la moitié des {f.nombre(band.nombre, 0)} quartiers entre {q1} et {q3},"
                f" tous entre {low} et {high}"
            )
        said += [f"{x.nom} : {x.texte}" for x in beside]
        drawn = [(kind, v) for kind, v in marks if v is not None]
        return draw_bande(band, dots, drawn, " ; ".join(said))

    def _cites(self, declared: LigneDeclaree, beside: list[Repere]) -> list[tuple[str, str]]:
        """In words, those that the strip marks, else a set of quarters; then the median."""
        marks = {"commune": "▼", "epci": "▲", "france": "┊", "france_entiere": "┊"}
        whole = [x for x in beside if x.genre in ENTIERS]
        chosen = whole or [x for x in beside if x.genre == "qpv_epci"][:1]
        chosen = chosen + ([] if whole else [x for x in beside if x.genre.startswith("qpv_")][-1:])
        told = [
            (
                marks.get(x.genre, ""),
                f"{x.nom} {x.texte}" + (f" ({x.sur})" if x.sur else ""),
            )
            for x in dict.fromkeys(chosen)
        ]
        if band := self.recueil.bandes.get(declared.indicateur):
            how = self.indicateurs[declared.indicateur]
            middle = valeur_et_unite(how, band.mediane)
            told.append(("", f"médiane de {f.nombre(band.nombre, 0)} QPV {middle}"))
        return told

    def _rang(self, declared: LigneDeclaree, code: str) -> str:
        position = self.recueil.positions.get((declared.indicateur, code))
        if not position:
            return ""
        sens = self.indicateurs[declared.indicateur].sens
        of = f"sur {f.nombre(position.nombre, 0)}"
        if position.cinquieme == 5:
            end = mots.extreme(declared, sens, defavorable=False).split(" ", 1)[1]
            return f"cinquième {end.replace('élevée', 'élevé').replace('basse', 'bas')} {of}"
        end = mots.extreme(declared, sens, defavorable=True)
        return f"{mots.ordinal(position.rang, declared.genre)} {end.split(' ', 1)[1]} {of}"

    def _mouvement(self, declared: LigneDeclaree, code: str) -> tuple[str, str, str]:
        """How much it moved, since when, and the reserve or the reason why it may not be said."""
        move = self.recueil.mouvements.get((declared.indicateur, code))
        if not move or not move.depuis:
            return "", "", ""
        if move.statut == "non_comparable":
            return "non comparable", mots.a_la_date(move.depuis), move.reserve
        if move.statut != "diffuse":
            return "", "", ""
        return self.ampleur(declared, move), mots.depuis(move.depuis), move.reserve

    def ampleur(self, declared: LigneDeclaree, move: Mouvement) -> str:
        """`+6,0 points`, `−9,3 %`: a count under the base moves by a number."""
        how = self.indicateurs[declared.indicateur]
        if move.pts is not None:
            many = abs(mots.arrondi(move.pts, 1)) >= 2
            return f"{f.nombre(move.pts, 1, signe=True)} point{'s' if many else ''}"
        base = self.plume.profil.seuils.base
        if move.pct is not None and (how.type == "montant" or (move.avant or 0) >= base):
            return f"{f.nombre(move.pct, 1, signe=True)}{f.FINE}%"
        return f.nombre(move.nb, how.arrondi, signe=True) if move.nb is not None else ""

    def _mouvements(self, declared: LigneDeclaree, codes: list[str]) -> str:
        """In how many quarters it rose and fell, since the same period."""
        since = [
            (m.depuis, m.pts)
            for c in codes
            if (m := self.recueil.mouvements.get((declared.indicateur, c)))
            and m.statut == "diffuse"
            and m.pts is not None
        ]
        dates = {d for d, _ in since}
        if len(since) < 2 or len(dates) != 1:
            return ""
        least = self.plume.profil.seuils.mouvement
        up = sum(p >= least for _, p in since if p is not None)
        down = sum(p <= -least for _, p in since if p is not None)
        return f"{up} en hausse, {down} en baisse {mots.depuis(dates.pop() or '')}"

    def _courbe(self, declared: LigneDeclaree, code: str, devant: str) -> tuple[str, str]:
        """The quarter's own series, and from when to when; empty below two points."""
        points = self.recueil.series.get((declared.indicateur, code), [])
        if len(points) < 2:
            return "", ""
        how = self.indicateurs[declared.indicateur]
        told = [
            f"{mots.quand(p.periode)} {valeur_et_unite(how, p.valeur)}"
            + (f" (non relié à {mots.quand(p.voisine)})" if p.refus and p.voisine else "")
            for p in points
        ]
        said = f"{mots.imprime(how.libelle)} : {' ; '.join(told)}"
        first, last = points[0].periode[:4], points[-1].periode[:4]
        return draw_courbe(points, devant, said), f"{first}–{last}"
