"""docs/audit.md: its worked example gives what the page says."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import invoke_qpv

PAGE = (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")


def _example(folder: Path) -> list[str]:
    blocks = dict(re.findall(r"`([\w.]+)`[^\n]* :\n\n```\w+\n(.*?)```", PAGE, re.DOTALL))
    for name in ("rsa.csv", "relations.yml", "regles.yml"):
        (folder / name).write_text(blocks[name], encoding="utf-8")
    files = [str(folder / name) for name in ("rsa.csv", "relations.yml", "regles.yml")]
    return ["audit", files[0], "--relations", files[1], "--rules", files[2]]


def test_the_example_answers_as_the_page_says(tmp_path: Path) -> None:
    [said] = re.findall(r"répond :\n\n```\n(.*?)```", PAGE, re.DOTALL)
    code, output = invoke_qpv(*_example(tmp_path))
    assert (code, output[: len(said)]) == (1, said)


def test_the_example_is_sound_once_the_rate_is_masked(tmp_path: Path) -> None:
    words = _example(tmp_path)
    table = tmp_path / "rsa.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("nd,4.7,", "nd,nd,"))
    code, output = invoke_qpv(*words)
    assert (code, "rsa, QP000001 : de 0 à 117" in output) == (0, True), output
