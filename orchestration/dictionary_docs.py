"""`make docs`: docs/dictionnaire.md, from the dictionary and the registry's rules."""

from __future__ import annotations

from collections import defaultdict

from ingest.plan import all_supplies
from ingest.registry import load_registry
from quality.verdicts import limites
from warehouse.dictionary import load_dictionary
from warehouse.dictionary_page import PAGE, render

#: What holds of every figure of an EPCI is said once, not on each entry.
_PARTOUT = "C06"


def page() -> str:
    """The whole page, each indicator with what it may not be compared with."""
    dictionary = load_dictionary()
    said: dict[str, list[str]] = defaultdict(list)
    for row in limites(dictionary, all_supplies(load_registry())):
        if row["regle"] != _PARTOUT:
            source = f" ({row['document']})" if row["document"] else ""
            said[row["code_indicateur"]].append(f"{row['avec']} : {row['pourquoi']}{source}")
    return render(dictionary, said)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
