"""The three matchers on every boundary: where one does not agree with the reference, a bundle does not go live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callpolicy.certificate.boundaries import boundary_snapshots, conditions_of
from callpolicy.errors import MatcherError, UnsupportedConditionError
from callpolicy.matchers.base import Compile, Matcher
from callpolicy.matches import bits
from callpolicy.policy import Bundle
from callpolicy.runtime.engine import MATCHERS, compiler


@dataclass(frozen=True, slots=True)
class Crossed:
    """What holding the matchers against each other came to.

    Args:
        machines: the matchers that took part, sorted; the reference is one.
        snapshots: on how many snapshots.
        conditions: of how many rules and invariants.
        disagreements: `MATCHER on ID`, for each condition on which one is not what the reference says.
        left_out: why a matcher did not take part, by its name.
    """

    machines: tuple[str, ...]
    snapshots: int
    conditions: int
    disagreements: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def cross(bundle: Bundle, *, compilers: Callable[[str], Compile] = compiler) -> Crossed:
    """Hold every matcher against the reference, on every boundary of every leaf.

    Args:
        bundle: a bundle without errors.
        compilers: how a matcher is found by its name; for tests.
    """
    conditions = conditions_of(bundle)
    machines: dict[str, Matcher] = {}
    left_out: list[tuple[str, str]] = []
    for name in MATCHERS:
        try:
            machines[name] = compilers(name)([*conditions.values()], bundle.catalogue)
        except (UnsupportedConditionError, MatcherError) as error:
            left_out.append((name, str(error)))
    ids = [*conditions]
    found: dict[str, None] = {}
    snapshots = [*boundary_snapshots(bundle)]
    for values in snapshots:
        meaning = machines["reference"].match(values)
        for name, machine in machines.items():
            came = machine.match(values)
            for place in bits((meaning.true ^ came.true) | (meaning.may ^ came.may)):
                found[f"{name} on {ids[place]}"] = None
    return Crossed(tuple(sorted(machines)), len(snapshots), len(ids), tuple(found), tuple(left_out))
