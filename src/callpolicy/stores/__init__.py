"""Where history, cases and list entries are kept, behind one protocol."""

from callpolicy.stores.opening import open_store

__all__ = ["open_store"]
