"""What an edition leaves unsaid of a block: its newest period, the oldest to set beside it."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.header_names import A_ETABLIR
from ingest.plan import supplies
from ingest.registry import Registry
from quality.period_judgement import Couple, judge
from warehouse.base.errors import QpvError
from warehouse.declared.comparability import Fourniture
from warehouse.declared.dictionary import BlocEdition, Edition
from warehouse.domain.periods import bounds


def by_rule(edition: Edition, registry: Registry) -> Edition:
    """The same edition with a period for each block that it only names, and one to compare with.

    The newest period that a millésime of its perimeter holds; the oldest that may stand beside it
    for a quarter, none where no rule allows one. An unknown block is left to `ingest.plan`.

    Raises:
        QpvError: an unknown source, a block of which this perimeter has no period.
    """
    blocs = [_said(bloc, edition, registry) for bloc in edition.blocs]
    return edition if blocs == edition.blocs else edition.model_copy(update={"blocs": blocs})


def chosen_by_rule(said: Edition, done: Edition) -> list[str]:
    """One line per block that the edition only names: what the rule chose."""
    return [
        f"{after.bloc} : par règle, {after.periode}"
        + (f" comparée à {after.comparaison}" if after.comparaison else ", sans comparaison")
        for before, after in zip(said.blocs, done.blocs, strict=True)
        if before != after
    ]


def _said(bloc: BlocEdition, edition: Edition, registry: Registry) -> BlocEdition:
    if bloc.periode or bloc.comparaison or bloc.serie:
        return bloc
    source = registry[bloc.source_id]
    if bloc.nom not in source.blocs:
        return bloc
    held = {
        periode
        for millesime, one in source.millesimes.items()
        if source.perimetre_of(millesime) in ("", edition.perimetre)
        for periode in one.periodes_of(bloc.nom)
        if not periode.startswith(A_ETABLIR)
    }
    if not held:
        raise QpvError(
            f"aucun millésime de {source.id} n'a de période du bloc {bloc.nom} au périmètre "
            f"{edition.perimetre}",
            ou=f"dbt_project/editions/{edition.id}.yml",
            faire="dire sa `periode` ou sa `comparaison`, ou retirer ce bloc",
        )
    newest = max(held, key=lambda periode: bounds(periode)[1])
    alone = edition.model_copy(
        update={"blocs": [bloc.model_copy(update={"periode": newest})], "references": {}}
    )
    given = supplies(alone, registry)
    allowed = [p for p in held if p != newest and _may_compare(given, newest, p)]
    oldest = min(allowed, key=lambda periode: bounds(periode)[0], default=None)
    return bloc.model_copy(update={"periode": newest, "comparaison": oldest})


def _may_compare(given: Iterable[Fourniture], later: str, earlier: str) -> bool:
    """Whether one mesure of a block at least may be compared, for a quarter."""
    before = {one.mesure: one for one in given if one.periode == earlier}
    return any(
        judge([Couple(one, before[one.mesure])], "qpv").verdict != "non_comparable"
        for one in given
        if one.periode == later and one.mesure in before
    )
