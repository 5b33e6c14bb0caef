"""The three sentences of an EPCI's sheet, by rule: the range of its quarters. Renders nothing."""

from __future__ import annotations

from collections import Counter

from warehouse.declared.profile import LigneDeclaree
from warehouse.domain import format as f
from warehouse.publication.profils import mots
from warehouse.publication.profils.faits import Niveau
from warehouse.publication.profils.lignes import Profileur
from warehouse.publication.profils.phrases import Phrase, Plume, phrase
from warehouse.publication.profils.reperes import valeur_et_unite


class PlumeEpci:
    """Writes them with what writes those of quarters."""

    def __init__(self, plume: Plume, profileur: Profileur) -> None:
        self.plume, self.profileur = plume, profileur
        self.recueil = plume.recueil

    def phrases(self, siren: str, codes: list[str], nom: str) -> list[Phrase | None]:
        """The range of the first level that two quarters have, how it moved, where they rank."""
        for ligne in self.plume.profil.lignes:
            known = self._dicibles(ligne, codes)
            if ligne.niveau and len(known) >= min(2, len(codes)) and known:
                return [
                    self._etendue(ligne, siren, codes, known),
                    self._mouvement(ligne, codes),
                    self._rangs(ligne, codes),
                ]
        return []

    def _dicibles(self, ligne: LigneDeclaree, codes: list[str]) -> list[tuple[str, Niveau]]:
        known = self.profileur.connus(ligne.indicateur, codes)
        return [x for x in known if self.plume.dicible(ligne.indicateur, x[0])]

    def _etendue(
        self,
        ligne: LigneDeclaree,
        siren: str,
        codes: list[str],
        known: list[tuple[str, Niveau]],
    ) -> Phrase:
        how = self.plume.indicateurs[ligne.indicateur]
        (first, low), (last, high) = known[0], known[-1]
        assert low.valeur is not None and high.valeur is not None
        said = f"{mots.en_date(low.periode)}, {ligne.article} "
        if len(known) == 1:
            said += f"est de {valeur_et_unite(how, low.valeur)} dans {self._cite(first)}"
        else:
            where = (
                f"les {len(codes)} quartiers"
                if len(known) == len(codes)
                else f"{len(known)} des {len(codes)} quartiers"
            )
            said += (
                f"va, dans {where}, de {valeur_et_unite(how, low.valeur)} ({self._nom(first)})"
                f" à {valeur_et_unite(how, high.valeur)} ({self._nom(last)})"
            )
        comparateur = self.plume.comparateur
        beside = comparateur.reperes(
            ligne.indicateur, low.periode, comparateur.d_epci(siren, codes)
        )
        near = [x for x in beside if x.genre == "epci"][:1]
        wide = [x for x in beside if x.genre != "epci"][:1]
        if near or wide:
            others = (f"{x.texte} {x.lieu}" + (f" ({x.sur})" if x.sur else "") for x in near + wide)
            said += f", contre {f.list_in_words(others)}"
        return phrase(said, tierce=any(n.tierce for _, n in known))

    def _mouvement(self, ligne: LigneDeclaree, codes: list[str]) -> Phrase | None:
        """In how many quarters it rose and fell since one same period; the furthest is named."""
        if ligne.muet:
            return None
        moved = {c: b for c in codes if (b := self.plume.allure(ligne, c)) and b.en_points}
        since = Counter(b.mouvement.depuis for b in moved.values())
        if len(moved) < 2 or len(since) != 1:
            return None
        least = self.plume.profil.seuils.mouvement
        up = [c for c, b in moved.items() if b.ampleur >= least]
        down = [c for c, b in moved.items() if b.ampleur <= -least]
        [depuis] = since
        said = f"{mots.depuis(depuis or '')}, "
        if not up and not down:
            among = f"{len(moved)} quartiers comparés"
            return phrase(f"{said}{ligne.article} n’a bougé d’un point dans aucun des {among}")
        told = [(way, group) for way, group in (("augmenté", up), ("baissé", down)) if group]
        (way, group), *others = told
        said += f"{ligne.article} a {way} d’un point ou plus dans {_combien(group, len(moved))}"
        for way, group in others:
            said += f" et {way} d’autant dans {len(group)}"
        furthest = max(moved, key=lambda c: (abs(moved[c].ampleur), c))
        amount = self.profileur.ampleur(ligne, moved[furthest].mouvement)
        said += f" ; il a le plus bougé dans {self._cite(furthest)} ({amount})".replace(
            "il a", f"{ligne.pronom} a"
        )
        reserves = {b.mouvement.reserve for b in moved.values()} - {""}
        return phrase(said, min(reserves, default=""))

    def _rangs(self, ligne: LigneDeclaree, codes: list[str]) -> Phrase | None:
        """How many of its quarters stand in each end fifth of all quarters."""
        ranked = [p for c in codes if (p := self.recueil.positions.get((ligne.indicateur, c)))]
        if not ranked:
            return None
        sens = self.plume.indicateurs[ligne.indicateur].sens
        among = f.nombre(ranked[0].nombre, 0)
        if not any(p.cinquieme in (1, 5) for p in ranked):
            worst, best = (mots.extreme(ligne, sens, defavorable=bad) for bad in (True, False))
            none = (
                f"aucun des {len(ranked)} quartiers n’est"
                if len(ranked) > 1
                else "le quartier n’est ni"
            )
            return phrase(
                f"pour {ligne.article}, {none} dans le cinquième des {among} QPV où {ligne.pronom}"
                f" est {worst}, ni dans celui où {ligne.pronom} est {best}"
            )
        of = f"{len(ranked)} quartier{'s' if len(ranked) > 1 else ''}"
        where = f"des {among} QPV où {ligne.pronom} est"
        told = []
        for fifth, bad in ((1, True), (5, False)):
            count = sum(p.cinquieme == fifth for p in ranked)
            end = mots.extreme(ligne, sens, defavorable=bad)
            one = _cardinal(count)
            told.append(f"{one} dans le cinquième {where} {end}")
            where = f"où {ligne.pronom} est"
        said = f"pour {ligne.article}, sur {of}, {f.list_in_words(told)}"
        return phrase(said)

    def _nom(self, code: str) -> str:
        return self.profileur.nom(code)

    def _cite(self, code: str) -> str:
        return f"le quartier {f.guillemets(self._nom(code))}"


def _cardinal(count: int) -> str:
    return {0: "aucun n’est", 1: "un est"}.get(count, f"{count} sont")


def _combien(group: list[str], among: int) -> str:
    return (
        f"{len(group)} des {among} quartiers comparés"
        if len(group) < among
        else (f"les {among} quartiers comparés")
    )
