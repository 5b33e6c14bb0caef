"""The registry's rules of secrecy as rows: one per mesure of each block. Judges nothing."""

from __future__ import annotations

from ingest.registry import Registry


def secret_rows(registry: Registry) -> list[dict]:
    """Rows of `warehouse.loading.SECRETS_SCHEMA`, of every source of the registry."""
    rows = []
    for source in registry.sources.values():
        for name, bloc in source.blocs.items():
            regle = registry.secret_of(source.id, name)
            common = {
                "source_id": source.id,
                "bloc": name,
                "acces": source.acces,
                "regle": bloc.secret,
                "seuil": regle.seuil,
                "base_mesure": regle.base and regle.base.mesure,
                "base_effectif": regle.base and regle.base.effectif,
                "zeros": regle.zeros,
            }
            types = {c.mesure: c.type for c in bloc.colonnes}
            rows += [common | {"mesure": m, "type": t} for m, t in types.items()]
    return rows
