"""One message per event worth a person, each told once by each channel, and a diary of all.

A channel that fails is tried again with the next message. A message holds no figure.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from filelock import FileLock

from orchestration.channels import Canal, channels
from orchestration.console import say
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.base.whole_files import write_whole_text
from warehouse.declared.diffusion import Diffusion, load_diffusion
from warehouse.domain.format import propre

Evenement = Literal[
    "paru", "revise", "en_retard", "disparu", "refuse", "brouillon", "publiee", "retiree"
]
DIARY, _BOX = "journal.txt", "envoyes.json"
#: Days during which a channel that failed is tried again, and a message is remembered as told.
_ESSAIS, _MEMOIRE = 7, 400


@dataclass(frozen=True)
class Message:
    """What happened, where, what to do. `cle`: what makes it the same event if it is told again."""

    evenement: Evenement
    cle: str
    titre: str
    texte: str


def tell(
    layout: Layout,
    messages: Iterable[Message],
    *,
    now: datetime | None = None,
    diffusion: Diffusion | None = None,
    environment: Mapping[str, str] = os.environ,
) -> list[str]:
    """Write new messages in the diary and send what each declared channel has not had.

    Nothing here stops the work that it tells of.

    Returns:
        what did not go, a line each.
    """
    instant = now or datetime.now(UTC)
    try:
        layout.messages.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(layout.messages / ".verrou", timeout=30):
            box = _read(layout.messages / _BOX, instant)
            for message in messages:
                if message.cle not in box:
                    one = {name: propre(value) for name, value in asdict(message).items()}
                    box[message.cle] = {"quand": instant.isoformat(), "message": one, "recus": []}
                    _note(layout.messages / DIARY, one, instant)
            declared = diffusion or load_diffusion()
            failed = _send(box, channels(declared, environment), instant)
            write_whole_text(layout.messages / _BOX, json.dumps(box, ensure_ascii=False, indent=1))
    except (OSError, QpvError) as error:
        failed = [f"message non écrit : {getattr(error, 'quoi', None) or type(error).__name__}"]
    for line in failed:
        say(line)
    return failed


def _send(box: dict[str, dict], out: Mapping[str, Canal], now: datetime) -> list[str]:
    failed = []
    for name, canal in out.items():
        for entry in box.values():
            recent = datetime.fromisoformat(entry["quand"]) > now - timedelta(days=_ESSAIS)
            if name in entry["recus"] or not recent:
                continue
            try:
                canal(entry["message"])
            except QpvError as error:
                failed.append(f"message non envoyé : {error}")
                break  # the server is out: the others would wait for it in vain
            entry["recus"].append(name)
    return failed


def _note(path: Path, message: Mapping[str, str], now: datetime) -> None:
    with path.open("a", encoding="utf-8") as diary:
        diary.write(f"{now:%d/%m/%Y %H:%M} {message['titre']}. {message['texte']}\n")


def _read(path: Path, now: datetime) -> dict[str, dict]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        oldest = now - timedelta(days=_MEMOIRE)
        return {
            cle: entry
            for cle, entry in known.items()
            if datetime.fromisoformat(entry["quand"]) > oldest
        }
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}
