"""A centre with a store in a file, under the starter norm, reached through the command line alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from callpolicy.cli.inputs import read_norm
from callpolicy.events import Offered
from callpolicy.instants import instant_text, parse_instant
from callpolicy.points import Effect
from callpolicy.policy import Bundle
from callpolicy.rulefile import load_bundle, starter_folder
from callpolicy.runtime import Engine
from callpolicy.stores import open_store

NUMBER = "+8613800138000"
TYPED = "+86 138 0013 8000"
MASKED = "+86138******00"
CUSTOMER = "C-2001"
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = parse_instant("2026-03-02T09:00:00+08:00")
"""When the desk opens; the calls came within the hour before."""

STARTER = load_bundle(starter_folder())

LEADER = ("--as", "li", "--role", "team_leader")
JUDGE = ("--as", "wang", "--role", "quality_desk")
OPERATOR = ("--as", "zhao", "--role", "ivr_operator")
MANAGER = ("--as", "chen", "--role", "centre_manager")
COMPLAINTS = ("--as", "sun", "--role", "complaint_desk")


@dataclass
class Centre:
    """One store, and how commands are run on it.

    Args:
        run: runs a command.
        path: the file of the store.
        rules: folder of another norm than the starter norm.
    """

    run: Callable[..., Any]
    path: Path
    rules: Path | None = None

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def do(self, *words: object, at: int | None = MONDAY, **more: Any) -> Any:
        """Run a command on the store, at an instant."""
        when = () if at is None else ("--at", instant_text(at))
        rules = () if self.rules is None else ("--rules", self.rules)
        return self.run(*words, "--store", self.url, *when, *rules, **more)

    def tree(self, *words: object, at: int | None = MONDAY) -> Any:
        """What a command prints as JSON; it must be fine."""
        result = self.do(*words, "--json", at=at)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def refused(self, *words: object, at: int | None = MONDAY) -> Any:
        """Why governance refused a command."""
        result = self.do(*words, "--json", at=at)
        assert result.exit_code == 1, result.output
        return json.loads(result.stdout)["refused"]

    def propose(self, *words: object, term: str = "week", at: int = MONDAY) -> str:
        """Propose that the caller is blocked; gives the id of the block."""
        whom = words or ("--number", TYPED)
        tree = self.tree(
            "block", "propose", *whom, "--term", term, "--evidence", "c1#0", "--reason", "abuse", *LEADER, at=at
        )
        return str(tree["block"]["id"])

    def active(self, term: str = "week") -> str:
        """A block that a judge has confirmed and an operator has entered."""
        block_id = self.propose(term=term)
        judge = MANAGER if term == "permanent" else JUDGE
        self.tree("block", "confirm", block_id, "--reason", "heard the call", *judge, at=MONDAY + MINUTE)
        self.tree("block", "activate", block_id, "--reason", "entered", *OPERATOR, at=MONDAY + 2 * MINUTE)
        return block_id

    def call(self, at: int, number: str = NUMBER, call_id: str = "probe", customer: str | None = None) -> Effect:
        """What becomes of a call, decided by an engine of its own on the same file."""
        engine = Engine(STARTER, store=self.url)
        try:
            return engine.observe(Offered(call_id=call_id, seq=0, at=at, number=number, customer=customer)).effect
        finally:
            engine.close()


def _norm(rules: Path | None) -> Bundle:
    return STARTER if rules is None else read_norm(rules)


def centre(run: Callable[..., Any], folder: Path, patch: pytest.MonkeyPatch) -> Centre:
    """A centre with a new store, on which the decision `c1#0` about the caller, a customer, is on record."""
    # WHY: the starter norm is read once and not for each of some hundred commands; what is read is the same.
    patch.setattr("callpolicy.cli.inputs.read_norm", _norm)
    made = Centre(run, folder / "centre.db")
    open_store(made.url).close()
    made.call(MONDAY - HOUR, call_id="c1", customer=CUSTOMER)
    return made


def digits_of(text: str) -> str:
    """All digits of a text, so that a number is found however it is written; a star stands for what is hidden."""
    return "".join(each for each in text if each.isdigit() or each == "*")
