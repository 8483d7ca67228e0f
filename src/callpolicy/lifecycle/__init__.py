"""The life of one block, sans-IO: who proposes, confirms, enters, reviews and lifts it, and how time ends it.

`apply` makes a block and every change of it, or raises `GovernanceError` that names the rule that refused. What time
does is judged when a block is read: `state_at`, `entry_of`, `missed`. Which move is possible in which state is data:
`TRANSITIONS`.
"""

from callpolicy.lifecycle.acts import (
    SYSTEM,
    Act,
    Activate,
    Actor,
    Appeal,
    AppealOutcome,
    Confirm,
    DecideAppeal,
    Evidence,
    Lift,
    Propose,
    Review,
    ReviewOutcome,
)
from callpolicy.lifecycle.applying import apply
from callpolicy.lifecycle.block import (
    Block,
    Deadline,
    Ending,
    Footing,
    Missed,
    Step,
    Why,
    ended_at,
    ending,
    entry_of,
    footing_at,
    missed,
    state_at,
    whole_entry,
)
from callpolicy.lifecycle.form import block_bytes, block_from_dict, block_to_dict
from callpolicy.lifecycle.ladder import next_term
from callpolicy.lifecycle.subjects import Shield, shield_of
from callpolicy.lifecycle.transitions import HOLDING, OVER, TRANSITIONS, Move, State

__all__ = [
    "HOLDING",
    "OVER",
    "SYSTEM",
    "TRANSITIONS",
    "Act",
    "Activate",
    "Actor",
    "Appeal",
    "AppealOutcome",
    "Block",
    "Confirm",
    "Deadline",
    "DecideAppeal",
    "Ending",
    "Evidence",
    "Footing",
    "Lift",
    "Missed",
    "Move",
    "Propose",
    "Review",
    "ReviewOutcome",
    "Shield",
    "State",
    "Step",
    "Why",
    "apply",
    "block_bytes",
    "block_from_dict",
    "block_to_dict",
    "ended_at",
    "ending",
    "entry_of",
    "footing_at",
    "missed",
    "next_term",
    "shield_of",
    "state_at",
    "whole_entry",
]
