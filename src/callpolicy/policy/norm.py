"""Rules and the bundle in memory: what a policy is once it has been read.

WHY it stands above `facts`, `lexicon` and `windows`: a bundle declares its own facts, windows and lexicons (ADR 0002).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from callpolicy.condition import Condition
from callpolicy.errors import SourceSpan
from callpolicy.facts import Catalogue
from callpolicy.identity import IdentityKind
from callpolicy.lexicon import Lexicon
from callpolicy.points import RANK, Effect, Kind, Stage
from callpolicy.policy.governance import Governance
from callpolicy.policy.retention import Retention
from callpolicy.policy.terms import Term, Texts, term_length
from callpolicy.windows import Window

STANDING_BLOCK: Final = "standing_block"
"""Id under which a standing block takes part in `screen`; no rule may have it."""


class Status(StrEnum):
    """How far a rule has come on its way to being enforced."""

    DRAFT = "draft"
    SHADOW = "shadow"
    PILOT = "pilot"
    ENFORCED = "enforced"
    RETIRED = "retired"


class By(StrEnum):
    """Who carries an effect out: it permits the agent, or the system does it by itself."""

    AGENT = "agent"
    SYSTEM = "system"


class Obligation(StrEnum):
    """What must also be done when an effect is taken."""

    RECORD_CALL = "record_call"
    RECORD_OUTCOME = "record_outcome"
    NOTIFY_AGENT = "notify_agent"
    NOTIFY_BACK_OFFICE = "notify_back_office"
    NOTIFY_TEAM_LEADER = "notify_team_leader"
    SHOW_CARD = "show_card"
    CALL_BACK = "call_back"
    TRANSFER_WITH_NOTES = "transfer_with_notes"
    OPEN_CASE = "open_case"


UNION_OBLIGATIONS: Final = frozenset(
    {
        Obligation.RECORD_CALL,
        Obligation.RECORD_OUTCOME,
        Obligation.NOTIFY_AGENT,
        Obligation.NOTIFY_BACK_OFFICE,
        Obligation.NOTIFY_TEAM_LEADER,
    }
)
"""The obligations to record and notify: these come from all matching enforced rules, others from determining ones."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule, an invariant or a stage says is to be done.

    Args:
        effect: the effect.
        kind: kind of the class, for `classify` only.
        by: who carries it out.
        term: how long a block lasts: a named term or microseconds; `None` elsewhere.
        wait: for `offer_close`, how long to wait before the agent may hang up, in microseconds.
        to: for `escalate` and `divert`, the role or queue that is named.
        script: id of the script to say, or `None`.
    """

    effect: Effect
    kind: Kind | None = None
    by: By = By.AGENT
    term: Term | int | None = None
    wait: int | None = None
    to: str | None = None
    script: str | None = None

    @property
    def severity(self) -> tuple[int, int, int, int]:
        """Order of leniency within a stage: smaller is kinder to the caller."""
        return (RANK[self.effect], int(self.by is By.SYSTEM), term_length(self.term), -(self.wait or 0))


@dataclass(frozen=True, slots=True)
class Pilot:
    """Where a pilot rule is enforced; elsewhere it runs as shadow. All that is declared must hold.

    Args:
        teams: `call.team` must be one of them, if there are any.
        queues: `call.queue` must be one of them, if there are any.
        percent: share of identities, 0 to 100, chosen by a hash of rule id and identity.
    """

    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    percent: int = 100


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a rule: facts that are given, all others unknown, and whether the rule matches.

    Args:
        name: what it shows.
        given: fact name to value, as written but with durations and instants in microseconds.
        expect: `match`, `no_match` or `undetermined`.
        span: where it stands.
    """

    name: str
    given: Mapping[str, object] = field(hash=False)
    expect: str
    span: SourceSpan | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared rule.

    Args:
        id: unique in the bundle, the stem of its file.
        stage: the stage it belongs to.
        title: one line per language.
        status: how far it has come.
        owner: who answers for it.
        review_by: date by which it must be looked at again.
        priority: higher wins; at equal priority the most lenient effect.
        when: its condition.
        then: what it says is to be done.
        obligations: what must also be done.
        because: the reason given, per language; `{fact.name}` is filled in.
        examples: its examples.
        pilot: where it is enforced, if its status is pilot.
        norm: points of the norm it carries out, e.g. `2.2`.
        span: its file.
    """

    id: str
    stage: Stage
    title: Texts = field(hash=False)
    status: Status
    owner: str
    review_by: date
    priority: int
    when: Condition
    then: Outcome
    obligations: tuple[Obligation, ...]
    because: Texts = field(hash=False)
    examples: tuple[Example, ...] = field(hash=False, default=())
    pilot: Pilot | None = None
    norm: tuple[str, ...] = ()
    span: SourceSpan | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Invariant:
    """A post-condition: these effects never while the condition is true or unknown.

    Args:
        id: unique in the bundle.
        title: one line per language.
        stage: the stage of its effects.
        effects: what must not be done.
        when: the condition; only `False` lets an effect pass.
        instead: what is done instead: kinder than every one of the effects.
        span: where it stands.
    """

    id: str
    title: Texts = field(hash=False)
    stage: Stage
    effects: frozenset[Effect]
    when: Condition
    instead: Effect
    span: SourceSpan | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Script:
    """What is said, per audience and language.

    Args:
        id: e.g. `closing.nuisance`.
        caller: what the agent or the system says to the caller.
        agent: what the agent is told, with the reason; may be empty.
        span: where it stands.
    """

    id: str
    caller: Texts = field(hash=False)
    agent: Texts = field(hash=False)
    span: SourceSpan | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Business hours on one weekday, as minutes since local midnight: [opens, closes).

    Args:
        weekday: 1 = Monday to 7 = Sunday (ISO 8601).
        opens: minute of the day at which the centre opens.
        closes: minute of the day at which it closes, up to 1440.
    """

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class StandingBlock:
    """How the engine applies a standing block in `screen`.

    Args:
        effect: what is done with a blocked caller.
        priority: priority at which it takes part among the screen rules.
        script: what the caller hears, or `None`.
    """

    effect: Effect = Effect.REJECT
    priority: int = 1000
    script: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """`policy.yaml`: what holds for the whole bundle.

    Args:
        name: name of the norm.
        region: ISO 3166 region of numbers without a country code.
        time_zone: IANA name of the centre's zone.
        languages: the languages that every text must have.
        hours: business hours.
        holidays: dates on which the centre is closed.
        feeds: feeds that calls have unless they say otherwise.
        offence_signals: lexicon signals in what the caller says that count as offences, with their kind.
        protected_classes: protected classes a caller may be in, with a title per language.
        protected_numbers: protected class to canonical numbers (also short numbers) that are in it.
        standing_block: how standing blocks are applied.
        list_identities: identity kinds that blocklist and allowlist look at.
        retention: how long what is kept is kept.
        clear: personal facts that may stand in clear text in records and reports.
    """

    name: str
    region: str
    time_zone: str
    languages: tuple[str, ...]
    hours: tuple[OpenHours, ...] = ()
    holidays: frozenset[date] = frozenset()
    feeds: frozenset[str] = frozenset()
    offence_signals: Mapping[str, str] = field(default_factory=dict, hash=False)
    protected_classes: Mapping[str, Texts] = field(default_factory=dict, hash=False)
    protected_numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    standing_block: StandingBlock = field(default_factory=StandingBlock)
    list_identities: tuple[IdentityKind, ...] = (IdentityKind.CUSTOMER, IdentityKind.NUMBER)
    retention: Retention = field(default_factory=Retention)
    clear: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that people declare, read and in memory; immutable.

    Args:
        revision: content digest, `sha256:` and 64 hex digits.
        settings: what holds for the whole bundle.
        catalogue: the built-in facts and those the bundle declares.
        rules: all rules, sorted by id.
        invariants: in the order in which they are declared.
        windows: windows over other calls, one fact each.
        scripts: by id.
        lexicons: word lists.
        scenarios: whole calls, sorted by name.
        governance: who may judge, operate and review, as declared; `None` if nothing is.
        files: what it was read from, by path in its folder: kept with what it decided, so that it can be read and run
            again later. Empty if it was made otherwise.
    """

    revision: str
    settings: Settings
    catalogue: Catalogue
    rules: tuple[Rule, ...]
    invariants: tuple[Invariant, ...] = ()
    windows: tuple[Window, ...] = ()
    scripts: Mapping[str, Script] = field(default_factory=dict)
    lexicons: tuple[Lexicon, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    governance: Governance | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, hash=False, compare=False, repr=False)

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id.

        Raises:
            KeyError: there is none.
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """One step of a scenario: something happens at an instant, and perhaps something is expected then.

    Args:
        at: offset from the scenario's start, in microseconds.
        call: name of the call within the scenario.
        event: name of the event (see `callpolicy.events`), or `None` for a step that only expects.
        fields: the event's fields as written.
        expect: what the decision made at this step must be, as written: stage or fact name to value.
        span: where it stands.
        places: where each thing stands that is expected, by the keys that lead to it, as `("stages", "hangup", "by")`.
    """

    at: int
    call: str
    event: str | None
    fields: Mapping[str, object] = field(hash=False)
    expect: Mapping[str, object] = field(hash=False)
    span: SourceSpan | None = field(default=None, compare=False, repr=False)
    places: Mapping[tuple[str, ...], SourceSpan] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One or more whole calls with a virtual clock.

    Args:
        id: stem of its file.
        title: one line per language.
        start: instant of its offset 0.
        calls: per call name, the fields of its `offered` event: number, customer, channel, queue, feeds, host facts.
        lists: standing blocks and allowlist entries that hold from the start, as written.
        steps: in order of time.
        span: its file.
    """

    id: str
    title: Texts = field(hash=False)
    start: int
    calls: Mapping[str, Mapping[str, object]] = field(hash=False)
    steps: tuple[ScenarioStep, ...] = ()
    lists: tuple[Mapping[str, object], ...] = field(default=(), hash=False)
    span: SourceSpan | None = field(default=None, compare=False, repr=False)
