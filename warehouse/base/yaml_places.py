"""Where a key stands in a YAML text: the line to correct. Judges nothing."""

from __future__ import annotations

from pathlib import Path

import yaml

from warehouse.base.strict import SafeLoader


def line_of(path: Path, key: str) -> int:
    """The line, from 1, of a key such as `objectifs.2.depart.periode`, or of what holds it."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=SafeLoader)
    line = 1
    for part in key.split(".") if key else ():
        found = _inside(node, part)
        if found is None:
            break
        line, node = found
    return line


def _inside(node: yaml.Node | None, part: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == part:
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
        item = node.value[int(part)]
        return item.start_mark.line + 1, item
    return None
