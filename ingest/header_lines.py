"""The YAML of a millésime that would explain a file put aside, ready to take the old one's place.

Nothing is guessed that would give a figure under another's name: a header is matched where only
case, accents or punctuation differ; other absent mesures are said absent, other headers left aside.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Protocol

import yaml

from ingest.blocks import Ignoree
from ingest.header_names import A_ETABLIR
from ingest.headers import attribute_headers
from ingest.registry import Source
from warehouse.base.text_tables import header_key

A_DIRE = "colonne jamais vue, à expliquer"


class Ecart(Protocol):
    """What differs between a file put aside and its declaration (see `HeaderFault`)."""

    absentes: list[str]
    inconnues: list[str]
    cle: str | None


#: From this likeness on (0 to 1), an unknown header is named beside an absent one.
_RESSEMBLE = 0.6


def millesime_yaml(source: Source, millesime: str, faults: Iterable[Ecart]) -> str:
    """The entry of a millésime, under `millesimes`, with which its files would be explained.

    Args:
        faults: what each of its files was put aside for.
    """
    content, said = millesime_content(source, millesime, faults)
    if "periodes" in content:
        content["periodes"] = {
            bloc: periods[0] if len(periods) == 1 else periods
            for bloc, periods in content["periodes"].items()
        }
    dumped = yaml.safe_dump(
        {millesime: content}, allow_unicode=True, sort_keys=False, default_flow_style=None, width=96
    )
    return dumped + "".join(f"# {line}\n" for line in said)


def millesime_content(
    source: Source, millesime: str, faults: Iterable[Ecart]
) -> tuple[dict[str, Any], list[str]]:
    """The fields of that entry, and what a person has to say beside them."""
    found = list(faults)
    edition = source.millesimes[millesime]
    content = edition.model_dump(exclude_defaults=True)
    said: list[str] = []
    keys = list(dict.fromkeys(f.cle for f in found if f.cle))
    if keys:
        content["entete_cle"] = keys[0]
    unknown = [h for f in found for h in f.inconnues if h not in keys]
    names = _names(source, millesime)
    absent = {header_key(h): h for f in found for h in f.absentes}
    for key, header in absent.items():
        kind, name = names.get(key, ("", ""))
        twin = likely_name(header, unknown)
        alone = sum(own == name for _, own in names.values()) == 1
        if kind in ("mesure", "attribut") and twin and alone:
            content.setdefault("entetes", {})[name] = twin
        elif kind in ("mesure", "attribut") and not twin and _is_whole(names, name, {*absent}):
            content["absentes"] = list(dict.fromkeys([*content.get("absentes", []), name]))
        elif kind == "note":
            content.setdefault("notes", {})[name] = twin
        elif not (kind == "cle" and keys):
            said.append(f"{header} : à déclarer à la main")
        if twin:
            unknown.remove(twin)
        elif near := difflib.get_close_matches(header, unknown, n=1, cutoff=_RESSEMBLE):
            said.append(f"{header} est absente, {near[0]} lui ressemble")
    ignored = [h for h in dict.fromkeys(unknown) if not h.startswith("(sans nom")]
    if ignored:
        content["colonnes_ignorees"] = [
            *content.get("colonnes_ignorees", []),
            *(Ignoree(entete=re.escape(h), raison=A_DIRE).model_dump() for h in ignored),
        ]
        said.append("une inconnue qui porte un chiffre : une ligne {mesure, entete, type} du bloc")
    said += [h for h in unknown if h.startswith("(sans nom")]
    said += [
        f"bloc {bloc} : écrire sa période"
        for bloc, periods in edition.periodes.items()
        if any(periode.startswith(A_ETABLIR) for periode in periods)
    ]
    return content, said


def _names(source: Source, millesime: str) -> dict[str, tuple[str, str]]:
    """Header as compared → what it is (cle, mesure, attribut, note), and of which name."""
    edition = source.millesimes[millesime]
    found = {header_key(p.entete_cle): ("cle", "") for p in source.parts_of(millesime)}
    found |= {
        header_key(header): ("attribut", nom)
        for nom, header in attribute_headers(source, millesime).items()
    }
    # The figures of units are counted: their blocks name the column that is counted by.
    for bloc in edition.periodes if source.nature != "micro" else ():
        if note := source.note_of(bloc, millesime):
            found[header_key(note)] = ("note", bloc)
        for column, header, _ in source.columns_of(bloc, millesime):
            found[header_key(header)] = ("mesure", column.mesure)
    return found


def _is_whole(names: dict[str, tuple[str, str]], name: str, absent: set[str]) -> bool:
    """Whether all the columns of a mesure are absent: it has one for each of its periods."""
    return {h for h, (_, own) in names.items() if own == name} <= absent


def likely_name(header: str, unknown: list[str]) -> str | None:
    """The one unknown header that differs by case, accents or punctuation alone."""
    found = [h for h in unknown if _bare(h) == _bare(header)]
    return found[0] if len(found) == 1 and _bare(header) else None


def _bare(header: str) -> str:
    plain = unicodedata.normalize("NFD", header.casefold())
    return "".join(c for c in plain if c.isalnum())
