"""What events make known about the conversation: feeds, counts, silence, time."""

from __future__ import annotations

from typing import Any

import pytest

from callpolicy.events import (
    Answered,
    CaseLinked,
    Ended,
    Escalated,
    Explained,
    ExplanationRejected,
    Feed,
    Held,
    Judged,
    NewFact,
    NoFurtherNeeds,
    Offence,
    Offered,
    Party,
    RefusedByRule,
    Said,
    ServiceCompleted,
    Silence,
    Soothed,
    Tick,
    Transferred,
    Warned,
)
from callpolicy.windows import Elapsed
from tests.session.making import SECOND, START, Story, norm, seconds, talking

MARKED_COUNTS = [
    "talk.warnings", "talk.soothings", "talk.explanations", "talk.explanations_rejected", "talk.refusals_by_rule",
    "talk.offences", "talk.offences_since_warning", "talk.escalations", "talk.rejections_since_refusal",
]  # fmt: skip
ALWAYS = {"talk.answered": True, "talk.transfers": 0, "talk.holds": 0, "talk.on_hold": False}


def test_declared_marks_start_every_count_at_zero() -> None:
    facts = talking(feeds=frozenset({Feed.AGENT_MARKS})).facts(10)

    assert {name: facts[name] for name in MARKED_COUNTS} == dict.fromkeys(MARKED_COUNTS, 0)
    assert facts["talk.offence_kinds"] == frozenset()
    assert facts["talk.service_complete"] is False
    assert facts["talk.no_further_needs"] is False
    assert facts["case.linked"] is False
    assert not {"talk.signals", "talk.judged_class", "talk.since_warning", "talk.since_offence"} & facts.keys()


def test_without_any_feed_only_what_the_switch_tells_is_known() -> None:
    facts = talking(feeds=frozenset()).facts(12)

    talk = {name: value for name, value in facts.items() if name.startswith(("talk.", "case."))}
    assert talk == ALWAYS | {"talk.agent": "li", "talk.handling_time": 2 * SECOND}


def test_a_transcript_fills_signals_and_the_offences_that_the_norm_sees_in_them() -> None:
    facts = talking(feeds=frozenset({Feed.TRANSCRIPT})).facts(10)

    assert facts["talk.signals"] == frozenset()
    assert facts["talk.offences"] == 0
    assert "talk.offences_since_warning" not in facts
    assert "talk.warnings" not in facts


def test_a_transcript_fills_no_offences_if_the_norm_names_no_signals() -> None:
    facts = talking(norm(offence_signals={}), feeds=frozenset({Feed.TRANSCRIPT})).facts(10)

    assert "talk.offences" not in facts
    assert facts["talk.signals"] == frozenset()


def test_a_call_that_declares_no_feeds_has_those_of_the_norm() -> None:
    story = talking(norm(feeds=frozenset({"agent_marks"})))

    assert story.session.feeds == {Feed.AGENT_MARKS}
    assert story.facts(10)["talk.warnings"] == 0


def test_each_mark_counts_what_it_marks() -> None:
    story = talking()
    for second, kind in enumerate(
        (Warned, Soothed, Soothed, Explained, Explained, Explained, ExplanationRejected, RefusedByRule, Escalated), 11
    ):
        story.tell(kind, second)
    story.tell(Offence, 30, kind="harassment")
    story.tell(ServiceCompleted, 31)
    story.tell(NoFurtherNeeds, 32)

    facts = story.facts(40)

    assert [facts[name] for name in MARKED_COUNTS] == [1, 2, 3, 1, 1, 1, 1, 1, 0]
    assert facts["talk.offence_kinds"] == {"harassment"}
    assert facts["talk.service_complete"] is True
    assert facts["talk.no_further_needs"] is True


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Warned, {}), (Soothed, {}), (Explained, {}), (RefusedByRule, {}), (Escalated, {}), (Offence, {}),
        (ServiceCompleted, {}), (NoFurtherNeeds, {}), (Judged, {"class_": "nuisance"}),
    ],
)  # fmt: skip
def test_a_mark_without_its_feed_changes_no_fact_and_is_named(kind: type[Any], fields: dict[str, Any]) -> None:
    story = talking(feeds=frozenset({Feed.TRANSCRIPT}))
    before = story.facts(20)

    story.tell(kind, 15, **fields)

    assert story.facts(20) == before
    assert story.fault_codes(20) == {kind.name: "undeclared-feed"}
    assert len(story.session.events) == 3


def test_speech_without_a_feed_is_kept_and_named_but_counts_nothing() -> None:
    story = talking(feeds=frozenset({Feed.AGENT_MARKS}))

    story.tell(Said, 15, text="you rascal")
    story.tell(Silence, 17)

    facts = story.facts(20)
    assert not {"talk.signals", "talk.quiet_for"} & facts.keys()
    assert facts["talk.offences"] == 0
    assert story.fault_codes(20) == {"said": "undeclared-feed", "silence": "undeclared-feed"}


def test_a_text_from_a_voice_feed_alone_ends_a_silence_but_raises_no_signal() -> None:
    story = talking(feeds=frozenset({Feed.VOICE}))

    story.tell(Said, 15, text="you rascal")

    facts = story.facts(20)
    assert seconds(facts["talk.quiet_for"]) == 5
    assert "talk.signals" not in facts
    assert story.fault_codes(20) == {"said": "undeclared-feed"}


def test_a_voice_feed_without_text_is_no_fault() -> None:
    story = talking(feeds=frozenset({Feed.VOICE}))

    story.tell(Said, 15)

    assert story.fault_codes(20) == {}


def test_signals_come_from_the_caller_alone() -> None:
    story = talking()

    story.tell(Said, 11, by=Party.AGENT, text="you rascal")
    story.tell(Said, 12, by=Party.SYSTEM, text="rascal")
    quiet_before = story.facts(12)
    story.tell(Said, 13, by=Party.CALLER, text="my lawyer")

    assert quiet_before["talk.signals"] == frozenset()
    assert quiet_before["talk.offences"] == 0
    assert story.facts(13)["talk.signals"] == {"threat"}


def test_a_signal_of_the_norm_is_one_offence_for_each_utterance_and_kind() -> None:
    story = talking()

    story.tell(Said, 11, text="rascal, rascal! 坏蛋!")
    once = story.facts(11)
    story.tell(Said, 12, text="rascal, my lawyer will call you")

    twice = story.facts(12)
    # curse and insult are both abuse: one offence; a curse and a threat are two kinds: two offences.
    assert (once["talk.offences"], once["talk.offence_kinds"]) == (1, {"abuse"})
    assert (twice["talk.offences"], twice["talk.offence_kinds"]) == (3, {"abuse", "harassment"})
    assert twice["talk.signals"] == {"curse", "insult", "threat"}


def test_a_signal_that_the_norm_does_not_name_is_no_offence() -> None:
    story = talking(norm(offence_signals={"curse": "abuse"}))

    story.tell(Said, 11, text="my lawyer")

    assert story.facts(11)["talk.offences"] == 0


def test_an_offence_of_a_kind_that_is_no_text_counts_and_is_named() -> None:
    story = talking()

    story.tell(Offence, 11, kind=7)

    assert (story.facts(11)["talk.offences"], story.facts(11)["talk.offence_kinds"]) == (1, frozenset())
    assert story.fault_codes(11) == {"talk.offence_kinds": "wrong-type"}


def test_offences_since_the_warning_count_from_the_last_warning_on() -> None:
    story = talking()
    seen = []
    for second, kind in enumerate((Offence, Warned, Offence, Offence, Warned, Offence), 11):
        story.tell(kind, second)
        seen.append(story.facts(second)["talk.offences_since_warning"])

    assert seen == [0, 0, 1, 2, 0, 1]


def test_at_one_instant_the_number_says_whether_the_offence_came_after_the_warning() -> None:
    after, before = talking(), talking()

    after.tell(Warned, 20, seq=2)
    after.tell(Offence, 20, seq=3)
    before.tell(Warned, 20, seq=3)
    before.tell(Offence, 20, seq=2)

    assert after.facts(20)["talk.offences_since_warning"] == 1
    assert before.facts(20)["talk.offences_since_warning"] == 0


def test_a_late_warning_changes_what_comes_after_it() -> None:
    story = talking()
    story.tell(Offence, 20, seq=5)
    before = story.facts(30)

    assert story.tell(Warned, 15, seq=3) is True

    assert (before["talk.warnings"], before["talk.offences_since_warning"]) == (0, 0)
    assert (story.facts(30)["talk.warnings"], story.facts(30)["talk.offences_since_warning"]) == (1, 1)
    assert seconds(story.facts(30)["talk.since_warning"]) == 15


def test_what_happened_before_the_end_may_arrive_after_it() -> None:
    story = talking()
    story.tell(Ended, 40, seq=9)

    assert story.tell(Offence, 39, seq=4) is True

    assert story.facts(60)["talk.offences"] == 1
    assert seconds(story.facts(60)["talk.since_offence"]) == 1


def test_times_run_from_their_events_and_say_so() -> None:
    story = talking()
    story.tell(Offence, 14)
    story.tell(Warned, 16)
    story.tell(Offence, 18)

    facts, courses = story.facts(30), story.session.snapshot(START + 30 * SECOND).courses

    assert seconds(facts["talk.handling_time"]) == 20
    assert seconds(facts["talk.since_warning"]) == 14
    assert seconds(facts["talk.since_offence"]) == 12
    assert courses["talk.handling_time"] == Elapsed(START + 10 * SECOND, None)
    assert courses["talk.since_warning"] == Elapsed(START + 16 * SECOND, None)
    assert courses["talk.since_offence"] == Elapsed(START + 18 * SECOND, None)


def test_the_end_stops_the_times_of_the_conversation() -> None:
    story = talking()
    story.tell(Warned, 16)
    story.tell(Said, 20)
    story.tell(Ended, 40)

    snapshot = story.session.snapshot(START + 1_000 * SECOND)

    moving = ("talk.handling_time", "talk.since_warning", "talk.quiet_for")
    assert [seconds(snapshot.get(name)) for name in moving] == [30, 24, 20]
    assert not [name for name in snapshot.courses if name.startswith("talk.")]


def test_holds_and_transfers_are_counted() -> None:
    story = talking()
    story.tell(Held, 11)
    on_hold = story.facts(12)
    story.tell(Held, 13, on=False)
    story.tell(Held, 14)
    story.tell(Transferred, 15, agent="wang")
    story.tell(Held, 16, on=False)

    facts = story.facts(20)

    assert (on_hold["talk.on_hold"], on_hold["talk.holds"]) == (True, 1)
    assert (facts["talk.on_hold"], facts["talk.holds"], facts["talk.transfers"]) == (False, 2, 1)


def test_a_caller_who_hangs_up_on_hold_is_on_hold_no_more() -> None:
    story = talking()
    story.tell(Held, 11)
    story.tell(Ended, 15)

    assert story.facts(20)["talk.on_hold"] is False


def test_a_transfer_changes_what_it_names() -> None:
    story = talking(queue="loans", team="north")
    story.tell(Transferred, 20, queue="cards", agent="wang")
    first = story.facts(20)
    story.tell(Transferred, 30, team="south")

    second = story.facts(30)

    assert (first["call.queue"], first["call.team"], first["talk.agent"]) == ("cards", "north", "wang")
    assert (second["call.queue"], second["call.team"], second.get("talk.agent")) == ("cards", "south", None)
    assert story.session.attributes["queue"] == "cards"


def test_the_last_judgement_counts_and_a_class_that_is_none_is_unknown() -> None:
    story = talking()
    story.tell(Judged, 20, class_="nuisance", kind="abuse")
    first = story.facts(20)
    story.tell(Judged, 30, class_="normal")
    second = story.facts(30)
    story.tell(Judged, 40, class_="rude", kind="abuse")

    assert (first["talk.judged_class"], first["talk.judged_kind"]) == ("nuisance", "abuse")
    assert (second["talk.judged_class"], second.get("talk.judged_kind")) == ("normal", None)
    assert not {"talk.judged_class", "talk.judged_kind"} & story.facts(40).keys()
    assert story.fault_codes(40) == {"talk.judged_class": "not-allowed"}


def test_a_linked_case_is_known_without_any_feed() -> None:
    story = talking(feeds=frozenset())
    before = story.facts(15)

    story.tell(CaseLinked, 20, case_id="k1")

    assert "case.linked" not in before
    assert (story.facts(20)["case.linked"], story.facts(20)["case.id"]) == (True, "k1")
    assert story.session.case_id == "k1"


def test_a_snapshot_stays_what_it_was() -> None:
    story = talking()
    snapshot = story.session.snapshot(START + 20 * SECOND)
    values, courses = dict(snapshot.values), dict(snapshot.courses)

    for second, kind in enumerate((Offence, Warned, Said, Tick, Ended), 21):
        story.tell(kind, second)

    assert (snapshot.values, snapshot.courses) == (values, courses)


def test_before_anything_is_received_only_the_clock_is_known() -> None:
    story = Story()

    assert set(story.facts(0)) == {"call.hour", "call.weekday", "call.business_hours", "call.holiday"}
    assert story.session.identities == ()
    assert (story.session.call_id, story.session.at, story.session.next_seq) == ("", 0, 0)


def test_the_session_tells_what_a_host_needs_to_go_on() -> None:
    story = Story()
    story.tell(Offered, 0, seq=4, queue="loans", topic="rates", customer="c-17")
    story.tell(Answered, 10, seq=7, agent="li")
    story.tell(Ended, 20, seq=6)

    session = story.session

    assert (session.call_id, session.next_seq, session.at) == ("c1", 8, START + 20 * SECOND)
    assert (session.answered_at, session.ended_at) == (START + 10 * SECOND, START + 20 * SECOND)
    assert session.attributes == {"channel": "phone", "queue": "loans", "topic": "rates"}
    assert session.offered is session.events[0]


def test_an_explanation_that_names_another_case_counts_for_no_fact_of_the_talk() -> None:
    story = talking()
    story.tell(CaseLinked, 11, case_id="k1")
    story.tell(RefusedByRule, 12)
    story.tell(Explained, 13, case_id="k2")
    story.tell(ExplanationRejected, 14)
    of_another = story.facts(15)
    story.tell(Explained, 16, case_id="k1")
    story.tell(Explained, 17, case_id="k2")
    story.tell(ExplanationRejected, 18)
    story.tell(ExplanationRejected, 19)
    facts = story.facts(20)

    names = ("talk.explanations", "talk.explanations_rejected", "talk.rejections_since_refusal")
    assert [of_another[name] for name in names] == [0, 0, 0]
    assert [facts[name] for name in names] == [1, 1, 1]


def test_an_explanation_that_names_a_case_counts_from_when_its_call_is_linked_to_it() -> None:
    story = talking()
    story.tell(Explained, 11, case_id="k1")
    unlinked = story.facts(12)["talk.explanations"]
    story.tell(CaseLinked, 13, case_id="k1")
    story.tell(Explained, 14, case_id="k1")

    assert (unlinked, story.facts(15)["talk.explanations"]) == (0, 1)


def test_a_new_fact_of_another_case_shows_that_the_caller_needs_something_else() -> None:
    story = talking()
    story.tell(CaseLinked, 11, case_id="k1")
    story.tell(ServiceCompleted, 12)
    story.tell(NewFact, 13, case_id="k2")

    facts = story.facts(14)

    assert (facts["talk.service_complete"], facts["case.id"]) == (False, "k1")
