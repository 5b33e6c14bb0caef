"""What a release says of the figures that objectives name: points, and which may be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from warehouse.base.errors import QpvError
from warehouse.domain.format import propre
from warehouse.domain.periods import bounds
from warehouse.domain.statuts import statuts
from warehouse.release.connect import open_reader, texte_sql
from warehouse.release.published import IndicateurPublie, Territoire
from warehouse.release.reader import Reader
from warehouse.release.relations import expose
from warehouse.release.series import LUES, pairs

#: code_indicateur, code_territoire
Figure = tuple[str, str]


class PointLu(NamedTuple):
    """A figure at a period; `valeur` is None unless its statut is `diffuse`.

    `fin` is that of the label alone: a rolling collection ends later than what it is named after.
    """

    periode: str
    fin: date
    perimetre: str
    valeur: float | None
    statut: str
    motif: str
    tierce: bool = False


class LienLu(NamedTuple):
    """What a release says of two periods of a figure: `refus` where they may not be compared."""

    refus: str
    reserve: str


@dataclass(frozen=True)
class Mesures:
    """The figures of a release that contracts need; `liens` by figure, later and earlier period.

    `regles`: indicator, type of territory, relation of a quarter to those of before, later and
    earlier period → what the rules alone say, where the release does not hold both figures.
    `voiles`: figures of sets, and their periods, of which a quarter is masked: what is printed of
    the whole elsewhere might give it back.
    """

    release_id: str
    territoires: dict[str, Territoire]
    perimetres: frozenset[str]
    epci: frozenset[str]
    indicateurs: dict[str, IndicateurPublie]
    periodes: frozenset[str]
    points: dict[Figure, list[PointLu]] = field(default_factory=dict)
    liens: dict[tuple[Figure, str, str], LienLu] = field(default_factory=dict)
    regles: dict[tuple[str, str, str, str, str], LienLu] = field(default_factory=dict)
    voiles: set[tuple[Figure, str]] = field(default_factory=set)

    def lien(self, figure: Figure, apres: str, avant: str) -> LienLu | None:
        """What is said of two periods of a figure; None where nothing is."""
        place = self.territoires.get(figure[1])
        kind = (place.type, place.relation) if place else ("", "")
        ruled = (figure[0], *kind, apres, avant)
        return self.liens.get((figure, apres, avant)) or self.regles.get(ruled)


#: The denominator of euros per inhabitant.
POPULATION = "population_municipale"


def read_mesures(
    db: Path, release_id: str, figures: Collection[Figure], quarters: Collection[str]
) -> Mesures:
    """What the contracts of a release are set beside.

    Args:
        figures: those that objectives name, known or not.
        quarters: those whose people are counted.

    Raises:
        QpvError: the database does not hold the contract's tables.
    """
    try:
        with open_reader(db) as con:
            return _read(con, release_id, {*figures, *((POPULATION, q) for q in quarters)})
    except duckdb.Error as error:
        raise QpvError(
            f"la base de la publication ne se lit pas : {error}",
            ou=str(db),
            attendu="les tables du contrat (fct_indicateur, dim_comparabilite…)",
        ) from error


def _read(con: duckdb.DuckDBPyConnection, release_id: str, figures: set[Figure]) -> Mesures:
    reader = Reader(con)
    expose(con, "epci", "periodes", *LUES)
    places = {t.code: t for t in reader.territoires()}
    held = con.execute("select distinct code_epci from publie_epci").fetchall()
    known = con.execute("select periode from publie_periodes").fetchall()
    found = Mesures(
        release_id,
        places,
        frozenset(t.perimetre for t in places.values() if t.type == "qpv"),
        frozenset(code for (code,) in held),
        reader.indicateurs(),
        frozenset(label for (label,) in known if label),
    )
    if not figures:
        return found
    wanted = ", ".join(f"({texte_sql(i)}, {texte_sql(t)})" for i, t in sorted(figures))
    ou = f"(code_indicateur, code_territoire) in ({wanted})"
    third = {one.cle for one in reader.fichiers() if one.est_tierce}
    points = defaultdict(list)
    for code, place, periode, *row, motif, source, millesime in con.execute(
        "select code_indicateur, code_territoire, periode, perimetre, valeur, statut, motif,"
        " source_id, millesime"
        f" from publie_chiffres where {ou} and periode is not null"
    ).fetchall():
        quarters, valeur, statut = row
        fin = bounds(periode)[1]
        tierce = (source, millesime) in third
        point = PointLu(periode, fin, quarters, valeur, statut, propre(motif), tierce)
        points[code, place].append(point)
    for one in points.values():
        one.sort(key=lambda point: (point.fin, point.periode))
    found.points.update(points)
    for place, _, code, after, before, refus, reserve in con.execute(
        "select code_territoire, perimetre, code_indicateur, periode, avant, refus, reserve"
        f" from ({pairs(ou)})"
    ).fetchall():
        found.liens[(code, place), after, before] = LienLu(propre(refus), propre(reserve))
    found.voiles.update(_veiled(con, reader, figures))
    codes = ", ".join(texte_sql(i) for i in sorted({i for i, _ in figures}))
    for code, kind, relation, after, before, verdict, motif in con.execute(
        "select code_indicateur, type_territoire, relation, periode, periode_comparaison,"
        f" comparabilite, motif from publie_comparabilites where code_indicateur in ({codes})"
    ).fetchall():
        said = propre(motif) or verdict
        forbidden = verdict == "non_comparable"
        kept = "" if verdict == "comparable" else said
        found.regles[code, kind, relation, after, before] = LienLu(
            said if forbidden else "", "" if forbidden else kept
        )
    return found


def _veiled(
    con: duckdb.DuckDBPyConnection, reader: Reader, figures: set[Figure]
) -> Iterator[tuple[Figure, str]]:
    """The figures of sets of quarters of which one is masked, by period."""
    secret = ", ".join(texte_sql(code) for code, one in statuts().items() if one.secret)
    members = defaultdict(set)
    for kind, bridges in (("EPCI", reader.epci()), ("COM", reader.communes())):
        for one in bridges:
            members[f"QPV@{kind}:{one.code}"].add(one.code_qpv)
    for indicateur, place in sorted(figures):
        quarters = ", ".join(texte_sql(code) for code in sorted(members.get(place, ())))
        if not quarters:
            continue
        for (periode,) in con.execute(
            "select distinct periode from publie_chiffres where periode is not null and"
            f" code_indicateur = {texte_sql(indicateur)} and statut in ({secret})"
            f" and code_territoire in ({quarters})"
        ).fetchall():
            yield (indicateur, place), periode
