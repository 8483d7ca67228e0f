"""The public `Engine`, one norm for all calls of a centre, and the `Desk`, for the acts of persons."""

from callpolicy.runtime.call import Call
from callpolicy.runtime.desk import Desk
from callpolicy.runtime.engine import Engine
from callpolicy.runtime.health import Health

__all__ = ["Call", "Desk", "Engine", "Health"]
