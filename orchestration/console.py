"""Progress as people read it: a bar on a terminal, plain lines elsewhere. Holds no logic."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

_err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """One line of progress."""
    _err.print(escape(text))


def fail(text: str) -> None:
    """One paragraph that says what was refused."""
    _err.print(f"[bold red]Refusé.[/] {escape(text)}" if _err.is_terminal else text, markup=True)


class bar:
    """`with bar("Fiches") as advance: advance(done, total)`."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._progress: Progress | None = None

    def __enter__(self) -> Callable[[int, int], None]:
        if sys.stderr.isatty():
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=_err,
            )
            self._progress.start()
            self._task = self._progress.add_task(self._title, total=None)
        self._said = 0
        return self._advance

    def _advance(self, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress.update(self._task, completed=done, total=total)
        elif total and (done * 4 // total > self._said or done == total):
            self._said = done * 4 // total
            say(f"{self._title} : {done} sur {total}")

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()


def show(table: Table) -> None:
    """A table on the standard output, whole even when the terminal is narrow."""
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def show_blocs(blocs: Iterable[tuple[str, list[tuple[str, str]]]]) -> None:
    """Titled lines on the standard output: two columns on a terminal, plain text elsewhere."""
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    for rank, (titre, lignes) in enumerate(blocs):
        if rank:
            console.print()
        console.print(Text(titre, style="bold"))
        if not console.is_terminal:
            for word, said in lignes:
                console.print(Text(f"  {word} : {said}" if word else f"  {said}"))
            continue
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="cyan", max_width=34, overflow="fold")
        grid.add_column(overflow="fold")
        for word, said in lignes:
            grid.add_row(word and Text(word), Text(said))
        console.print(Padding(grid, (0, 0, 0, 2)))
