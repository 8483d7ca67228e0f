"""The folder of a norm, its files, and each example and scenario in them as a test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from callpolicy.engine import Plan, compile_plan
from callpolicy.errors import SourceSpan, UsageError
from callpolicy.policy import Bundle, Example, Rule, Scenario, Status
from callpolicy.pytest_plugin import VISITED
from callpolicy.pytest_plugin.showing import example_text, fault_text, scenario_text
from callpolicy.rulefile import read_bundle
from callpolicy.runtime.compiling import compiler
from callpolicy.trials import run_scenario, try_examples

_NORMS: Final = pytest.StashKey[dict[Path, "Bundle | str"]]()
_PLANS: Final = pytest.StashKey[dict[tuple[Path, str], Plan]]()
_IN_FORCE: Final = frozenset({Status.ENFORCED, Status.PILOT})
_OF_LEAVES: Final = "leaf-without-example"


class TrialFailedError(Exception):
    """An example or a scenario is not as expected; the message says where and why."""


class NormFolder(pytest.Directory):
    """The folder of a norm: a fault in any of its files is told here, and nothing of it is run."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Read the norm, then go through its files."""
        self.config.stash[VISITED].add(self.path)
        norm = _norm(self.config, self.path)
        if not any(_tests_of(rule) for rule in norm.rules) and not norm.scenarios:
            raise self.CollectError(f"the norm in `{self.path.name}` has no example and no scenario: nothing is tested")
        for path in sorted(self.path.iterdir()):
            if self._is_left_out(path):
                continue
            if path.is_dir():
                folder = self.ihook.pytest_collect_directory(path=path, parent=self)
                if folder is not None:
                    yield folder
            elif path.is_file():
                yield from self.ihook.pytest_collect_file(file_path=path, parent=self)

    def _is_left_out(self, path: Path) -> bool:
        # As pytest's own folders ask it.
        if self.session.isinitpath(path, with_parents=path.is_dir()):
            return False
        return bool(self.ihook.pytest_ignore_collect(collection_path=path, config=self.config))


class NormFile(pytest.File):
    """One file of a norm."""

    def __init__(self, *, folder: Path, **more: Any) -> None:
        super().__init__(**more)
        self.folder = folder

    def collect(self) -> Iterator[pytest.Item]:
        """Its examples, or its scenario."""
        norm = _norm(self.config, self.folder)
        name = self.path.relative_to(self.folder).as_posix()
        for rule in norm.rules:
            if rule.span is None or rule.span.file != name:
                continue
            for example in rule.examples if rule.status is not Status.RETIRED else ():
                yield ExampleItem.from_parent(self, name=example.name, norm=norm, rule=rule, example=example)
            if rule.status in _IN_FORCE and not rule.examples:
                yield NoExampleItem.from_parent(self, name="has an example", rule=rule)
        for scenario in norm.scenarios:
            if scenario.span is not None and scenario.span.file == name:
                yield ScenarioItem.from_parent(self, name=scenario.id, folder=self.folder, norm=norm, scenario=scenario)


class _Trial(pytest.Item):
    span: SourceSpan | None = None

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What failed, in the words of the norm; a traceback only for what is a bug."""
        if isinstance(excinfo.value, TrialFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The place in the YAML file."""
        return self.path, self.span.line - 1 if self.span else None, self.name


class ExampleItem(_Trial):
    """One example of a rule."""

    def __init__(self, *, norm: Bundle, rule: Rule, example: Example, **more: Any) -> None:
        super().__init__(**more)
        self.span = example.span
        self._norm, self._rule, self._example = norm, rule, example

    def runtest(self) -> None:
        """Run the example."""
        alone = replace(self._norm, rules=(replace(self._rule, examples=(self._example,)),))
        found = [finding for finding in try_examples(alone) if finding.code != _OF_LEAVES]
        if found:
            place = _shown_path(self)
            raise TrialFailedError(example_text(found, self._rule, self._example, self._norm, place))


class NoExampleItem(_Trial):
    """A rule in force without an example: there is nothing that could fail, so this does."""

    def __init__(self, *, rule: Rule, **more: Any) -> None:
        super().__init__(**more)
        self.span = rule.span
        self._rule = rule

    def runtest(self) -> None:
        """Say that nothing shows what the rule does."""
        line = self.span.line if self.span else 1
        raise TrialFailedError(f"{_shown_path(self)}:{line}: rule `{self._rule.id}` is in force without an example")


class ScenarioItem(_Trial):
    """One scenario."""

    def __init__(self, *, folder: Path, norm: Bundle, scenario: Scenario, **more: Any) -> None:
        super().__init__(**more)
        self.span = scenario.span
        self._folder, self._norm, self._scenario = folder, norm, scenario

    def runtest(self) -> None:
        """Run the scenario."""
        outcome = run_scenario(_plan(self.config, self._folder, self._norm), self._scenario)
        if not outcome.passed:
            raise TrialFailedError(scenario_text(outcome, self._norm, _shown_path(self)))


def _tests_of(rule: Rule) -> bool:
    return rule.status is not Status.RETIRED and bool(rule.examples)


def _shown_path(node: pytest.Item) -> str:
    """Its file as somebody who stands where pytest was started would name it."""
    try:
        return Path(os.path.relpath(node.path, node.config.invocation_params.dir)).as_posix()
    except ValueError:  # another drive
        return node.path.as_posix()


def _norm(config: pytest.Config, folder: Path) -> Bundle:
    """The norm of a folder, read once.

    Raises:
        CollectError: it cannot be used as written.
    """
    read = config.stash.setdefault(_NORMS, {})
    if folder not in read:
        try:
            bundle, findings = read_bundle(folder)
            read[folder] = bundle or "\n".join(fault_text(each, folder) for each in findings)
        except UsageError as error:
            read[folder] = str(error)
    found = read[folder]
    if isinstance(found, str):
        raise pytest.Collector.CollectError(found)
    return found


def _plan(config: pytest.Config, folder: Path, norm: Bundle) -> Plan:
    """The norm of a folder, compiled once for all its scenarios."""
    plans = config.stash.setdefault(_PLANS, {})
    key = folder, norm.revision
    if key not in plans:
        plans[key] = compile_plan(norm, compiler("indexed"))
    return plans[key]
