"""`qpv release … --data lac`: the releases of the shared lake, as those of a data folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from warehouse.lake.access import NOM, opened, required_lake
from warehouse.lake.releases import PublicationDuLac, choose, read_register, releases_of
from warehouse.lake.seals import faults_in_lake
from warehouse.publication.changes import LUES, Changes, changes_between
from warehouse.release.connect import SCRATCH_LIMIT
from warehouse.release.relations import expose


def lake_table() -> Table:
    """One row per release of the lake, in the order in which they were published."""
    lac = required_lake()
    known = releases_of(lac)
    standing = [one.publication for one in known if one.retiree_le is None]
    table = Table(title=f"Publications ({lac.donnees})", show_lines=False)
    for title in ("Publication", "Édition", "Publiée le", "Envoyée le", "État"):
        table.add_column(title, no_wrap=title == "Publication")
    for one in known:
        state = "latest" if [one.publication] == standing[-1:] else ""
        if one.retiree_le:
            state = f"retirée le {one.retiree_le:%Y-%m-%d} : {one.motif}"
        days = [f"{day:%Y-%m-%d}" for day in (one.publiee_le, one.envoyee_le)]
        table.add_row(one.publication, one.edition, *days, escape(state))
    return table


def verify_in_lake(wanted: str | None) -> Iterator[tuple[str, bool]]:
    """Lines to print, each with whether it is good news.

    Args:
        wanted: an identifier, the start of it, or `latest`; None for every release that stands.
    """
    lac = required_lake()
    chosen = [wanted]
    if wanted is None:
        chosen = [one.publication for one in releases_of(lac) if one.retiree_le is None]
    for one in chosen:
        publication, faults = faults_in_lake(lac, one)
        said = f"{len(faults)} écart{'s' * (len(faults) > 1)}" if faults else "intacte dans le lac"
        yield f"{publication} : {said}", not faults
        yield from ((f"  {fault}", False) for fault in faults)


def changes_in_lake(avant: str, apres: str, rows: Path | None) -> Changes:
    """What a release of the lake changes of another."""
    with opened(required_lake(), read_only=True) as con:
        con.execute(f"set memory_limit = '{SCRATCH_LIMIT}'")
        known = read_register(con)
        both = [choose(known, wanted) for wanted in (avant, apres)]
        for name, one in zip(("avant", "apres"), both, strict=True):
            expose(con, *LUES, of=f"{NOM}.{one.schema}", under=name)
        return changes_between(con, _said(both[0]), _said(both[1]), rows)


def _said(one: PublicationDuLac) -> dict:
    day = one.publiee_le.astimezone(UTC).isoformat(timespec="seconds")
    return {"release_id": one.publication, "edition": one.edition, "publiee_le": day}
