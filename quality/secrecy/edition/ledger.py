"""What standing releases already show, or hide, of the mesures under secrecy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from warehouse.declared.dictionary import Dictionary
from warehouse.release.relations import expose


def publications(
    releases: Sequence[Path], dictionary: Dictionary, secrets: Iterable[Mapping]
) -> list[dict]:
    """Rows of `warehouse.release.loading.PUBLICATIONS_SCHEMA`, of every release that stands.

    A reader keeps what a release showed: it stays known in all later ones. Only indicators that
    are one mesure, as it is, tell its value.

    Args:
        releases: folders of the releases that stand, oldest first.
        dictionary: which indicator is which mesure.
        secrets: rows of `warehouse.release.loading.SECRETS_SCHEMA`.
    """
    judged = {r["mesure"] for r in secrets if r["acces"] != "publique" and r["seuil"] is not None}
    counts = {
        code: next(iter(i.num))
        for code, i in dictionary.indicateurs.items()
        if len(i.num) == 1
        and not i.den
        and not i.den_ensemble
        and judged.issuperset(i.num)
        and i.facteur == 1
    }
    if not counts:
        return []
    found: dict[tuple, str] = {}
    for release in releases:
        with duckdb.connect(str(release / "qpv.duckdb"), read_only=True) as con:
            expose(con, "chiffres")
            rows = con.execute(
                "select code_territoire, perimetre, code_indicateur, periode, statut "
                "from publie_chiffres where statut in ('diffuse', 'secret') "
                "and code_indicateur in (select unnest($1))",
                [list(counts)],
            ).fetchall()
        for territoire, perimetre, code, periode, statut in rows:
            key = (territoire, perimetre, counts[code], periode)
            if found.get(key) != "diffuse":
                found[key] = statut
    names = ("code_territoire", "perimetre", "mesure", "periode")
    return [dict(zip(names, key, strict=True)) | {"etat": etat} for key, etat in found.items()]
