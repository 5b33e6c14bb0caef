"""Cells, relations and protections asked: what the masking engine takes, and the mask it gives."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import scipy.sparse as sp

from warehouse.errors import QpvError

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


@dataclass(frozen=True)
class Tableau:
    """n cells tied by m linear relations. Vectors have n entries; None takes the default said.

    `protection_*` and `largeur` speak of PRIMAIRE and VIRTUELLE cells only: a reader's interval
    must reach down to `valeurs - protection_basse`, up to `valeurs + protection_haute`, and be
    `largeur` wide. A side that the bounds forbid is slid to the other side. Units: those of
    `valeurs`. Raises QpvError when sizes, bounds or relations do not hold.
    """

    valeurs: np.ndarray
    relations: sp.csr_matrix  #: (m, n): relations @ valeurs == 0
    statuts: np.ndarray  #: int8, one of STATUTS
    bas: np.ndarray | None = None  #: what a reader knows a priori of each cell; default 0
    haut: np.ndarray | None = None  #: default: no limit
    protection_basse: np.ndarray | None = None  #: default 0
    protection_haute: np.ndarray | None = None  #: default 0
    largeur: np.ndarray | None = None  #: minimal width of the interval; default 0
    couts: np.ndarray | None = None  #: cost of masking a candidate, > 0; default 1
    contributeurs: np.ndarray | None = None  #: -1 unknown (default); 1 = an insider knows the value
    blocs: np.ndarray | None = None  #: labels that split the work; -1 none (default)
    #: Rates, evolutions, part <= total: inegalites_bas <= inegalites @ x <= inegalites_haut.
    inegalites: sp.csr_matrix | None = None
    inegalites_bas: np.ndarray | None = None
    inegalites_haut: np.ndarray | None = None

    def __post_init__(self) -> None:
        n = np.asarray(self.valeurs).size
        defaults = {
            "bas": np.zeros(n),
            "haut": np.full(n, np.inf),
            **{name: np.zeros(n) for name in NO_PROTECTION},
            "couts": np.ones(n),
            "contributeurs": np.full(n, -1),
            "blocs": np.full(n, -1),
            "inegalites": sp.csr_matrix((0, n)),
            "inegalites_bas": np.zeros(0),
            "inegalites_haut": np.zeros(0),
        }
        integers = {"statuts": np.int8, "contributeurs": np.int64, "blocs": np.int64}
        for f in fields(self):
            value = getattr(self, f.name)
            value = defaults[f.name] if value is None else value
            if sp.issparse(value):
                value = sp.csr_matrix(value, dtype=float)
                value.sum_duplicates()
                value.eliminate_zeros()
            else:
                value = np.asarray(value, dtype=integers.get(f.name, float))
            object.__setattr__(self, f.name, value)
        self._check_sizes(n)
        self._check_cells()
        self._check_rows()

    def _check_sizes(self, n: int) -> None:
        rows = self.inegalites.shape[0]
        wanted = {f.name: (n,) for f in fields(self)}
        wanted |= {
            "relations": (self.relations.shape[0], n),
            "inegalites": (rows, n),
            "inegalites_bas": (rows,),
            "inegalites_haut": (rows,),
        }
        wrong = [k for k, shape in wanted.items() if getattr(self, k).shape != shape]
        if wrong:
            raise QpvError(
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
                raise QpvError(
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
            raise QpvError(
                "Des relations du tableau à masquer ne tombent pas juste",
                ou=f"lignes {_named(rows)}",
                attendu=f"une somme nulle, à {TOLERANCE:g} près du plus grand terme",
                faire="retirer la relation, ou corriger les valeurs qu'elle relie",
            )
        total = self.inegalites @ self.valeurs
        slack = _slack(self.inegalites, self.valeurs)
        wrong = (total < self.inegalites_bas - slack) | (total > self.inegalites_haut + slack)
        if wrong.any():
            raise QpvError(
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
