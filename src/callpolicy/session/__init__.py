"""The call machine and the complaint case: events in, facts out, without I/O, clock or threads.

`CallSession` folds the events of one call, `CaseRecord` those of all calls about one complaint case. Which sequences of
events are possible is data: `TRANSITIONS`.
"""

from callpolicy.session.call import CallSession
from callpolicy.session.case import CaseRecord
from callpolicy.session.transitions import TRANSITIONS, State

__all__ = ["TRANSITIONS", "CallSession", "CaseRecord", "State"]
