"""A file that is there, and whose layout is not the one declared: put aside, with what to write."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.base.errors import QpvError

#: Names of a list that a figure's reason repeats; the quality report has them all.
_DITS = 3


class HeaderFault(QpvError):
    """The header, the key column or the place in its archive is not what the registry declares.

    Attributes:
        raison: why the file is put aside, in a few words, for each figure that it would hold.
        absentes: declared headers that the file lacks.
        inconnues: headers of the file that nothing declares.
        cle: header of the column whose cells look like the key, where the declared one is absent.
    """

    def __init__(
        self,
        quoi: str,
        *,
        ou: str | None,
        attendu: str | None,
        faire: str | None,
        raison: str,
        absentes: Sequence[str] = (),
        inconnues: Sequence[str] = (),
        cle: str | None = None,
    ) -> None:
        super().__init__(quoi, ou=ou, attendu=attendu, faire=faire)
        self.raison = raison
        self.absentes = list(absentes)
        self.inconnues = list(inconnues)
        self.cle = cle


def of_layout(error: QpvError) -> HeaderFault:
    """The same refusal, of a file in which no header row, sheet or member was found."""
    return HeaderFault(
        error.quoi,
        ou=error.ou,
        attendu=error.attendu,
        faire=error.faire,
        raison=f"{error.quoi} (attendu : {error.attendu})",
    )


def short(start: str, absentes: Sequence[str], inconnues: Sequence[str]) -> str:
    """« en-tête … : absentes A, B, C et 2 autres ; inconnue D »."""
    said = [
        f"{word}{'s' if len(names) > 1 else ''} {', '.join(names[:_DITS])}{_more(names)}"
        for word, names in (("absente", absentes), ("inconnue", inconnues))
        if names
    ]
    return f"{start} : {' ; '.join(said)}" if said else start


def _more(names: Sequence[str]) -> str:
    rest = len(names) - _DITS
    return "" if rest <= 0 else f" et {rest} autre{'s' if rest > 1 else ''}"
