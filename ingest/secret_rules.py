"""The registry's rules of secrecy as rows: per mesure, per block of an edition. Judges nothing."""

from __future__ import annotations

from collections.abc import Collection

from ingest.registry import Registry
from warehouse.declared.dictionary import Edition
from warehouse.declared.secret import Regle


def secret_rows(registry: Registry) -> list[dict]:
    """Rows of `warehouse.release.loading.SECRETS_SCHEMA`, of every source of the registry."""
    rows = []
    for source in registry.sources.values():
        for name, bloc in source.blocs.items():
            regle = registry.secret_of(source.id, name)
            common = {
                "source_id": source.id,
                "bloc": name,
                "acces": source.acces,
                "regle": registry.secret_name_of(source.id, name),
                "base_mesure": regle.base and regle.base.mesure,
                "base_effectif": regle.base and regle.base.effectif,
                "zeros": regle.zeros,
            }
            types = {c.mesure: c.type for c in bloc.colonnes}
            for mesure, kind in types.items():
                seuil = regle.seuil_de(mesure)
                rows.append(
                    common
                    | {
                        "mesure": mesure,
                        "type": kind,
                        "seuil": seuil,
                        "plancher": seuil and (regle.constate or seuil),
                    }
                )
    return rows


def edition_rules(edition: Edition, registry: Registry) -> list[dict]:
    """One row per block of an edition: bloc, acces, regle, seuil, document, confirme, non_juge."""
    rows = []
    for bloc in edition.blocs:
        source = registry[bloc.source_id]
        regle = registry.secret_of(bloc.source_id, bloc.nom)
        kinds = {column.type for column in source.blocs[bloc.nom].colonnes}
        rows.append(
            {
                "bloc": bloc.bloc,
                "acces": source.acces,
                "regle": registry.secret_name_of(bloc.source_id, bloc.nom),
                "seuil": regle.seuil,
                "document": regle.document,
                "confirme": regle.confirme,
                "non_juge": [] if source.acces == "publique" else _not_judged(regle, kinds),
            }
        )
    return rows


def _not_judged(regle: Regle, kinds: Collection[str]) -> list[str]:
    """What masks and audit leave to whoever signs, of figures that came unmasked."""
    found, others = [], {*kinds} - {"effectif"}
    if "effectif" in kinds:
        found.append("groupe entier : une part de 0 % ou de 100 % dit le trait de chacun")
    if regle.dominance:
        n, k = regle.dominance.n, regle.dominance.k
        found.append(f"dominance : si {n} unité fait plus de {k:g} %, faute des unités")
    elif others:
        found.append("dominance et règle du p % des montants et des taux, faute des unités")
    if others:
        found.append("effectifs bruts derrière des chiffres pondérés")
    return found
