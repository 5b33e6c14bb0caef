"""A figure beside another: between two periods or two places, or the rule that forbids it."""

from __future__ import annotations

from warehouse.domain.format import avec_unite, nombre, periode_longue
from warehouse.domain.perimetres import perimetres
from warehouse.domain.statuts import DIFFUSE, sens_de
from warehouse.publication.answers.cell_answers import shown, withheld
from warehouse.publication.answers.refusal import Answer, Refusal, given
from warehouse.publication.explain.comparison_limits import AUTRES_POPULATIONS
from warehouse.publication.explain.kept_verdicts import Verdicts
from warehouse.release.jeton import Jeton, publication_of
from warehouse.release.loading import TOTAL_ENSEMBLE
from warehouse.release.published import Evolution, IndicateurPublie, Territoire
from warehouse.release.released_cells import Cells, Move, ReleasedCell

_GRANDEURS = {"evolution_nb": "", "evolution_pct": "%", "evolution_pts": "points"}


def between_periods(
    cells: Cells,
    verdicts: Verdicts,
    publication: str,
    t: Territoire,
    i: IndicateurPublie,
    earlier: str,
    later: str,
) -> Answer:
    """What changed between two periods.

    Raises:
        Refusal: a rule forbids it, one of the two is not diffused, or the release has no such move.
    """
    pair = {"de": earlier, "a": later, "territoire": t.code, "indicateur": i.code}
    rule = cells.comparability(t.code, i.code, later, earlier)
    moves = cells.moves(t.code, i.code)
    move = next((m for m in moves if (m.periode, m.comparaison) == (later, earlier)), None)
    if rule and rule.comparabilite == "non_comparable":
        number = _rule_number(verdicts, t, i, later, earlier)
        why = rule.motif or "une règle interdit de rapprocher ces deux périodes"
        raise Refusal("non_comparable", why, "non_comparable", **pair, numero=number)
    for cell in cells.levels(t.code, i.code):
        if cell.periode in (earlier, later):
            _require_diffused(cell, pair)
    if move is None:
        said = "la publication ne rapproche pas ces deux périodes"
        raise Refusal("sans_evolution", said, "non_disponible", **pair)
    if move.statut != DIFFUSE:
        raise Refusal(move.statut, move.motif or sens_de(move.statut), move.statut, **pair)
    verdict = rule.comparabilite if rule else "comparable"
    return given(
        publication, move.statut, move.motif, verdict, **pair,
        evolutions=_moved(publication, t, i, move),
    )  # fmt: skip


def _moved(
    publication: str, t: Territoire, i: IndicateurPublie, move: Move
) -> list[dict[str, object]]:
    """A diffused move in each way in which it is published."""
    digest = publication_of(publication)
    values = {"evolution_nb": move.nb, "evolution_pct": move.pct, "evolution_pts": move.pts}
    found: list[dict[str, object]] = []
    for grandeur, value in values.items():
        if value is None:
            continue
        unite = _GRANDEURS[grandeur] or i.unite
        decimals = 1 if _GRANDEURS[grandeur] else i.arrondi
        jeton = Jeton(t.code, i.code, move.periode, digest, grandeur, move.comparaison)
        found.append(
            {
                "statut": move.statut, "grandeur": grandeur, "valeur": value, "unite": unite,
                "imprime": avec_unite(nombre(value, decimals, signe=True), unite),
                "jeton": str(jeton),
            }
        )  # fmt: skip
    return found


def _rule_number(
    verdicts: Verdicts, t: Territoire, i: IndicateurPublie, later: str, earlier: str
) -> str | None:
    """The number of the rule that forbids a pair, where the release keeps it."""
    kept = verdicts.of(
        Evolution(
            t.code, t.perimetre, i.code, later, earlier, None, None, None,
            "non_comparable", None, "non_comparable",
        ),
        t,
    )  # fmt: skip
    return kept.regle if kept else None


def between_places(
    cells: Cells,
    publication: str,
    t: Territoire,
    other: Territoire,
    i: IndicateurPublie,
    cell: ReleasedCell,
) -> Answer:
    """A figure beside that of another place, of the same period.

    Raises:
        Refusal: other populations, a share of another whole, a figure that is not diffused.
    """
    pair = {"territoire": t.code, "avec": other.code, "indicateur": i.code, "periode": cell.periode}
    if t.code == other.code:
        raise Refusal("demande", "un territoire ne se compare pas à lui-même", **pair)
    known = perimetres()
    if t.perimetre != other.perimetre and {t.perimetre, other.perimetre} <= {*known}:
        raise Refusal("perimetre", AUTRES_POPULATIONS, "non_comparable", **pair)
    if TOTAL_ENSEMBLE in i.formule and t.epci != other.epci:
        said = "le dénominateur est l'ensemble des QPV de son propre EPCI"
        raise Refusal("agregation", said, "non_comparable", **pair)
    beside = [c for c in cells.levels(other.code, i.code) if c.periode == cell.periode]
    if not beside:
        said = (
            f"la publication n'a pas {i.code} de {other.code} pour {periode_longue(cell.periode)}"
        )
        raise Refusal("sans_objet", said, "non_disponible", **pair)
    for one in (cell, beside[0]):
        _require_diffused(one, pair)
    both = [_beside(publication, cells, i, one) for one in (cell, beside[0])]
    reserves = [one.motif for one in (cell, beside[0]) if one.motif]
    gap = next(
        (
            g
            for g in cells.gaps(t.code, i.code)
            if (g.reference, g.periode) == (other.code, cell.periode) and g.ecart is not None
        ),
        None,
    )
    ecart = None
    if gap and gap.ecart is not None:
        jeton = Jeton(
            t.code, i.code, cell.periode, publication_of(publication), "ecart", other.code
        )
        shown = avec_unite(nombre(gap.ecart, 1, signe=True), gap.unite)
        ecart = {
            "statut": DIFFUSE, "valeur": gap.ecart, "unite": gap.unite, "imprime": shown,
            "jeton": str(jeton),
        }  # fmt: skip
    verdict = "comparable_avec_reserve" if reserves else "comparable"
    motif = " ; ".join(dict.fromkeys(reserves)) or None
    return given(publication, DIFFUSE, motif, verdict, **pair, chiffres=both, ecart=ecart)


def _beside(publication: str, cells: Cells, i: IndicateurPublie, cell: ReleasedCell) -> Answer:
    head: Answer = {"statut": cell.statut, "motif": cell.motif, "territoire": cell.territoire}
    return head | {"libelle": cells.label(cell.territoire)} | shown(publication, cell, i)


def _require_diffused(cell: ReleasedCell, pair: dict[str, str]) -> None:
    said = f"{cell.territoire}, {periode_longue(cell.periode)} : "
    if refusal := withheld(cell, said, **pair):
        raise refusal
