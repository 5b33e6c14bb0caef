"""The communes that the landed lists of quarters may name: what files by commune are read for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow.parquet as pq

from ingest.registry import Registry

#: The attribute of a reference that lists the communes of a quarter, and of one that says what a
#: commune is part of.
LISTE, PARENTE = "codes_communes", "code_parente"
#: What a list puts between communes, or nothing at all.
_MORCEAU = re.compile(r"[0-9][0-9AB]*")


def lists_of_communes(registry: Registry) -> dict[str, str]:
    """Reference that says where quarters lie, or what a commune is part of → its attribute."""
    return {
        source.id: attribut.nom
        for source in registry.sources.values()
        for attribut in source.attributs
        if source.nature == "reference" and attribut.nom in (LISTE, PARENTE)
    }


def named_in(landed: Iterable[tuple[str, Path]]) -> frozenset[str]:
    """Every commune that landed lists may name.

    Args:
        landed: attribute, and Parquet of a reference that has it, as `lists_of_communes` says.
    """
    lists: list[str | None] = []
    parents: dict[str, str] = {}
    for attribut, path in landed:
        read = pq.read_table(path, columns=["code", attribut]).to_pydict()
        if attribut == LISTE:
            lists += read[attribut]
        else:
            pairs = zip(read["code"], read[attribut], strict=True)
            parents |= {code: parent for code, parent in pairs if parent}
    return named_communes(lists, parents)


def named_communes(lists: Iterable[str | None], parents: Mapping[str, str]) -> frozenset[str]:
    """Every code that these lists may name, and the communes that they are part of.

    More than they name, never less: `int_qpv_communes` alone says where a quarter lies.

    Args:
        parents: arrondissement or delegated commune → the commune it is part of.
    """
    found: set[str] = set()
    for text in lists:
        for morceau in _MORCEAU.findall(text or ""):
            # Its first zero may be lost.
            for written in (morceau, f"0{morceau}"):
                found.update(written[i : i + 5] for i in range(len(written) - 4))
    return frozenset(found | {parents[code] for code in found if code in parents})
