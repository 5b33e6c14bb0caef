"""What a figure may not be compared with, and why: one function per rule, listed in `REGLES`.

Whether two periods may stand side by side is judged by `quality.period_judgement`, and only
repeated here from the release. A new limit is a function `Contexte -> Limite`s added to `REGLES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from warehouse.domain.format import list_in_words, periode_longue
from warehouse.domain.perimetres import neighbour
from warehouse.domain.producteur import TYPE as TYPE_PRODUCTEUR
from warehouse.publication.explain.facts import Contexte, InterditPublie, Limite
from warehouse.release.loading import TOTAL_ENSEMBLE

Regle = Callable[[Contexte], Iterable[Limite]]

AUTRES_POPULATIONS = (
    "ce sont d'autres populations ; rapprocher par le code (passage_qpv), pas par le nom"
)
_RELATIONS = {"inchange": "inchangé", "modifie": "modifié", "nouveau": "nouveau"}
#: Beyond this, codes are counted rather than listed.
_LISTES = 10


def comparabilite(contexte: Contexte) -> Iterator[Limite]:
    """What the rules of `quality.period_judgement` say, as the release keeps it."""
    yield from map(de_regle, contexte.interdits)


def de_regle(interdit: InterditPublie) -> Limite:
    """What one rule forbids, with who states it."""
    source = f" ({interdit.document})" if interdit.document else ""
    return Limite(interdit.avec, f"{interdit.pourquoi}{source} [règle {interdit.regle}]")


def autres_periodes(contexte: Contexte) -> Iterator[Limite]:
    """Only the edition says which periods stand side by side."""
    shown = [periode_longue(c.chiffre.periode) for c in contexte.chiffres if c.chiffre.periode]
    if shown:
        yield Limite(
            "une période d'une autre édition",
            f"cette édition ne montre ce chiffre que pour : {list_in_words(shown)} ; "
            "son verdict ne vaut que pour ces périodes",
        )


def autre_perimetre(contexte: Contexte) -> Iterator[Limite]:
    """Which quarters of the other perimeter overlap this one."""
    other = neighbour(contexte.territoire.perimetre)
    if other is None:
        return
    reason = AUTRES_POPULATIONS
    if contexte.territoire.type == "qpv":
        if contexte.recouvrements:
            named = [
                f"{r.code}{f' {r.libelle}' if r.libelle else ''}"
                f"{f' ({_RELATIONS.get(r.relation, r.relation)})' if r.relation else ''}"
                for r in contexte.recouvrements[:_LISTES]
            ]
            more = len(contexte.recouvrements) - len(named)
            also = f" et {more} autres" if more else ""
            reason += f". Le recouvrent en partie ou en tout : {', '.join(named)}{also}"
        elif contexte.passage_connu:
            reason += f". La table de passage ne lui rapproche aucun quartier {other}"
        else:
            reason += ". La table de passage n'est pas dans cette publication"
    yield Limite(f"un chiffre du périmètre {other}", reason)


def agregation(contexte: Contexte) -> Iterator[Limite]:
    """What the indicator's aggregation rule forbids."""
    yield d_agregation(contexte.indicateur.agregation, contexte.indicateur.formule)


def d_agregation(agregation: str, formule: str) -> Limite:
    """What an aggregation rule of the dictionary forbids, whatever the territory."""
    if TOTAL_ENSEMBLE in formule:
        return Limite(
            "la part d'un quartier d'un autre EPCI",
            "le dénominateur est l'ensemble des QPV de son propre EPCI",
        )
    if agregation == "aucune":
        return Limite(
            "une moyenne ou une somme de territoires",
            "une médiane, un indice, un taux publié sans ses effectifs, ou ce qui compterait deux "
            "fois les mêmes habitants, ne se recompose pas",
        )
    if agregation == "rapport":
        return Limite(
            "une moyenne de parts",
            "un rapport se refait sur la somme des numérateurs et celle des dénominateurs, "
            "pour les mêmes territoires",
        )
    return Limite(
        "une somme où un territoire manque",
        "une somme dont une part n'est pas diffusée n'est pas diffusée",
    )


def parts_laissees(contexte: Contexte) -> Iterator[Limite]:
    """A value taken over some of the QPV of a set."""
    if not contexte.territoire.est_ensemble:
        return
    for chiffre in (c.chiffre for c in contexte.chiffres):
        if chiffre.valeur is not None and chiffre.motif and chiffre.periode:
            yield Limite(
                f"une valeur de tous les QPV de l'ensemble ({periode_longue(chiffre.periode)})",
                chiffre.motif,
            )


def quartiers_partages(contexte: Contexte) -> Iterator[Limite]:
    """A QPV that lies in several EPCI is whole in each of their sets."""
    if contexte.territoire.type == "qpv" and len(contexte.epci_touches) > 1:
        yield Limite(
            "la population d'un seul EPCI",
            f"le quartier touche {list_in_words(contexte.epci_touches)} et compte en entier "
            "dans chacun de leurs ensembles",
        )
    if contexte.territoire.type == "qpv_epci":
        yield Limite(
            "la somme des ensembles de plusieurs EPCI",
            "un QPV à cheval sur deux EPCI compte en entier dans les deux",
        )


def champ_du_producteur(contexte: Contexte) -> Iterator[Limite]:
    """A producer's own set of QPV is not the one that is recomposed here."""
    if contexte.territoire.type == TYPE_PRODUCTEUR:
        yield Limite(
            "l'ensemble QPV@FRMETRO ou un total des QPV d'ici",
            "ce sont les QPV que le producteur réunit dans sa propre ligne ; chaque chiffre dit "
            "lesquels",
        )


#: The rules known today, in the order in which they are said.
REGLES: tuple[Regle, ...] = (
    autres_periodes,
    comparabilite,
    autre_perimetre,
    agregation,
    parts_laissees,
    quartiers_partages,
    champ_du_producteur,
)
