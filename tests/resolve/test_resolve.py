"""Who wins, who holds, what an invariant forbids: against a definition that tries every completion of the unknowns."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.matches import Matches, bits
from callpolicy.points import EFFECTS_OF, RANK, Effect, Stage, default_effect
from callpolicy.policy import By, Invariant, Obligation, Outcome, Rule, Term
from callpolicy.resolve import guard, protect, rank, resolve
from tests.engine.bundles import ALWAYS, never, rule

HANGUP = EFFECTS_OF[Stage.HANGUP]


@st.composite
def hangup_rules(draw: st.DrawFn) -> list[Rule]:
    effects = draw(st.lists(st.sampled_from(HANGUP), min_size=1, max_size=6))
    return [
        rule(f"r{number}", effect, priority=draw(st.sampled_from([10, 50, 50, 90])), by=draw(st.sampled_from(list(By))))
        for number, effect in enumerate(effects)
    ]


def naive_winner(matching: list[Rule]) -> Outcome:
    """The definition: highest priority, then most lenient, then by id; the default if nothing matches."""
    if not matching:
        return Outcome(Effect.CONTINUE)
    top = max(each.priority for each in matching)
    return min((each for each in matching if each.priority == top), key=lambda each: (each.then.severity, each.id)).then


@given(hangup_rules(), st.data())
def test_no_completion_of_the_unknowns_would_have_been_kinder_and_one_is_as_kind(
    rules: list[Rule], data: st.DataObject
) -> None:
    truths = [data.draw(st.sampled_from([True, False, None])) for _ in rules]
    ranking = rank(Stage.HANGUP, rules)
    truth_of = dict(zip([each.id for each in rules], truths, strict=True))
    true = sum(1 << place for place, each in enumerate(ranking.rules) if truth_of[each.id] is True)
    may = sum(1 << place for place, each in enumerate(ranking.rules) if truth_of[each.id] is None)

    resolved = resolve(ranking, Matches(true, may), (1 << len(rules)) - 1)

    if not true:
        assert resolved.outcome == Outcome(Effect.CONTINUE)
        return
    unknown = [each.id for each in rules if truth_of[each.id] is None]
    outcomes = []
    for completion in product([True, False], repeat=len(unknown)):
        completed = {**truth_of, **dict(zip(unknown, completion, strict=True))}
        outcomes.append(naive_winner([each for each in rules if completed[each.id]]).severity)
    assert resolved.outcome.severity == min(outcomes)


@given(hangup_rules(), st.randoms(use_true_random=False), st.integers(0, 63), st.integers(0, 63))
def test_the_order_of_the_rules_does_not_matter(rules: list[Rule], random: object, true: int, may: int) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random by Hypothesis has no public type
    size = (1 << len(rules)) - 1
    matches = Matches(true & size, may & size & ~true)

    assert rank(Stage.HANGUP, rules).rules == rank(Stage.HANGUP, shuffled).rules
    assert resolve(rank(Stage.HANGUP, rules), matches, size) == resolve(rank(Stage.HANGUP, shuffled), matches, size)


@given(hangup_rules(), st.integers(0, 63), st.integers(0, 63), st.integers(0, 63))
def test_knowing_more_never_makes_a_held_outcome_kinder(rules: list[Rule], true: int, may: int, learned: int) -> None:
    size = (1 << len(rules)) - 1
    true, may = true & size, may & size & ~true
    ranking = rank(Stage.HANGUP, rules)
    before = resolve(ranking, Matches(true, may), size)

    for turned_true in (may & learned, 0):
        after = resolve(ranking, Matches(true | turned_true, may & ~learned), size)
        if true:
            assert after.outcome.severity >= before.outcome.severity


def test_the_highest_priority_wins_and_at_equal_priority_the_most_lenient() -> None:
    ranking = rank(
        Stage.HANGUP,
        [
            rule("low_soothe", Effect.SOOTHE, priority=10),
            rule("high_hang_up", Effect.HANG_UP, priority=90),
            rule("high_warn", Effect.WARN, priority=90),
        ],
    )

    resolved = resolve(ranking, Matches(0b111, 0), 0b111)

    assert [ranking.rules[place].id for place in bits(resolved.winners)] == ["high_warn"]
    assert resolved.outcome.effect is Effect.WARN


def test_rules_of_equal_effect_and_priority_all_determine_and_the_first_id_gives_the_script() -> None:
    ranking = rank(
        Stage.HANGUP,
        [rule("b", Effect.WARN, script="warning.second"), rule("a", Effect.WARN, script="warning.first")],
    )

    resolved = resolve(ranking, Matches(0b11, 0), 0b11)

    assert resolved.winners == 0b11
    assert resolved.outcome.script == "warning.first"


def test_a_rule_that_may_match_with_lower_priority_does_not_hold() -> None:
    ranking = rank(
        Stage.HANGUP, [rule("hang_up", Effect.HANG_UP, priority=50), rule("soothe", Effect.SOOTHE, priority=49)]
    )

    resolved = resolve(ranking, Matches(true=0b01, may=0b10), 0b11)

    assert (resolved.outcome.effect, resolved.holders) == (Effect.HANG_UP, 0)


def test_a_stricter_rule_that_may_match_changes_nothing() -> None:
    ranking = rank(
        Stage.HANGUP, [rule("hang_up", Effect.HANG_UP, priority=90), rule("soothe", Effect.SOOTHE, priority=50)]
    )

    resolved = resolve(ranking, Matches(true=0b10, may=0b01), 0b11)

    assert (resolved.outcome.effect, resolved.holders) == (Effect.SOOTHE, 0)


def test_record_and_notify_come_from_every_matching_rule_and_others_from_the_determining_ones_only() -> None:
    ranking = rank(
        Stage.HANGUP,
        [
            rule("wins", Effect.WARN, priority=90, do=[Obligation.SHOW_CARD]),
            rule("loses", Effect.SOOTHE, priority=10, do=[Obligation.RECORD_CALL, Obligation.CALL_BACK]),
        ],
    )

    resolved = resolve(ranking, Matches(0b11, 0), 0b11)

    assert resolved.obligations == (Obligation.RECORD_CALL, Obligation.SHOW_CARD)


def test_a_held_outcome_takes_no_obligation_of_the_rule_that_was_held() -> None:
    ranking = rank(
        Stage.HANGUP,
        [rule("hang_up", Effect.HANG_UP, do=[Obligation.CALL_BACK, Obligation.RECORD_CALL]), rule("warn", Effect.WARN)],
    )
    warn, hang_up = 0b01, 0b10

    resolved = resolve(ranking, Matches(true=hang_up, may=warn), 0b11)

    assert resolved.outcome.effect is Effect.WARN
    assert resolved.obligations == (Obligation.RECORD_CALL,)


@pytest.mark.parametrize(
    ("kinder", "stricter"),
    [
        (Outcome(Effect.BLOCK, term=Term.DAY), Outcome(Effect.BLOCK, term=Term.WEEK)),
        (Outcome(Effect.BLOCK, term=Term.WEEK), Outcome(Effect.BLOCK, term=Term.MONTH)),
        (Outcome(Effect.BLOCK, term=Term.MONTH), Outcome(Effect.BLOCK, term=Term.PERMANENT)),
        (Outcome(Effect.BLOCK, term=3_600_000_000), Outcome(Effect.BLOCK, term=Term.DAY)),
        (Outcome(Effect.HANG_UP, by=By.AGENT), Outcome(Effect.HANG_UP, by=By.SYSTEM)),
        (Outcome(Effect.OFFER_CLOSE, wait=5_000_000), Outcome(Effect.OFFER_CLOSE, wait=2_000_000)),
        (Outcome(Effect.HANG_UP_POLITELY, by=By.SYSTEM), Outcome(Effect.HANG_UP, by=By.AGENT)),
    ],
)
def test_shorter_terms_longer_waits_and_permission_are_kinder(kinder: Outcome, stricter: Outcome) -> None:
    assert kinder.severity < stricter.severity


@pytest.mark.parametrize("stage", list(Stage))
def test_protection_leaves_only_what_restricts_nobody(stage: Stage) -> None:
    for effect in EFFECTS_OF[stage]:
        outcome, hidden = protect(Outcome(effect), stage, protected=True)
        restricts = effect in {
            Effect.REJECT, Effect.HANG_UP, Effect.HANG_UP_POLITELY, Effect.BLOCK, Effect.PROPOSE_BLOCK,
        }  # fmt: skip
        assert outcome.effect is (default_effect(stage) if restricts else effect)
        assert (hidden is not None) is restricts
        assert protect(Outcome(effect), stage, protected=False) == (Outcome(effect), None)


def test_an_invariant_replaces_and_its_replacement_is_checked_again() -> None:
    invariants: list[Invariant] = [
        never("no_warning_yet", [Effect.WARN], ALWAYS, Effect.SOOTHE),
        never("no_hang_up", [Effect.HANG_UP], ALWAYS, Effect.WARN),
    ]

    outcome, acted = guard(Outcome(Effect.HANG_UP, by=By.SYSTEM, script="closing"), invariants, violated=0b11)

    assert outcome == Outcome(Effect.SOOTHE)
    assert acted == ("no_hang_up", "no_warning_yet")


def test_an_invariant_that_is_kept_lets_the_outcome_pass() -> None:
    invariants = [never("no_hang_up", [Effect.HANG_UP], ALWAYS, Effect.WARN)]

    assert guard(Outcome(Effect.HANG_UP), invariants, violated=0) == (Outcome(Effect.HANG_UP), ())


@given(
    st.sampled_from(HANGUP), st.lists(st.tuples(st.sampled_from(HANGUP[1:]), st.integers(0, 6)), max_size=5), st.data()
)
def test_what_invariants_leave_is_forbidden_by_none_that_is_violated(
    effect: Effect, pairs: list[tuple[Effect, int]], data: st.DataObject
) -> None:
    invariants = [
        never(f"i{number}", [forbidden], ALWAYS, HANGUP[min(instead, RANK[forbidden] - 1)])
        for number, (forbidden, instead) in enumerate(pairs)
    ]
    violated = data.draw(st.integers(0, (1 << len(invariants)) - 1))

    outcome, _ = guard(Outcome(effect), invariants, violated)

    assert RANK[outcome.effect] <= RANK[effect]
    assert not any(outcome.effect in invariants[place].effects for place in bits(violated))
