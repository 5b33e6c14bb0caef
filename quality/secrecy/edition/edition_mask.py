"""The mask of one edition, from the tables of its build to one state per confidential cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from quality.secrecy.edition.grid import Grille, grille

if TYPE_CHECKING:
    import numpy as np
    import scipy.sparse as sp

    from quality.disclosure.mask.problem import Masque, Tableau
    from quality.secrecy.edition.assembly import Assemblage
    from quality.secrecy.edition.formulas import Formules

    #: As `quality.disclosure.kept.mask_until_kept`, which whoever asks for a mask brings: what is
    #: here places masks, and knows nothing of the attack.
    Masqueur = Callable[[Tableau, sp.csr_matrix, np.ndarray, np.ndarray], Masque]

_TEXT = pa.string()
#: `etat`: `publiable`; `primaire`, `secondaire`; `derivee`: a rate or an amount, hidden with the
#: counts it goes with; `non_protegee`: nothing could hide it. `deja_publiee`: primary, and an
#: earlier release shows it. `revisee`: an earlier release shows another value of it.
SCHEMA = pa.schema(
    [
        ("code_territoire", _TEXT),
        ("perimetre", _TEXT),
        ("mesure", _TEXT),
        ("periode", _TEXT),
        ("regle", _TEXT),
        ("etat", _TEXT),
        ("deja_publiee", pa.bool_()),
        ("revisee", pa.bool_()),
    ]
)


def masques(
    cellules: Sequence[Mapping],
    *,
    par: Masqueur,
    termes: Sequence[Mapping],
    indicateurs: Sequence[Mapping],
    ensembles: Sequence[Mapping],
    secrets: Sequence[Mapping],
    sommes: Sequence[Mapping],
    publications: Sequence[Mapping],
    recouvrements: Sequence[Mapping],
    ecarts: Sequence[Mapping] = (),
    blancs: Sequence[Mapping] = (),
) -> pa.Table:
    """One row of `SCHEMA` per cell under judgement, of territories and of sets.

    Args:
        cellules: see `grid.grille`, with their `type`; ensembles: likewise.
        par: what masks the counts, once assembled.
        termes: terms of the indicators, see `formulas.formules`; indicateurs: their `type` and
            `facteur`.
        secrets: rows of `warehouse.release.loading.SECRETS_SCHEMA`; sommes: of `SOMMES_SCHEMA`.
        publications: rows of `warehouse.release.loading.PUBLICATIONS_SCHEMA`.
        recouvrements: rows `code_perimetre`, `code_qpv`, `perimetre`, `part_perimetre`, `part_qpv`.
        ecarts: rows `code_a`, `perimetre_a`, `code_b`, `perimetre_b`, `seulement_a`, `seulement_b`:
            units that one of two territories alone has; empty where no file of units is counted.
        blancs: likewise, of counts that their producer hides: no row here, but protected too.
    """
    if not cellules:
        return SCHEMA.empty_table()
    # Imported here: an edition of public sources does not pay for solvers (1 s).
    from quality.secrecy.edition.assembly import RegleEffectif
    from quality.secrecy.edition.formulas import formules
    from quality.secrecy.edition.perimeters import held_by_surface, held_in_units

    by_name = {
        r["regle"]: RegleEffectif(
            r["seuil"], r["base_mesure"], r["base_effectif"] or 0, r["zeros"] == "publiables"
        )
        for r in secrets
        if r["seuil"] is not None
    }
    counted = [c for c in cellules if c["type"] == "effectif"]
    rows = []
    if counted:
        most = max(r.seuil for r in by_name.values())
        held = [*held_by_surface(recouvrements), *held_in_units(ecarts, most)]
        g = grille(counted, ensembles, [*dict.fromkeys(held)], blancs)
        shares = {i["code_indicateur"] for i in indicateurs if i["type"] == "part"}
        known = formules(termes, frozenset(c[0] for c in g.colonnes), sommes, parts=shares)
        rows = _counts(g, par, known, by_name, publications)
    figures = _figures(cellules, rows, counted, termes, indicateurs, by_name)
    return pa.Table.from_pylist([*rows, *figures], schema=SCHEMA)


def _counts(
    g: Grille,
    par: Masqueur,
    known: Formules,
    by_name: Mapping,
    publications: Sequence[Mapping],
) -> list[dict]:
    """One row of SCHEMA per count of the grid, masked by the engine; of a blank, if it is lost."""
    import numpy as np

    from quality.secrecy.edition.assembly import assemble
    from quality.secrecy.edition.blanks import with_blanks
    from quality.secrecy.edition.parted_mask import mask_in_parts
    from quality.secrecy.edition.past import past_of

    passe = past_of(g, publications)
    g = with_blanks(g, known, by_name)
    a = assemble(g, known, by_name, passe)
    names = [(*g.territoires[r], *g.colonnes[c]) for r, c in zip(a.lignes, a.colonnes, strict=True)]
    places = [(code, perimetre, mesure, periode) for code, perimetre, mesure, periode, _ in names]

    def masked(of: Assemblage) -> Masque:
        before = np.zeros(of.tableau.valeurs.size, dtype=bool)
        before[: len(names)] = [place in passe.masquees for place in places]
        return mask_in_parts(par, of.tableau, of.limites, of.proches, before)

    found = masked(a)
    states = np.full(a.tableau.valeurs.size, "publiable", dtype=object)
    states[found.masquees] = "secondaire"
    states[: len(names)][a.primaires] = "primaire"
    lost = found.non_protegees
    if passe.retirees and (lost >= a.lignes.size).any():
        unaware = replace(passe, retirees=frozenset())
        own = set(masked(assemble(g, known, by_name, unaware)).non_protegees.tolist())
        # Remainders that a withdrawn release alone gives away: no mask can take them back.
        lost = lost[[cell < a.lignes.size or cell in own for cell in lost.tolist()]]
    states[a.dans_la_grille(lost)] = "non_protegee"
    already = [p and place in passe.connues for p, place in zip(a.primaires, places, strict=True)]
    revised = [place in passe.revisees for place in places]
    told = ~g.blancs[a.lignes, a.colonnes] | (states[: len(names)] == "non_protegee")
    cells = zip(names, states[: len(names)], map(bool, already), revised, strict=True)
    return [
        dict(zip(SCHEMA.names, (*name, *rest), strict=True))
        for (name, *rest), kept in zip(cells, told, strict=True)
        if kept
    ]


def _figures(
    cellules: Sequence[Mapping],
    judged: Sequence[Mapping],
    counted: Sequence[Mapping],
    termes: Sequence[Mapping],
    indicateurs: Sequence[Mapping],
    by_name: Mapping,
) -> list[dict]:
    """Rates and amounts under judgement: told, or hidden with the counts that they go with."""
    from quality.secrecy.edition.derived import hidden_figures

    figures = [c for c in cellules if c["type"] != "effectif" and not c["publique"]]
    names = ("code_territoire", "perimetre", "mesure", "periode")
    states = {tuple(r[k] for k in names): r["etat"] for r in judged}
    counts = {
        place: (c["valeur"], states.get(place) != "publiable")
        for c in counted
        for place in [tuple(c[k] for k in names)]
    }
    factors = {i["code_indicateur"]: i["facteur"] for i in indicateurs}
    hidden = hidden_figures(figures, counts, termes, factors, by_name)
    return [
        {k: c[k] for k in ("code_territoire", "perimetre", "mesure", "periode", "regle")}
        | {
            "etat": "derivee" if tuple(c[k] for k in names) in hidden else "publiable",
            "deja_publiee": False,
            "revisee": False,
        }
        for c in cellules
        if c["type"] != "effectif"
    ]
