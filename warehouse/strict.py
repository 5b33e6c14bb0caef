"""Loading of hand-written YAML into strict pydantic models, with errors a reader can act on."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from warehouse.errors import QpvError


class Strict(BaseModel):
    """A model that refuses unknown keys and never changes once loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML in which a key written twice is an error instead of a silent overwrite."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"clé {key!r} écrite deux fois", node.start_mark
                )
        return super().construct_mapping(node, deep)


ModelT = TypeVar("ModelT", bound=BaseModel)


def load_yaml(path: Path, model: type[ModelT]) -> ModelT:
    """One YAML file as a model.

    Raises:
        QpvError: the file is not YAML, or a key is unknown, missing or of the wrong form.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
        return model.model_validate(content)
    except yaml.YAMLError as error:
        raise QpvError(f"{path.name} n'est pas un YAML lisible : {error}", ou=str(path)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise QpvError(
            f"{path.name} : {first['msg']}",
            ou=f"{path.name}, clé {place or '(racine)'}",
            faire="corriger cette clé ; CONTRIBUTING.md donne la forme attendue",
        ) from error
