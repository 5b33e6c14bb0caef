"""What users catch: `from warehouse.errors import QpvError`."""

from warehouse.base.errors import QpvError

__all__ = ["QpvError"]
