"""What a run is told: edition, data folder, where files come from. No work is done here."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import dagster as dg
from filelock import FileLock, Timeout
from pydantic import PrivateAttr

from ingest.extracts_folder import CHAMP_FILE, ExtractsFolder, said_edition
from ingest.registry import Source
from orchestration.defs.asset_keys import DRAFT_KEYS
from orchestration.defs.run_plan import Plan, Received
from warehouse.base.errors import QpvError
from warehouse.base.layout import CONTRATS_EXEMPLE, SAMPLE_DIR, Layout
from warehouse.base.working_folders import private
from warehouse.declared.contracts import ContratLu, given_contrats, load_contrats
from warehouse.declared.dictionary import Edition, default_edition, load_edition

SAMPLE = "sample"
#: The one source whose file may be the user's own.
LOCAUX = "perimetres_locaux"


class Reglages(dg.ConfigurableResource):
    """Settings of one run; holding them holds the data folder's lock.

    Attributes:
        edition: id of a file of `dbt_project/editions/`; empty for the one that the folders of
            extracts say to be those of, else for the default one.
        data: data folder; empty for `QPV_DATA`, else `./data`.
        extracts: folders of hand-downloaded files; `sample` for the bundled sample; empty for
            the network.
        perimetres_locaux: GeoJSON of an EPCI's own perimeters; empty for the one of the folders
            of extracts, if there is one.
        contrats: folder of contracts; empty for `contrats/` of the data folder, if there is one,
            or the bundled example with the bundled sample.
        strict: a file that the edition names and that cannot be had, or is put aside, is an error.
        documents: also the fiches as PDF and one workbook per EPCI.
        annexes: the long fiches as PDF too.
        brouillon: put the draft aside until a person has read it, instead of publishing it.
    """

    edition: str = ""
    data: str = ""
    extracts: list[str] = []  # noqa: RUF012  Dagster copies a resource's defaults
    strict: bool = False
    documents: bool = True
    annexes: bool = False
    brouillon: bool = False
    perimetres_locaux: str = ""
    contrats: str = ""
    _run_id: str = PrivateAttr(default="hors_execution")
    _plan: Plan | None = PrivateAttr(default=None)
    _received: Received | None = PrivateAttr(default=None)

    @property
    def layout(self) -> Layout:
        return Layout.resolve(self.data or None)

    @property
    def doors(self) -> Path:
        """Where the doors of this run say what they saw."""
        return self.layout.doors / self._run_id

    @property
    def extracts_folder(self) -> ExtractsFolder | None:
        if not self.extracts:
            return None
        return ExtractsFolder(*self._folders)

    @property
    def _folders(self) -> list[Path]:
        return [SAMPLE_DIR if e == SAMPLE else Path(e).expanduser() for e in self.extracts]

    def given_file(self, source: Source) -> Path | None:
        """The user's own file for a source, where one is given outside the folder of extracts.

        Raises:
            QpvError: it is not there.
        """
        if source.id != LOCAUX or not self.perimetres_locaux:
            return None
        path = Path(self.perimetres_locaux).expanduser()
        if not path.is_file():
            raise QpvError(
                "le fichier des périmètres locaux n'existe pas, ou n'est pas un fichier",
                ou=str(path),
                faire="vérifier --perimetres-locaux",
            )
        return path

    def load_contrats(self) -> list[ContratLu]:
        """The contracts that this run shows.

        Raises:
            QpvError: the folder that is given holds none, or one is not of the form.
        """
        if not self.contrats and SAMPLE in self.extracts and not self.layout.contracts.is_dir():
            return load_contrats(CONTRATS_EXEMPLE)
        return given_contrats(self.contrats, self.layout)

    def load_edition(self) -> Edition:
        """The edition of this run.

        Raises:
            QpvError: it does not exist, or is not the one that the bundled sample holds.
        """
        own = None if self.edition else said_edition(self._folders)
        said = (folder / CHAMP_FILE for folder in self._folders if own)
        said_by = ", ".join(str(path) for path in said if path.is_file())
        edition = load_edition(self.edition or own or default_edition(), said_by=said_by)
        if SAMPLE in self.extracts and edition.id != (own := said_edition([SAMPLE_DIR])):
            raise QpvError(
                f"l'échantillon fourni est celui de l'édition {own}, pas de l'édition {edition.id}",
                ou=f"--sample --edition {edition.id}",
                attendu=f"--sample seul, ou avec --edition {own}",
                faire="pour une autre édition, lire de vrais fichiers : --extracts DOSSIER",
            )
        return edition

    @property
    def plan(self) -> Plan:
        """What this run needs, computed once."""
        if self._plan is None:
            self._plan = Plan.of(self.load_edition())
        return self._plan

    @property
    def received(self) -> Received:
        """What came of each file of the plan, read once after the last one landed.

        Raises:
            QpvError: a file was never landed, or is also the file of another millésime.
        """
        if self._received is None:
            self._received = Received.of(self.plan, self.layout)
        return self._received

    def forget_received(self) -> None:
        """A file lands: what was read of the receipts no longer holds."""
        self._received = None

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Self]:
        """The run owns its data folder from its first step to its last."""
        if context.run is not None:
            self._run_id = context.run.root_run_id or context.run.run_id
        with single_writer(self.layout), private(self.layout):
            if context.run is not None and makes_parts_alone(context.run):
                self._run_id = _judged_run(self.layout.doors) or self._run_id
            _clear_others(self.layout.doors, kept=self.doors)
            yield self


def makes_parts_alone(run: dg.DagsterRun) -> bool:
    """Whether a run leaves files and warehouse as they are: what their doors said of them holds."""
    chosen = {key.asset_key if isinstance(key, dg.AssetCheckKey) else key
              for key in run.entity_selection or ()}  # fmt: skip
    return bool(chosen) and chosen <= DRAFT_KEYS


def _judged_run(doors: Path) -> str | None:
    """The last run that changed files or warehouse: each such run removes what others said."""
    folders = [path.name for path in doors.glob("*") if path.is_dir()]
    return folders[0] if len(folders) == 1 else None


@contextmanager
def single_writer(layout: Layout) -> Iterator[None]:
    """The data folder's lock; the kernel frees it when its holder dies.

    Raises:
        QpvError: another run holds it, or the folder cannot be written.
    """
    try:
        layout.root.mkdir(parents=True, exist_ok=True)
        # One lock per path in a process: a command takes it before its run, which takes it again.
        lock = FileLock(layout.lock_file, timeout=0, is_singleton=True)
        lock.acquire()
    except Timeout:
        raise QpvError(
            "une autre construction écrit déjà dans ce dossier de données",
            ou=str(layout.root),
            faire="attendre qu'elle finisse, ou choisir un autre dossier avec --data",
        ) from None
    except OSError as error:
        raise QpvError(
            f"dossier de données inutilisable : {error.strerror}",
            ou=str(layout.root),
            faire="vérifier les droits et l'espace disque, ou choisir un autre dossier avec --data",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _clear_others(root: Path, kept: Path) -> None:
    """Remove what earlier runs said: the caller holds the data folder."""
    for folder in root.glob("*"):
        if folder == kept:
            continue
        if folder.is_dir():
            shutil.rmtree(folder)
        else:
            folder.unlink()
