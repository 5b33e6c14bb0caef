"""The lines that a new millésime needs: its header beside every known one, its periods by rule.

What is not sure is never written: a column that is gone and another that is new may be one.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.header_faults import HeaderFault
from ingest.header_lines import likely_name, millesime_content
from ingest.header_names import A_ETABLIR, year_of_millesime
from ingest.headers import compare_headers
from ingest.recognition import Look, look_of, read_as
from ingest.registry import Millesime, Registry, Source
from warehouse.base.errors import QpvError
from warehouse.domain.periods import years_before

#: What a millésime keeps of the one that it resembles; the rest is of its own year.
_GARDE = (
    "periodes", "entetes", "absentes", "notes", "colonnes_ignorees", "membre", "entete_cle",
    "perimetre", "geographie", "anciens_codes",
)  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """A millésime to declare: the lines of its entry, and what a person must say first.

    Attributes:
        modele: the known millésime whose header is the nearest.
        lignes: the entry, as the registry writes it.
        disparues: declared headers that the file lacks, each with the new one that resembles it.
        nouvelles: headers that nothing declares.
        a_verifier: what the file cannot say: to be read at the producer's.
    """

    source: Source
    millesime: str
    modele: str
    lignes: list[str]
    disparues: list[tuple[str, str | None]]
    nouvelles: list[str]
    a_verifier: list[str]

    @property
    def is_sure(self) -> bool:
        """Whether each column is explained: only periods are left to verify."""
        return not (self.disparues or self.nouvelles)


def propose(
    path: Path, registry: Registry, source_id: str | None = None, millesime: str | None = None
) -> Proposal:
    """What to declare of a file that nothing declares.

    Args:
        source_id: the source that it is of, where its name and its header do not say it.
        millesime: its key, where its name does not say its year.

    Raises:
        QpvError: it cannot be read, it looks like nothing, says no year, or is already declared.
    """
    if not path.is_file():
        raise QpvError("le fichier n'existe pas", ou=str(path), faire="vérifier son chemin")
    source, key = _identity(path, registry, source_id, millesime)
    if source.nature == "micro":
        raise QpvError(
            f"{source.id} est une source d'unités : ses colonnes se déclarent à la main",
            ou=str(path),
            faire=f"copier le dernier millésime de ingest/sources/{source.id}.yml",
        )
    known = sorted(source.millesimes, key=year_of_millesime, reverse=True)
    tried = [_beside(path, source, key, model) for model in known]
    # Of two as near, the newest: a column that has another name is one difference, not two.
    model, missing, unknown, wanted = min(
        tried, key=lambda one: sum(len(names) for names in _unsure(one[1], one[2]))
    )
    fault = HeaderFault("", ou=None, attendu=None, faire=None, raison="",
                        absentes=missing, inconnues=unknown)  # fmt: skip
    content, _ = millesime_content(wanted, key, [fault])
    gone, new = _unsure(missing, unknown)
    return Proposal(
        source,
        key,
        model,
        _lines(key, content),
        gone,
        new,
        [*_to_verify(source, wanted.millesimes[key], model)],
    )


def _identity(
    path: Path, registry: Registry, source_id: str | None, millesime: str | None
) -> tuple[Source, str]:
    if source_id:
        named = look_of(path, registry) if millesime is None else None
        look: Look | None = Look(registry[source_id], named.millesime if named else None, "")
    else:
        look = look_of(path, registry)
    if look is None:
        raise QpvError(
            "ce fichier ne ressemble à aucune source du registre",
            ou=str(path),
            attendu="un nom, ou au moins six colonnes sur dix, d'un millésime déclaré",
            faire="nommer sa source par --source, ou déclarer une source (CONTRIBUTING.md)",
        )
    key = millesime or look.millesime
    if key is None:
        raise QpvError(
            f"ce fichier ressemble à {look.source.id} et ne dit pas son année",
            ou=str(path),
            faire="la lire chez le producteur, et la donner par --millesime",
        )
    if key in look.source.millesimes:
        raise QpvError(
            f"le millésime {key} de {look.source.id} est déjà déclaré",
            ou=f"ingest/sources/{look.source.id}.yml",
            faire="construire avec ce fichier : `qpv build --extracts DIR`",
        )
    return look.source, key


def _beside(
    path: Path, source: Source, key: str, model: str
) -> tuple[str, list[str], list[str], Source]:
    """The header of a file beside that of a known millésime, moved to the year of the file.

    Returns:
        the known one, the headers that the file lacks, those that it adds, the source with the
        millésime that was tried.
    """
    kept = source.millesimes[model].model_dump(include={*_GARDE}, exclude_defaults=True)
    shift = int(year_of_millesime(key)) - int(year_of_millesime(model))
    kept["periodes"] = {
        bloc: [_moved(source, bloc, model, one, shift) for one in periods]
        for bloc, periods in source.millesimes[model].periodes.items()
    }
    tried = Millesime.model_validate(kept)
    usual = source.model_copy(update={"millesimes": {**source.millesimes, key: tried}})
    if path.name not in usual.parts_of(key)[0].fichiers and len(source.parties) == 1:
        tried = tried.model_copy(update={"fichiers": [path.name]})
        usual = source.model_copy(update={"millesimes": {**source.millesimes, key: tried}})
    best: tuple[list[str], list[str]] | None = None
    refused: QpvError | None = None
    for partie in usual.parts_of(key):
        try:
            raw = read_as(path, usual, partie)
        except QpvError as error:
            refused = error
            continue
        missing, unknown, _ = compare_headers(usual, key, partie, raw)
        if best is None or len(missing) + len(unknown) < len(best[0]) + len(best[1]):
            best = missing, unknown
    if best is None:
        assert refused is not None
        raise refused
    return model, *best, usual


def _moved(source: Source, bloc: str, model: str, periode: str, shift: int) -> str:
    """A period as the registry's lag moves it; one that the last two millésimes share stays."""
    older = [m for m in source.millesimes if year_of_millesime(m) < year_of_millesime(model)]
    before = max(older, key=year_of_millesime, default=None)
    if periode.startswith(A_ETABLIR):
        return periode
    if before and periode in source.millesimes[before].periodes_of(bloc):
        return periode
    return years_before(periode, -shift)


def _unsure(
    missing: list[str], unknown: list[str]
) -> tuple[list[tuple[str, str | None]], list[str]]:
    """Headers that are gone, each with the new one like it, and the others that are new."""
    left, gone = list(unknown), list[tuple[str, str | None]]()
    for header in missing:
        if twin := likely_name(header, left):  # only its case or its punctuation changed
            left.remove(twin)
            continue
        near = difflib.get_close_matches(header, left, n=1, cutoff=0.6)
        gone.append((header, near[0] if near else None))
    return gone, [header for header in left if header not in {near for _, near in gone}]


def _to_verify(source: Source, content: Millesime, model: str) -> Iterator[str]:
    for bloc, periods in content.periodes.items():
        before = source.millesimes[model].periodes_of(bloc)
        kept = "la même que" if periods == before else "par décalage de"
        yield f"la période du bloc {bloc} ({', '.join(periods)}, {kept} {model})"
    if content.geographie:
        yield f"l'année des communes (`geographie`, ici celle de {model} : {content.geographie})"
    if source.perimetre:
        yield f"le périmètre des quartiers ({content.perimetre or source.perimetre})"
    yield (
        "les unités et les définitions : le producteur en dit les changements sur sa page, "
        f"{source.page}"
    )


def _lines(key: str, content: dict[str, object]) -> list[str]:
    """An entry of `millesimes`, one line a field, as the registry's files are written."""
    fields = []
    for name, value in content.items():
        if name == "periodes" and isinstance(value, dict):
            value = {b: p[0] if len(p) == 1 else p for b, p in value.items()}
        fields.append(f"    {name}: {_flow(value)}")
    return [f'  "{key}":', *fields] if fields else [f'  "{key}": {{}}']


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    text = str(value)
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


#: What YAML reads as something else than a text.
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
