"""Fixed French wording of the fiches: statuts, key figures. No computation."""

from __future__ import annotations

from warehouse.domain.statuts import signe_de, statuts

#: statut → (short name, what it means), in the order in which the fiche explains them.
STATUTS: dict[str, tuple[str, str]] = {c: (one.libelle, one.sens) for c, one in statuts().items()}
#: The signs that the legend explains: a figure that we masked, one that is missing otherwise.
SECRET, ND = (signe_de(statut) for statut in ("secret", "non_disponible"))

SANS_LIGNE = "aucun chiffre pour ce territoire dans les sources de l'édition"
SANS_SOURCE = "l'édition n'a pas de source pour cet indicateur"
SANS_COMPARAISON = "l'édition ne donne pas de période de comparaison pour cet indicateur"
ILLISIBLE = "la valeur livrée n'est pas un nombre"
BASE_NULLE = "évolution sans objet : valeur de départ nulle, ou grandeur qui ne s'y prête pas"

#: Indicators offered as key figures, in this order; the first six that are diffuse are shown.
CHIFFRES_CLES = (
    "population_municipale",
    "taux_pauvrete",
    "revenu_median",
    "nb_defm_abc",
    "taux_emploi_15_64_ans",
    "taux_couverture_minima_sociaux",
    "taux_c2s",
    "part_monoparentales_familles_caf",
    "indice_jeunesse",
    "nb_logements_sociaux",
    "superficie",
)
NB_CHIFFRES_CLES = 6


def motif_par_defaut(statut: str) -> str:
    """What a missing cell says when no motif came with its statut."""
    return STATUTS[statut][1].rstrip(".") if statut in STATUTS else f"statut « {statut} »"
