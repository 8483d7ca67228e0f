"""Recorded calls: read them, put them through the norm, keep one as a scenario."""

from callpolicy.replay.mapping import Mapping, load_mapping, shipped
from callpolicy.replay.run import EventFault, Replay, Summary
from callpolicy.replay.table import Recorded, RowFault, read_table

__all__ = [
    "EventFault",
    "Mapping",
    "Recorded",
    "Replay",
    "RowFault",
    "Summary",
    "load_mapping",
    "read_table",
    "shipped",
]
