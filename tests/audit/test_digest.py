"""Digests of snapshots: equal for equal ones, different for different ones, and nothing without the key."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.audit import MASKED, masked, may_show, snapshot_digest
from callpolicy.facts import Course, InputFault, Snapshot, Value
from callpolicy.facts.builtin import BUILTIN
from callpolicy.windows import Elapsed

KEY = b"a secret of the centre"

VALUES = st.dictionaries(
    st.sampled_from(["talk.warnings", "caller.number", "call.queue", "talk.signals", "host.x", "规则"]),
    st.one_of(
        st.booleans(),
        st.integers(-(1 << 63), (1 << 63) - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(codec="utf-8"), max_size=5),
        st.frozensets(st.text(st.characters(codec="utf-8"), max_size=3), max_size=3),
    ),
    max_size=4,
)


def test_the_digest_is_the_keyed_one_of_the_canonical_json() -> None:
    # RFC 8785 sorts the keys and leaves no blanks; written out by hand.
    text = '{"at":"5","values":{"call.queue":"cards","talk.answered":true,"talk.signals":["a","b"],"talk.warnings":2}}'
    values: dict[str, Value] = {
        "talk.warnings": 2, "talk.signals": frozenset("ba"), "call.queue": "cards", "talk.answered": True,
    }  # fmt: skip

    digest = snapshot_digest(Snapshot(5, values), KEY)

    assert digest == "hmac-sha256:" + hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


@given(VALUES, st.integers(0, 1 << 62))
def test_equal_snapshots_have_equal_digests_whatever_the_order_of_their_facts(
    values: dict[str, Value], at: int
) -> None:
    turned = dict(reversed(values.items()))

    assert snapshot_digest(Snapshot(at, values), KEY) == snapshot_digest(Snapshot(at, turned), KEY)


@given(VALUES, VALUES, st.integers(0, 3), st.integers(0, 3))
def test_different_snapshots_have_different_digests(
    first: dict[str, Value], second: dict[str, Value], at: int, other: int
) -> None:
    # 1 and 1.0 are one number in JSON as in Python; True is another thing than 1 in JSON only.
    same = (
        at == other
        and sorted(first) == sorted(second)
        and all(
            first[name] == second[name] and isinstance(first[name], bool) is isinstance(second[name], bool)
            for name in first
        )
    )

    assert (snapshot_digest(Snapshot(at, first), KEY) == snapshot_digest(Snapshot(other, second), KEY)) is same


@pytest.mark.parametrize("big", [(1 << 53) - 1, 1 << 53, (1 << 53) + 1, (1 << 63) - 1, -(1 << 53) - 1])
def test_whole_numbers_that_no_double_holds_are_told_apart(big: int) -> None:
    digests = {snapshot_digest(Snapshot(0, {"case.final_result_at": big + step}), KEY) for step in range(-2, 3)}

    assert len(digests) == 5


def test_without_the_key_nothing_can_be_found_by_trying() -> None:
    snapshot = Snapshot(0, {"caller.number": "+12125550142"})

    digests = {snapshot_digest(snapshot, key) for key in (b"k", b"K", KEY)}
    plain = hashlib.sha256(b'{"at":"0","values":{"caller.number":"+12125550142"}}').hexdigest()

    assert len(digests) == 3
    assert not any(plain in digest for digest in digests)
    with pytest.raises(ValueError, match="key"):
        snapshot_digest(snapshot, b"")


def test_courses_and_faults_are_no_part_of_it() -> None:
    courses: dict[str, Course] = {"talk.quiet_for": Elapsed(0, None)}
    bare = Snapshot(0, {"talk.quiet_for": 0})

    assert snapshot_digest(Snapshot(0, bare.values, courses, (InputFault("a", "b"),)), KEY) == snapshot_digest(
        bare, KEY
    )


def test_the_same_in_every_process_and_hash_seed() -> None:
    script = (
        "from callpolicy.audit import snapshot_digest; from callpolicy.facts import Snapshot;"
        "values = {'talk.signals': frozenset({'anger', 'threat', 'abuse'}), 'b': 1, 'a': 2};"
        "print(snapshot_digest(Snapshot(1, values), b'k'))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "99")
    }

    assert len(printed) == 1
    assert printed.pop().startswith(b"hmac-sha256:")


def test_personal_values_are_masked_and_what_is_not_declared_counts_as_personal() -> None:
    values: dict[str, Value] = {"caller.number": "+12125550142", "talk.warnings": 2, "host.note": "secret"}

    shown = masked(values, BUILTIN)

    assert shown == {"caller.number": MASKED, "talk.warnings": 2, "host.note": MASKED}
    assert "5550142" not in json.dumps(shown)
    assert may_show("talk.warnings", BUILTIN)
    assert not may_show("host.note", BUILTIN)
    assert not may_show("caller.customer", BUILTIN)
