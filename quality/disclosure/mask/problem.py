"""Cells, relations and protections asked: what the masking engine takes, and the mask it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

import numpy as np
import scipy.sparse as sp

from ..refused import DisclosureError

CANDIDATE = 0  #: published unless masked; may be masked
PRIMAIRE = 1  #: must be masked, and protected
IMPOSEE = 2  #: already known to readers: must stay shown
VIRTUELLE = 3  #: never published, and sensitive: must be protected
LIBRE = 4  #: never published, not sensitive: unknown to readers, needs no protection
STATUTS = (CANDIDATE, PRIMAIRE, IMPOSEE, VIRTUELLE, LIBRE)

#: Relations and inequalities are checked to this share of the largest term of their row (+ 1e-9):
#: sums of published decimals carry rounding of about 1e-16 per term, never of 1e-6.
TOLERANCE = 1e-6
NAMED_ROWS = 5  #: rows at fault named in an error

NO_PROTECTION = ["protection_basse", "protection_haute", "largeur"]


def _each(figure: float) -> Callable[[], np.ndarray]:
    """The default of a vector: one figure, given to every cell once they are counted."""
    return lambda: np.array(figure)


@dataclass(frozen=True)
class Tableau:
    """n cells tied by m linear relations. Vectors have n entries; one figure is that of each cell.

    `protection_*` and `largeur` speak of PRIMAIRE and VIRTUELLE cells only: a reader's interval
    must reach down to `valeurs - protection_basse`, up to `valeurs + protection_haute`, and be
    `largeur` wide. A side that the bounds forbid is slid to the other side. Units: those of
    `valeurs`. Raises DisclosureError when sizes, bounds or relations do not hold.
    """

    valeurs: np.ndarray
    relations: sp.csr_matrix  #: (m, n): relations @ valeurs == 0
    statuts: np.ndarray  #: int8, one of STATUTS
    bas: np.ndarray = field(default_factory=_each(0))  #: what a reader knows a priori of each cell
    haut: np.ndarray = field(default_factory=_each(np.inf))
    protection_basse: np.ndarray = field(default_factory=_each(0))
    protection_haute: np.ndarray = field(default_factory=_each(0))
    largeur: np.ndarray = field(default_factory=_each(0))  #: minimal width of the interval
    couts: np.ndarray = field(default_factory=_each(1))  #: cost of masking a candidate, > 0
    #: -1 unknown; 1 = an insider knows the value.
    contributeurs: np.ndarray = field(default_factory=_each(-1))
    blocs: np.ndarray = field(default_factory=_each(-1))  #: labels that split the work; -1 none
    #: Rates, evolutions, part <= total: inegalites_bas <= inegalites @ x <= inegalites_haut.
    inegalites: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0)))
    inegalites_bas: np.ndarray = field(default_factory=lambda: np.zeros(0))
    inegalites_haut: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        n = np.asarray(self.valeurs).size
        integers = {"statuts": np.int8, "contributeurs": np.int64, "blocs": np.int64}
        for f in fields(self):
            value = getattr(self, f.name)
            if sp.issparse(value):
                none = value.shape == (0, 0)
                value = sp.csr_matrix((0, n) if none else value, dtype=float)
                value.sum_duplicates()
                value.eliminate_zeros()
            else:
                value = np.asarray(value, dtype=integers.get(f.name, float))
                value = value if value.ndim else np.full(n, value)
            object.__setattr__(self, f.name, value)
        self._check_sizes(n)
        self._check_cells()
        self._check_rows()

    def _check_sizes(self, n: int) -> None:
        rows = self.inegalites.shape[0]
        wanted: dict[str, tuple[int, ...]] = {f.name: (n,) for f in fields(self)}
        wanted |= {
            "relations": (self.relations.shape[0], n),
            "inegalites": (rows, n),
            "inegalites_bas": (rows,),
            "inegalites_haut": (rows,),
        }
        wrong = [k for k, shape in wanted.items() if getattr(self, k).shape != shape]
        if wrong:
            raise DisclosureError(
                "Le tableau à masquer a des vecteurs de tailles différentes",
                ou=", ".join(f"{k} : {getattr(self, k).shape}" for k in wrong),
                attendu=f"{n} cellules, comme les valeurs",
                faire="construire chaque vecteur sur la même liste de cellules",
            )

    def _check_cells(self) -> None:
        slack = TOLERANCE * (1 + np.abs(self.valeurs))
        faults = {
            "valeur absente ou infinie": ~np.isfinite(self.valeurs),
            "statut inconnu": ~np.isin(self.statuts, STATUTS),
            "valeur sous sa borne basse": ~(self.valeurs >= self.bas - slack),
            "valeur au-dessus de sa borne haute": ~(self.valeurs <= self.haut + slack),
            "coût nul, négatif ou absent": ~((self.couts > 0) & np.isfinite(self.couts)),
        }
        faults |= {
            f"{name} négative, infinie ou absente": ~(
                (getattr(self, name) >= 0) & np.isfinite(getattr(self, name))
            )
            for name in NO_PROTECTION
        }
        for what, where in faults.items():
            if where.any():
                raise DisclosureError(
                    f"Tableau à masquer : {what}",
                    ou=f"cellules {_named(np.flatnonzero(where))}",
                    attendu="des valeurs et des bornes connues, des protections d'au moins 0",
                    faire="corriger ces cellules avant de demander un masque",
                )

    def _check_rows(self) -> None:
        total = self.relations @ self.valeurs
        wrong = np.abs(total) > _slack(self.relations, self.valeurs)
        if wrong.any():
            rows = np.flatnonzero(wrong)
            raise DisclosureError(
                "Des relations du tableau à masquer ne tombent pas juste",
                ou=f"lignes {_named(rows)}",
                attendu=f"une somme nulle, à {TOLERANCE:g} près du plus grand terme",
                faire="retirer la relation, ou corriger les valeurs qu'elle relie",
            )
        total = self.inegalites @ self.valeurs
        slack = _slack(self.inegalites, self.valeurs)
        wrong = (total < self.inegalites_bas - slack) | (total > self.inegalites_haut + slack)
        if wrong.any():
            raise DisclosureError(
                "Des inégalités du tableau à masquer contredisent les valeurs",
                ou=f"lignes {_named(np.flatnonzero(wrong))}",
                attendu="inegalites_bas <= inegalites @ valeurs <= inegalites_haut",
                faire="vérifier l'arrondi du taux ou de l'évolution publiés",
            )

    @property
    def sensibles(self) -> np.ndarray:
        """(n,) bool: the cells that must be protected."""
        return (self.statuts == PRIMAIRE) | (self.statuts == VIRTUELLE)


def _slack(matrix: sp.csr_matrix, values: np.ndarray) -> np.ndarray:
    terms = abs(matrix).multiply(np.abs(values)[None, :]).tocsr()
    largest = terms.max(axis=1).toarray().ravel() if terms.shape[0] else np.zeros(0)
    return TOLERANCE * largest + 1e-9


def _named(indices: np.ndarray) -> str:
    shown = ", ".join(str(i) for i in indices[:NAMED_ROWS])
    more = len(indices) - NAMED_ROWS
    return shown + (f" et {more} autres" if more > 0 else "")


@dataclass(frozen=True)
class Masque:
    """What is not published, and what could not be protected. Vectors are over the n cells."""

    masquees: np.ndarray  #: (n,) bool: primary and secondary; never VIRTUELLE nor LIBRE
    secondaires: np.ndarray  #: (n,) bool: masked candidates
    non_protegees: np.ndarray  #: indices the engine could not protect: the caller must refuse
    methode: str  #: what really made the mask: `lp`, `gauss`, `exact`, or the fallback it took
    duree: float  #: seconds
    cout: float  #: sum of `couts` over `secondaires`
    optimal: bool = False  #: the cost is proved minimal (`exact` only)
    #: Cells whose protection was slid to the other side, because the bounds forbid one side.
    glissees: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    remarques: tuple[str, ...] = ()  #: in French: fallbacks taken and why
    durees: Mapping[str, float] = field(default_factory=dict)  #: seconds by step
