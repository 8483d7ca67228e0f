"""A revision goes live where its decisions are recorded: not before the matchers agree on every boundary of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from callpolicy.condition import Condition, Leaf, Op
from callpolicy.errors import RuleFileError
from callpolicy.facts import Catalogue, Value
from callpolicy.matchers.base import Compile, Matcher
from callpolicy.matchers.reference import compile_reference
from callpolicy.matches import Matches
from callpolicy.points import Effect
from callpolicy.policy import Bundle
from callpolicy.runtime import Engine, crossing
from callpolicy.runtime.compiling import compiler
from callpolicy.stores import open_store
from tests.engine.bundles import bundle, rule


class OffByOne:
    """The reference, but wrong on just one boundary."""

    def __init__(self, conditions: Sequence[Condition], catalogue: Catalogue) -> None:
        self._matcher = compile_reference(conditions, catalogue)

    def match(self, values: Mapping[str, Value]) -> Matches:
        right = self._matcher.match(values)
        return Matches(right.true & ~1, right.may) if values.get("talk.warnings") == 3 else right


def off_by_one(name: str) -> Compile:
    def compile_wrong(conditions: Sequence[Condition], catalogue: Catalogue) -> Matcher:
        return OffByOne(conditions, catalogue)

    return compile_wrong if name == "indexed" else compiler(name)


def norm() -> Bundle:
    """A norm that no other test has: what was found of a norm is kept in the process."""
    return bundle(rule("three_warnings", Effect.WARN, Leaf("talk.warnings", Op.AT_LEAST, 3)))


@pytest.fixture
def disagreeing(monkeypatch: pytest.MonkeyPatch) -> None:
    crossing._disagreements.cache_clear()
    monkeypatch.setattr(crossing, "compiler", off_by_one)


@pytest.mark.usefixtures("disagreeing")
def test_a_norm_on_which_the_matchers_disagree_does_not_go_live(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/calls.db"

    with pytest.raises(RuleFileError, match="`indexed` does not agree with the reference on `three_warnings`"):
        Engine(norm(), store=url)

    store = open_store(url)
    assert (store.activations(), store.revision(norm().revision)) == ((), None)
    store.close()
    crossing._disagreements.cache_clear()


def test_a_revision_that_went_live_before_is_not_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/calls.db"
    Engine(norm(), store=url).close()
    crossing._disagreements.cache_clear()
    monkeypatch.setattr(crossing, "compiler", off_by_one)

    Engine(norm(), store=url).close()

    store = open_store(url)
    assert len(store.activations()) == 2
    store.close()


@pytest.mark.usefixtures("disagreeing")
def test_an_engine_that_records_nothing_makes_nothing_live() -> None:
    with Engine(norm()) as engine:
        assert engine.bundle.revision == norm().revision
