"""The call machine and the complaint case: events in, facts out, without I/O, clock or threads.

`CallSession` folds the events of one call, `CaseRecord` those of all calls about one complaint case. Which sequences of
events are possible is data: `TRANSITIONS`. `CaseStory` is a case as people read it.
"""

from callpolicy.session.call import CallSession
from callpolicy.session.case import CaseRecord
from callpolicy.session.story import (
    CaseContact,
    CaseExplanation,
    CaseNewFact,
    CaseResult,
    CaseStatus,
    CaseStory,
)
from callpolicy.session.transitions import TRANSITIONS, State

__all__ = [
    "TRANSITIONS",
    "CallSession",
    "CaseContact",
    "CaseExplanation",
    "CaseNewFact",
    "CaseRecord",
    "CaseResult",
    "CaseStatus",
    "CaseStory",
    "State",
]
