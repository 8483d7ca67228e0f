"""The ladder: which term a caller's next block is to have, after the blocks that there were."""

from __future__ import annotations

from collections.abc import Iterable

from callpolicy.lifecycle.block import Block, ending, footing_at, state_of
from callpolicy.lifecycle.transitions import HOLDING, State
from callpolicy.policy import Governance, Term


def next_term(previous: Iterable[Block], at: int, governance: Governance) -> Term | int | None:
    """The term that the ladder gives to the next block of a caller. It proposes; persons judge.

    A block counts if it held, a person had confirmed it, and it was not lifted: what nobody stands behind, or was taken
    back, is held against nobody. It counts for `look_back` after its end. For each full `decay` since the last of them
    ended, one step less is taken. The last step is the cap.

    Args:
        previous: the blocks that the caller had.
        at: when the next one is to be proposed.
        governance: what the norm declares.

    Returns:
        a named term or microseconds; `None` if the norm declares no ladder.
    """
    ladder = governance.ladder
    if ladder is None:
        return None
    ends = [end for each in previous if (end := _counted_until(each, at)) is not None and end >= at - ladder.look_back]
    if not ends:
        return ladder.steps[0]
    decayed = (at - max(ends)) // ladder.decay if ladder.decay else 0
    return ladder.steps[min(max(0, len(ends) - decayed), len(ladder.steps) - 1)]


def _counted_until(block: Block, at: int) -> int | None:
    """When a block that counts ended, `at` if it has not; `None` for one that does not count."""
    footing = footing_at(block, at)
    if footing is None or footing.since is None or not footing.confirmed:
        return None
    state = state_of(footing, at)
    if state in HOLDING:
        return at
    end = ending(footing)
    return end.at if state is State.EXPIRED and end is not None else None
