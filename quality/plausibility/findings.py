"""One finding: the rule, the figure at fault, and the arithmetic that shows it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from warehouse.domain.format import nombre


@dataclass(frozen=True)
class Finding:
    """`phrase` is one plain French sentence with its arithmetic; `ou`, where each figure stands."""

    regle: str
    severite: str
    territoire: str
    indicateur: str
    periode: str
    grandeur: str
    phrase: str
    ou: list[str] = field(default_factory=list)

    @property
    def cle(self) -> tuple[str, str, str, str]:
        return self.regle, self.territoire, self.indicateur, self.periode

    def as_dict(self) -> dict:
        return asdict(self)


def fr(value: float, decimals: int = 0) -> str:
    """A number as a French reader expects it: `7 469`, `46,3`, `−4,8`."""
    return nombre(value, decimals)


def signed(value: float, decimals: int = 0) -> str:
    """The same with its sign, `+7 469`."""
    return nombre(value, decimals, signe=True)
