"""Loading of hand-written YAML into strict pydantic models, with errors a reader can act on."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from warehouse.base.bounded_files import MO, read_bounded
from warehouse.base.characters import fault
from warehouse.base.errors import QpvError
from warehouse.base.memory import unsearched


class Strict(BaseModel):
    """A model that refuses unknown keys and never changes once loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FormFault(QpvError):
    """Keys of a file that are not of the form; the message tells the first and how many others.

    `fautes`: each as its key and what is wrong with it.
    """

    def __init__(self, path: Path, fautes: list[tuple[str, str]]) -> None:
        key, message = fautes[0]
        others = len(fautes) - 1
        more = f" ({others} autre(s) faute(s) dans ce fichier)" if others else ""
        self.fautes = fautes
        super().__init__(
            f"{path.name} : {message}{more}",
            ou=f"{path.name}, clé {key or '(racine)'}",
            faire="corriger cette clé ; CONTRIBUTING.md donne la forme attendue",
        )


@dataclass
class _Extent:
    """A value of a YAML text, its own included: how many values, how many levels below it."""

    anchor: str | None = None
    values: int = 1
    levels: int = 0


class KeyFault(ValueError):
    """A value that another part of the same file contradicts; `cle` is the path of its key."""

    def __init__(self, cle: str, message: str) -> None:
        super().__init__(message)
        self.cle = cle


def one_of(
    known: Callable[[], Collection[str]], unknown: str, *, vide: bool = False
) -> AfterValidator:
    """Admits the codes that are known when a value is read; else says `unknown`, and lists them.

    Args:
        unknown: what is said; {code} stands for the one that is not known.
        vide: whether an empty text, which names none, is admitted too.
    """

    def _known(code: str) -> str:
        if code not in known() and (code or not vide):
            raise ValueError(f"{unknown.format(code=code)} ; un de : {', '.join(known())}")
        return code

    return AfterValidator(_known)


if TYPE_CHECKING:
    from yaml import SafeLoader
else:  # libyaml's where PyYAML was built with it: ten times faster
    SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(SafeLoader):
    """YAML in which a key written twice is an error instead of a silent overwrite."""

    def construct_mapping(
        self, node: yaml.ScalarNode | yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        if isinstance(node, yaml.MappingNode):
            seen: set[Hashable] = set()
            for key, _ in node.value:
                read = self.construct_object(key, deep=deep)
                if isinstance(read, Hashable):  # what is not is refused below
                    if read in seen:
                        raise yaml.constructor.ConstructorError(
                            None, None, f"clé {read!r} écrite deux fois", key.start_mark
                        )
                    seen.add(read)
        return super().construct_mapping(node, deep)


def _whole_number(loader: _UniqueKeyLoader, node: yaml.ScalarNode) -> int:
    """A number of so many figures is a mistake, that Python may even refuse to print."""
    if len(node.value) > _FIGURES:
        said = f"un nombre entier de {len(node.value)} caractères"
        raise yaml.constructor.ConstructorError(None, None, said, node.start_mark)
    return loader.construct_yaml_int(node)


_UniqueKeyLoader.add_constructor("tag:yaml.org,2002:int", _whole_number)

#: Characters of a whole number.
_FIGURES = 40
_TAG = re.compile(r"\[[a-z]+\]")
ModelT = TypeVar("ModelT", bound=BaseModel)

#: A file written by hand weighs less, in bytes, nests less, and holds less, aliases repeated.
_HEAVIEST = 1 * MO
_DEEPEST = 30
_WIDEST = 100_000
#: What was loaded, by its text: registry and dictionary are asked for many times in a process.
_LOADED: dict[tuple[type[BaseModel], str], BaseModel] = {}
#: A value as a message repeats it: cut before it is written out, however much it nests.
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60

#: pydantic's error types in the words of whoever writes the file.
_WORDS = {
    "extra_forbidden": "clé inconnue",
    "missing": "clé manquante",
    "string_type": "un texte est attendu (l'écrire entre guillemets)",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
    "float_parsing": "un nombre est attendu",
    "float_type": "un nombre est attendu",
    "finite_number": "un nombre fini est attendu",
    "bool_parsing": "true ou false est attendu",
    "list_type": "une liste est attendue",
    "dict_type": "des couples clé: valeur sont attendus",
    "model_type": "des couples clé: valeur sont attendus",
    "literal_error": "valeur inattendue, une de : {expected}",
    "string_pattern_mismatch": "n'a pas la forme {pattern}",
    "too_short": "il en faut au moins {min_length}",
    "greater_than_equal": "doit être au moins {ge}",
    "less_than_equal": "doit être au plus {le}",
}


@unsearched()
def load_yaml(path: Path, model: type[ModelT]) -> ModelT:
    """One YAML file as a model.

    Raises:
        QpvError: the file cannot be read, is no regular file, weighs more than 1 Mo, is not YAML or
            one whose values or levels swell, or a key is unknown, missing, of the wrong
            form or contradicted; the message names the file and the key.
    """
    try:
        text = read_bounded(path, _HEAVIEST).decode("utf-8")
        known = _LOADED.get((model, text))
        if isinstance(known, model):
            return known
        _refuse_swelling(text)
        content = yaml.load(text, Loader=_UniqueKeyLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise QpvError(
            f"{path.name} ne se lit pas : {error}", ou=str(path), attendu="un fichier texte UTF-8"
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", ligne {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or str(error)
        raise QpvError(
            f"{path.name} n'est pas un YAML lisible : {said}", ou=f"{path}{line}"
        ) from error
    except ValueError as error:  # a date or a number that the calendar or Python does not know
        raise QpvError(
            f"{path.name} n'est pas un YAML lisible : {error}",
            ou=str(path),
            faire="écrire entre guillemets la date ou le nombre en cause",
        ) from error
    try:
        loaded = model.model_validate(content)
    except ValidationError as error:
        raise FormFault(path, [_explain(one) for one in error.errors()]) from error
    _refuse_damaged(content, path, "")
    _LOADED[model, text] = loaded
    return loaded


def _refuse_swelling(text: str) -> None:
    """Refuse what a few bytes of YAML would make huge in memory, or too deep to walk through.

    Raises:
        yaml.YAMLError: too many values, those that aliases (`*name`) repeat included, or levels.
    """
    # Of each collection that is open, and of each named value: how many values, how many levels.
    open_, named = [_Extent()], dict[str, _Extent]()
    for event in yaml.parse(text, Loader=_UniqueKeyLoader):
        ended = None
        if isinstance(event, yaml.CollectionStartEvent):
            open_.append(_Extent(event.anchor))
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = open_.pop()
        elif isinstance(event, yaml.ScalarEvent):
            ended = _Extent(event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            ended = named.get(event.anchor)
            if ended is None:
                said = f"le renvoi *{event.anchor} ne désigne rien qui le précède"
                raise yaml.composer.ComposerError(None, None, said, event.start_mark)
        if ended:
            open_[-1].values += ended.values
            open_[-1].levels = max(open_[-1].levels, ended.levels + 1)
            if ended.anchor:
                named[ended.anchor] = ended
        if len(open_) + open_[-1].levels - 2 > _DEEPEST:
            said = f"plus de {_DEEPEST} niveaux imbriqués"
            raise yaml.composer.ComposerError(None, None, said, event.start_mark)
        if open_[-1].values > _WIDEST:
            said = f"plus de {_WIDEST} valeurs"
            if isinstance(event, yaml.AliasEvent):
                said = f"le renvoi *{event.anchor} donne {said}"
            raise yaml.composer.ComposerError(None, None, said, event.start_mark)


def _refuse_damaged(content: object, path: Path, key: str) -> None:
    """Refuse a hand-written text that could not be published as it is (remarks, names, motives)."""
    inside: list[tuple[object, object]] = []
    if isinstance(content, dict):
        inside = list(content.items())
    elif isinstance(content, list):
        inside = list(enumerate(content))
    elif isinstance(content, str) and (found := fault(content)):
        raise QpvError(
            f"{path.name} : texte abîmé, {found}",
            ou=f"{path.name}, clé {key or '(racine)'}",
            faire="écrire ce texte de nouveau, en UTF-8",
        )
    for name, value in inside:
        _refuse_damaged(value, path, f"{key}.{name}" if key else str(name))


def _explain(error: ErrorDetails) -> tuple[str, str]:
    """The path of the key at fault and what is wrong with it, in words."""
    context = error.get("ctx", {})
    cause = context.get("error")
    if (cle := getattr(cause, "cle", None)) is not None:
        inside = [cle]
        message = str(cause)
    elif cause is not None:
        inside, message = [], str(cause)
    else:
        inside, message = [], error["msg"]
        if words := _WORDS.get(error["type"]):
            message = words.format(**context).replace("' or '", "' ou '")
        if error["type"] not in ("extra_forbidden", "missing"):
            message += f" : {_SHORT.repr(error['input']):.60}"
    # What is between brackets is no key of the file: pydantic's own, and the tags of our unions.
    path = [str(part) for part in error["loc"] if not _TAG.fullmatch(str(part))] + inside
    return ".".join(path), message
