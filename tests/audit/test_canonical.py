"""Canonical bytes: those of RFC 8785, the same in every process; what JSON does not hold is refused by its place."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.audit import canonical
from callpolicy.audit.canonical import DEEPEST, read_tree
from callpolicy.errors import AuditError

TEXTS = st.text(st.characters(codec="utf-8"), max_size=6)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2**53), 2**53, exclude_min=True, exclude_max=True)
TREES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.untraced
@given(TREES)
def test_the_bytes_are_those_of_the_reference_implementation(tree: Any) -> None:
    assert canonical(tree) == rfc8785.dumps(tree)


@given(TREES)
def test_what_is_written_is_read_back_and_is_written_the_same_again(tree: Any) -> None:
    data = canonical(tree)

    assert read_tree(data, "it") == tree
    assert canonical(read_tree(data, "it")) == data


def test_numbers_and_keys_are_written_as_the_standard_says() -> None:
    # Source: RFC 8785 section 3.2.2.3 and 3.2.3 (examples), section 3.2.4 (control characters).
    tree: Any = {
        "numbers": [333333333.33333329, 4.50, 2e-3, 1e-27, -0.0],
        "string": '\u20ac$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }

    assert canonical(tree) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27,0],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    # By UTF-16 code units, not by code points: U+1F600 comes before U+FB33.
    assert list(orjson.loads(canonical({"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3}))) == [
        "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"body": {"x": [1, float("nan")]}}, "`body.x[1]` is a number that JSON does not hold exactly"),
        ({"a": float("inf")}, "`a` is a number"),
        ({"a": {"b": 2**53}}, "`a.b` is a number"),
        ([-(2**53)], "`[0]` is a number"),
        ({"a": 9007199254740992.0}, "`a` is a number"),
        ({"a": -1e30}, "`a` is a number"),
        ({"a": {1: 2}}, "`a.…` is no JSON value"),
        ({"a": b"bytes"}, "`a` is no JSON value"),
        ({"a": (1, 2)}, "`a` is no JSON value"),
        ({"a": frozenset()}, "`a` is no JSON value"),
        ({"a": "\ud800"}, "no whole Unicode text"),
        ({"\udfff": 0.5}, "no whole Unicode text"),
        ({"+12125550142": float("nan")}, "`…` is a number"),
    ],
)
def test_what_json_does_not_hold_is_refused_by_its_place(tree: Any, place: str) -> None:
    with pytest.raises(AuditError) as caught:
        canonical(tree)

    assert place in str(caught.value)
    assert "555" not in str(caught.value)


def test_a_tree_that_is_too_deep_is_refused_and_one_that_just_is_not_is_taken() -> None:
    tree: Any = 1
    for _ in range(DEEPEST):
        tree = [tree]

    assert read_tree(canonical(tree), "it") == tree
    with pytest.raises(AuditError, match="too deep"):
        canonical([tree])
    with pytest.raises(AuditError):
        read_tree(b"[" * 100_000 + b"]" * 100_000, "it")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'{"a": 1}', b"[1.0]", b"[1e400]", b"[-0]", b'["\\u0041"]',
        b"[NaN]", b"\xff", b'"\xed\xa0\x80"', b"[9007199254740993]", b"[1]\n", b"[18446744073709551616]",
    ],
)  # fmt: skip
def test_only_canonical_bytes_are_read(data: bytes) -> None:
    with pytest.raises(AuditError, match=r"^line 7: "):
        read_tree(data, "line 7")


def test_the_same_bytes_in_every_process_and_hash_seed() -> None:
    script = (
        "from tests.audit.trails import trail\n"
        "from callpolicy.audit import to_line, part_to_line\n"
        "import hashlib\n"
        "records, anchor, parts = trail(5)\n"
        "lines = b''.join([*map(to_line, records), *map(part_to_line, parts), anchor.to_json()])\n"
        "print(len(parts), hashlib.sha256(lines).hexdigest())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join([".", *sys.path])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "99", "12345")
    }

    assert len(printed) == 1
    assert not printed.pop().startswith(b"0 ")
