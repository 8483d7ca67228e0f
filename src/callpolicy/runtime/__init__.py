"""The public `Engine`: one bundle, one store, all calls of a centre."""

from callpolicy.runtime.call import Call
from callpolicy.runtime.engine import Engine

__all__ = ["Call", "Engine"]
