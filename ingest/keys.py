"""The key of each row against the territories: unreadable, unknown, of another perimeter, twice."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ingest.file_parts import Partie
from ingest.readers import RawTable
from ingest.registry import Source
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import header_key
from warehouse.domain.perimetres import perimeter_of
from warehouse.domain.producteur import CODE
from warehouse.domain.types_territoire import code_pattern, levels

#: Codes of the public contract that are no quarter's.
_ZONE = re.compile(code_pattern(kind for kind in levels("territoire") if kind != "qpv"))
_SIREN = re.compile(r"[0-9]{9}")
_LOCAL = re.compile(r"[0-9A-Z][0-9A-Z_-]{0,39}")
_COMMUNE = re.compile(r"[0-9]{1,2}[0-9]{3}|2[AB][0-9]{3}")
#: The commune, then the IRIS in it.
_IRIS = re.compile(r"([0-9]{1,2}[0-9]{3}|2[AB][0-9]{3})[0-9]{4}")
_REG = re.compile(r"[0-9]{1,2}")
_DEP = re.compile(r"[0-9]{1,2}|2[AB]|9[78][0-9]")

_FORME = {
    "perimetre_local": "un code de 1 à 40 lettres sans accent, chiffres, tirets (de A à Z, 0 à 9, "
    "- et _)"
}


def territories(
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    codes_qpv: frozenset[str] | None,
) -> Iterator[tuple[int, str, list[str]]]:
    """(row number, code_territoire, cells) of the rows that are territories.

    Raises:
        QpvError: a key that is no code, an unknown QPV or one of another perimeter, a territory
            twice where rows may not repeat, or no territory at all; the message names file, row
            and column.
    """
    at = raw.positions()[header_key(partie.entete_cle)]
    header, perimetre = raw.header[at], source.perimetre_of(millesime)
    line = source.line_of(millesime)
    is_its_file = partie.cle == "ligne_nationale"
    beside = raw.positions()[header_key(partie.cle_avec)] if partie.cle_avec else None
    seen: dict[tuple[str, str], int] = {}
    for number, cells in raw.rows:
        text = partie.ecrits.get(cells[at].strip(), cells[at].strip())
        if any(re.fullmatch(i.entete, text) for i in source.lignes_ignorees):
            continue
        # Of a file under agreement, a total beside masked cells would betray them.
        if line and text == line.cle and source.acces != "publique":
            continue
        is_line = line and text == line.cle and is_its_file == bool(line.fichiers)
        code = CODE if is_line else _code(partie.cle, text, contract=source.nature == "longue")
        if code is None:
            raise QpvError(
                f"clé illisible : {raw.cell(text)}",
                ou=raw.where(number, header),
                attendu=_FORME.get(partie.cle, f"un code de type {partie.cle}"),
                faire=_advice(partie, ", ou déclarer la ligne ignorée"),
            )
        if partie.cle == "qpv" or source.nature == "longue":
            _refuse_stranger(code, perimetre, codes_qpv, raw.where(number, header))
        may_repeat = source.nature == "longue" or partie.lignes_repetees
        key = (code, cells[beside].strip() if beside is not None else "")
        if key in seen and not may_repeat:
            raise QpvError(
                f"territoire en double : {code}",
                ou=raw.where(number, header),
                attendu=f"une ligne par territoire ; il est déjà en {raw.rang} {seen[key]}",
                faire=_advice(partie),
            )
        seen[key] = number
        yield number, code, cells
    if not seen or (not is_its_file and {code for code, _ in seen} == {CODE}):
        raise QpvError(
            "le fichier ne contient aucun territoire",
            ou=raw.where(colonne=header),
            attendu=f"au moins une ligne de type {partie.cle} sous l'en-tête",
            faire=_advice(partie),
        )


def key_column(partie: Partie, raw: RawTable, headers: Collection[str]) -> str | None:
    """Of these headers, the only one whose cells are all codes of the kind that the key names."""
    found = [
        header
        for at, header in enumerate(raw.header)
        if header in headers
        and raw.rows
        and all(_code(partie.cle, cells[at].strip(), contract=True) for _, cells in raw.rows)
    ]
    return found[0] if len(found) == 1 else None


def is_key(kind: str, text: str) -> bool:
    """Whether a text is the key of a territory of this kind."""
    return _code(kind, text, contract=False) is not None


def _advice(partie: Partie, sinon: str = "") -> str:
    """What to do of a bad key: an official file is had again, one's own is corrected."""
    if partie.cle == "perimetre_local":
        return "corriger cette entité dans le SIG, puis exporter de nouveau"
    return f"reprendre le fichier du producteur{sinon}"


def _refuse_stranger(
    code: str, perimetre: str, codes_qpv: frozenset[str] | None, where: str
) -> None:
    """Refuse a QPV of another perimeter than the file's, or that its list does not hold."""
    own = perimeter_of(code)
    if own is None:
        return
    if own != perimetre:
        raise QpvError(
            f"{code} est un QPV {own}, le périmètre déclaré est {perimetre or '(aucun)'}",
            ou=where,
            attendu="des QPV d'un seul périmètre",
            faire="vérifier le fichier ; si le producteur a changé de périmètre, l'écrire dans "
            "`perimetre` de ce millésime",
        )
    if codes_qpv is not None and code not in codes_qpv:
        listed = (
            f"un des {len(codes_qpv)} codes de QPV {perimetre} connus"
            if codes_qpv
            else (f"une liste des QPV {perimetre} : aucune n'a atterri")
        )
        raise QpvError(
            f"code QPV inconnu : {code}",
            ou=where,
            attendu=listed,
            faire="vérifier le périmètre du fichier (2015 ou 2024) et la liste des QPV",
        )


def _code(kind: str, text: str, *, contract: bool) -> str | None:
    """The contract's code of a territory from the producer's key; None when it is not one."""
    if kind == "qpv":
        return text if _is_qpv(text) else None
    if kind == "perimetre_local" and _LOCAL.fullmatch(text.upper()):
        return f"LOC:{text.upper()}"
    if kind == "commune" and _COMMUNE.fullmatch(text):
        return f"COM:{text.zfill(5)}"
    if kind == "iris" and _IRIS.fullmatch(text):
        return f"IRIS:{text.zfill(9)}"
    if kind == "metropole":
        return "FRMETRO" if text in ("1", "FRMETRO") else None
    if kind == "ensemble" and (not text or _REG.fullmatch(text)):
        return f"QPV@REG:{text.zfill(2)}" if text else "QPV@FRMETRO"
    if kind == "pays":
        return text if text in ("FRMETRO", "FR") else None
    if kind in ("epci", "mixte") and _SIREN.fullmatch(text):
        return f"EPCI:{text}"
    if kind == "departement" and _DEP.fullmatch(text):
        return f"DEP:{text.zfill(2)}"
    if kind == "mixte" and text[:1] == "D" and _DEP.fullmatch(text[1:]):
        return f"DEP:{text[1:].zfill(2)}"
    if kind == "region" and _REG.fullmatch(text):
        return f"REG:{text.zfill(2)}"
    if kind == "mixte" and text[:1] == "R" and _REG.fullmatch(text[1:]):
        return f"REG:{text[1:].zfill(2)}"
    if kind == "mixte" and text == "FR":
        return "FR"
    if kind == "territoire" and (not contract or _is_qpv(text) or _ZONE.fullmatch(text)):
        return text or None
    return None


def _is_qpv(text: str) -> bool:
    return perimeter_of(text) is not None
