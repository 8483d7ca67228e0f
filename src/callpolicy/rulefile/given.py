"""Values of facts that a file gives by name: in examples, for calls, in expectations."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from callpolicy.facts import Fact
from callpolicy.rulefile.faults import Desk, did_you_mean
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.operands import read_given
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.tree import Path


def read_facts(
    desk: Desk, known: Known, path: Path, *, unknown: bool = False, accept: frozenset[str] | None = None
) -> dict[str, object]:
    """Values of facts as written at a path, with durations and instants in microseconds.

    Args:
        desk: where faults go.
        known: the facts.
        path: where the mapping stands.
        unknown: whether `null` may stand for an unknown value.
        accept: the names that may be given; `None` for all facts.
    """
    written = desk.document.at(path)
    values: dict[str, object] = {}
    for name, value in written.items() if isinstance(written, dict) else ():
        here = (*path, name)
        fact = known.fact(desk, here, name)
        if fact is None:
            continue
        if accept is not None and name not in accept:
            hint = did_you_mean(name, accept) or "the engine makes it from what happens"
            desk.fault(here, "not-a-host-fact", f"{quoted(name)} is not given by the host", hint, key=True)
        elif value is not None:
            values[name] = _value(desk, known, here, fact, value)
        elif unknown:
            values[name] = None
    return values


def _value(desk: Desk, known: Known, path: Path, fact: Fact, value: object) -> object:
    try:
        return read_given(fact, value, known=known.words(fact))
    except PydanticCustomError as error:
        desk.refusal(path, error)
        return None
