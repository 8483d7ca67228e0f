"""Which numbers of a norm may be shown, however long they are: those that count, and no text."""

from __future__ import annotations

from callpolicy.analysis import Witness
from callpolicy.check import counts_of
from callpolicy.cli.analyse import facts_of
from callpolicy.condition import All, Leaf, Op
from callpolicy.facts import Value
from callpolicy.facts.builtin import BUILTIN
from callpolicy.points import Effect
from callpolicy.policy import Example
from callpolicy.rulefile.sources import masked
from tests.check.making import a_rule
from tests.engine.bundles import bundle

MANY = Leaf("talk.offences", Op.AT_LEAST, 10_000_000)
NUMBER = "13800138000"


def test_a_threshold_and_a_value_of_an_example_count_and_the_number_of_a_caller_does_not() -> None:
    when = All((MANY, Leaf("caller.number", Op.IN, (f"+86{NUMBER}", NUMBER))))
    examples = (Example("one", {"talk.offences": 20_000_000, "caller.customer": "30000000"}, "match"),)

    counts = counts_of(bundle(a_rule("r", Effect.WARN, when, examples=examples)))

    assert {"10000000", "20000000"} <= counts
    assert not {NUMBER, f"+86{NUMBER}", "30000000"} & counts


def test_what_is_a_number_of_a_caller_in_one_place_is_a_count_nowhere() -> None:
    when = All((Leaf("talk.offences", Op.AT_LEAST, int(NUMBER)), Leaf("caller.number", Op.IS, NUMBER)))

    counts = counts_of(bundle(a_rule("r", Effect.WARN, when)))

    assert NUMBER not in counts


def test_a_count_stays_and_a_telephone_number_beside_it_goes() -> None:
    assert masked(f"at_least 10000000, {NUMBER}", {"10000000"}) == "at_least 10000000, ***********"
    assert masked("+10000000 and 0010000000", {"10000000"}) == "+******** and **********"


def test_the_facts_of_a_call_show_counts_whole_and_no_number_of_anybody() -> None:
    values: dict[str, Value] = {
        "talk.offences": 20_000_000,
        "talk.warnings": 10_000_000,
        "caller.number": f"+86{NUMBER}",
        "call.topic": NUMBER,
        "talk.signals": frozenset({NUMBER, "abuse"}),
        "talk.answered": True,
        "talk.quiet_for": 90_000_000,
    }

    assert facts_of(Witness(None, values), BUILTIN) == {
        "call.topic": "***********",
        "caller.number": "***",
        "talk.answered": "true",
        "talk.offences": "20000000",
        "talk.quiet_for": "1m30s",
        "talk.signals": "***********,abuse",
        "talk.warnings": "10000000",
    }
