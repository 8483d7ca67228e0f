"""What every test may ask for: Hypothesis profiles and the folder of recorded calls."""

import gc
import os
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings
from typer import testing

from tests.keeping import keep_documents
from tests.measuring import Measuring, load_package
from tests.privacy.planted import is_shown

REPO = Path(__file__).parents[1]

# WHY kept: making the commands takes longer than most of them do, and typer's runner makes them for every test.
vars(testing)["_get_command"] = cache(vars(testing)["_get_command"])
keep_documents()

# WHY derandomize: a red CI must be red again on the same commit; `dev` and `fuzz` look for new examples.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=100, print_blob=True, database=None)
settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile(
    "fuzz", deadline=None, max_examples=5_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
# `--hypothesis-profile` on the command line comes later and wins.
settings.load_profile("ci" if os.environ.get("CI") else "dev")


UNTRACED = ("recorded", "slow", "untraced")
# Tested through what they do for a person, or against brute force: there coverage measures little.
EDGES = tuple(
    f"tests/{name}/"
    for name in (
        "analysis", "benchmarks", "certificate", "changes", "cli", "coverage", "docs", "faults", "house", "mutants",
        "plugin", "privacy", "reports", "testing", "whatif",
    )
)  # fmt: skip
LONGEST = ("recorded", "slow")


MEASURING = Measuring()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Measure what the package does while it is loaded, and nothing while tests are collected."""
    # WHY not there: the process that only hands tests out to those of pytest-xdist collects nothing.
    if Coverage.current() is not None and not session.config.pluginmanager.has_plugin("dsession"):
        load_package()
        MEASURING.stop()
    return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that at the end no process waits for it."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: not (item.nodeid.startswith("tests/docs/") or _marked(item, LONGEST)))


def _marked(item: pytest.Item, names: tuple[str, ...]) -> bool:
    return any(item.get_closest_marker(name) for name in names)


def pytest_collection_finish() -> None:
    """Keep what is there out of every later garbage collection: thousands of tests stay until the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Measure no coverage at the edges, and where it takes long: tracing takes twice the time or more."""
    MEASURING.wanted = not (item.nodeid.startswith(EDGES) or _marked(item, UNTRACED))


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup() -> Generator[None, object, object]:
    """Measure what a fixture does for a test."""
    with MEASURING.here():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure what a test does."""
    with MEASURING.here(), MEASURING.first_examples(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that prints, logs or raises a planted number, and keep the number out of the report."""
    report = yield
    if is_shown("\n".join([report.longreprtext, *(text for _, text in report.sections)])):
        report.outcome = "failed"
        report.longrepr = "what this test printed, logged or raised shows a planted number"
        report.sections.clear()
    return report


@pytest.fixture(scope="session")
def recorded_data() -> Path:
    """Give the folder of recorded calls: `CALLPOLICY_DATA`, else `shared/data` beside the repository.

    Where it is absent the test is skipped, but in CI, where it should be there, the test fails.
    """
    folder = Path(os.environ.get("CALLPOLICY_DATA") or REPO.parent / "shared" / "data").resolve()
    if folder.is_dir():
        return folder
    absent = "the folder of recorded calls is absent: set CALLPOLICY_DATA"
    if os.environ.get("CI"):
        pytest.fail(absent)
    pytest.skip(absent)
