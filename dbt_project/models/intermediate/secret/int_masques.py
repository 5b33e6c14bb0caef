"""One row per cell under judgement, of territories and of sets: may it be published?"""


def model(dbt, session):
    """A table of `SCHEMA` of `edition_mask`; empty where every source is public."""
    from quality.disclosure.kept import mask_until_kept
    from quality.secrecy.edition.edition_mask import masques

    dbt.config(materialized="table")
    cellules = dbt.ref("int_cellules_secretes")
    blancs = dbt.ref("int_cellules_blanches")
    termes = dbt.ref("stg_edition__termes")
    indicateurs = dbt.ref("stg_edition__indicateurs")
    ensembles = dbt.ref("int_ensembles")
    secrets = dbt.ref("stg_edition__secrets")
    sommes = dbt.ref("stg_edition__sommes")
    publications = dbt.ref("stg_edition__publications")
    recouvrements = dbt.ref("stg_geometrie__recouvrements")
    logements = dbt.ref("int_rpls__ecarts")
    etablissements = dbt.ref("int_sirene__ecarts")

    return masques(
        _rows(cellules),
        par=mask_until_kept,
        termes=_rows(termes),
        indicateurs=_rows(indicateurs),
        ensembles=_rows(ensembles.filter("est_complet")),
        secrets=_rows(secrets),
        sommes=_rows(sommes),
        publications=_rows(publications),
        recouvrements=_rows(recouvrements),
        ecarts=[*_rows(logements), *_rows(etablissements)],
        blancs=_rows(blancs),
    )


def _rows(relation):
    return relation.to_arrow_table().to_pylist()
