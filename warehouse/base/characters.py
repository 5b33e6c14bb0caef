"""Characters that no text may hold, and letters that were encoded twice. Knows no file."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

#: Windows-1252 bytes that a converter took for Latin-1 (« C\\x9cur »), each with its letter.
_C1 = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if bytes([code]).decode("cp1252", "ignore")
}
_IS_C1 = re.compile("[\x80-\x9f]")
#: Controls but tab and line ends, DEL, C1, lone surrogates, U+FFFD and what is no character.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
#: What French texts write beyond ASCII: Latin-1, œ, dashes, quotes, spaces, accents apart, BOM.
_WRITTEN = [
    *map(chr, range(0xA0, 0x100)),
    *"ŒœŠšŽžŸ€™‰‹›•…‚„†‡",
    *map(chr, range(0x2009, 0x200C)),
    *map(chr, range(0x2010, 0x2020)),
    *"\u202f\u2032\u2212\u0300\u0301\u0302\u0308\u0327\ufeff\ufffd",
]
#: An é of MS-DOS or of an old Macintosh, read as Windows-1252: no French word has these there.
_OTHER_MACHINE = re.compile(r"(?<=[A-Za-z])[‚Ž](?![A-Z])")
#: A letter as HTML writes it, which a table does not.
_ENTITY = re.compile(r"&(?:#\d{1,6}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8}\d?);")
#: Encodings in which a program may have read UTF-8: Windows, web, old Macintosh, DOS.
_MISREAD = ("cp1252", "latin-1", "mac_roman", "cp850", "cp437")


def mend(text: str) -> str:
    """The text with each C1 control that is a Windows-1252 letter turned into that letter."""
    return text if text.isascii() else _IS_C1.sub(lambda m: _C1.get(ord(m[0]), m[0]), text)


def is_mendable(text: str) -> bool:
    """Whether `mend` may change it: one look at a row spares one at each of its cells."""
    return not text.isascii() and _IS_C1.search(text) is not None


def fault(text: str) -> str | None:
    """What keeps a text from being published, in French words; None where nothing does.

    A letter encoded twice is told by its very sequence (« Ã© » for é), of those that French
    texts write: none of these sequences is spelled in French.
    """
    if found := _FORBIDDEN.search(text):
        code = ord(found[0])
        if code == 0xFFFD:
            return "un caractère perdu (U+FFFD)"
        return f"un caractère de contrôle (U+{code:04X})"
    if (found := _ENTITY.search(text)) and unescape(found[0]) != found[0]:
        return f"du HTML ({found[0]} pour {unescape(found[0])!r})"
    if text.isascii():
        return None
    if found := _OTHER_MACHINE.search(text):
        return f"un encodage MS-DOS ou Macintosh lu comme du Windows-1252 ({found[0]} pour 'é')"
    if found := _twice_encoded().search(text):
        return f"des lettres encodées deux fois ({found[0]} pour {_letters()[found[0]]!r})"
    return None


@cache
def _letters() -> dict[str, str]:
    """A letter encoded twice → the letter."""
    found: dict[str, str] = {}
    for letter in _WRITTEN:
        content = letter.encode()
        for codec in _MISREAD:
            # A byte that an encoding does not define comes out as the control of its number.
            read = "".join(bytes([b]).decode(codec, "ignore") or chr(b) for b in content)
            found.setdefault(read, letter)
            found.setdefault(mend(read), letter)
    cased = {seen.upper(): said for seen, said in found.items()}
    cased |= {seen.lower(): said for seen, said in found.items() if seen.startswith("Ã")}
    # An « à » is an Ã and a no-break space, which many programs then write as a plain one.
    return cased | {"Ã ": "à"} | found


@cache
def _twice_encoded() -> re.Pattern[str]:
    longest_first = sorted(_letters(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))
