"""The decision that a command is asked about: on given facts, at a step of a scenario, or on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.decision import Decision
    from callpolicy.policy import Bundle


def of_scenario(bundle: Bundle, name: str, step: int | None) -> Decision:
    """The decision that stands after a step of a scenario.

    Raises:
        UsageError: there is no such scenario or step, or no decision was made up to it.
    """
    from callpolicy.cli.inputs import find_scenario
    from callpolicy.trials import run_scenario

    outcome = run_scenario(bundle, find_scenario(bundle, name))
    steps = outcome.steps
    if step is not None and step > len(steps):
        raise UsageError(f"scenario `{name}` has {len(steps)} steps, not {step}")
    until = steps[: step or len(steps)]
    of_call = [each for each in until if each.step.call == until[-1].step.call and each.decision]
    if not of_call or of_call[-1].decision is None:
        raise UsageError(f"no decision was made up to step {len(until)} of scenario `{name}`")
    return of_call[-1].decision


def of_record(ref: str, store: str | None) -> tuple[Bundle, Decision]:
    """A recorded decision with what it was made from, and the norm that decided.

    Args:
        ref: id of a decision, or `writer#number` of its record.
        store: the URL of the store; the default file if it was not given.

    Raises:
        UsageError: there is no such decision, or several; personal values were erased; the norm is not kept.
        AuditError: the record was changed.
        StoreError: the store cannot be read.
    """
    from callpolicy.audit.drafts import DECISION
    from callpolicy.cli.trail import found, name_of, opened_whole
    from callpolicy.rulefile.sources import quoted
    from callpolicy.runtime.revisiting import Revisiting

    with opened_whole(store) as there:
        records = [kept for kept in found(there, ref) if kept.record.kind == DECISION]
        if not records:
            raise UsageError(f"{quoted(ref)} is on record, but is no decision")
        if len(records) > 1:
            raise UsageError(
                f"{quoted(ref)} names {len(records)} decisions; name one, such as `{name_of(records[-1])}`"
            )
        revisiting = Revisiting(there)
        decision, bundle = revisiting.decision(records[0]), revisiting.shown(records[0])
    if decision is None:
        raise UsageError("the personal values that the decision rests on were erased; it cannot be made again")
    if bundle is None:
        raise UsageError("the norm that decided is not kept as it was; the decision cannot be made again")
    return bundle, decision
