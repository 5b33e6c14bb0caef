"""Secrecy as blocking checks: before the draft, is the mask sound; on the draft, does it hold?

No rule is here: they are in `quality.secrecy` and `quality.audit`.
"""

import dagster as dg

from orchestration.console import say
from orchestration.defs.asset_keys import PLAUSIBILITE_KEY, part_key, table_key
from orchestration.defs.door_results import recorded
from orchestration.defs.refused_steps import refusable
from orchestration.defs.resources import Reglages
from orchestration.partitions import REGISTRY
from quality.disclosure.audit.verdict import Constat
from quality.expectations import DoorResult
from quality.secrecy.edition.gates import secrecy_faults
from quality.secrecy.landed_access import unmasked_files
from quality.secrecy.landed_ties import landed_ties
from quality.secrecy.release.release_attack import audit_release
from quality.secrecy.release.source_rules import ReglesDesSources, RegleSource
from warehouse.declared.sommes import somme_rows
from warehouse.publication.parts import DESCRIPTEURS
from warehouse.release.build_database import open_build
from warehouse.release.promotion import current_draft, standing_releases, withdrawn_data

_REVISED = """
select code_territoire, perimetre, mesure, periode from intermediate.int_masques where revisee
"""


@dg.asset_check(
    asset=PLAUSIBILITE_KEY,
    name="porte_secret",
    blocking=True,
    description="Rien de trop masqué, rien qui ne puisse l'être.",
)
@refusable
def secrecy_door(reglages: Reglages) -> dg.AssetCheckResult:
    """A table that would lose too much, or that nothing can protect, does not leave."""
    with open_build(reglages.layout.warehouse_db) as con:
        faults = secrecy_faults(con)
    return recorded("porte_secret", DoorResult(3, faults), reglages)


@dg.asset_check(
    asset=table_key("landing", "mesures"),
    name="porte_sommes",
    blocking=True,
    description="Un effectif qui est la somme d'autres est déclaré : masques et audit le savent.",
)
@refusable
def sums_door(reglages: Reglages) -> dg.AssetCheckResult:
    """A tie that a file of all quarters shows and that nobody declares is a hole in every mask."""
    with open_build(reglages.layout.warehouse_db) as con:
        found = landed_ties(con, somme_rows(REGISTRY.sommes))
    for told in found.ecarts:
        say(f"Somme qui ne tombe pas juste : {told}")
    return recorded("porte_sommes", DoorResult(found.fichiers, found.fautes), reglages)


@dg.asset_check(
    asset=table_key("landing", "mesures"),
    name="porte_acces",
    blocking=True,
    description="Un fichier dit public n'a pas d'effectif que son producteur masquerait.",
)
@refusable
def access_door(reglages: Reglages) -> dg.AssetCheckResult:
    """One word, `acces: publique`, turns masks off: its counts must bear it out."""
    with open_build(reglages.layout.warehouse_db) as con:
        looked_at, faults = unmasked_files(con)
    return recorded("porte_acces", DoorResult(looked_at, faults), reglages)


@dg.asset_check(
    asset=part_key(DESCRIPTEURS),
    name="audit_secret",
    blocking=True,
    description="Avec tout ce qui est publié, personne ne retrouve ce qui est masqué.",
)
@refusable
def secrecy_audit(reglages: Reglages) -> dg.AssetCheckResult:
    """The attack of a reader who has this draft and every release that stands."""
    layout = reglages.layout
    with open_build(layout.warehouse_db) as con:
        revised = con.execute(_REVISED).fetchall()
    found = audit_release(
        current_draft(layout).path,
        audit_rules(),
        standing_releases(layout),
        sommes=somme_rows(REGISTRY.sommes),
        retirees=withdrawn_data(layout),
        revisees=revised,
    )
    say(
        f"Audit du secret : {found.cases} cases masquées, {len(found.exposes)} retrouvées, "
        f"{len(found.informations)} déjà données par leurs producteurs"
    )
    return recorded(
        "audit_secret", DoorResult(found.cases, [*map(_words, found.exposes)]), reglages
    )


def audit_rules() -> ReglesDesSources:
    """The registry's rules as the auditor takes them: of each source that came unmasked."""
    sources = {}
    for source in REGISTRY.sources.values():
        seuils: dict[str, float] = {
            colonne.mesure: seuil
            for name, bloc in source.blocs.items()
            for colonne in bloc.colonnes
            if (seuil := REGISTRY.secret_of(source.id, name).seuil_de(colonne.mesure)) is not None
        }
        if seuils and source.acces != "publique":
            rules = [REGISTRY.secret_of(source.id, name) for name in source.blocs]
            sources[source.id] = RegleSource(
                nature=source.acces,
                seuils=seuils,
                zeros_montres=all(rule.zeros == "publiables" for rule in rules),
            )
    return ReglesDesSources(sources=sources)


def _words(constat: Constat) -> str:
    """One exposed cell and what gives it; not the interval, which is what must not be known."""
    means = ", ".join(constat.relations[:3]) or constat.initie or constat.moyen
    return f"{constat.nom} : un lecteur en sait trop (exigé : {constat.exige}), par {means}"
