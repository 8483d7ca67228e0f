"""Seeded faults: each is found, in words that say where to look, and the page says which tool finds it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest

from scripts.faults import EN, PAGES, TOOLS, ZH, Edit, Fault, Mark, Seen, applied, look, marks_of, read_faults, starter

FAULTS = read_faults()
BY_NAME = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
QUICK = ("check", "test")
# Parts of a norm that `diff` names in words.
WORDS_ZH = {
    "business hours": "营业时间",
    "feeds": "数据来源",
    "protected": "受保护号码",
    "signals that count as offences": "算作违规的信号",
    "who may block whom": "屏蔽的权限规定",
    "windows": "统计窗口",
}


@cache
def page_marks(language: str) -> dict[str, tuple[Mark, ...]]:
    return marks_of(PAGES[language].read_text("utf-8"))


def marks(fault: Fault) -> dict[str, Mark]:
    return dict(zip(TOOLS, page_marks(EN)[fault.name], strict=True))


def see_that_it_is_found(fault: Fault, seen: dict[str, Seen]) -> None:
    told = [each for each in seen.values() if each.mark in {Mark.FOUND, Mark.TOLD}]
    assert told, f"nothing finds `{fault.name}`"
    assert all(each.message[language].strip() for each in told for language in (EN, ZH))


# WHY not every tool here: to compare and to prove takes seconds for some of the faults. What only they find, they are
# asked for; `make fuzz` asks all of them for everything.
@BY_NAME
def test_a_fault_is_found_and_the_message_says_where(fault: Fault) -> None:
    said = marks(fault)
    slow = [tool for tool in TOOLS if tool not in QUICK and said[tool] in {Mark.FOUND, Mark.TOLD}]
    only_slow = not any(said[tool] is Mark.FOUND for tool in QUICK)

    tools: Sequence[str] = (*QUICK, *slow[:1]) if only_slow else QUICK
    seen = look(fault, tools)

    assert {tool: each.mark for tool, each in seen.items()} == {tool: said[tool] for tool in tools}
    see_that_it_is_found(fault, seen)


@pytest.mark.fuzz
@BY_NAME
def test_every_tool_makes_of_a_fault_what_the_page_says(fault: Fault) -> None:
    seen = look(fault)

    assert {tool: each.mark for tool, each in seen.items()} == marks(fault)
    see_that_it_is_found(fault, seen)
    assert any(fault.names in each.message.get(EN, "") for each in seen.values())


@BY_NAME
def test_what_the_page_says_of_a_fault_names_the_rule_file_or_fact(fault: Fault) -> None:
    for language in (EN, ZH):
        _, heading, rest = PAGES[language].read_text("utf-8").partition(f"\n### {fault.title[language]}\n")
        said = [line for line in rest.partition("\n### ")[0].splitlines() if line.startswith("- ")]

        assert heading
        assert any(name in line for name in (fault.names, WORDS_ZH.get(fault.names, fault.names)) for line in said)


def test_nothing_is_found_in_the_starter_norm() -> None:
    seen = look(None)

    assert {tool: each.mark for tool, each in seen.items()} == dict.fromkeys(TOOLS, Mark.NOTHING)


def test_the_pages_of_both_languages_have_every_fault_with_the_same_marks() -> None:
    names = {fault.name for fault in FAULTS}

    assert len(names) >= 32
    assert set(page_marks(EN)) == names
    assert page_marks(ZH) == page_marks(EN)


def test_most_faults_are_found_by_a_tool_that_runs_or_proves_the_norm() -> None:
    beyond_check = [name for name, row in page_marks(EN).items() if Mark.FOUND in row[1:]]

    assert len(beyond_check) >= 30


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Edit("policy.yaml", "no such text", "x"), "stands 0 times"),
        (Edit("policy.yaml", "zh-CN", "x"), "times in `policy.yaml`"),
        (Edit("policy.yaml", None, "x"), "is there already"),
    ],
)
def test_a_fault_that_cannot_be_put_in_is_refused(edit: Edit, message: str) -> None:
    fault = Fault("made_up", {EN: "made up", ZH: "虚构"}, "", "policy.yaml", (edit,))

    with pytest.raises(ValueError, match=message):
        applied(fault, starter()[0])
