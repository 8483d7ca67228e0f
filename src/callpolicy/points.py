"""Decision points and stages: the fixed table of what is decided when (DESIGN 2.3).

Stages are a fixed list, so rules cannot loop: a class made by `classify` is a fact of the later stages and of nothing
earlier.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class DecisionPoint(StrEnum):
    """A moment at which a decision is made."""

    OFFERED = "offered"
    IN_CALL = "in_call"
    ENDED = "ended"


class Stage(StrEnum):
    """One step of a decision; a rule belongs to exactly one."""

    CLASSIFY = "classify"
    BLOCKLIST = "blocklist"
    SCREEN = "screen"
    HANGUP = "hangup"


class Effect(StrEnum):
    """What a rule or a decision says is to be done."""

    NORMAL = "normal"
    REPEAT_COMPLAINT = "repeat_complaint"
    NUISANCE = "nuisance"
    ACCEPT = "accept"
    DIVERT = "divert"
    REJECT = "reject"
    CONTINUE = "continue"
    SOOTHE = "soothe"
    EXPLAIN = "explain"
    WARN = "warn"
    ESCALATE = "escalate"
    OFFER_CLOSE = "offer_close"
    HANG_UP_POLITELY = "hang_up_politely"
    HANG_UP = "hang_up"
    NONE = "none"
    PROPOSE_BLOCK = "propose_block"
    BLOCK = "block"


class Kind(StrEnum):
    """What kind of repeat complaint or nuisance a caller's class is."""

    BEYOND_BUSINESS_RULE = "beyond_business_rule"
    AFTER_FINAL_RESULT = "after_final_result"
    HARASSMENT = "harassment"
    ABUSE = "abuse"
    OUT_OF_SCOPE = "out_of_scope"


KINDS_OF_CLASS: Final = MappingProxyType(
    {
        Effect.NORMAL: (),
        Effect.REPEAT_COMPLAINT: (Kind.BEYOND_BUSINESS_RULE, Kind.AFTER_FINAL_RESULT),
        Effect.NUISANCE: (Kind.HARASSMENT, Kind.ABUSE, Kind.OUT_OF_SCOPE),
    }
)

STAGES_AT: Final = MappingProxyType(
    {
        DecisionPoint.OFFERED: (Stage.CLASSIFY, Stage.BLOCKLIST, Stage.SCREEN),
        DecisionPoint.IN_CALL: (Stage.CLASSIFY, Stage.HANGUP),
        DecisionPoint.ENDED: (Stage.CLASSIFY, Stage.BLOCKLIST),
    }
)

# INVARIANT: most lenient first; the first is the stage's default.
EFFECTS_OF: Final = MappingProxyType(
    {
        Stage.CLASSIFY: (Effect.NORMAL, Effect.REPEAT_COMPLAINT, Effect.NUISANCE),
        Stage.SCREEN: (Effect.ACCEPT, Effect.DIVERT, Effect.REJECT),
        Stage.HANGUP: (
            Effect.CONTINUE,
            Effect.SOOTHE,
            Effect.EXPLAIN,
            Effect.WARN,
            Effect.ESCALATE,
            Effect.OFFER_CLOSE,
            Effect.HANG_UP_POLITELY,
            Effect.HANG_UP,
        ),
        Stage.BLOCKLIST: (Effect.NONE, Effect.PROPOSE_BLOCK, Effect.BLOCK),
    }
)

RANK: Final = MappingProxyType({effect: rank for effects in EFFECTS_OF.values() for rank, effect in enumerate(effects)})

STAGE_OF: Final = MappingProxyType({effect: stage for stage, effects in EFFECTS_OF.items() for effect in effects})

RESTRICTIVE: Final = frozenset(
    {Effect.REJECT, Effect.HANG_UP_POLITELY, Effect.HANG_UP, Effect.PROPOSE_BLOCK, Effect.BLOCK}
)


def default_effect(stage: Stage) -> Effect:
    """The most lenient effect of a stage: what holds when nothing matched.

    >>> default_effect(Stage.SCREEN)
    <Effect.ACCEPT: 'accept'>
    """
    return EFFECTS_OF[stage][0]
