"""Why not, and what if: the smallest changes of facts that reach a goal, and a decision made on changed facts."""

from callpolicy.whatif.again import Again, again, changed_snapshot
from callpolicy.whatif.goals import Change, ChangeSet, Determines, Goal, LeadsTo, Matches
from callpolicy.whatif.search import MOST, Searching, change_sets

__all__ = [
    "MOST",
    "Again",
    "Change",
    "ChangeSet",
    "Determines",
    "Goal",
    "LeadsTo",
    "Matches",
    "Searching",
    "again",
    "change_sets",
    "changed_snapshot",
]
