"""Where coverage measures: not where it would take long and find little more."""

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from coverage import Coverage
from hypothesis.stateful import RuleBasedStateMachine

# Of a hundred examples of one law the first show almost all that the rest will pass through.
_EXAMPLES = 10


class Measuring:
    """Coverage that is measured only while tests and what they ask for run: tracing all of pytest takes longer.

    Attributes:
        wanted: whether to measure in the test that runs.
    """

    def __init__(self) -> None:
        self.wanted = True
        self._stopped: list[Coverage] = []

    def stop(self) -> None:
        """Measure no more."""
        # WHY all: in a process of pytest-xdist one measures below the other, and goes on when that is stopped.
        while (measuring := Coverage.current()) is not None:
            measuring.stop()
            self._stopped.append(measuring)

    @contextmanager
    def here(self) -> Iterator[None]:
        """Measure in here, if it is wanted."""
        if not (self.wanted and self._stopped):
            yield
            return
        while self._stopped:
            self._stopped.pop().start()
        try:
            yield
        finally:
            self.stop()

    @contextmanager
    def first_examples(self, item: pytest.Item) -> Iterator[None]:
        """Measure the first examples of a law or machine of Hypothesis, and any other test as a whole."""
        # Source: documentation of Hypothesis, "details and advanced features": what a law runs may be replaced there.
        law = getattr(getattr(item, "obj", None), "hypothesis", None)
        if law is not None:
            place, name = law, "inner_test"
        elif item.name == "runTest":
            # A machine is made for every example.
            place, name = RuleBasedStateMachine, "__init__"
        else:
            yield
            return
        held, seen = getattr(place, name), 0

        @functools.wraps(held)
        def example(*given: Any, **named: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen > _EXAMPLES:
                self.stop()
            return held(*given, **named)

        setattr(place, name, example)
        try:
            yield
        finally:
            setattr(place, name, held)


def load_package() -> None:
    """Load every module of the package: what runs as it is loaded is measured then, or never."""
    import callpolicy

    for module in pkgutil.walk_packages(callpolicy.__path__, "callpolicy."):
        if not module.name.endswith("__main__") and "migrations" not in module.name:
            importlib.import_module(module.name)
    for name in callpolicy.__all__:
        getattr(callpolicy, name)
