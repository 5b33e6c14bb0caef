"""What was given out of the lists of this data folder: counts, what was printed, and its offsets.

The file is its owner's alone: it holds counts as they are. Without it, two lists that differ by one
person would be told apart.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from quality.secrecy.own_lists.list_counts import Counts
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.base.whole_files import write_whole_text

_NAME = "comptes.json"
_WAIT = 20  #: seconds for another command to end


@dataclass(frozen=True)
class GivenOnce:
    """One table that was given out: true counts, and (t, m) what was printed.

    `retenus`: territories that it did not print.
    """

    date: str
    counts: Counts
    printed: np.ndarray
    retenus: tuple[str, ...] = ()

    def told(self, territoire: str) -> dict[str, int] | None:
        """Category → what was printed of a territory, 0 if it had nobody; None if withheld."""
        if territoire in self.retenus:
            return None
        if territoire not in self.counts.territoires:
            return dict.fromkeys(self.counts.modalites, 0)
        at = self.counts.territoires.index(territoire)
        return dict(zip(self.counts.modalites, self.printed[at].tolist(), strict=True))

    def true(self, territoire: str) -> dict[str, int]:
        """Category → the count that was printed so."""
        return self.counts.row(territoire) or dict.fromkeys(self.counts.modalites, 0)


@dataclass
class GivenCounts:
    """All of them, the oldest first, and the key of the offsets."""

    cle: bytes
    donnes: list[GivenOnce] = field(default_factory=list)

    def offset(self, perimetre: str, territoire: str, turn: int, base: int) -> int:
        """The offset of a territory: the same for ever, and known of nobody who has not the key."""
        said = f"{perimetre}\x1f{territoire}\x1f{turn}\x1f{base}".encode()
        return int.from_bytes(hmac.digest(self.cle, said, "sha256")[:8], "big") % base


@contextmanager
def given_counts(layout: Layout) -> Iterator[GivenCounts]:
    """What was given out, held while it is read, added to and written again.

    Raises:
        QpvError: another command holds it, or it cannot be read or written.
    """
    folder = layout.lists
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        with FileLock(folder / ".lock", timeout=_WAIT, mode=0o600):
            found = _read(folder / _NAME)
            before = len(found.donnes)
            yield found
            if len(found.donnes) != before:
                write_whole_text(folder / _NAME, _text(found), mode=0o600)
    except Timeout:
        raise QpvError(
            "une autre commande compte déjà une liste dans ce dossier de données",
            ou=str(folder),
            faire="attendre qu'elle finisse",
        ) from None
    except OSError as error:
        raise QpvError(
            f"le registre des comptes donnés ne s'ouvre pas : {error.strerror}",
            ou=str(folder),
            faire="vérifier les droits et l'espace disque ; sans lui, aucun compte n'est donné",
        ) from error


def _read(path: Path) -> GivenCounts:
    if not path.exists():
        return GivenCounts(secrets.token_bytes(32))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return GivenCounts(bytes.fromhex(content["cle"]), [_given(g) for g in content["donnes"]])
    except (ValueError, KeyError, TypeError) as error:
        raise QpvError(
            "le registre des comptes donnés est illisible",
            ou=str(path),
            faire="le reprendre d'une sauvegarde ; sans lui, ce qui fut donné pourrait se déduire",
        ) from error


def _given(content: dict) -> GivenOnce:
    size = (len(content["territoires"]), len(content["modalites"]))
    counts = Counts(
        content["perimetre"],
        content["colonne"],
        tuple(content["territoires"]),
        tuple(content["modalites"]),
        np.array(content["effectifs"], dtype=np.int64).reshape(size),
        content.get("metres"),
    )
    printed = np.array(content["imprimes"], dtype=np.int64).reshape(size)
    return GivenOnce(content["date"], counts, printed, tuple(content["retenus"]))


def _text(found: GivenCounts) -> str:
    rows = [
        {
            "date": g.date,
            "perimetre": g.counts.perimetre,
            "colonne": g.counts.colonne,
            "metres": g.counts.metres,
            "territoires": g.counts.territoires,
            "modalites": g.counts.modalites,
            "effectifs": g.counts.effectifs.tolist(),
            "imprimes": g.printed.tolist(),
            "retenus": g.retenus,
        }
        for g in found.donnes
    ]
    return json.dumps({"cle": found.cle.hex(), "donnes": rows}, ensure_ascii=False) + "\n"
