"""What CONTRIBUTING quotes as real is what the files hold."""

from __future__ import annotations

import re
import textwrap

import pytest
import yaml

from tests.conftest import REPO
from warehouse.base.layout import DICTIONARY_DIR, SOURCES_DIR

PAGE = (REPO / "CONTRIBUTING.md").read_text(encoding="utf-8")


def quoted(start: str) -> str:
    """The YAML of the page that starts so, without its indent."""
    blocks = re.findall(r"```yaml\n(.*?\n) *```", PAGE, re.DOTALL)
    [found] = [b for b in map(textwrap.dedent, blocks) if b.startswith(start)]
    return found


@pytest.mark.parametrize("source_id", ["insee_ipro", "insee_filosofi"])
def test_the_millesimes_that_it_shows_are_declared_so(source_id: str) -> None:
    entries = quoted("# insee_ipro.yml").split("# ")
    [entry] = [e for e in entries if e.startswith(f"{source_id}.yml")]
    shown = yaml.safe_load(textwrap.dedent(entry.partition("\n")[2]))
    held = yaml.safe_load((SOURCES_DIR / f"{source_id}.yml").read_text(encoding="utf-8"))
    [(name, said)] = shown.items()
    assert said and said.items() <= held["millesimes"][name].items()


def test_the_indicator_that_it_shows_is_defined_so() -> None:
    [(code, said)] = yaml.safe_load(quoted("part_defm_abc_rsa:")).items()
    held = yaml.safe_load((DICTIONARY_DIR / "chomage.yml").read_text(encoding="utf-8"))
    assert said == held["indicateurs"][code]
