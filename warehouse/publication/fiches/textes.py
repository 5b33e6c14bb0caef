"""Fixed French wording of the fiches: statuts, producers, key figures. No computation."""

from __future__ import annotations

#: statut → (short name, what it means), in the order in which the fiche explains them.
STATUTS: dict[str, tuple[str, str]] = {
    "diffuse": (
        "diffusé",
        "la valeur est publiée ; un 0 imprimé est une valeur, non une absence.",
    ),
    "secret_producteur": (
        "secret du producteur",
        "le producteur a laissé la case vide (secret statistique ou précision insuffisante).",
    ),
    "secret": (
        "secret statistique",
        "masqué avant publication pour que personne ne puisse retrouver un petit effectif.",
    ),
    "non_diffuse": (
        "non diffusé",
        "le producteur signale qu'il ne diffuse pas ses données sur ce territoire.",
    ),
    "non_disponible": (
        "non disponible",
        "les fichiers lus pour cette édition ne portent pas ce chiffre.",
    ),
    "hors_champ": ("hors champ", "la source ne couvre pas ce territoire."),
    "non_comparable": (
        "non comparable",
        "une règle de comparabilité interdit de rapprocher les deux périodes ; elle est dite.",
    ),
    "sans_objet": ("sans objet", "le chiffre n'a pas de sens pour ce territoire."),
}

#: Printed in place of a missing value: `s` where we masked it, `nd` for every other reason.
ND, SECRET = "nd", "s"


def signe_de(statut: str) -> str:
    """What stands for a missing figure: one sign for our masks, one for every other reason."""
    return SECRET if statut == "secret" else ND


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

_PRODUCTEURS = {
    "anct": "ANCT",
    "cnaf": "Cnaf",
    "cnam": "Cnam",
    "dares": "Dares",
    "depp": "Depp",
    "dgfip": "DGFiP",
    "epci": "Intercommunalité",
    "etalab": "Etalab",
    "france_travail": "France Travail",
    "insee": "Insee",
    "observatoire": "Observatoire",
    "sdes": "SDES",
    "tiers": "un tiers",
}


def producteur(code: str) -> str:
    """The name that a producer gives itself, or the registry's code when unknown."""
    return _PRODUCTEURS.get(code, code)


def motif_par_defaut(statut: str) -> str:
    """What a missing cell says when no motif came with its statut."""
    return STATUTS[statut][1].rstrip(".") if statut in STATUTS else f"statut « {statut} »"
