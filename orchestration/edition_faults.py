"""Every fault of an edition at once, and what its build will say: reads declarations only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingest.plan import chosen_files, holders, needed_files, supplies
from ingest.registry import Registry
from orchestration.edition_by_rule import by_rule, chosen_by_rule
from quality.period_judgement import Couple, judge
from warehouse.base.errors import QpvError
from warehouse.base.layout import EDITIONS_DIR
from warehouse.base.strict import FormFault, load_yaml
from warehouse.declared.comparability import Fourniture
from warehouse.declared.dictionary import CHOIX, Edition


@dataclass
class EditionVerdict:
    """What is wrong with an edition, and what it would do.

    `fautes`: what a build would refuse. `dits`: comparisons that the rules forbid, periods chosen
    by rule, files whose header nobody read.
    """

    id: str
    fautes: list[str] = field(default_factory=list)
    dits: list[str] = field(default_factory=list)
    fichiers: int = 0


def verify_edition(
    edition_id: str, registry: Registry, folder: Path = EDITIONS_DIR
) -> EditionVerdict:
    """All that can be said of an edition before a file is read.

    Raises:
        QpvError: there is no such edition, or it is no YAML.
    """
    path = folder / f"{edition_id}.yml"
    verdict = EditionVerdict(edition_id)
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.yml")))
        raise QpvError(f"l'édition {edition_id!r} n'existe pas", ou=folder.name, attendu=known)
    try:
        edition = load_yaml(path, Edition)
    except FormFault as fault:
        verdict.fautes += [f"clé {key or '(racine)'} : {said}" for key, said in fault.fautes]
        return verdict
    if edition.id != path.stem:
        verdict.fautes.append(f"clé id : le fichier se nomme {path.name}, l'édition {edition.id}")
    verdict.fautes += _of_references(edition, registry)
    sound = [bloc for bloc in edition.blocs if not _told(edition, bloc.bloc, registry, verdict)]
    if not sound:
        return verdict
    kept = edition.model_copy(
        update={
            "blocs": sound,
            "references": {
                s: [m for m in known if m in registry[s].millesimes]
                for s, known in edition.references.items()
                if s in registry.sources
            },
        }
    )
    done = by_rule(kept, registry)
    verdict.dits += chosen_by_rule(kept, done)
    verdict.dits += _forbidden(done, registry)
    verdict.dits += [
        f"{source} {millesime} : en-têtes jamais lus, à comparer à leur premier fichier"
        for source, millesime in chosen_files(done, registry)
        if registry[source].is_unseen(millesime)
    ]
    verdict.fichiers = len(needed_files(done, registry))
    return verdict


def _of_references(edition: Edition, registry: Registry) -> Iterator[str]:
    for source_id, millesimes in edition.references.items():
        source = registry.sources.get(source_id)
        if source is None:
            yield f"clé references.{source_id} : la source n'est pas au registre"
            continue
        for millesime in millesimes:
            if millesime not in source.millesimes:
                there = ", ".join(source.millesimes)
                yield (
                    f"clé references.{source_id} : millésime inconnu {millesime} (au registre : "
                    f"{there})"
                )
    compositions = edition.references.get("insee_epci", [])
    if edition.composition and compositions and edition.composition not in compositions:
        yield (
            f"clé composition : {edition.composition} n'est pas parmi les compositions lues "
            f"({', '.join(compositions)})"
        )


def _told(edition: Edition, bloc: str, registry: Registry, verdict: EditionVerdict) -> bool:
    """Whether a block alone is refused; its fault is then told."""
    index = [one.bloc for one in edition.blocs].index(bloc)
    alone = edition.model_copy(update={"blocs": [edition.blocs[index]], "references": {}})
    try:
        holders(by_rule(alone, registry), registry)
    except QpvError as error:
        expected = f" (attendu : {error.attendu})" if error.attendu else ""
        verdict.fautes.append(f"clé blocs.{index} : {error.quoi}{expected}")
        return True
    return False


def _forbidden(edition: Edition, registry: Registry) -> Iterator[str]:
    """Comparisons that the edition asks for and that the rules forbid for every quarter."""
    given = supplies(edition, registry)
    for bloc in edition.blocs:
        if not (bloc.periode and bloc.comparaison):
            continue
        own = [one for one in given if one.bloc == bloc.bloc and one.choix in CHOIX]
        before = {one.mesure: one for one in own if one.periode == bloc.comparaison}
        judged = [
            judge([Couple(one, before[one.mesure])], "qpv")
            for one in _of(own, bloc.periode)
            if one.mesure in before
        ]
        if judged and all(one.verdict == "non_comparable" for one in judged):
            yield (
                f"{bloc.bloc} : {bloc.comparaison} et {bloc.periode} ne se comparent pas, "
                f"{judged[0].motif}"
            )


def _of(given: list[Fourniture], periode: str) -> Iterator[Fourniture]:
    return (one for one in given if one.periode == periode)
