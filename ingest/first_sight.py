"""The first real file of a millésime known only by its documentation, compared column by column."""

from __future__ import annotations

from collections.abc import Callable

from ingest.file_parts import Partie
from ingest.header_faults import HeaderFault, short
from ingest.header_names import A_ETABLIR, fill
from ingest.keys import key_column
from ingest.readers import RawTable
from ingest.registry import Source
from warehouse.base.text_tables import NoHeader, header_key

#: Headers that producers give to the key of a QPV table, where the declared one is not there.
CLES_USUELLES = ("CODGEO", "codeQPV", "code_qp", "qp", "codqp", "code_qpv", "codeDepcom", "code")


def read_unseen(
    source: Source, millesime: str, partie: Partie, read: Callable[[str], RawTable]
) -> RawTable:
    """The table of a file never seen: its header row is one that bears any expected header.

    Args:
        read: reads the file whose header row bears a given header.

    Raises:
        HeaderFault: none of the first rows bears a header that is expected or usual.
    """
    expected = [h for h in _expected(source, millesime) if not h.startswith(A_ETABLIR)]
    for header in (partie.entete_cle, *CLES_USUELLES, *expected):
        try:
            return read(header)
        except NoHeader as error:
            refused = error
    raise HeaderFault(
        _what(source, millesime) + ", et aucun des en-têtes attendus n'y est",
        raison="ses en-têtes n'avaient jamais été vus, et aucun de ceux attendus n'y est",
        ou=refused.ou,
        attendu=f"{partie.entete_cle} (la clé), {', '.join(expected)}",
        faire="vérifier que c'est le bon fichier ; sinon y lire le nom de la clé et l'écrire dans "
        f"`millesimes.{millesime}.entete_cle` de ingest/sources/{source.id}.yml",
    )


def refuse_unexplained(
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    missing: list[str],
    unknown: list[str],
) -> None:
    """Refuse the file unless its header and its periods are those declared.

    Raises:
        HeaderFault: names each column (expected and there, expected and not there, there and
            unknown), each period to establish, and what to write in the YAML.
    """
    waiting = [
        bloc
        for bloc, periods in source.millesimes[millesime].periodes.items()
        if any(periode.startswith(A_ETABLIR) for periode in periods)
    ]
    if not (missing or unknown or waiting):
        return
    meanings = {header_key(h): said for h, said in _expected(source, millesime).items()}
    meanings |= {header_key(partie.entete_cle): "la clé"}
    there = [h for h in raw.header if header_key(h) in meanings]
    said = [
        f"{title} ({len(names)}) : " + ", ".join(_named(h, meanings) for h in names)
        for title, names in (
            ("attendues et présentes", there),
            ("attendues et absentes", missing),
            ("présentes et inconnues", unknown),
        )
        if names
    ]
    said += [f"période à établir : bloc {bloc}" for bloc in waiting]
    reason = "son en-tête, jamais vu, n'est pas celui attendu"
    if not (missing or unknown):
        reason = f"la période du bloc {', '.join(waiting)} est à établir"
    raise HeaderFault(
        _what(source, millesime),
        raison=short(reason, missing, unknown),
        absentes=missing,
        inconnues=unknown,
        cle=None if partie.entete_cle not in missing else key_column(partie, raw, unknown),
        ou=f"{raw.where()} : {' ; '.join(said)}",
        attendu=f"les colonnes que déclare ingest/sources/{source.id}.yml d'après la documentation",
        faire=_advice(source, millesime, partie, missing, unknown, waiting),
    )


def _what(source: Source, millesime: str) -> str:
    return (
        f"premier fichier lu pour {source.id} {millesime} : ses en-têtes n'avaient jamais été vus"
    )


def _expected(source: Source, millesime: str) -> dict[str, str]:
    """Header → the mesure, attribute or NOTE that it is expected to bear."""
    edition = source.millesimes[millesime]
    expected = {
        fill(edition.entetes.get(a.nom, a.entete), millesime): a.nom
        for a in source.attributs
        if a.nom not in edition.absentes
    }
    for bloc in edition.periodes:
        columns = source.columns_of(bloc, millesime)
        expected |= {header: column.mesure for column, header, _ in columns}
        if columns and (note := source.note_of(bloc, millesime)):
            expected[note] = f"NOTE de {bloc}"
    return expected


def _named(header: str, meanings: dict[str, str]) -> str:
    meaning = meanings.get(header_key(header))
    return f"{header} = {meaning}" if meaning else header


def _advice(
    source: Source,
    millesime: str,
    partie: Partie,
    missing: list[str],
    unknown: list[str],
    waiting: list[str],
) -> str:
    """What to write in the YAML, for the kinds of difference that there are."""
    key = header_key(partie.entete_cle)
    write = []
    if any(header_key(h) == key for h in missing):
        write.append("`entete_cle: NOM` si la clé porte un autre nom")
    if any(header_key(h) != key for h in missing):
        write.append(
            "pour chaque absente `entetes: {mesure: EN-TÊTE}` si une inconnue est la même "
            "colonne, sinon `absentes: [mesure]`"
        )
    if waiting:
        named = ", ".join(f"{bloc}: PÉRIODE" for bloc in waiting)
        write.append(f"`periodes: {{{named}}}` d'après la documentation du fichier")
    said = [f"sous `millesimes.{millesime}` : {' ; '.join(write)}"] if write else []
    if unknown:
        said.append(
            "pour chaque inconnue qui reste, une ligne `{mesure: nom, entete: EN-TÊTE, type: …}` "
            "dans son bloc, ou une de `colonnes_ignorees` avec sa raison"
        )
    said.append("puis ôter `statut_entetes: non_verifiees`")
    return f"dans ingest/sources/{source.id}.yml, {' ; '.join(said)}"
