"""Before a bundle goes live: the matchers on every boundary, and one file that says what was found out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest

from callpolicy.certificate import STEPS, activate, boundary_snapshots, certify, cross
from callpolicy.condition import Condition, Leaf, Op
from callpolicy.errors import RuleFileError
from callpolicy.facts import Catalogue, Value
from callpolicy.matchers.base import Compile, Matcher
from callpolicy.matchers.reference import compile_reference
from callpolicy.matches import Matches
from callpolicy.points import Effect, Kind
from callpolicy.policy import Bundle
from callpolicy.rulefile import load_bundle_files, read_files, starter_folder, starter_norm
from callpolicy.runtime import crossing, engine
from tests.engine.bundles import bundle, rule

AT = 1_795_000_000_000_000
TODAY = date(2026, 11, 29)


def edited(file: str, old: bytes, new: bytes) -> Bundle:
    files = read_files(starter_folder())[0]
    assert old in files[file]
    return load_bundle_files({**files, file: files[file].replace(old, new, 1)})


def test_every_boundary_is_stood_on_and_stepped_over() -> None:
    leaf = Leaf("talk.warnings", Op.AT_LEAST, 2)
    made = [*boundary_snapshots(bundle(rule("r", Effect.WARN, leaf)))]

    found = {each.get("talk.warnings") for each in made}

    # None, below, on and above; the least value that there is, too.
    assert {None, 0, 1, 2, 3} <= found


def test_the_matchers_agree_on_the_starter_norm() -> None:
    norm = starter_norm()

    crossed = cross(norm)

    assert crossed.disagreements == ()
    assert crossed.machines == ("indexed", "reference", "rete")
    assert crossed.conditions == len(norm.rules) + len(norm.invariants)
    assert crossed.snapshots > 400


class OffByOne:
    """The reference, but for one threshold."""

    def __init__(self, conditions: Sequence[Condition], catalogue: Catalogue) -> None:
        self._matcher = compile_reference(conditions, catalogue)

    def match(self, values: Mapping[str, Value]) -> Matches:
        right = self._matcher.match(values)
        return Matches(right.true & ~1, right.may) if values.get("talk.warnings") == 2 else right


def off_by_one(name: str) -> Compile:
    def compile_wrong(conditions: Sequence[Condition], catalogue: Catalogue) -> Matcher:
        return OffByOne(conditions, catalogue)

    return compile_wrong if name == "indexed" else compile_reference


def test_a_matcher_that_is_wrong_on_one_boundary_is_found() -> None:
    norm = bundle(rule("r", Effect.WARN, Leaf("talk.warnings", Op.AT_LEAST, 2)))

    assert cross(norm, compilers=off_by_one).disagreements == (("indexed", "r"),)


def test_a_bundle_on_which_matchers_disagree_does_not_go_live(monkeypatch: pytest.MonkeyPatch) -> None:
    norm = bundle(rule("r", Effect.WARN, Leaf("talk.warnings", Op.AT_LEAST, 2)))
    monkeypatch.setattr(crossing, "compiler", off_by_one)

    with pytest.raises(RuleFileError, match="`indexed` does not agree with the reference on `r`"):
        activate(norm)


def test_a_bundle_on_which_they_agree_goes_live() -> None:
    live = activate(starter_norm(), with_recheck=False)

    assert isinstance(live, engine.Engine)


def test_the_certificate_of_the_starter_norm_says_what_was_done() -> None:
    told: list[str] = []

    made = certify(starter_norm(), at=AT, today=TODAY, on_step=told.append)
    found = json.loads(made.to_json())

    assert made.passed
    assert tuple(told) == STEPS
    assert found["revision"] == starter_norm().revision
    assert (found["passed"], found["refused"]) == (True, [])
    assert found["coverage"] == {"percent": 100.0, "gaps": 0}
    assert set(found["proofs"]["invariants"].values()) <= {"by_rules", "by_guard"}
    assert len(found["proofs"]["invariants"]) == len(starter_norm().invariants)
    assert found["proofs"]["sequences"]["proved"] is True
    assert found["analysis"] == {"findings": [], "unsupported": [], "unsettled": []}
    assert found["matchers"]["machines"] == ["indexed", "reference", "rete"]


def test_a_norm_whose_examples_fail_gets_none() -> None:
    norm = edited("hangup/nuisance_persists_after_warning.yaml", b"    - talk.warnings: {at_least: 1}\n", b"")

    made = certify(norm, at=AT, today=TODAY)

    assert not made.passed
    assert any(each.startswith("examples: ") for each in made.refused)
    # Each reason in Chinese too: none of them is the English one.
    told = [each.told("zh-CN") for each in made.refusals]
    assert told
    assert all(each.startswith(("示例：示例 `", "场景：场景 `", "分析：", "证明：")) for each in told)
    assert json.loads(made.to_json("zh-CN"))["refused"] == told


def test_a_norm_that_hangs_up_on_nuisance_without_a_warning_gets_none() -> None:
    norm = bundle(
        rule("bad", Effect.NUISANCE, Leaf("talk.offences", Op.AT_LEAST, 1), kind=Kind.ABUSE),
        rule("harsh", Effect.HANG_UP, Leaf("caller.class", Op.IS, "nuisance")),
    )

    made = certify(norm, at=AT, today=TODAY)

    assert "proofs: a sequence of events leads to a hang-up without a warning" in made.refused
    told = [each.told("zh-CN") for each in made.refusals]
    assert "证明：存在没有提醒就挂机的事件序列" in told
    assert "检查：没有底线规则使受保护的来电人免受 `hang_up`" in told
    assert "检查：规则 `bad` 已执行，却没有示例" in told
    assert made.parts["proofs"]["sequences"] == {"proved": False}


def test_the_same_bundle_gives_the_same_certificate() -> None:
    norm = replace(starter_norm(), scenarios=())

    assert certify(norm, at=AT, today=TODAY).to_json() == certify(norm, at=AT, today=TODAY).to_json()
