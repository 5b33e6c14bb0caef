"""When a figure that is missing is expected, as sheets and annexes say it. Reads no registry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from warehouse.domain import format as f

_ABSENT = re.compile(r"fichiers? absents? : [^;()]*[^;() ]")


class Attendu(NamedTuple):
    """Who publishes an indicator, and when next: as its producer says it, and the day."""

    producteur: str
    texte: str
    jour: date

    @property
    def phrase(self) -> str:
        """`Insee, annuel, en février : prochaine publication le 15 février 2027`."""
        return f"{self.producteur}, {self.texte} : prochaine publication le {f.jour(self.jour)}"


def sans_fichier(raison: str) -> str:
    """A reason without the names of the files that were not there: the quality report has them."""
    return _ABSENT.sub("le fichier du producteur n’a pas été lu", raison)


def group_missing(
    missing: Iterable[tuple[str, list[str], str]], attendus: Mapping[str, Attendu]
) -> list[tuple[str, str, str]]:
    """(titles, reasons, when) of exhibits without a figure, those that say the same together.

    Args:
        missing: title, reasons and first indicator of each.
    """
    together: dict[tuple[str, str], list[str]] = {}
    for title, reasons, code in missing:
        said = " ; ".join(dict.fromkeys(reasons))
        when = attendus[code].phrase if code in attendus else ""
        together.setdefault((f.typographie(said), when), []).append(f.guillemets(title))
    return [(f.list_in_words(titles), *key) for key, titles in together.items()]
