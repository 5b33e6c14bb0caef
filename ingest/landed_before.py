"""Whether a millésime is landed again: not when all that its landing stood on is what it was.

That is its files, what is declared of its source, the quarters and communes known, this code and
the libraries that read. What was written must still be there, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from platform import python_version

from ingest.archive import empreinte
from ingest.collect import Collected
from ingest.landing import LandingReport
from ingest.receipts import Receipt
from ingest.registry import Source
from warehouse.base.layout import DOMAIN_DIR, REPO, subjects_of, witnesses_of

#: What reads a file or writes a landed one, and what it reads beside the source's declaration.
CODE = ("ingest", "warehouse/base", "warehouse/declared", "warehouse/domain", "orchestration/defs")
#: Libraries whose other version could read the same bytes otherwise.
LIBRARIES = (
    "duckdb",
    "numpy",
    "pyarrow",
    "pydantic",
    "pyproj",
    "python-calamine",
    "PyYAML",
    "rapidfuzz",
    "shapely",
    "xlrd",
)


@dataclass(frozen=True)
class Known:
    """What a landing knows of the territories: QPV codes, communes to read, lists by perimeter."""

    codes: frozenset[str] | None = None
    communes: frozenset[str] | None = None
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)


def basis(source: Source, millesime: str, collected: Collected, known: Known) -> str:
    """The fingerprint of all that the landing of these files stands on."""
    said = {
        "code": _code(),
        "source": source.model_dump_json(),
        "millesime": millesime,
        "fichiers": [[p.model_dump_json(), f.nom, f.sha256] for p, f in collected.files],
        "champ": collected.champ.model_dump_json() if collected.champ else None,
        "codes": None if known.codes is None else sorted(known.codes),
        "communes": None if known.communes is None else sorted(known.communes),
        "listes": {name: sorted(codes) for name, codes in sorted(known.lists.items())},
    }
    return sha256(json.dumps(said).encode()).hexdigest()


def written(parquet: Path) -> dict[str, str]:
    """Name → fingerprint of what a landing wrote, of the files that are there."""
    paths = (parquet, witnesses_of(parquet), subjects_of(parquet))
    return {path.name: digest for path in paths if (digest := empreinte(path))}


def stands(receipt: Receipt | None, parquet: Path) -> bool:
    """Whether a receipt says what it stood on, and what it wrote is there as it was."""
    return receipt is not None and bool(receipt.appui) and receipt.ecrits == written(parquet)


def report_of(receipt: Receipt, parquet: Path) -> LandingReport:
    """What a landing reported, from its receipt; its rows by kind of key are not kept there."""
    return LandingReport(
        receipt.source_id,
        receipt.millesime,
        parquet,
        territoires=receipt.territoires,
        statuts=receipt.statuts,
        ignorees=receipt.ignorees,
        colonnes=receipt.colonnes,
        sur_place=receipt.sur_place,
        contours=receipt.contours,
        rendus=receipt.rendus,
        cellules=receipt.cellules,
        anciens_codes=receipt.anciens_codes,
    )


@cache
def _code() -> str:
    """The fingerprint of this code, of what it reads of the repository, and of its libraries."""
    found = sha256(python_version().encode())
    for library in LIBRARIES:
        found.update(f"{library} {metadata.version(library)}\n".encode())
    for path in sorted(_files()):
        found.update(f"{path.relative_to(REPO)}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def _files() -> Iterable[Path]:
    for folder in CODE:
        yield from (REPO / folder).rglob("*.py")
    yield from DOMAIN_DIR.rglob("*.yml")
    yield from (REPO / "ingest").glob("*.yml")
