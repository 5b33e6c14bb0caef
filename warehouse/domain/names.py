"""How a territory is named in a sentence, as `dbt_project/noms.yml` declares it. Reads no data."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from warehouse.base.layout import NOMS
from warehouse.base.strict import KeyFault, Strict, load_yaml

if TYPE_CHECKING:
    import pyarrow as pa

#: Those that « de » leaves as they are: a sentence may put it before what `avec_article` gives.
Article = Literal["la ", "l'"]
CodeDepartement = Annotated[str, Field(pattern=r"^([0-9]{2}|2[AB]|97[0-9])$")]
CodeRegion = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
CodeCollectivite = Annotated[str, Field(pattern=r"^9[78][0-9]$")]
Siren = Annotated[str, Field(pattern=r"^[0-9]{9}$")]
#: A first letter before which « de » is elided; h and y are not: some are, some are not.
VOYELLES = "AÀÂEÉÈÊIÎOÔUÙÛ"


class Debut(Strict):
    """How names that begin by `debut` go on after an article, or after « de » (`devient`)."""

    debut: str = Field(min_length=1)
    article: Article | None = None
    devient: str | None = Field(default=None, pattern=r"^d")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.article is None) == (self.devient is None):
            raise KeyFault("devient", "un début a un article, ou dit ce qu'il devient après « de »")
        return self

    @property
    def apres_de(self) -> str:
        """What stands in place of the beginning after « QP »: « de la CA »."""
        return self.devient or f"de {self.article}{self.debut}"


class Lieu(Strict):
    """A département or a région, and its name after « QP »."""

    libelle: str = Field(min_length=1)
    apres_qp: str = Field(pattern=r"^d")


class Collectivite(Strict):
    """A collectivity that the list of départements does not hold."""

    libelle: str = Field(min_length=1)
    article: Article | None = None


class Noms(Strict):
    """The beginnings of names, and the names of places that no list gives."""

    debuts: list[Debut]
    epci: dict[Siren, Annotated[str, Field(min_length=1)]]
    departements: dict[CodeDepartement, Lieu] = Field(default_factory=dict)
    regions: dict[CodeRegion, Lieu] = Field(default_factory=dict)
    collectivites: dict[CodeCollectivite, Collectivite]

    @model_validator(mode="after")
    def _no_twins(self) -> Self:
        said = [d.debut for d in self.debuts]
        for index, debut in enumerate(said):
            if debut in said[:index]:
                raise KeyFault(f"debuts.{index}.debut", f"le début {debut!r} est déjà dit")
        return self

    def tables(self) -> dict[str, pa.Table]:
        """The declared names as the tables that dbt reads, elisions included."""
        import pyarrow as pa  # 0.25 s, which a fiche that names a territory must not wait

        def _texts(*columns: str) -> pa.Schema:
            return pa.schema([(name, pa.string()) for name in columns])

        elided = [{"debut": v, "apres_de": f"d'{v}"} for v in VOYELLES]
        debuts = [{"debut": d.debut, "apres_de": d.apres_de} for d in self.debuts]
        known = {d["debut"] for d in debuts}
        rows = [*debuts, *(e for e in elided if e["debut"] not in known)]
        names = [{"code_territoire": f"EPCI:{c}", "libelle": n} for c, n in self.epci.items()]
        names += [
            {
                "code_territoire": f"DEP:{code}",
                "libelle": one.libelle,
                "libelle_de": f"de {one.article or ''}{one.libelle}",
            }
            for code, one in self.collectivites.items()
        ]
        names += [
            {"code_territoire": prefix + code, "libelle": one.libelle, "libelle_de": one.apres_qp}
            for prefix, places in (("DEP:", self.departements), ("REG:", self.regions))
            for code, one in places.items()
        ]
        return {
            "debuts": pa.Table.from_pylist(rows, schema=_texts("debut", "apres_de")),
            "noms": pa.Table.from_pylist(
                names, schema=_texts("code_territoire", "libelle", "libelle_de")
            ),
        }

    def avec_article(self, libelle: str) -> str | None:
        """« la CA de… », « l'Eurométropole de… »; None for a name that takes no article."""
        begun = _longest(libelle, (d for d in self.debuts if d.article))
        return begun.article + libelle if begun and begun.article else None


def _longest(libelle: str, debuts: Iterable[Debut]) -> Debut | None:
    begun = (d for d in debuts if libelle.casefold().startswith(d.debut.casefold()))
    return max(begun, key=lambda d: len(d.debut), default=None)


@lru_cache(maxsize=1)
def load_names() -> Noms:
    """The names declared in the repository.

    Raises:
        QpvError: a key is unknown, or a value is not of its form; it names the file and the key.
    """
    return load_yaml(NOMS, Noms)
