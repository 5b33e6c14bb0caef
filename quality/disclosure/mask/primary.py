"""Primary rules, and the protection each asks for. Pure functions of vectors.

Sources of the rules: Insee, manuel de protection des tableaux (minimum count, dominance); τ-Argus
manual (p %, protection levels); safeguard of Statistics Norway for counts. See docs/secret.md.
"""

from __future__ import annotations

import numpy as np

COUNT_WIDTH = 2.0  #: the least width of the interval of a count


def primaire_effectif(effectifs: np.ndarray, seuil: float | np.ndarray) -> np.ndarray:
    """0 < count < threshold. An empty cell is not primary: see `bornes_effectif` for zeros."""
    effectifs = np.asarray(effectifs)
    return (effectifs > 0) & (effectifs < seuil)


def primaire_dominance(plus_grands: np.ndarray, totaux: np.ndarray, k: float) -> np.ndarray:
    """(n,k) rule: the n largest contributors, columns of `plus_grands`, exceed k % of the total."""
    largest = np.asarray(plus_grands, dtype=float)
    largest = largest if largest.ndim == 1 else largest.sum(axis=1)
    return largest > k / 100 * np.asarray(totaux)


def primaire_p_pourcent(
    premier: np.ndarray, second: np.ndarray, totaux: np.ndarray, p: float
) -> np.ndarray:
    """p % rule: the second contributor knows the first one to less than p %."""
    rest = np.asarray(totaux) - premier - second
    return (np.asarray(premier) > 0) & (rest < p / 100 * np.asarray(premier))


def bornes_effectif(
    effectifs: np.ndarray, zeros_montres: bool, plafond: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(lower, upper) bounds that readers have: if zeros are all shown, what is masked is >= 1."""
    effectifs = np.asarray(effectifs, dtype=float)
    low = np.minimum(effectifs, 1.0) if zeros_montres else np.zeros(effectifs.size)
    return low, np.maximum(np.broadcast_to(plafond, effectifs.shape), effectifs).astype(float)


def protection_effectif(
    effectifs: np.ndarray, seuil: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(below, above, width): readers cannot prove the count to be under the threshold."""
    effectifs = np.asarray(effectifs, dtype=float)
    above = np.maximum(seuil - effectifs, 0)
    return np.zeros(effectifs.size), above, np.full(effectifs.size, COUNT_WIDTH)


def protection_montant(
    montants: np.ndarray, part: float = 0.10, plancher: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(below, above, width): `part` of the amount on each side (manual range of τ-Argus).

    `plancher`: least width. Without it an amount of 0 asks for nothing, and may be found out.
    """
    side = part * np.abs(np.asarray(montants, dtype=float))
    return side, side, np.maximum(2 * side, plancher)
