"""The registry's rules of secrecy as rows: per mesure, per block of an edition. Judges nothing."""

from __future__ import annotations

from ingest.registry import Registry
from warehouse.declared.dictionary import Edition


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
    """One row per block of an edition: bloc, acces, regle, seuil, document, confirme."""
    rows = []
    for bloc in edition.blocs:
        source = registry[bloc.source_id]
        regle = registry.secret_of(bloc.source_id, bloc.nom)
        rows.append(
            {
                "bloc": bloc.bloc,
                "acces": source.acces,
                "regle": registry.secret_name_of(bloc.source_id, bloc.nom),
                "seuil": regle.seuil,
                "document": regle.document,
                "confirme": regle.confirme,
            }
        )
    return rows
