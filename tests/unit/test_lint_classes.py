"""The lint that keeps a reader from asking which of two classes of one name is meant."""

from __future__ import annotations

from tests.lint_classes import allowed, faults, said, twins

MODULES = {
    "ingest/a.py": "class Source:\n    pass\n",
    "quality/b.py": "class Source:\n    class Inside:\n        pass\n",
    "warehouse/c.py": "class Other:\n    class Inside:\n        pass\n",
}
PAGE = """- Files are short.
- A class has a name of its own, or:
  - `Source`: two things for two readers.
  - `Other`:
- No year.
  - `Third`: not of that list.
"""


def test_two_classes_of_one_name_are_a_fault_that_names_both_files() -> None:
    [fault] = said(twins(MODULES), ())
    assert "class Source in ingest/a.py and quality/b.py" in fault


def test_a_class_inside_another_has_the_name_of_its_owner() -> None:
    assert twins(MODULES).keys() == {"Source"}


def test_a_name_with_a_reason_may_stand_twice_and_one_without_may_not() -> None:
    assert allowed(PAGE) == {"Source"}
    assert said(twins(MODULES), allowed(PAGE)) == []


def test_a_reason_that_serves_no_more_is_a_fault_too() -> None:
    assert said({}, {"Source"}) == ["CONTRIBUTING.md lists the class Source, which stands once"]


def test_the_repository_keeps_to_it() -> None:
    assert faults() == []
