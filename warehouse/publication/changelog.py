"""The change log of a release: `CHANGELOG.md`, `changelog.json`, every changed figure."""

from __future__ import annotations

import re
from pathlib import Path

from warehouse.domain.format import avec_unite, nombre, periode_longue, propre
from warehouse.publication.changes import Changes, compare
from warehouse.release.promotion import read_manifest, write_json

_NATURES = {
    "ajoute": "chiffres ajoutés",
    "revise": "chiffres révisés",
    "retire": "chiffres retirés (plus disponibles, pour une autre raison que le secret)",
    "masque": "chiffres désormais masqués par le secret",
    "demasque": "chiffres qui ne sont plus masqués",
}
_EVOLUTIONS = {
    "ajoute": "ajoutées",
    "revise": "révisées",
    "retire": "retirées",
    "masque": "désormais masquées",
    "demasque": "qui ne sont plus masquées",
}
_CAUSES = {
    "fichier_revise": "fichier révisé par le producteur",
    "autre_millesime": "autre source ou autre millésime",
    "calcul": "fichier de sa source inchangé : formule, règle ou autre source du calcul",
}
#: Lines of the page; the JSON and the Parquet have the rest.
_LIGNES = 40
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&])")


def write_changelog(release: Path, standing: list[Path], nouvelle: dict) -> Changes | None:
    """Write a draft's change log against the newest standing release, of its edition if one is.

    Args:
        standing: releases that stand, oldest first.
        nouvelle: `release_id` and `edition` of the draft.
    """
    edition = nouvelle["edition"]
    same = [path for path in standing if read_manifest(path)["edition"] == edition]
    if not standing:
        said = "Première publication : rien à comparer."
        write_json(release / "changelog.json", {**nouvelle, "precedente": None})
        (release / "CHANGELOG.md").write_text(f"# Changements\n\n{said}\n", encoding="utf-8")
        return None
    before = (same or standing)[-1]
    found = compare(before, release, nouvelle=nouvelle, rows=release / "changements.parquet")
    write_json(release / "changelog.json", as_json(found))
    (release / "CHANGELOG.md").write_text(page(found), encoding="utf-8")
    return found


def as_json(found: Changes) -> dict:
    """The changes as `changelog.json` has them."""
    return {
        **found.nouvelle,
        "precedente": found.precedente["release_id"],
        "edition_precedente": found.precedente["edition"],
        "totaux": found.totaux,
        "evolutions": found.evolutions,
        "fichiers": found.fichiers,
        "indicateurs": found.indicateurs,
        "plus_grandes_revisions": found.revisions,
    }


def page(found: Changes) -> str:
    """The changes as a page of Markdown."""
    before, after = found.precedente, found.nouvelle
    lines = [f"# Changements de {_plain(after['release_id'])}", ""]
    lines += [f"Par rapport à {_plain(before['release_id'])}."]
    if before["edition"] != after["edition"]:
        lines += [
            f"Ce sont deux éditions ({_plain(before['edition'])}, puis {_plain(after['edition'])})"
            " : la plupart des chiffres ajoutés ou retirés viennent de là."
        ]
    lines += ["", *(f"- {_NATURES[n]} : {count}" for n, count in found.totaux.items()), ""]
    told = [f"{_EVOLUTIONS[n]} : {count}" for n, count in found.evolutions.items() if count]
    lines += [f"Évolutions {' ; '.join(told) or 'inchangées'}.", ""]
    lines += ["Une ancienne valeur n'est dite que d'un chiffre révisé, diffusé avant et après."]
    lines += ["", "## Fichiers", "", *_files(found), "", "## Indicateurs", "", *_indicators(found)]
    if found.revisions:
        lines += ["", "## Plus grandes révisions", "", *_revisions(found)]
    return "\n".join(lines) + "\n"


def _files(found: Changes) -> list[str]:
    if not found.fichiers:
        return ["Les mêmes fichiers, octet pour octet."]
    lines = _header(("Source", "Millésime", "Fichier", "sha256 avant", "sha256 après"), 0)
    for f in found.fichiers:
        sums = [f"`{f[side][:12]}…`" if f[side] else "non lu" for side in ("avant", "apres")]
        cells = [_plain(f[name]) for name in ("source_id", "millesime", "fichier")]
        lines.append("| " + " | ".join([*cells, *sums]) + " |")
    return lines


def _indicators(found: Changes) -> list[str]:
    if not found.indicateurs:
        return ["Aucun chiffre n'a changé."]
    counts = ("Ajoutés", "Révisés", "Retirés", "Masqués", "Démasqués", "Plus grand écart")
    lines = _header(("Indicateur", "Période", *counts), len(counts))
    for row in found.indicateurs[:_LIGNES]:
        gap = row["ecart_max"]
        cells = [
            _plain(row["libelle"] or row["code_indicateur"]),
            _plain(periode_longue(row["periode"])),
            *(str(row[f"{n}s"]) for n in _NATURES),
            "" if gap is None else _value(gap, row),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, *_rest(len(found.indicateurs), "lignes")]


def _revisions(found: Changes) -> list[str]:
    about = {(r["code_indicateur"], r["periode"]): r for r in found.indicateurs}
    lines = _header(("Territoire", "Indicateur", "Période", "Cause", "Avant", "Après"), 2)
    for row in found.revisions[:_LIGNES]:
        its = about[row["code_indicateur"], row["periode"]]
        source = f"{row['source_id'] or 'sans source'} {row['millesime'] or ''}".strip()
        cells = [
            _plain(f"{row['libelle']} ({row['code_territoire']})"),
            _plain(its["libelle"] or row["code_indicateur"]),
            _plain(periode_longue(row["periode"])),
            _plain(f"{_CAUSES[row['cause']]} ({source})"),
            _value(row["valeur_avant"], its),
            _value(row["valeur"], its),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, *_rest(len(found.revisions), "révisions nommées")]


def _header(titles: tuple[str, ...], numbers: int) -> list[str]:
    """The two first lines of a table whose last columns are numbers."""
    rules = ["---"] * (len(titles) - numbers) + ["--:"] * numbers
    return [f"| {' | '.join(titles)} |", f"|{'|'.join(rules)}|"]


def _rest(count: int, what: str) -> list[str]:
    if count <= _LIGNES:
        return []
    return ["", f"{count - _LIGNES} autres {what} dans `changelog.json`."]


def _value(value: float, about: dict) -> str:
    """A figure with its decimals, and more where rounding would hide the change."""
    text = nombre(value, (about["arrondi"] or 0) + 1)
    return avec_unite(text, _plain(about["unite"] or "")).strip()


def _plain(text: str) -> str:
    """Text from a source as Markdown that shows it and does nothing else."""
    return _SPECIAL.sub(r"\\\1", propre(text))
