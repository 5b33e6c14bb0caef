"""The mask of one edition, from the tables of its build to one state per confidential cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

_TEXT = pa.string()
#: `etat`: `publiable`, `primaire`, `secondaire`, or `non_protegee` when nothing could hide it.
SCHEMA = pa.schema(
    [
        ("code_territoire", _TEXT),
        ("perimetre", _TEXT),
        ("mesure", _TEXT),
        ("role", _TEXT),
        ("periode", _TEXT),
        ("regle", _TEXT),
        ("etat", _TEXT),
        ("cout", pa.float64()),
    ]
)
#: A perimeter is held whole by another from this share of its own area, in %.
DEDANS = 99.5


def masques(
    cellules: Sequence[Mapping],
    *,
    termes: Sequence[Mapping],
    ensembles: Sequence[Mapping],
    secrets: Sequence[Mapping],
    publications: Sequence[Mapping],
    recouvrements: Sequence[Mapping],
    avance: Callable[[int, int], None] | None = None,
) -> pa.Table:
    """One row of `SCHEMA` per cell under judgement, of territories and of sets.

    Args:
        cellules, ensembles: see `grid.grille`.
        termes: terms of the published indicators, see `formulas.formules`.
        secrets: rows of `warehouse.loading.SECRETS_SCHEMA`.
        publications: rows `code_territoire`, `perimetre`, `mesure`, `periode`, `etat` (`diffuse`
            or `secret`) of earlier releases.
        recouvrements: rows `code_perimetre`, `code_qpv`, `perimetre`, `part_perimetre`, `part_qpv`.
        avance: told (done, total) while masking.
    """
    if not cellules:
        return SCHEMA.empty_table()
    # Imported here: an edition of public sources does not pay for solvers (1 s).
    import numpy as np

    from quality.secrecy.assembly import RegleEffectif, assembler
    from quality.secrecy.formulas import formules
    from quality.secrecy.grid import grille
    from quality.secrecy.masquer import masquer
    from quality.secrecy.problem import PRIMAIRE

    by_name = {
        r["regle"]: RegleEffectif(
            r["seuil"], r["base_mesure"], r["base_effectif"] or 0, r["zeros"] == "publiables"
        )
        for r in secrets
        if r["seuil"] is not None
    }
    g = grille(cellules, ensembles, _nested(recouvrements))
    formes = formules(termes, frozenset(c[0] for c in g.colonnes))
    shown, masked = set(), set()
    for row in publications:
        name = (row["code_territoire"], row["perimetre"], row["mesure"], row["periode"])
        (shown if row["etat"] == "diffuse" else masked).add(name)
    a = assembler(g, formes, by_name, shown)
    names = [(*g.territoires[r], *g.colonnes[c]) for r, c in zip(a.lignes, a.colonnes, strict=True)]
    before = np.zeros(a.tableau.valeurs.size, dtype=bool)
    before[: len(names)] = [(n[0], n[1], n[2], n[4]) in masked for n in names]
    found = masquer(a.tableau, precedent=before, avance=avance)
    states = np.full(a.tableau.valeurs.size, "publiable", dtype=object)
    states[found.secondaires] = "secondaire"
    states[a.tableau.statuts == PRIMAIRE] = "primaire"
    states[a.dans_la_grille(found.non_protegees)] = "non_protegee"
    columns = [*zip(*names, strict=True)]
    return pa.Table.from_arrays(
        [
            *(pa.array(c, _TEXT) for c in columns),
            pa.array(list(states[: len(names)]), _TEXT),
            pa.array(a.tableau.couts[: len(names)]),
        ],
        schema=SCHEMA,
    )


def _nested(recouvrements: Sequence[Mapping]) -> list[dict]:
    """Local perimeters and quarters of which one holds the other."""
    found = []
    for row in recouvrements:
        local = {"code": f"LOC:{row['code_perimetre'].removeprefix('LOC:')}", "perimetre": ""}
        quarter = {"code": row["code_qpv"], "perimetre": row["perimetre"]}
        for outer, inner, share in (
            (local, quarter, row["part_qpv"]),
            (quarter, local, row["part_perimetre"]),
        ):
            if share >= DEDANS:
                found.append(
                    {
                        "code_dehors": outer["code"],
                        "perimetre_dehors": outer["perimetre"],
                        "code_dedans": inner["code"],
                        "perimetre_dedans": inner["perimetre"],
                    }
                )
    return found
