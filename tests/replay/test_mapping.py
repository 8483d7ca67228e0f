"""Mapping files: what they say, and that every fault in one is told at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from callpolicy.errors import Finding, RuleFileError
from callpolicy.replay import load_mapping, shipped

GOOD = """\
id: desk
title: {zh-CN: 台账, en: the desk's list}
time_zone: Asia/Shanghai
time_format: "%Y-%m-%d %H:%M"
call_id: [id]
events:
  - event: offered
    at:
      - columns: [day, in]
    with:
      customer: {column: who}
  - event: judged
    at:
      - {after: offered, seconds: later}
    with:
      class: {column: class}
"""

VALUE = "mapping-value-error"
CLASS = "    with:\n      class: {column: class}"


def faults_of(tmp_path: Path, text: str | bytes, name: str = "desk.yaml") -> list[Finding]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RuleFileError) as refused:
        load_mapping(str(path))
    return list(refused.value.findings)


def test_a_mapping_is_read_from_a_file_of_one_s_own(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(GOOD, encoding="utf-8")

    made = load_mapping(str(tmp_path / "desk.yaml"))

    assert (made.id, made.delimiter, made.encoding) == ("desk", ",", "utf-8-sig")
    assert made.columns_read() == {"id", "day", "in", "who", "later", "class"}
    assert set(made.events[1].with_) == {"class_"}


def test_mappings_come_with_the_package_and_can_be_loaded() -> None:
    assert shipped() == ("anonymous_bank", "generic_csv")
    for name in shipped():
        made = load_mapping(name)
        assert made.id == name
        assert set(made.title) == {"zh-CN", "en"}


def test_a_name_that_is_no_mapping_is_refused_with_those_that_are() -> None:
    for name in ("bank", "no/such/file.yaml", ".", "nul\0byte"):
        with pytest.raises(RuleFileError) as refused:
            load_mapping(name)
        [finding] = refused.value.findings
        assert (finding.code, finding.hint) == (
            "no-such-mapping",
            "give a file, or one of `anonymous_bank`, `generic_csv`",
        )


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "words"),
    [
        ("id: desk\n", "", "mapping-missing", 1, "`id`"),
        ("time_zone: Asia/Shanghai", "time_zone: Asia/Beijing", VALUE, 3, "did you mean `Asia/Shanghai`?"),
        ("time_zone: Asia/Shanghai", "time_zone: ../../etc", VALUE, 3, "no time zone"),
        ('"%Y-%m-%d %H:%M"', '"%H:%M"', VALUE, 4, "needs its day"),
        ('"%Y-%m-%d %H:%M"', "ISO", VALUE, 4, "write `iso`, `epoch`"),
        ('"%Y-%m-%d %H:%M"', '"%Q"', VALUE, 4, "needs its day"),
        ("call_id: [id]", "call_id: [id]\nencoding: utf-9", VALUE, 6, "no encoding `utf-9`"),
        ("call_id: [id]", 'call_id: [id]\ndelimiter: "\\n"', VALUE, 6, "cannot part columns"),
        ("call_id: [id]", 'call_id: [id]\ndelimiter: ";;"', "mapping-string-too-long", 6, "`delimiter`"),
        ("call_id: [id]", "call_id: [id]\ncolumns: [a, a]", VALUE, 6, "named twice"),
        ("call_id: [id]", "call_id: [id]\nfeeds: [telepathy]", "mapping-enum", 6, "`feeds.0`"),
        ("call_id: [id]", "caller_id: [id]", "mapping-extra-forbidden", 5, "`caller_id`"),
        ("- event: offered", "- event: offer", VALUE, 7, "no event `offer`"),
        ("- event: offered", "- event: answered", VALUE, 7, "has no field `customer`"),
        ("after: offered", "after: answered", VALUE, 7, "which is no event before it"),
        ("{after: offered, seconds: later}", "{after: offered}", VALUE, 14, "`after` and `seconds`"),
        ("- columns: [day, in]", "- {}", VALUE, 9, "comes from `columns`"),
        ("{column: who}", "{column: who, const: x}", VALUE, 11, "one of them"),
        ("{column: who}", "{}", VALUE, 11, "one of them"),
        ("customer:", "client:", VALUE, 7, "`offered` has no field `client`"),
        ("customer:", "call_id:", VALUE, 7, "no field `call_id`"),
        ("      class:", "      feeds:", VALUE, 12, "no field `feeds`"),
        (CLASS, "    facts:\n      host.x: {column: x}", VALUE, 12, "no host facts"),
        ("      - {after: offered, seconds: later}", "      []", VALUE, 12, "says from nowhere"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_line_and_words(
    tmp_path: Path, old: str, new: str, code: str, line: int, words: str
) -> None:
    assert old in GOOD

    findings = faults_of(tmp_path, GOOD.replace(old, new))

    assert [(each.code, each.span.line if each.span else None) for each in findings] == [(code, line)]
    assert words in findings[0].message
    assert findings[0].span is not None
    assert findings[0].span.file == "desk.yaml"


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    broken = (
        GOOD.replace("Asia/Shanghai", "Nowhere").replace("column: who", "colum: who").replace("id: desk", "name: desk")
    )

    lines = [each.span.line for each in faults_of(tmp_path, broken) if each.span]

    assert sorted(lines) == [1, 1, 3, 11]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-file"),
        ("just text", "mapping-model-type"),
        ("- a\n- b", "mapping-model-type"),
        ("id: [", "yaml-syntax"),
        ("id: a\nid: b", "duplicate-key"),
        ("id: &a x\ntitle: *a", "anchor-or-alias"),
        (b"\xff\xfe", "not-utf8"),
        ("id: \x07", "control-character"),
        ("[" * 5_000, "too-deep"),
        ("#" * ((1 << 20) + 1), "file-too-large"),
    ],
    ids=["empty", "text", "list", "open", "twice", "alias", "bytes", "bell", "deep", "large"],
)
def test_what_is_no_mapping_at_all_is_refused_without_a_traceback(tmp_path: Path, text: str | bytes, code: str) -> None:
    assert code in {each.code for each in faults_of(tmp_path, text)}
