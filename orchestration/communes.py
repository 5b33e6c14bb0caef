"""The landed files behind figures about communes, handed to the rule that judges them."""

from collections.abc import Sequence
from pathlib import Path

from ingest.plan import holders
from orchestration.partitions import REGISTRY
from quality.landed_communes import read_geographies, read_held
from quality.subjects import Side, spread, verdicts
from quality.verdicts import mesures_by_indicator
from warehouse.comparability import Fourniture
from warehouse.dictionary import Dictionary, Edition
from warehouse.layout import Layout

COMPOSITIONS, FUSIONS = "insee_communes", "insee_cog_communes"


def refused_quarters(
    edition: Edition, dictionary: Dictionary, given: Sequence[Fourniture], layout: Layout
) -> list[dict]:
    """One row per quarter × indicator whose figures are not about the same communes at both dates.

    Args:
        given: who gives each mesure of each role of the edition.
    """
    about = [one for one in given if one.sujet]
    couples = [
        (n, b)
        for n in about
        for b in about
        if n.mesure == b.mesure and (n.role, b.role) == ("niveau", "comparaison")
    ]
    if not couples:
        return []
    geographies = read_geographies(
        _landed(COMPOSITIONS, edition, layout), _landed(FUSIONS, edition, layout).values()
    )
    reasons: dict[str, dict[str, str]] = {}
    judged: dict[tuple[str, ...], dict[str, str]] = {}
    for niveau, base in couples:
        key = (niveau.bloc, niveau.millesime, base.bloc, base.millesime)
        if key not in judged:
            sides = [_side(one, edition, layout) for one in (niveau, base)]
            judged[key] = dict(verdicts(*sides, geographies))
        reasons[niveau.mesure] = judged[key] | reasons.get(niveau.mesure, {})
    return spread(reasons, mesures_by_indicator(dictionary))


def _side(one: Fourniture, edition: Edition, layout: Layout) -> Side:
    """A supplier of figures about communes, with all the files that hold its period."""
    source_id, _, bloc = one.bloc.partition(".")
    temoin = REGISTRY[source_id].blocs[bloc].communes.temoin
    paths = {
        m: layout.landed(source_id, m)
        for m in holders(edition, REGISTRY)[source_id, bloc, one.role, one.periode]
    }
    held = [
        read_held(path, m, bloc, one.periode, temoin) for m, path in paths.items() if path.is_file()
    ]
    return Side(one.periode, one.millesime, held)


def _landed(source_id: str, edition: Edition, layout: Layout) -> dict[str, Path]:
    """Millésime → the landed file of a list that the edition names."""
    paths = {m: layout.landed(source_id, m) for m in edition.references.get(source_id, [])}
    return {millesime: path for millesime, path in paths.items() if path.is_file()}
