"""One round of the watch over producers: what each published, late, revised or took away."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout

from ingest.datagouv import API
from ingest.extracts_folder import ExtractsFolder
from ingest.fingerprints import read_lock
from ingest.receipts import read_receipt
from ingest.recognition import unclaimed_files
from ingest.registry import Registry, Source
from ingest.watch.places import places_of
from ingest.watch.seen import read_memory, write_memory
from ingest.watch.states import A_FAIRE, ETATS, Lu, Nouvelle, judge
from ingest.watch.visits import DUREE, PAUSE, Visitor
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout


@dataclass(frozen=True)
class Round:
    """What a round found. `fichiers`: of the folders, those of nobody, and what they look like;
    `remises`: sources left for another day, the time of the round being spent."""

    jour: date
    constats: list[Nouvelle]
    fichiers: list[tuple[str, str]]
    remises: list[str]

    @property
    def asks(self) -> bool:
        """Whether something asks for a person."""
        return bool(self.fichiers) or any(one.etat in A_FAIRE for one in self.constats)

    def as_json(self) -> dict:
        constats = [
            {**asdict(one), "depuis": one.depuis and one.depuis.isoformat(), "cle": one.cle}
            for one in self.constats
        ]
        files = [{"fichier": name, "constat": said} for name, said in self.fichiers]
        return {
            "jour": self.jour.isoformat(),
            "constats": constats,
            "fichiers": files,
            "remises": self.remises,
        }

    def lines(self) -> Iterator[str]:
        """The round as people read it: what asks for something first, one line each."""
        for name, said in self.fichiers:
            yield f"{name} : {said}. À faire : `qpv millesime proposer {name}`."
        for etat, title in ETATS.items():
            found = [one for one in self.constats if one.etat == etat]
            if found and etat in ("a_la_main", "rien_de_neuf"):
                yield f"{title} ({len(found)}) : {', '.join(one.source for one in found)}."
                continue
            for one in found:
                what = " ".join(filter(None, (one.source, one.millesime)))
                todo = f" À faire : {one.faire}." if one.faire else ""
                yield f"{what} : {title}, {one.dit}.{todo}"
        if self.remises:
            yield f"remises à demain ({len(self.remises)}) : {', '.join(self.remises)}."


def watch(
    layout: Layout,
    registry: Registry,
    *,
    today: date,
    extracts: Sequence[Path] = (),
    only: Collection[str] = (),
    api: str = API,
    pause: float = PAUSE,
    duree: float = DUREE,
) -> Round:
    """Visit each source that was not visited today, and say what is found of all.

    Args:
        only: the sources to look at; none for all.
        pause, duree: seconds between two requests to one host, and of the whole round.

    Raises:
        QpvError: another round is under way, or a folder or a source is not there.
    """
    sources = [registry[one] for one in only] if only else [*registry.sources.values()]
    sources = [source for source in sources if not source.facultative]
    folder = layout.watch
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = unclaimed_files(ExtractsFolder(*extracts), registry) if extracts else []
    constats, left = [], []
    with _alone(folder), TemporaryDirectory(dir=folder) as scratch:
        visitor = Visitor(Path(scratch), today, partial(_known, layout), api, pause, duree)
        # Those that an earlier round left come first.
        memories = {source.id: read_memory(folder, source.id) for source in sources}
        for source in sorted(sources, key=lambda s: memories[s.id].visite_le or date.min):
            memory = memories[source.id]
            if memory.visite_le != today and places_of(source):
                if visitor.is_over:
                    left.append(source.id)
                    continue
                memory = visitor.visit(source, memory)
                write_memory(folder, memory)
            constats += judge(source, memory, _read(layout, source), today)
    return Round(today, constats, files, left)


def known_of(layout: Layout, source: Source, today: date) -> list[Nouvelle]:
    """What the rounds that were made tell of a source, asking nobody."""
    return judge(source, read_memory(layout.watch, source.id), _read(layout, source), today)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / ".verrou", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise QpvError(
            "une veille est déjà en cours sur ce dossier de données",
            ou=str(folder),
            faire="attendre qu'elle finisse : dix minutes au plus",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _read(layout: Layout, source: Source) -> dict[str, Lu]:
    """Millésime → what was read of it in this data folder."""
    found = {}
    for millesime in source.millesimes:
        receipt = read_receipt(layout.landed(source.id, millesime))
        if receipt and receipt.fichiers:
            instant = max(datetime.fromisoformat(f.obtenu_le) for f in receipt.fichiers)
            found[millesime] = Lu(instant, frozenset(f.sha256 for f in receipt.fichiers))
    return found


def _known(layout: Layout, source_id: str, millesime: str) -> set[str]:
    """The sha256 of the files of a millésime, as they were read here or by others."""
    receipt = read_receipt(layout.landed(source_id, millesime))
    here = {f.sha256 for f in receipt.fichiers} if receipt else set()
    entry = read_lock(source_id).get(millesime, {"fichiers": {}})
    return here | {f["sha256"] for f in entry["fichiers"].values()}
