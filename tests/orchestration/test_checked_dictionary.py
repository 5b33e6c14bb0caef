"""A dictionary that the registry contradicts is refused before a build touches anything."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestration import checked_dictionary as checked
from orchestration.run import run_publication
from warehouse.base.errors import QpvError
from warehouse.base.layout import DICTIONARY_DIR, SAMPLE_DIR
from warehouse.declared.dictionary import load_dictionary


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("num: {ft_defm_abc_rsa: 1}", "num: {ft_defm_rsa_abc: 1}", "mesure inconnue 'ft_defm_rsa"),
        ("sont bénéficiaires du RSA au {", "sont bénéficiaires du RSA en {", "« au {periode} »"),
    ],
)  # fmt: skip
def test_what_the_registry_contradicts_is_said_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, said: str
) -> None:
    folder = shutil.copytree(DICTIONARY_DIR, tmp_path / "dictionary")
    path = folder / "chomage.yml"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    monkeypatch.setattr(checked, "load_dictionary", lambda: load_dictionary(folder))
    data = tmp_path / "data"
    with pytest.raises(QpvError) as refused:
        run_publication(edition="2023", extracts=[str(SAMPLE_DIR)], data=str(data), strict=False)
    assert said in str(refused.value) and "part_defm_abc_rsa" in str(refused.value)
    assert not data.exists()
