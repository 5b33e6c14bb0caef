"""From landed Parquet and declared truths to the tables that dbt reads. Changes no value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from warehouse.declared.definition_bounds import indicator_bounds
from warehouse.declared.dictionary import Dictionary, Edition, Indicateur, Rapprochement
from warehouse.declared.indicator_periods import indicator_periods
from warehouse.domain.types_territoire import types_territoire
from warehouse.release.build_database import fresh_build
from warehouse.release.domain_tables import domain_tables
from warehouse.release.ducklake import Lac

_TEXT = pa.string()
#: The denominator of an indicator with `den_ensemble`, as its formula names it.
TOTAL_ENSEMBLE = "total des QPV de l'EPCI"
RAPPROCHEMENTS_SCHEMA = pa.schema(
    [
        ("code_indicateur", _TEXT),
        ("code_base", _TEXT),
        ("ordre", pa.int32()),
        ("reference", _TEXT),
        ("par", _TEXT),
    ]
)
COMPARABILITES_SCHEMA = pa.schema(
    [
        ("code_indicateur", _TEXT),
        ("type_territoire", _TEXT),
        ("relation", _TEXT),
        ("periode", _TEXT),
        ("periode_comparaison", _TEXT),
        ("verdict", _TEXT),
        ("motif", _TEXT),
        ("regle", _TEXT),
        ("document", _TEXT),
    ]
)
#: The communes that a figure of a quarter is about, as its file says; `tout`: the mesure of which
#: it is a part.
COMMUNES_SCHEMA = pa.schema(
    [
        ("code_territoire", _TEXT),
        ("mesure", _TEXT),
        ("tout", _TEXT),
        ("periode", _TEXT),
        ("source_id", _TEXT),
        ("millesime", _TEXT),
        ("commune", _TEXT),
        ("nom", _TEXT),
    ]
)
#: Figures of one quarter that are not about the same communes at both dates, by indicator.
COMMUNES_CHANGEES_SCHEMA = pa.schema(
    [
        ("code_territoire", _TEXT),
        ("code_indicateur", _TEXT),
        ("periode", _TEXT),
        ("periode_comparaison", _TEXT),
        ("motif", _TEXT),
        ("regle", _TEXT),
        ("document", _TEXT),
    ]
)
#: The edition that is built.
PARAMETRES_SCHEMA = pa.schema(
    [(name, _TEXT) for name in ("id", "titre", "perimetre", "composition")]
)
PLAN_SCHEMA = pa.schema(
    [
        ("mesure", _TEXT),
        ("choix", _TEXT),
        ("periode", _TEXT),
        ("periode_debut", pa.date32()),
        ("periode_fin", pa.date32()),
        ("source_id", _TEXT),
        ("millesime", _TEXT),
        ("bloc", _TEXT),
        ("producteur", _TEXT),
        ("citation", _TEXT),
        ("rang", pa.int32()),
        ("vaut_pour_annees", pa.int32()),
        ("geographie", _TEXT),
        ("se_somme", pa.bool_()),
        ("couvre", _TEXT),
        ("etat", _TEXT),
        ("motif", _TEXT),
    ]
)
#: An indicator at a period, what the edition chose it for, and where its figures come from.
PERIODES_SCHEMA = pa.schema(
    [
        ("code_indicateur", _TEXT),
        ("periode", _TEXT),
        ("choix", _TEXT),
        ("periode_debut", pa.date32()),
        ("periode_fin", pa.date32()),
        ("citation", _TEXT),
        ("producteur", _TEXT),
        ("source_id", _TEXT),
        ("millesime", _TEXT),
        ("etat", _TEXT),
    ]
)
#: A term of its formula at that period; `periode_terme`: that of the term's own figures.
TERMES_PAR_PERIODE_SCHEMA = pa.schema(
    [
        ("code_indicateur", _TEXT),
        ("periode", _TEXT),
        ("choix", _TEXT),
        ("est_entier", pa.bool_()),
        ("cote", _TEXT),
        ("terme", _TEXT),
        ("coefficient", pa.float64()),
        ("ordre", pa.int32()),
        ("periode_terme", _TEXT),
        ("reserve", _TEXT),
    ]
)
#: An indicator that it sets side by side, at its own period.
BASES_PAR_PERIODE_SCHEMA = pa.schema(
    [
        ("code_indicateur", _TEXT),
        ("periode", _TEXT),
        ("code_base", _TEXT),
        ("ordre", pa.int32()),
        ("periode_base", _TEXT),
    ]
)
#: What each mesure of each block is under secrecy: `acces` of its source, and its rule.
SECRETS_SCHEMA = pa.schema(
    [
        ("source_id", _TEXT),
        ("bloc", _TEXT),
        ("mesure", _TEXT),
        ("type", _TEXT),
        ("acces", _TEXT),
        ("regle", _TEXT),
        ("seuil", pa.int32()),
        ("plancher", pa.int32()),  # under which a producer that masks shows no count
        ("base_mesure", _TEXT),
        ("base_effectif", pa.int32()),
        ("zeros", _TEXT),
    ]
)
#: What earlier releases show or hide of the mesures under secrecy; `etat`: diffuse, secret, or
#: retire where one that was withdrawn showed it. A row per value that was shown.
PUBLICATIONS_SCHEMA = pa.schema(
    [
        ("code_territoire", _TEXT),
        ("perimetre", _TEXT),
        ("mesure", _TEXT),
        ("periode", _TEXT),
        ("etat", _TEXT),
        ("valeur", pa.float64()),
    ]
)
#: The divisions of each section of each nomenclature of activities that is counted.
NOMENCLATURES_SCHEMA = pa.schema(
    [
        ("nomenclature", _TEXT),
        ("titre", _TEXT),
        ("suffixe", _TEXT),
        ("section", _TEXT),
        ("division", _TEXT),
        ("melange_tolere", pa.float64()),
    ]
)
#: Counts that are the sum of others, or hold them.
SOMMES_SCHEMA = pa.schema(
    [
        ("somme", pa.int32()),
        ("bloc", _TEXT),
        ("terme", _TEXT),
        ("coefficient", pa.float64()),
        ("reste", pa.bool_()),
        ("marge", pa.float64()),
    ]
)
#: Codes of an earlier list of QPV, and those in their place; `nature`: ancien or remplacant.
ANCIENS_CODES_SCHEMA = pa.schema(
    [
        ("code_qpv", _TEXT),
        ("perimetre", _TEXT),
        ("groupe", pa.int32()),
        ("nature", _TEXT),
        ("territoire", _TEXT),
        ("motif", _TEXT),
    ]
)
FICHIERS_SCHEMA = pa.schema(
    [
        ("source_id", _TEXT),
        ("millesime", _TEXT),
        ("titre", _TEXT),
        ("producteur", _TEXT),
        ("page", _TEXT),
        ("licence", _TEXT),
        ("confiance", _TEXT),
        ("remarque", _TEXT),
        ("fichier", _TEXT),
        ("sha256", _TEXT),
        ("etat", _TEXT),
        ("periodes", _TEXT),
        ("niveaux_jamais_lus", _TEXT),
    ]
)


def declared_tables(
    dictionary: Dictionary,
    edition: Edition,
    *,
    plan: list[dict],
    fichiers: list[dict],
    comparabilites: list[dict],
    ensembles_complets: Iterable[str],
    secrets: list[dict],
    sommes: list[dict],
    publications: list[dict],
    nomenclatures: list[dict],
    communes: Iterable[dict] = (),
    communes_changees: Iterable[dict] = (),
    anciens_codes: Iterable[dict] = (),
) -> dict[str, pa.Table]:
    """The declared truths as tables: edition, plan, indicators and what they are made of, files,
    and the nouns of the domain."""
    indicateurs: list[dict] = []
    termes, rapprochements = [], []
    limites = indicator_bounds(dictionary)
    for rubrique in dictionary.rubriques:
        for code, i in rubrique.indicateurs.items():
            indicateurs.append(
                {
                    "code_indicateur": code,
                    "ordre": len(indicateurs),
                    "rubrique": rubrique.rubrique,
                    "theme": rubrique.theme,
                    "libelle": i.libelle,
                    "unite": i.unite,
                    "type": i.type,
                    "minimum": limites[code][0],
                    "maximum": limites[code][1],
                    "arrondi": i.arrondi,
                    "definition": i.definition,
                    "lecture": i.lecture,
                    "agregation": i.agregation,
                    "sens": i.sens,
                    "structure": i.structure,
                    "facteur": float(i.facteur),
                    "den_ensemble": i.den_ensemble,
                    "formule": formula_text(i),
                    "publier": i.publier,
                }
            )
            if i.rapprochement:
                rapprochements += [
                    {
                        "code_indicateur": code,
                        "code_base": base,
                        "ordre": ordre,
                        "reference": i.rapprochement.a,
                        "par": i.rapprochement.par,
                    }
                    for ordre, base in enumerate(i.rapprochement.indicateurs)
                ]
            sides = [("publiee", {i.publiee: 1.0} if i.publiee else {}), ("num", i.num)]
            rank = 0
            for cote, terms in [*sides, ("den", i.den)]:
                for terme, coefficient in terms.items():
                    termes.append(
                        {
                            "code_indicateur": code,
                            "cote": cote,
                            "terme": terme,
                            "coefficient": float(coefficient),
                            "ordre": rank,
                        }
                    )
                    rank += 1
    dated = indicator_periods(dictionary, plan)
    parametres = [{name: getattr(edition, name) for name in PARAMETRES_SCHEMA.names}]
    complets = pa.table({"code_ensemble": pa.array(list(ensembles_complets), _TEXT)})
    return {
        "parametres": pa.Table.from_pylist(parametres, schema=PARAMETRES_SCHEMA),
        "plan": pa.Table.from_pylist(plan, schema=PLAN_SCHEMA),
        "periodes_indicateurs": pa.Table.from_pylist(dated.periodes, schema=PERIODES_SCHEMA),
        "termes_par_periode": pa.Table.from_pylist(dated.termes, schema=TERMES_PAR_PERIODE_SCHEMA),
        "bases_par_periode": pa.Table.from_pylist(dated.bases, schema=BASES_PAR_PERIODE_SCHEMA),
        "indicateurs": pa.Table.from_pylist(indicateurs),
        "termes": pa.Table.from_pylist(termes),
        "rapprochements": pa.Table.from_pylist(rapprochements, schema=RAPPROCHEMENTS_SCHEMA),
        "comparabilites": pa.Table.from_pylist(comparabilites, schema=COMPARABILITES_SCHEMA),
        "communes": pa.Table.from_pylist(list(communes), schema=COMMUNES_SCHEMA),
        "communes_changees": pa.Table.from_pylist(
            list(communes_changees), schema=COMMUNES_CHANGEES_SCHEMA
        ),
        "ensembles_complets": complets,
        "secrets": pa.Table.from_pylist(secrets, schema=SECRETS_SCHEMA),
        "sommes": pa.Table.from_pylist(sommes, schema=SOMMES_SCHEMA),
        "publications": pa.Table.from_pylist(publications, schema=PUBLICATIONS_SCHEMA),
        "nomenclatures": pa.Table.from_pylist(nomenclatures, schema=NOMENCLATURES_SCHEMA),
        "anciens_codes": pa.Table.from_pylist(list(anciens_codes), schema=ANCIENS_CODES_SCHEMA),
        "fichiers": pa.Table.from_pylist(fichiers, schema=FICHIERS_SCHEMA),
        **domain_tables(),
    }


def formula_text(indicateur: Indicateur) -> str:
    """A formula as a reader writes it: `100 × (a + b) / c`, or `a - a (son EPCI)`."""
    if indicateur.rapprochement:
        return _rapprochement_text(indicateur.rapprochement)

    def side(terms: Mapping[str, float]) -> str:
        text = ""
        for name, coefficient in terms.items():
            sign = " - " if coefficient < 0 else " + "
            size = "" if abs(coefficient) == 1 else f"{abs(coefficient):g} × "
            text += (sign if text or coefficient < 0 else "") + size + name
        return f"({text.strip()})" if len(terms) > 1 else text.strip()

    text = side(indicateur.num)
    if indicateur.den:
        text += f" / {side(indicateur.den)}"
    elif indicateur.den_ensemble:
        text += f" / {TOTAL_ENSEMBLE}"
    return text if indicateur.facteur == 1 else f"{indicateur.facteur:g} × {text}"


def _rapprochement_text(rapprochement: Rapprochement) -> str:
    place = types_territoire()[rapprochement.a].en_reference
    if rapprochement.par == "ecart":
        [base] = rapprochement.indicateurs
        return f"{base} - {base} ({place})"
    gaps = [f"({base} / {base} ({place}) - 1)" for base in rapprochement.indicateurs]
    if len(gaps) == 1:
        return f"100 × {gaps[0]}"
    return f"100 × ({' + '.join(gaps)}) / {len(gaps)}"


def load_warehouse(
    database: Path,
    *,
    landed: Mapping[str, tuple[pa.Schema, list[Path]]],
    declared: Mapping[str, pa.Table],
    geometrie: Mapping[str, pa.Table],
    views: Mapping[str, str] | None = None,
    workshops: Lac | None = None,
) -> dict[str, int]:
    """A fresh database: schemas `landing`, `edition`, `geometrie`; rows by landed table.

    Args:
        landed: table → its schema once landed and the Parquet files that the edition names.
        declared: tables of schema `edition`.
        geometrie: areas, overlaps and sides, computed from landed outlines.
        views: table → the query that reads it where it lies (files of units, never copied).
        workshops: where the database is made, if not in a file.
    """
    rows = {}
    with fresh_build(database, workshops, declared["parametres"]["id"][0].as_py()) as con:
        con.execute("create schema landing; create schema edition; create schema geometrie")
        for name, (schema, paths) in landed.items():
            empty = schema.empty_table()
            con.register("empty_table", empty)
            con.execute(f'create table landing."{name}" as select * from empty_table')
            con.unregister("empty_table")
            if paths:
                con.execute(
                    f'insert into landing."{name}" by name select * from read_parquet($1)',
                    [[str(p) for p in paths]],
                )
            [[rows[name]]] = con.execute(f'select count(*) from landing."{name}"').fetchall()
        for name, query in (views or {}).items():
            con.execute(f'create view landing."{name}" as {query}')
        for schema, tables in (("edition", declared), ("geometrie", geometrie)):
            for name, table in tables.items():
                con.register("given_table", table)
                con.execute(f'create table {schema}."{name}" as select * from given_table')
                con.unregister("given_table")
    return rows
