"""The figures of a release, for analysts: `from warehouse import connect, poser`."""

from warehouse.connect import connect
from warehouse.requetes import poser

__all__ = ["connect", "poser"]
