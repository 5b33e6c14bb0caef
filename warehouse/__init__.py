"""The figures of a release, for analysts: `from warehouse import chercher, connect, poser`."""

from warehouse.lake.connect_anywhere import connect
from warehouse.release.requetes import poser
from warehouse.release.search import chercher

__all__ = ["chercher", "connect", "poser"]
