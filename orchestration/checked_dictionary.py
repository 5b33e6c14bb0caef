"""The dictionary of this house, held against its registry: what a build starts from."""

from __future__ import annotations

from ingest.mesure_bounds import registry_bounds
from ingest.subjects import about_communes
from orchestration.partitions import REGISTRY
from warehouse.declared.definition_bounds import refuse_too_narrow
from warehouse.declared.dictionary import Dictionary, load_dictionary
from warehouse.declared.wording import refuse_misread


def checked_dictionary() -> Dictionary:
    """The dictionary, once the mesures that it names are those that the registry declares.

    Raises:
        QpvError: a faulty file; an unknown mesure, bounds or a reading that its mesure contradicts.
    """
    dictionary = load_dictionary()
    dictionary.check_against(REGISTRY.mesures, about_communes(REGISTRY))
    refuse_too_narrow(dictionary, registry_bounds(REGISTRY))
    refuse_misread(dictionary, REGISTRY.prepositions)
    return dictionary
