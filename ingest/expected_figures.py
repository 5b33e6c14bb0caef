"""When each indicator is published next, by the calendars of the registry. Reads no file."""

from __future__ import annotations

from datetime import date

from ingest.registry import Registry
from warehouse.declared.dictionary import Dictionary, default_edition, load_edition
from warehouse.domain.producteurs import libelle_producteur


def expected_figures(
    registry: Registry, dictionary: Dictionary, perimetre: str, today: date
) -> dict[str, list[str]]:
    """Indicator → who publishes what it is made of, how its calendar is told, and the next day.

    Of the producers' own sources that have files on a perimeter, the one that comes first. Nothing
    is expected on a perimeter that is no longer in force: producers went on to the next one.
    """
    if perimetre != load_edition(default_edition()).perimetre:
        return {}
    givers: dict[str, list[tuple[date, str, str]]] = {}
    for source in registry.sources.values():
        covers = (source.perimetre_of(m) in (perimetre, "") for m in source.millesimes)
        if source.confiance == "tierce" or not source.mesures or not any(covers):
            continue
        told = (source.calendrier.next_after(today), source.producteur, source.calendrier.texte)
        for mesure in source.mesures:
            givers.setdefault(mesure, []).append(told)
    found: dict[str, list[str]] = {}
    for code, indicateur in dictionary.indicateurs.items():
        terms = [*indicateur.num, *([indicateur.publiee] if indicateur.publiee else [])]
        days = [told for term in terms for told in givers.get(term, ())]
        if days:
            day, producer, said = min(days)
            found[code] = [libelle_producteur(producer), said, day.isoformat()]
    return found
