"""What a person sees of a finding: the line, a caret below the place, and no telephone number."""

import unicodedata
from collections.abc import Callable

import pytest

from callpolicy.events import EVENT_TYPES, CallEvent
from callpolicy.rulefile import read_bundle_files
from callpolicy.rulefile.sources import masked, quoted
from tests.rulefile.test_malformed import SMALL

RULE = "classify/judged_nuisance.yaml"


def told(name: str, old: str, new: str) -> list[str]:
    text = SMALL[name].decode()
    assert text.count(old) == 1
    _, (finding,) = read_bundle_files(SMALL | {name: text.replace(old, new).encode()})
    return str(finding).splitlines()


def test_a_finding_shows_its_line_and_points_at_the_place() -> None:
    assert told(RULE, "status: enforced", "status: enforcd") == [
        "classify/judged_nuisance.yaml:5:9: error: `status` value `enforcd` is not known [unknown-value]",
        "    status: enforcd",
        "            ^",
        "    hint: did you mean `enforced`?",
    ]


def columns(text: str) -> int:
    """How many columns of a screen a text takes. Source: Unicode Standard Annex 11."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def test_the_caret_stands_below_the_place_also_behind_chinese() -> None:
    _, line, caret, _ = told(RULE, "en: Judged a nuisance}", "en: Judged a nuisance, de: Störung}")

    assert columns(line[: line.index("de:")]) == columns(caret[: caret.index("^")])


def test_a_tab_in_the_line_takes_one_column() -> None:
    _, line, caret, _ = told(RULE, "kind: abuse}", "\tkind:\tabus}")

    assert line == "    then: {effect: nuisance,  kind: abus}"
    assert line.index("abus}") == caret.index("^")


def test_a_very_long_line_is_cut() -> None:
    lines = told(RULE, "owner: service-quality", f"owner: {'q' * 900}")

    assert len(lines[1]) == 4 + 160 + 1
    assert lines[1].endswith("…")


def test_a_place_far_in_a_long_line_has_no_excerpt() -> None:
    lines = told(RULE, "kind: abuse}", f"{' ' * 900}kind: abus}}")

    assert lines[0].startswith("classify/judged_nuisance.yaml:12:932: ")
    assert lines[1:] == ["    hint: did you mean `abuse`?"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+86 138 0013 8000", "+** *** **** ****"),
        ("call 13800138000 now", "call *********** now"),
        ("(212) 555-0142", "(***) ***-****"),
        ("１３８００１３８０００", "***********"),
        ("2026-03-02T09:00:00+08:00", "2026-03-02T09:00:00+08:00"),
        ("review_by: 2027-02-30", "review_by: 2027-02-30"),
        ("priority: 123456", "priority: 123456"),
        ("caller.class", "caller.class"),
    ],
)
def test_what_looks_like_a_telephone_number_has_no_digits(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert len(masked(text)) == len(text)


def test_no_finding_tells_a_telephone_number() -> None:
    name = "scenarios/warned_then_hung_up.yaml"
    lines = told(name, 'number: "+86 138 0013 8002"', 'nmbr: "+86 138 0013 8002"')

    assert "unknown-field" in lines[0]
    assert "0013" not in "\n".join(lines)
    assert lines[1].endswith(
        'first: {nmbr: "+** *** **** ****", queue: main, feeds: [agent_marks], facts: {host.queue_wait: 90s}}'
    )


def test_text_of_a_user_stays_on_one_line_and_in_its_backticks() -> None:
    assert quoted("a`b\nc\u202ed") == "`a'b\ufffdc\ufffdd`"
    assert quoted("x" * 100) == f"`{'x' * 80}…`"


@pytest.mark.parametrize("event", sorted(EVENT_TYPES))
def test_every_event_can_stand_in_a_scenario(event: str) -> None:
    needed = {"case_linked": "{case_id: c1}", "judged": "{class: normal}"}.get(event, "{}")
    offered = "" if event == "offered" else "  - {at: 0s, call: a, do: offered}\n"
    text = (
        "id: all_events\ntitle: {zh-CN: 事件, en: events}\nstart: 2026-03-02T09:00:00Z\ncalls: {a: {}}\n"
        f"steps:\n{offered}  - {{at: 1s, call: a, do: {event}, with: {needed}}}\n"
    )

    bundle, findings = read_bundle_files(SMALL | {"scenarios/all_events.yaml": text.encode()})

    assert findings == ()
    assert bundle is not None
    fields = bundle.scenarios[0].steps[-1].fields
    made: Callable[..., CallEvent] = EVENT_TYPES[event]
    assert made(call_id="a", seq=0, at=0, **fields).name == event
