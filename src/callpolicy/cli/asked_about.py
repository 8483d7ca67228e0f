"""The decision that a command is asked about: on given facts, in a scenario, on recorded events, or on record.

The options by which it is named stand here too, so that all commands that ask have the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callpolicy.cli.options import Point
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.decision import Decision
    from callpolicy.policy import Bundle
    from callpolicy.runtime import Engine

ScenarioOption = Annotated[
    str | None, typer.Option("--scenario", metavar="NAME", help="A step of a scenario.", show_default=False)
]
StepOption = Annotated[
    int | None, typer.Option("--step", min=1, help="Which step, from 1; the last if left out.", show_default=False)
]
EventsOption = Annotated[
    Path | None,
    typer.Option("--events", metavar="FILE", help="Recorded events, one JSON object a line.", show_default=False),
]
CallOption = Annotated[str | None, typer.Option("--call", metavar="ID", help="Which call of them.", show_default=False)]
SeqOption = Annotated[
    int | None,
    typer.Option("--seq", help="After which event of the call; the last if left out.", show_default=False),
]
RecordOption = Annotated[
    str | None, typer.Option("--record", metavar="ID", help="A recorded decision.", show_default=False)
]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which decision was asked about, as the command line named it; one way of several.

    Args:
        point: the decision point of given facts.
        fact: given facts, `NAME=VALUE`.
        facts: a file of given facts.
        at: the instant of a decision on given facts.
        scenario: name of a scenario.
        step: which of its steps, from 1.
        events: a file of recorded events.
        call: which call of them.
        seq: after which event of the call.
        record: a decision on record.
        store: the store that it is in.
        rules: the folder of the norm; of what is on record, the norm that decided is taken.
    """

    point: Point | None
    fact: Sequence[str] | None
    facts: str | None
    at: str | None
    scenario: str | None
    step: int | None
    events: Path | None
    call: str | None
    seq: int | None
    record: str | None
    store: str | None
    rules: Path | None

    @property
    def ways(self) -> int:
        """In how many ways a decision was named; it must be one."""
        return sum(each is not None for each in (self.point, self.scenario, self.events, self.record))


class AskedAbout:
    """The norm and the decision that was asked about.

    Args:
        asked: how the decision was named, in one way.

    Raises:
        UsageError: it is on record, and there is no such decision or it cannot be made again; there is no such norm.
        RuleFileError: the norm cannot be used as written.
    """

    def __init__(self, asked: Asked) -> None:
        from callpolicy.cli.inputs import read_norm
        from callpolicy.runtime import Engine

        self._asked = asked
        self._kept: Decision | None = None
        if asked.record is None:
            bundle = read_norm(asked.rules)
        else:
            bundle, self._kept = of_record(asked.record, asked.store)
        self.engine = Engine(bundle)

    def decision(self) -> Decision:
        """The decision.

        Raises:
            UsageError: there is no such scenario, step, call or event, or a fact or a file cannot be read.
        """
        from callpolicy.cli.decide import decide_on_facts

        asked, engine = self._asked, self.engine
        if self._kept is not None:
            return self._kept
        if asked.scenario is not None:
            return of_scenario(engine.bundle, asked.scenario, asked.step)
        if asked.events is not None:
            return of_events(engine, asked.events, asked.call, asked.seq)
        return decide_on_facts(engine, asked.point, asked.fact or (), asked.facts, asked.at)


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


def of_events(engine: Engine, path: Path, call: str | None, seq: int | None) -> Decision:
    """The decision that stands after an event of a call, with everything before it fed in event-time order.

    Raises:
        UsageError: the file cannot be read, or it has no such call or event.
    """
    from callpolicy.cli.recorded import decisions_of_call, read_lines
    from callpolicy.rulefile.sources import quoted

    if call is None:
        raise UsageError("name the call with `--call ID`")
    recorded = read_lines(path, engine.bundle.catalogue)
    made = decisions_of_call(engine, recorded.events, call)
    if not made:
        raise UsageError(f"{quoted(path.name)} has no call {quoted(call)}")
    if seq is None:
        return made[-1][1]
    for number, decision in made:
        if number == seq:
            return decision
    raise UsageError(
        f"no decision was made at event {seq} of call {quoted(call)}; there are {made[0][0]} to {made[-1][0]}"
    )


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
