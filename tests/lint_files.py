"""File rules that no linter knows: length, years in names, package hosts, machine paths."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
MAX_LINES = 400
#: Data that is dated by nature: editions, the sample's official file names, locks.
DATED = ("dbt_project/editions/", "ingest/sample/", "ingest/locks/")
TEXT = {".py", ".sql", ".yml", ".yaml", ".toml", ".md", ".lock", ".j2", ".css", ".typ", ".json", ""}
#: The modules that the map of the rooms names, by the last part of their path, without suffix.
MAP = {
    Path(named).stem
    for named in re.findall(r"`([\w/.]+)`", (REPO / "docs/architecture.md").read_text("utf-8"))
}
HOST = re.compile(r"(pypi\.org|pythonhosted|npmjs|deb\.debian|--index-url|--find-links)", re.I)


def tracked() -> list[Path]:
    """Every file that git tracks or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True)
    return [REPO / line for line in listed.stdout.splitlines() if (REPO / line).is_file()]


def faults(path: Path) -> list[str]:
    """What is wrong with one file."""
    name = path.relative_to(REPO).as_posix()
    found = []
    if re.search(r"(19|20)\d{2}", name) and not name.startswith(DATED):
        found.append("a year in its name")
    if path.suffix not in TEXT or path == Path(__file__).resolve():
        return found
    text = path.read_text(encoding="utf-8", errors="replace")
    ours = "/vendor/" not in name
    if (
        ours
        and path.suffix in (".py", ".sql", ".j2", ".css", ".typ")
        and text.count("\n") > MAX_LINES
    ):
        found.append(f"{text.count(chr(10))} lines, more than {MAX_LINES}")
    if HOST.search(text):
        found.append("names a package registry's host or option")
    if str(REPO.parent) + "/" in text:
        found.append("carries a path of this machine")
    if path.suffix == ".py" and text.strip() and not mapped(name):
        found.append("absent from docs/architecture.md")
    return found


def mapped(name: str) -> bool:
    """Whether the map of the modules names this one; tests have no row of their own."""
    path = Path(name)
    return path.parts[0] == "tests" or path.name == "__init__.py" or path.stem in MAP


def main() -> int:
    """Print each fault; 1 if there is one."""
    wrong = [(p.relative_to(REPO), f) for p in tracked() for f in faults(p)]
    for path, fault in wrong:
        print(f"{path}: {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
