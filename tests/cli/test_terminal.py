"""Tables in a terminal of any width: what stands in them is shown, whole and in its column."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from callpolicy.cli.terminal import column_widths, show_table, wrapped
from callpolicy.reports import Column, Table

WORDS = st.text(st.sampled_from("ab_挂机"), min_size=1, max_size=30)
CELLS = st.lists(WORDS, max_size=4).map(" ".join)


def drawn(table: Table, columns: int) -> list[str]:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        patch.setattr("sys.stdout", out)
        show_table(table)
    return out.getvalue().splitlines()


def between(line: str, start: int, end: int) -> str:
    """The part of a line between two cells, of which a wide character takes two."""
    part, place = "", 0
    for char in line:
        part += char if start <= place < end else ""
        place += cell_len(char)
    return part


@given(
    cells=st.lists(st.tuples(CELLS, st.booleans()), min_size=1, max_size=6), columns=st.sampled_from([20, 60, 80, 120])
)
def test_no_character_of_a_table_is_lost_in_a_terminal_of_any_width(
    cells: list[tuple[str, bool]], columns: int
) -> None:
    table = Table("", tuple(Column("名称", whole=whole) for _, whole in cells), (tuple(text for text, _ in cells),))

    lines = drawn(table, columns)

    start = 0
    for (text, whole), width in zip(cells, column_widths(table, columns), strict=True):
        shown = [between(line, start, start + width) for line in lines[2:]]
        assert "".join("".join(shown).split()) == "".join(text.split())
        assert not whole or shown[0].strip() == text.strip()
        start += width + 2


def test_a_table_that_has_room_is_as_wide_as_the_terminal_at_most() -> None:
    table = Table("", (Column("a", whole=True), Column("b")), (("x" * 30, "word " * 20),))

    # 30 and two between leave 48 of 80; the word alone needs 4.
    assert column_widths(table, 80) == [30, 48]
    assert column_widths(table, 20) == [30, 4]
    assert column_widths(table, 200) == [30, 100]


def test_a_title_is_a_line_of_its_own_that_is_never_broken() -> None:
    title = "A title that is much longer than the table below it"

    lines = drawn(Table(title, (Column("a"),), (("x",),)), 20)

    assert lines == [title, "a", "─", "x"]


@pytest.mark.parametrize(
    ("written", "width", "lines"),
    [
        ("harassment", 9, ["harassment"]),
        ("nuisance_persists_after_warning", 16, ["nuisance_", "persists_after_", "warning"]),
        ("ended caller hang_up", 12, ["ended caller", "hang_up"]),
        ("挂机 hang_up", 9, ["挂机", "hang_up"]),
        ("24 小时内同一事由，再次来电", 18, ["24 小时内同一事", "由，再次来电"]),
        ("同一事由，再次", 8, ["同一事", "由，再次"]),
        ("a\nb", 9, ["a", "b"]),
        ("", 9, [""]),
    ],
)
def test_a_cell_is_broken_between_words_and_after_underscores(written: str, width: int, lines: list[str]) -> None:
    assert wrapped(written, width).split("\n") == lines


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_facts_keep_their_titles_and_scenarios_their_events_in_a_narrow_terminal(
    run: Any, norm: Path, columns: int, language: str
) -> None:
    facts = run("facts", "--rules", norm, "--language", language, columns=columns).stdout
    scenario = run("scenario", "--rules", norm, "--language", language, columns=columns).stdout

    word = "本次通话提醒次数" if language == "zh-CN" else "warnings"
    line = next(line for line in facts.splitlines() if line.startswith("talk.warnings "))
    assert word in line.removeprefix("talk.warnings")
    for event in ("offered", "answered", "said", "warned", "offence"):
        assert any(event in line.split() for line in scenario.splitlines())
