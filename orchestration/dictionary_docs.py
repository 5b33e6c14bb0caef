"""`make docs`: docs/dictionnaire.md, from the dictionary and the registry's rules."""

from __future__ import annotations

from ingest.never_read import levels_never_read, never_read
from ingest.plan import all_supplies
from ingest.registry import load_registry
from quality.verdicts import limites
from warehouse.declared.dictionary import load_dictionary
from warehouse.declared.without_indicator import without_indicator
from warehouse.publication.dictionary_page import (
    PAGE,
    interdits_en_mots,
    jamais_lus_en_mots,
    niveaux_en_mots,
    render,
)


def page() -> str:
    """The whole page, each indicator with what it may not be compared with, and what has none."""
    dictionary, registry = load_dictionary(), load_registry()
    rows = limites(dictionary, all_supplies(registry))
    return render(
        dictionary,
        interdits_en_mots(rows),
        jamais_lus_en_mots(dictionary, never_read(registry)),
        niveaux_en_mots(dictionary, levels_never_read(registry)),
        without_indicator(registry.mesures, dictionary.mesures()),
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
