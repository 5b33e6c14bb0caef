"""Who publishes and where, as the host declares it: `dbt_project/diffusion.yml`, optional."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from warehouse.base.layout import DIFFUSION
from warehouse.base.strict import Strict, load_yaml

Adresse = Annotated[str, Field(pattern=r"^https?://[^\s/]+\S*$")]


class Editeur(Strict):
    """Who answers for the publication; `page` and `courriel` are where to write."""

    nom: str
    page: Adresse | None = None
    courriel: Annotated[str, Field(pattern=r"^\S+@\S+\.\S+$")] | None = None


Courriel = Annotated[str, Field(pattern=r"^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$")]


class Messagerie(Strict):
    """The mail server that messages leave by; its account is in the environment, never here.

    `chiffrement`: `aucun` for a relay that asks no account, on one's own network.
    """

    serveur: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]+$")]
    port: int = Field(default=587, ge=1, le=65535)
    chiffrement: Literal["starttls", "tls", "aucun"] = "starttls"
    de: Courriel
    a: list[Courriel] = Field(min_length=1)


class Messages(Strict):
    """Who is told what happens; the address of a webhook is a secret: in `QPV_WEBHOOK`."""

    courriel: Messagerie | None = None


class Diffusion(Strict):
    """What only the host knows. Nothing declared: links are relative, and the publisher unnamed.

    `adresse`: the web address of the folder of releases; a release is at `<adresse>/<release_id>/`.
    """

    editeur: Editeur = Editeur(nom="Éditeur non déclaré")
    adresse: Adresse | None = None
    messages: Messages = Messages()

    def lien(self, release_id: str, chemin: str) -> str:
        """Where a file of a release is: from the release's own folder if no address is declared."""
        if self.adresse is None:
            return chemin
        return f"{self.adresse.rstrip('/')}/{release_id}/{chemin}"


def load_diffusion(path: Path = DIFFUSION) -> Diffusion:
    """What the host declares, or the defaults where there is no such file.

    Raises:
        QpvError: an unknown key, or a value that is not of the form; it names the file and the key.
    """
    return load_yaml(path, Diffusion) if path.is_file() else Diffusion()
