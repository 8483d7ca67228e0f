"""When an agent may hang up and which callers are kept out: a norm as readable rules, decided with reasons.

>>> from callpolicy import Engine
>>> engine = Engine()
>>> call = engine.call("c1")
>>> call.offer(at=1_795_000_000_000_000, number="+1 212 555 0142").effect
<Effect.ACCEPT: 'accept'>
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from callpolicy.check import check_bundle
    from callpolicy.decision import Decision, StageResult
    from callpolicy.engine import Explanation
    from callpolicy.errors import (
        AuditError,
        CallEventError,
        CallpolicyError,
        Finding,
        MissingExtraError,
        RuleFileError,
        StoreError,
        UnsupportedConditionError,
        UsageError,
    )
    from callpolicy.instants import instant
    from callpolicy.points import DecisionPoint, Effect, Kind, Stage
    from callpolicy.policy import Bundle, By, Obligation, Outcome, Rule
    from callpolicy.rulefile import load_bundle
    from callpolicy.runtime import Call, Desk, Engine

__version__: Final = "0.1.0.dev0"

# WHY by name: `import callpolicy` and `callpolicy --help` stay fast; a part is loaded when it is first asked for.
_HOME: Final = {
    "AuditError": "errors",
    "Bundle": "policy",
    "By": "policy",
    "Call": "runtime",
    "CallEventError": "errors",
    "CallpolicyError": "errors",
    "Decision": "decision",
    "DecisionPoint": "points",
    "Desk": "runtime",
    "Effect": "points",
    "Engine": "runtime",
    "Explanation": "engine",
    "Finding": "errors",
    "Kind": "points",
    "MissingExtraError": "errors",
    "Obligation": "policy",
    "Outcome": "policy",
    "Rule": "policy",
    "RuleFileError": "errors",
    "Stage": "points",
    "StageResult": "decision",
    "StoreError": "errors",
    "UnsupportedConditionError": "errors",
    "UsageError": "errors",
    "check_bundle": "check",
    "instant": "instants",
    "load_bundle": "rulefile",
}

__all__ = [
    "AuditError",
    "Bundle",
    "By",
    "Call",
    "CallEventError",
    "CallpolicyError",
    "Decision",
    "DecisionPoint",
    "Desk",
    "Effect",
    "Engine",
    "Explanation",
    "Finding",
    "Kind",
    "MissingExtraError",
    "Obligation",
    "Outcome",
    "Rule",
    "RuleFileError",
    "Stage",
    "StageResult",
    "StoreError",
    "UnsupportedConditionError",
    "UsageError",
    "__version__",
    "check_bundle",
    "instant",
    "load_bundle",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module `callpolicy` has no attribute `{name}`")
    return getattr(import_module(f"callpolicy.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
