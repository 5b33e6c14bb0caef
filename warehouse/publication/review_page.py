"""The review of a draft as a page of Markdown, and as the lines of a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from warehouse.domain.format import propre
from warehouse.publication.review import Review

#: Names, verdicts and findings told one by one; the JSON has the rest.
_LIGNES = 20
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&#])")


def page(found: Review, folder: str) -> str:
    """What to read before publishing.

    Args:
        folder: where the draft lies, from the page.
    """
    beside = f"À côté de {found.precedente}." if found.precedente else "Première publication."
    parts = [
        f"# À relire : {found.release_id}",
        beside,
        "## Fiches à ouvrir",
        _listed(f"[{_plain(f['nom'])}]({folder}/{f['fiche']}) : {_plain(f['pourquoi'])}"
                for f in found.feuilles),
        "## Chiffres",
        _listed(f"{nature} : {count}" for nature, count in found.totaux.items()),
        f"Chacun : [{folder}/CHANGELOG.md]({folder}/CHANGELOG.md).",
        "## Masques",
        _listed(f"{_plain(m['libelle'] or m['code_indicateur'])} : {m['masques']} masqués de plus, "
                f"{m['demasques']} qui ne le sont plus" for m in found.masques),
        "## Verdicts de comparabilité",
        _listed(f"{_plain(v['code_indicateur'])}, {v['de']} et {v['a']} : {v['avant']} puis "
                f"{v['apres']} ({v['types']} types de territoires)" for v in found.verdicts),
        "## Constats de plausibilité",
        _listed([*(f"nouveau : {_plain(c)}" for c in found.constats["nouveaux"]),
                 *(f"disparu : {_plain(c)}" for c in found.constats["disparus"])]),
        "## Noms",
        _listed(f"{_plain(n['code'])} : {_plain(n['avant'] or '(absent)')} puis "
                f"{_plain(n['apres'] or '(absent)')}" for n in found.noms),
        "## Ensuite",
        f"`qpv publier {found.release_id} --relu-par \"Prénom Nom\"`, ou "
        f"`qpv brouillon abandonner {found.release_id}`.",
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def summary(found: Review) -> Iterator[str]:
    """The same in a few lines."""
    counts = ", ".join(f"{nature} {count}" for nature, count in found.totaux.items())
    yield f"Depuis {found.precedente} : {counts}" if found.precedente else "Première publication"
    said = {
        "verdicts changés": len(found.verdicts),
        "constats nouveaux": len(found.constats["nouveaux"]),
        "noms changés": len(found.noms),
    }
    yield ", ".join(f"{what} : {count}" for what, count in said.items())
    for sheet in found.feuilles:
        yield f"À lire : {sheet['fiche']}, {sheet['nom']} ; {sheet['pourquoi']}"


def _listed(lines: Iterable[str]) -> str:
    told = list(lines)
    if not told:
        return "Rien."
    more = len(told) - _LIGNES
    rest = [f"- et {more} de plus (relecture.json)"] if more > 0 else []
    return "\n".join([*(f"- {line}" for line in told[:_LIGNES]), *rest])


def _plain(text: str) -> str:
    """A label as text: nothing in it is markup."""
    return _SPECIAL.sub(r"\\\1", propre(text))
