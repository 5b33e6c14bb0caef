"""The rules of evidence: what must agree, what must not, and what a producer's column says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from quality.period_evidence.evidence_cells import (
    BlocAtterri,
    Comparaison,
    Landed,
    Rapprochements,
    Temoignage,
    confront,
)
from warehouse.domain.format import nombre
from warehouse.domain.periods import years_before

#: Share of equal cells from which two blocks hold the same values. In real files: 0.996 and more
#: at the same period (the least: populations 2013, a few QPV redrawn), 0.11 at most at another.
SEUIL_EGALES = 0.9
#: Correlation of a published evolution with the one recomputed. In real files: 0.96 and more with
#: the right two files, 0.73 at most with another one.
SEUIL_CORRELATION = 0.85
#: Median relative gap between a level and the witness that repeats it. In real files: 0.005 with
#: the right year, 0.06 and more with another one.
SEUIL_ECART = 0.03


@dataclass(frozen=True)
class Contradiction:
    """A declared period that values contradict: the rule, the two blocks, the sentence.

    `a_rebours`: a published evolution starts from a period declared to come after.
    """

    regle: str
    blocs: tuple[BlocAtterri, BlocAtterri]
    texte: str
    a_rebours: bool = False


@dataclass
class Verdict:
    """What is known of one block's period: who confirms it, and the periods of equal values."""

    bloc: BlocAtterri
    jumeaux: list[Comparaison] = field(default_factory=list)
    temoins: list[Temoignage] = field(default_factory=list)
    reconnues: set[str] = field(default_factory=set)

    @property
    def etat(self) -> str:
        return "verifiee" if self.jumeaux or self.temoins else "non_verifiable"


@dataclass(frozen=True)
class Examen:
    """Contradictions, files that look swapped, and one verdict per block of the run.

    `rapprochements` counts what was compared.
    """

    contradictions: list[Contradiction]
    echanges: list[tuple[str, str]]
    verdicts: list[Verdict]
    rapprochements: int


def examine(files: Sequence[Landed]) -> Examen:
    """Confront the landed files and judge each block that they hold."""
    return judge(confront(files))


def judge(found: Rapprochements) -> Examen:
    """The rules, over what was counted."""
    verdicts = {bloc: Verdict(bloc) for bloc in found.blocs}
    against: list[Contradiction] = []
    for pair in found.comparaisons:
        against += _twins(pair, verdicts)
    for said in found.temoignages:
        against += _witness(said, verdicts)
    against.sort(key=lambda c: ("E02", "E01", "E03").index(c.regle))
    count = len(found.comparaisons) + len(found.temoignages)
    mine = [v for b, v in verdicts.items() if b.courant]
    return Examen(against, _swaps(against), mine, count)


def _twins(pair: Comparaison, verdicts: dict[BlocAtterri, Verdict]) -> list[Contradiction]:
    """E01: same declared period, same values. E02: other declared period, other values."""
    a, b = pair.a, pair.b
    is_same, is_declared = pair.part >= SEUIL_EGALES, a.periode == b.periode
    counts = counted(pair)
    if is_same:
        verdicts[a].reconnues.add(b.periode)
        verdicts[b].reconnues.add(a.periode)
    if is_same and is_declared:
        verdicts[a].jumeaux.append(pair)
        verdicts[b].jumeaux.append(pair)
    elif is_declared:
        text = (
            f"{named(a)} et {named(b)} déclarent la même période, {a.periode}, et diffèrent : "
            f"{counts}, sur {_mesures(pair.mesures)}"
        )
        return [Contradiction("E01", (a, b), text)]
    elif is_same:
        text = (
            f"les valeurs de {named(b)}, déclaré {b.periode}, sont celles de {named(a)}, "
            f"déclaré {a.periode} : {counts}, sur {_mesures(pair.mesures)}"
        )
        return [Contradiction("E02", (a, b), text)]
    return []


def _witness(said: Temoignage, verdicts: dict[BlocAtterri, Verdict]) -> list[Contradiction]:
    """E03: a published evolution is the one between its block and the year that it names, only."""
    bloc, autre = said.bloc, said.autre
    is_named = autre.periode == years_before(bloc.periode, said.annees)
    if said.nature == "niveau" and not is_named:
        return []
    agrees = (
        said.accord <= SEUIL_ECART if said.nature == "niveau" else said.accord >= SEUIL_CORRELATION
    )
    fact = measured(said)
    if agrees and is_named and bloc != autre:
        verdicts[bloc].temoins.append(said)
        verdicts[autre].temoins.append(said)
    if agrees == is_named:
        return []
    what = "l'évolution publiée" if said.nature == "evolution" else "le niveau publié"
    text = f"{named(bloc)}, déclaré {bloc.periode} : {what} {said.entete}"
    text += (
        f" contredit {named(autre)}, déclaré {autre.periode} ({fact})"
        if is_named
        else f" part de {named(autre)}, déclaré {autre.periode} ({fact})"
    )
    is_reversed = not is_named and autre.periode > bloc.periode
    return [Contradiction("E03", (bloc, autre), text, a_rebours=is_reversed)]


def _swaps(against: list[Contradiction]) -> list[tuple[str, str]]:
    """Files of two millésimes of one source, each with the values that the other declares."""
    claims: dict[BlocAtterri, set[str]] = defaultdict(set)
    swapped: set[tuple[str, str]] = set()
    for one in against:
        (a, b), is_family = one.blocs, _are_siblings(*one.blocs)
        if one.regle == "E02" and not is_family:
            claims[a].add(b.periode)
            claims[b].add(a.periode)
        elif one.regle == "E03" and is_family and one.a_rebours:
            swapped.add((a.fichiers, b.fichiers))
    for a, b in combinations(sorted(claims), 2):
        if _are_siblings(a, b) and b.periode in claims[a] and a.periode in claims[b]:
            swapped.add((a.fichiers, b.fichiers))
    return sorted(swapped)


def _are_siblings(a: BlocAtterri, b: BlocAtterri) -> bool:
    return (a.source_id, a.nom) == (b.source_id, b.nom)


def named(bloc: BlocAtterri) -> str:
    """`insee_revn 2022, bloc filosofi (REVN_2022.csv)`."""
    return f"{bloc.source_id} {bloc.millesime}, bloc {bloc.nom} ({bloc.fichiers})"


def measured(said: Temoignage) -> str:
    """`corrélation 0,96 sur 1 303 territoires`."""
    if said.nature == "niveau":
        fact = f"écart médian {nombre(100 * said.accord, 2)} %"
    else:
        fact = f"corrélation {nombre(said.accord, 2)}"
    return f"{fact} sur {nombre(said.cases, 0)} territoires"


def counted(pair: Comparaison) -> str:
    """`1 336 cases égales sur 1 336`."""
    return f"{nombre(pair.egales, 0)} cases égales sur {nombre(pair.cases, 0)}"


def _mesures(count: int) -> str:
    return f"{count} mesure{'s' if count > 1 else ''}"
