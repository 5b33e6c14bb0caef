"""The modules that look at one costly build share a worker: none looks at two of them."""

from __future__ import annotations

from tests.conftest import REPO, SHARED_BUILD


def test_no_module_would_have_a_second_worker_build_again() -> None:
    named = {
        path.relative_to(REPO).as_posix(): {
            found[1] for found in SHARED_BUILD.finditer(path.read_text(encoding="utf-8"))
        }
        for path in (REPO / "tests").rglob("test_*.py")
    }
    assert {"sample", "national", "extracts"} <= set().union(*named.values())
    assert {name: builds for name, builds in named.items() if len(builds) > 1} == {}
