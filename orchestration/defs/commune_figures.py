"""The landed files behind figures about communes, handed to the rule that judges them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path

from ingest.plan import holders
from orchestration.partitions import REGISTRY
from quality.landed_communes import read_geographies, read_held
from quality.subject_changes import Side, listed, spread, verdicts
from quality.verdicts import mesures_by_indicator
from warehouse.base.layout import Layout
from warehouse.declared.comparability import Fourniture
from warehouse.declared.dictionary import Dictionary, Edition
from warehouse.declared.indicator_periods import follows

COMPOSITIONS, FUSIONS = "insee_epci", "insee_cog_communes"


def communes_of_figures(
    edition: Edition, dictionary: Dictionary, given: Sequence[Fourniture], layout: Layout
) -> tuple[list[dict], list[dict]]:
    """What is known of the communes that figures are about, and where they change.

    Args:
        given: who gives each mesure of the edition at each period.

    Returns:
        one row per quarter × figure × commune; one per quarter × indicator × pair of periods whose
        figures are not about the same communes.
    """
    about = [one for one in given if one.sujet]
    if not about:
        return [], []
    geographies = read_geographies(
        _landed(COMPOSITIONS, edition, layout), _landed(FUSIONS, edition, layout).values()
    )
    sides: dict[tuple[str, ...], Side] = {}
    judged: dict[tuple[str, ...], dict[str, str]] = {}
    for one in about:
        if _key(one) not in sides:
            sides[_key(one)] = _side(one, edition, layout)
    known = [row for one in about for row in _rows(one, listed(sides[_key(one)], geographies))]
    reasons: dict[tuple[str, str, str], dict[str, str]] = {}
    for niveau, base in product(about, about):
        dated = (niveau.periode, niveau.choix), (base.periode, base.choix)
        if niveau.mesure != base.mesure or not follows(*dated):
            continue
        pair = (*_key(niveau), *_key(base))
        if pair not in judged:
            judged[pair] = dict(verdicts(sides[_key(niveau)], sides[_key(base)], geographies))
        span = niveau.mesure, niveau.periode, base.periode
        reasons[span] = judged[pair] | reasons.get(span, {})
    return known, spread(reasons, mesures_by_indicator(dictionary))


def _key(one: Fourniture) -> tuple[str, ...]:
    return one.bloc, one.millesime, one.choix or "", one.periode


def _rows(one: Fourniture, found: Iterable[tuple[str, str, str]]) -> Iterator[dict]:
    source_id, _, _ = one.bloc.partition(".")
    for code, commune, nom in found:
        yield {
            "code_territoire": code,
            "mesure": one.mesure,
            "tout": _temoin(one),
            "periode": one.periode,
            "source_id": source_id,
            "millesime": one.millesime,
            "commune": commune,
            "nom": nom,
        }


def _temoin(one: Fourniture) -> str:
    """The mesure that cannot stay equal when the communes of these figures change."""
    source_id, _, bloc = one.bloc.partition(".")
    communes = REGISTRY[source_id].blocs[bloc].communes
    assert communes is not None  # a block that has a subject says where it names its communes
    return communes.temoin


def _side(one: Fourniture, edition: Edition, layout: Layout) -> Side:
    """A supplier of figures about communes, with all the files that hold its period."""
    source_id, _, bloc = one.bloc.partition(".")
    temoin = _temoin(one)
    paths = {
        m: layout.landed(source_id, m)
        for m in holders(edition, REGISTRY)[source_id, bloc, one.choix, one.periode]
    }
    held = [
        read_held(path, m, bloc, one.periode, temoin) for m, path in paths.items() if path.is_file()
    ]
    return Side(one.periode, one.millesime, held)


def _landed(source_id: str, edition: Edition, layout: Layout) -> dict[str, Path]:
    """Millésime → the landed file of a list that the edition names."""
    paths = {m: layout.landed(source_id, m) for m in edition.references.get(source_id, [])}
    return {millesime: path for millesime, path in paths.items() if path.is_file()}
