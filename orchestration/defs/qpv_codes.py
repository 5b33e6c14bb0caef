"""The codes of quarters that the landed lists know, and their communes. Defines no asset."""

from __future__ import annotations

import pyarrow.parquet as pq

from ingest.former_codes import former_codes
from ingest.quarter_communes import lists_of_communes, named_in
from ingest.receipts import read_receipt
from ingest.registry import Source
from orchestration.defs.resources import Reglages
from orchestration.defs.run_plan import LISTS
from orchestration.partitions import REGISTRY
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout

#: References that say where quarters lie, or what a commune is part of → the attribute that does.
COMMUNES = lists_of_communes(REGISTRY)


def communes_of_quarters(layout: Layout, reglages: Reglages) -> frozenset[str]:
    """The communes that the lists which this edition lands may name."""
    paths = [(COMMUNES[s], layout.landed(s, m)) for s, m in reglages.plan.files if s in COMMUNES]
    return named_in((attribut, path) for attribut, path in paths if path.is_file())


def known_codes(layout: Layout, perimetre: str, reglages: Reglages) -> frozenset[str] | None:
    """QPV codes of a perimeter as `landed_codes` knows them; None outside QPV.

    Raises:
        QpvError: no list of that perimeter landed.
    """
    if not perimetre:
        return None
    codes = landed_codes(layout, perimetre, reglages)
    if not codes:
        lists = [read_receipt(layout.landed(s, m)) for s in LISTS for m in REGISTRY[s].millesimes]
        aside = [e.motif for receipt in lists if receipt for e in receipt.ecartes]
        raise QpvError(
            f"aucune liste des QPV du périmètre {perimetre}{''.join(f' ; {m}' for m in aside)}",
            ou=" ou ".join(f"ingest/sources/{s}.yml" for s in LISTS),
            attendu="un fichier de la liste que l'édition nomme",
            faire="ajouter ce fichier au dossier des extraits, ou l'édition qui le nomme",
        )
    return codes


def lists_of(layout: Layout, source: Source, reglages: Reglages) -> dict[str, frozenset[str]]:
    """Perimeter → its QPV codes, of those that the columns of a file of units name."""
    wanted = {a.qpv for a in source.attributs if a.qpv}
    lists = {p: landed_codes(layout, p, reglages) for p in sorted(wanted)}
    return {perimetre: codes for perimetre, codes in lists.items() if codes}


def landed_codes(layout: Layout, perimetre: str, reglages: Reglages) -> frozenset[str]:
    """QPV codes of a perimeter in the lists that this edition lands, and those of an earlier list
    that producers still write; none without a list."""
    codes: set[str] = set()
    lists = reglages.plan.qpv_lists
    for source_id, millesime in lists:
        path = layout.landed(source_id, millesime)
        if REGISTRY[source_id].perimetre_of(millesime) == perimetre and path.is_file():
            codes.update(pq.read_table(path, columns=["code"])["code"].to_pylist())
    return frozenset(codes | former_codes(REGISTRY, lists, perimetre) if codes else ())
