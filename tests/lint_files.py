"""What no linter knows: length and names of files, package hosts, machine paths, French verbs,
pages that `make docs` would write otherwise."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from orchestration import dictionary_docs
from quality.plausibility import page as plausibility_page
from tests import lint_classes, lint_names, module_map
from warehouse.publication import dictionary_page

REPO = Path(__file__).resolve().parent.parent
MAX_LINES = 400
#: Data that is dated by nature: editions, the sample's official file names, locks. Contracts are
#: named after a siren, which may read as a year.
DATED = (
    "dbt_project/editions/",
    "dbt_project/exemples/contrats/",
    "ingest/sample/",
    "ingest/locks/",
)
TEXT = {".py", ".sql", ".yml", ".yaml", ".toml", ".md", ".lock", ".j2", ".css", ".typ", ".json", ""}
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
    return found


def written() -> dict[Path, str]:
    """Each page that `make docs` writes, as it would be written now."""
    rules = plausibility_page.PAGE.read_text(encoding="utf-8")
    return {
        module_map.PAGE: module_map.page(),
        dictionary_page.PAGE: dictionary_docs.page(),
        plausibility_page.PAGE: plausibility_page.render(rules),
    }


def stale() -> list[str]:
    """The pages of `make docs` that no longer say what they are written from."""
    return [
        f"{page.relative_to(REPO).as_posix()}: stale, `make docs` writes it"
        for page, text in written().items()
        if not page.is_file() or page.read_text(encoding="utf-8") != text
    ]


def twins() -> list[str]:
    """Modules or classes of one name in two rooms: a reader must not ask which one is meant."""
    seen: dict[str, list[str]] = {}
    for path in tracked():
        name = path.relative_to(REPO).as_posix()
        ours = name.startswith(module_map.ROOMS) and name != "warehouse/errors.py"  # for users
        if path.suffix == ".py" and ours and path.stem != "__init__":
            seen.setdefault(path.stem, []).append(name)
    found = [f"{' and '.join(places)}: one name" for places in seen.values() if len(places) > 1]
    return found + lint_classes.faults()


def main() -> int:
    """Print each fault; 1 if there is one."""
    wrong = [(p.relative_to(REPO), f) for p in tracked() for f in faults(p)]
    said = [f"{path}: {fault}" for path, fault in wrong] + stale() + twins() + lint_names.faults()
    print("\n".join(said), end="\n" if said else "")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
