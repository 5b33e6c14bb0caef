"""Loading of hand-written YAML into strict pydantic models, with errors a reader can act on."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from warehouse.characters import fault
from warehouse.errors import QpvError


class Strict(BaseModel):
    """A model that refuses unknown keys and never changes once loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class KeyFault(ValueError):
    """A value that another part of the same file contradicts; `cle` is the path of its key."""

    def __init__(self, cle: str, message: str) -> None:
        super().__init__(message)
        self.cle = cle


class _UniqueKeyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML in which a key written twice is an error instead of a silent overwrite.

    Read by libyaml where PyYAML was built with it: ten times faster.
    """

    def construct_mapping(self, node, deep=False):
        if isinstance(node, yaml.MappingNode):
            keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
            for index, (key, _) in enumerate(node.value):
                if keys[index] in keys[:index]:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"clé {keys[index]!r} écrite deux fois", key.start_mark
                    )
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
ModelT = TypeVar("ModelT", bound=BaseModel)

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


def load_yaml(path: Path, model: type[ModelT]) -> ModelT:
    """One YAML file as a model.

    Raises:
        QpvError: the file cannot be read, is not YAML, or a key is unknown, missing, of the wrong
            form or contradicted; the message names the file and the key.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
        loaded = model.model_validate(content)
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
    except ValidationError as error:
        first, *others = error.errors()
        key, message = _explain(first)
        more = f" ({len(others)} autre(s) faute(s) dans ce fichier)" if others else ""
        raise QpvError(
            f"{path.name} : {message}{more}",
            ou=f"{path.name}, clé {key or '(racine)'}",
            faire="corriger cette clé ; CONTRIBUTING.md donne la forme attendue",
        ) from error
    _refuse_damaged(content, path, "")
    return loaded


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
    if isinstance(cause, KeyFault):
        inside = [cause.cle]
        message = str(cause)
    elif cause is not None:
        inside, message = [], str(cause)
    else:
        inside, message = [], error["msg"]
        if words := _WORDS.get(error["type"]):
            message = words.format(**context).replace("' or '", "' ou '")
        if error["type"] not in ("extra_forbidden", "missing"):
            message += f" : {error['input']!r:.60}"
    path = [str(part) for part in error["loc"] if part != "[key]"] + inside
    return ".".join(path), message
