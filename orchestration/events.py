"""What happened, as the message that people get: what, where, what to do. No figure is in one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import cast

from ingest.plan import needed_files
from ingest.registry import Registry
from ingest.watch.states import A_FAIRE, ETATS, Nouvelle
from orchestration.edition_by_rule import by_rule
from orchestration.messages import Evenement, Message
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Edition
from warehouse.declared.diffusion import load_diffusion
from warehouse.domain.format import jour
from warehouse.release.waiting import PAGE, Waiting


def of_round(found: Iterable[Nouvelle], registry: Registry) -> list[Message]:
    """What a round of the watch found that asks for a person."""
    return [
        Message(
            cast(Evenement, one.etat),
            one.cle,
            f"{one.source} {one.millesime or ''} {ETATS[one.etat]}",
            f"{registry[one.source].titre} : {one.dit}. À faire : {one.faire}.",
        )
        for one in found
        if one.etat in A_FAIRE
    ]


def of_draft(waiting: Waiting) -> Message:
    """A draft waits for a reader."""
    return Message(
        "brouillon",
        f"brouillon:{waiting.id}",
        f"Brouillon à relire : {waiting.manifest['titre']}",
        f"Lire {waiting.path / PAGE}, puis `qpv publier {waiting.id} --relu-par NOM`, avant le "
        f"{jour(waiting.expire_le.date())}.",
    )


def of_release(release: Path, titre: str) -> Message:
    """A release stands."""
    where = load_diffusion().lien(release.name, "fiches/index.html")
    return Message(
        "publiee",
        f"publiee:{release.name}",
        f"Publication : {titre}",
        f"{release.name} ; sommaire des fiches : {where}",
    )


def of_withdrawal(release_id: str, motif: str) -> Message:
    """A release no longer stands; its reason is public."""
    return Message(
        "retiree",
        f"retiree:{release_id}",
        f"Publication retirée : {release_id}",
        f"Motif : {motif.rstrip('. ')}. Remplacer les copies des fichiers et des fiches qui en ont "
        "été prises.",
    )


def of_refusal(
    refusal: QpvError | str, edition: Edition, registry: Registry, root: Path, today: date
) -> Message:
    """A run that stopped. Its words are repeated where every file that it reads came masked."""
    said = refusal.quoi if isinstance(refusal, QpvError) else str(refusal)
    public = all(
        registry[source].acces == "publique"
        for source, _ in needed_files(by_rule(edition, registry), registry)
    )
    words = said if public else "Le motif se lit sur la machine : un des fichiers n'est pas masqué"
    return Message(
        "refuse",
        f"refuse:{edition.id}:{today}:{sha256(said.encode()).hexdigest()[:8]}",
        f"Construction refusée : {edition.titre}",
        f"{words.rstrip('. ')}. La publication précédente reste en place. Dossier de données : "
        f"{root}.",
    )
