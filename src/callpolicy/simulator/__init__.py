"""Call-centre traffic made from a seed, with the truth beside it: what the norm is tried on.

It shares no code with the rest of callpolicy, so that a mistake in one cannot hide in the other. The people of the
simulated centre do not follow the engine's advice: the events are what was recorded, as with recorded calls.
"""

from callpolicy.simulator.day import simulate
from callpolicy.simulator.plan import Day, Evidence, Persona, Plan, Planted, Truth, WireEvent

__all__ = ["Day", "Evidence", "Persona", "Plan", "Planted", "Truth", "WireEvent", "simulate"]
