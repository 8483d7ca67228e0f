"""A simulated day as planned by default, and its calls one by one."""

from __future__ import annotations

import pytest

from callpolicy.simulator import Day, Plan, simulate
from tests.simulator.days import MONDAY, Calls, calls_of


@pytest.fixture(scope="session")
def day() -> Day:
    return simulate(Plan(20260302, MONDAY))


@pytest.fixture(scope="session")
def calls(day: Day) -> Calls:
    return calls_of(day)
