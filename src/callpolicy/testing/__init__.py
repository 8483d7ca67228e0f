"""Hypothesis strategies for whoever tests a norm, or what is built around one.

`numbers` gives telephone numbers that belong to nobody, `snapshots` what may be known at one instant, `event_streams`
what may happen on calls, `bundles` whole small norms that pass `check`. Values sit on boundaries more often than not,
and a failing example shrinks to few facts, few events, few rules.

Instants and durations are integers, in microseconds, as everywhere.
"""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("hypothesis") is None:
    raise ImportError("`callpolicy.testing` needs Hypothesis: pip install hypothesis")

from callpolicy.testing.norms import bundles, conditions
from callpolicy.testing.numbers import numbers
from callpolicy.testing.snapshots import snapshots, values
from callpolicy.testing.streams import event_streams

__all__ = ["bundles", "conditions", "event_streams", "numbers", "snapshots", "values"]
