"""Addresses as people write them, down to what two ways of writing share. Reads no file."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

#: Ways and their short forms; what a way is decides whether two names can be the same street.
_WAYS = {
    "ALLEE": "ALL ALLEES", "AVENUE": "AV AVE", "BOULEVARD": "BD BLD BVD BOUL",
    "CHEMIN": "CH CHE CHEM", "COURS": "CRS", "IMPASSE": "IMP", "PASSAGE": "PASS", "PLACE": "PL",
    "QUAI": "", "RESIDENCE": "RES RESID", "ROUTE": "RTE", "RUE": "R", "RUELLE": "RLE",
    "SENTIER": "SEN SENT", "SQUARE": "SQ", "VILLA": "", "CITE": "", "LOTISSEMENT": "LOT",
    "ROND-POINT": "RPT", "VOIE": "", "FAUBOURG": "FG FBG", "HAMEAU": "HAM", "COUR": "",
    "MAIL": "", "ESPLANADE": "ESP", "CLOS": "",
}  # fmt: skip
_TITLES = {
    "SAINT": "ST", "SAINTE": "STE", "DOCTEUR": "DR", "GENERAL": "GAL GEN", "MARECHAL": "MAL",
    "COLONEL": "COL", "CAPITAINE": "CAP", "PROFESSEUR": "PR PROF", "PRESIDENT": "PDT PRES",
    "COMMANDANT": "CDT CMDT", "LIEUTENANT": "LT", "GRAND": "GD", "GRANDE": "GDE", "NOTRE": "N",
    "ABBE": "", "MONSEIGNEUR": "MGR", "SERGENT": "SGT",
}  # fmt: skip
_LONG = {short: word for table in (_WAYS, _TITLES) for word, said in table.items()
         for short in said.split()}  # fmt: skip
#: Words that people leave out, or write otherwise.
_SMALL = {"DE", "DU", "DES", "LA", "LE", "LES", "L", "D", "A", "AU", "AUX", "ET", "EN", "SUR"}
_NUMBER = re.compile(
    r"\s*(?P<numero>\d{1,4})\s*(?:[-/]\s*\d{1,4}\s*)?"
    r"(?P<rep>(?:bis|ter|quater|quinquies|[a-z])(?=[\s,]))?\s*,?\s*(?P<voie>\D.*)",
    re.IGNORECASE | re.DOTALL,
)
_TAIL = re.compile(
    r"^(?P<debut>.*?)[\s,;-]*\b(?P<cp>\d{5})\b[\s,;-]*(?P<commune>[^\d]*)(?:\d*)$", re.DOTALL
)
_REPEATED = {"BIS": "B", "TER": "T", "QUATER": "Q", "QUINQUIES": "C"}
_ROUND = re.compile(r"\b(\d{1,2})\s*(?:ER|E|EME|ND|NDE|RE)?\b(?:\s*ARRONDISSEMENT)?")
#: Towns cut in arrondissements: the code of the whole, and that of the first one.
WHOLE = {"PARIS": ("75056", 75100), "LYON": ("69123", 69380), "MARSEILLE": ("13055", 13200)}
#: Longer, a text is no address.
LONGEST = 200


@dataclass(frozen=True)
class SaidAddress:
    """One address as it was said: `numero` empty where there is none; names are plain."""

    numero: str
    indice: str
    voie: str
    code_postal: str = ""
    commune: str = ""
    code_insee: str = ""


def said_address(
    adresse: str, numero: str = "", code_postal: str = "", commune: str = "", code_insee: str = ""
) -> SaidAddress:
    """An address from one text, or from the columns that have its parts."""
    text = adresse[:LONGEST].strip()
    if not code_postal and not code_insee and (found := _TAIL.match(text)):
        text, code_postal = found["debut"], found["cp"]
        commune = commune or found["commune"]
    number, repeated = numero.strip(), ""
    if found := _NUMBER.fullmatch(f"{number} {text}" if number else text):
        number, repeated, text = found["numero"], found["rep"] or "", found["voie"]
    elif number:
        number = ""
    town = re.sub(r"\bCEDEX\b.*", "", plain(commune))
    return SaidAddress(
        number.lstrip("0"),
        _REPEATED.get(repeated.upper(), repeated.upper()),
        street_key(text),
        code_postal.strip().zfill(5) if code_postal.strip() else "",
        town.strip(),
        code_insee.strip().upper().zfill(5) if code_insee.strip() else "",
    )


def repeated(rep: str) -> str:
    """« bis » as it is compared."""
    text = rep.strip().upper()
    return _REPEATED.get(text, text)


@lru_cache(maxsize=500_000)
def street_key(name: str) -> str:
    """A name of street as it is compared: capitals, long forms, no small words."""
    words = [_LONG.get(word, word) for word in plain(name).split()]
    kept = [word for word in words if word not in _SMALL]
    return " ".join(kept or words)


def way_of(key: str) -> tuple[str, str]:
    """The way of a key (RUE, AVENUE…), empty where none is said, and the rest."""
    first, _, rest = key.partition(" ")
    return (first, rest) if first in _WAYS and rest else ("", key)


def plain(text: str) -> str:
    """Capitals without accents, anything else but letters and digits a blank."""
    bare = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
    letters = "".join(c for c in bare if not unicodedata.combining(c)).upper()
    return " ".join(re.sub(r"[^A-Z0-9]+", " ", letters).split())


def town_codes(commune: str, code_insee: str) -> tuple[str, ...]:
    """Codes under which a town that has arrondissements may be in a file, its own included.

    « Paris 11e » and 75111 are the arrondissement and the whole; 75056 is the whole alone.
    """
    for town, (whole, first) in WHOLE.items():
        inside = _is_inside(code_insee, first)
        if inside or code_insee == whole:
            return (code_insee, whole) if inside else (whole,)
        if not code_insee and commune.startswith(town):
            rest = _ROUND.search(commune.removeprefix(town))
            if commune == town:
                return (whole,)
            if rest and 1 <= int(rest[1]) <= 20:
                return (f"{first + int(rest[1])}", whole)
    return (code_insee,) if code_insee else ()


def whole_of(code_insee: str) -> str:
    """The town of an arrondissement; the code itself where it is none."""
    for whole, first in WHOLE.values():
        if _is_inside(code_insee, first):
            return whole
    return code_insee


def _is_inside(code_insee: str, first: int) -> bool:
    """Whether a code is that of an arrondissement, of a town whose first one follows `first`."""
    # « ² » is a digit that is no number; thousands of digits are a number that is not read.
    return code_insee.isdecimal() and len(code_insee) == 5 and 0 < int(code_insee) - first <= 20
