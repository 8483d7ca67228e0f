"""What every test may ask for: Hypothesis profiles and the folder of recorded calls."""

import os
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings
from typer import testing

from tests.keeping import keep_documents
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure no coverage in a test that takes long: others pass through the same, and tracing takes twice the time."""
    stopped: list[Coverage] = []
    if any(item.get_closest_marker(name) for name in UNTRACED):
        # WHY all: in a process of pytest-xdist one measures below the other, and goes on when that is stopped.
        while (measuring := Coverage.current()) is not None:
            measuring.stop()
            stopped.append(measuring)
    try:
        return (yield)
    finally:
        for measuring in reversed(stopped):
            measuring.start()


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
