"""`make docs`: docs/dictionnaire.md, from the dictionary and the registry's rules."""

from __future__ import annotations

from ingest.plan import all_supplies
from ingest.registry import load_registry
from quality.verdicts import limites
from warehouse.declared.dictionary import load_dictionary
from warehouse.publication.dictionary_page import PAGE, interdits_en_mots, render


def page() -> str:
    """The whole page, each indicator with what it may not be compared with."""
    dictionary = load_dictionary()
    rows = limites(dictionary, all_supplies(load_registry()))
    return render(dictionary, interdits_en_mots(rows))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
