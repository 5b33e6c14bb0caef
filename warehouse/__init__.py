"""The figures of a release, for analysts: `from warehouse import connect, poser`."""

from warehouse.release.connect import connect
from warehouse.release.requetes import poser

__all__ = ["connect", "poser"]
