"""The journal's table of millésimes says what the registry declares, no more and no less."""

from __future__ import annotations

from ingest.registry import Source, load_registry
from warehouse.base.layout import REPO


def row(source: Source) -> str:
    tierce = " (tierce)" if source.confiance == "tierce" else ""
    millesimes = [f"{m}{'*' if source.is_unseen(m) else ''}" for m in sorted(source.millesimes)]
    return f"| `{source.id}`{tierce} | {', '.join(millesimes)} |"


def test_the_table_of_the_journal_lists_each_source_once_with_its_millesimes() -> None:
    text = (REPO / "CHANGELOG.md").read_text(encoding="utf-8")
    table = text.split("### Millésimes ajoutés")[1].split("###")[0]
    registry = load_registry()
    assert [line for line in table.splitlines() if line.startswith("| `")] == [
        row(registry[source]) for source in sorted(registry.sources)
    ]
