"""The answers of a release as tools of the Model Context Protocol. No rule is here."""

from __future__ import annotations

import json
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from warehouse.publication.answers.asked import Asked
from warehouse.publication.answers.refusal import Answer

_INSTRUCTIONS = """Chiffres des quartiers prioritaires de la politique de la ville, d'une seule
publication. Lire d'abord `statut`, `motif` et `verdict` : un `verdict` « refuse » n'a pas de
valeur, et sa `regle` dit pourquoi ; ne pas la contourner par un calcul. Deux périodes ou deux
lieux ne se rapprochent que par `comparer_periodes` et `comparer_territoires`. Écrire le `jeton`
après chaque chiffre cité : `qpv verifier --texte` le reconnaît."""

Territoire = Annotated[
    str, Field(description="Code : QP059050, QPV@EPCI:200042190, DEP:59, SIREN…")
]
Indicateur = Annotated[str, Field(description="Code d'un indicateur publié, par `chercher`.")]
Periode = Annotated[
    str | None, Field(description="2018, 2021-12-31, 2022-T4 ; sans elle, celle de l'édition.")
]
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)


def mcp_server(asked: Asked) -> MCPServer:
    """A server whose tools ask one release, and nothing else."""
    server = MCPServer(
        "qpv", title=f"QPV, {asked.titre}", instructions=_INSTRUCTIONS, log_level="WARNING"
    )

    @server.tool("chercher", annotations=_READS)
    def find(
        texte: Annotated[str, Field(description="Des mots, ou des parties de mots.")],
    ) -> CallToolResult:
        """Les territoires et les indicateurs qui portent tous ces mots, avec leur code."""
        return _told(asked.find(texte))

    @server.tool("profil", annotations=_READS)
    def profile(territoire: Territoire) -> CallToolResult:
        """Les chiffres clés d'un territoire, chacun avec son statut."""
        return _told(asked.profile(territoire))

    @server.tool("chiffre", annotations=_READS)
    def figure(
        territoire: Territoire, indicateur: Indicateur, periode: Periode = None
    ) -> CallToolResult:
        """Un chiffre, ou pourquoi la publication ne le donne pas."""
        return _told(asked.figure(territoire, indicateur, periode))

    @server.tool("comparer_periodes", annotations=_READS)
    def compare_periods(
        territoire: Territoire, indicateur: Indicateur, de: str, a: str
    ) -> CallToolResult:
        """Ce qui a changé entre deux périodes, ou la règle qui interdit de les rapprocher."""
        return _told(asked.periods(territoire, indicateur, de, a))

    @server.tool("comparer_territoires", annotations=_READS)
    def compare_places(
        territoire: Territoire, avec: Territoire, indicateur: Indicateur, periode: Periode = None
    ) -> CallToolResult:
        """Un chiffre à côté de celui d'un autre lieu, ou la règle qui l'interdit."""
        return _told(asked.places(territoire, avec, indicateur, periode))

    @server.tool("serie", annotations=_READS)
    def series(territoire: Territoire, indicateur: Indicateur) -> CallToolResult:
        """Toutes les périodes d'un chiffre, et lesquelles se relient."""
        return _told(asked.series(territoire, indicateur))

    @server.tool("quartiers_semblables", annotations=_READS)
    def similar_quarters(quartier: Territoire) -> CallToolResult:
        """Les quartiers qui ressemblent le plus à celui-ci."""
        return _told(asked.similar(quartier))

    @server.tool("expliquer", annotations=_READS)
    def explain(
        territoire: Territoire, indicateur: Indicateur, periode: Periode = None
    ) -> CallToolResult:
        """D'où vient un chiffre, ce qu'il compte, avec quoi il ne se compare pas."""
        return _told(asked.explanation(territoire, indicateur, periode))

    @server.tool("citer", annotations=_READS)
    def cite(
        territoire: Territoire, indicateur: Indicateur, periode: Periode = None
    ) -> CallToolResult:
        """Une phrase à imprimer, sa source et le jeton de son chiffre."""
        return _told(asked.citation(territoire, indicateur, periode))

    return server


def _told(answer: Answer) -> CallToolResult:
    """An answer in words, then whole, for clients that read text; and as data."""
    why = f" : {answer['motif']}" if answer["motif"] else ""
    statut = f" ({answer['statut']})" if answer["statut"] else ""
    words = f"Publication {answer['publication']}. {answer['verdict']}{statut}{why}"
    whole = json.dumps(answer, ensure_ascii=False, allow_nan=False, default=str)
    data: dict[str, Any] = json.loads(whole)
    return CallToolResult(
        content=[TextContent(type="text", text=words), TextContent(type="text", text=whole)],
        structured_content=data,
    )
