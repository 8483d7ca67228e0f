"""A naive model of one block: timers that somebody has to sweep, tick by tick, and a note of who stands behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

from callpolicy.lifecycle import (
    Act,
    Activate,
    Appeal,
    AppealOutcome,
    Confirm,
    DecideAppeal,
    Lift,
    Propose,
    Review,
    ReviewOutcome,
)
from callpolicy.policy import Governance, Overdue, Term
from tests.lifecycle.making import DAY

# In a zone whose clocks never change, and without months.
LENGTHS = {Term.DAY: DAY, Term.WEEK: 7 * DAY}


@dataclass
class NaiveBlock:
    """What a desk with a wall of alarm clocks would know of a block."""

    governance: Governance
    state: str = "none"
    term: Term | int = Term.DAY
    since: int = 0
    behind: set[str | None] = field(default_factory=set)
    confirmed: bool = False
    longer: Term | int | None = None
    review_due: int | None = None
    alarms: dict[str, int] = field(default_factory=dict)

    def sweep(self, now: int) -> None:
        """Look at the alarm clocks; called at every tick."""
        for name in ("term", "confirm", "review", "appeal"):
            if name in self.alarms and self.alarms[name] <= now:
                self._over("expired" if name == "term" else "lifted")
        if self.state == "active" and self.review_due is not None and self.review_due <= now:
            self.state = "under_review"

    def told(self, act: Act) -> None:
        """Take in an act that was done."""
        match act:
            case Propose():
                self.state, self.term, self.behind = "proposed", act.term, {act.by.key} - {None}
            case Confirm():
                self._confirmed(act)
            case Activate():
                self._entered(act)
            case Appeal():
                self.state, self.longer = "under_review", None
                if self.governance.appeal_within is not None and self.governance.overdue_appeals is Overdue.LIFT:
                    self.alarms["appeal"] = act.at + self.governance.appeal_within
            case Review(outcome=ReviewOutcome.EXTEND):
                self.state, self.longer = "under_review", act.term
                self._next_review(act.at)
            case Review(outcome=ReviewOutcome.LIFT) | DecideAppeal(outcome=AppealOutcome.LIFT) | Lift():
                self._over("lifted")
            case Review() | DecideAppeal():
                self.state, self.longer = "active", None
                self.alarms.pop("appeal", None)
                self.term = act.term or self.term
                if act.term is not None:
                    self._set_end()
                self._next_review(act.at)
        self.sweep(act.at)

    def _confirmed(self, act: Act) -> None:
        if self.longer is not None:
            self.term, self.longer, self.state, self.confirmed = self.longer, None, "active", True
            self.alarms.pop("confirm", None)
            self._set_end()
            self._next_review(act.at)
            return
        self.behind.add(act.by.key)
        needs_two = self.term is Term.PERMANENT or self._length() > (self.governance.four_eyes_over or 0)
        if len(self.behind) >= (2 if needs_two else 1):
            self.confirmed = True
            self.alarms.pop("confirm", None)
            if self.state == "proposed":
                self.state = "confirmed"

    def _entered(self, act: Act) -> None:
        self.state, self.since = "active", act.at
        self._set_end()
        self._next_review(act.at)
        if not self.confirmed:
            self.alarms["confirm"] = act.at + self.governance.confirm_within

    def _set_end(self) -> None:
        if self.term is Term.PERMANENT:
            self.alarms.pop("term", None)
        else:
            self.alarms["term"] = self.since + self._length()

    def _next_review(self, now: int) -> None:
        named = next(
            each for each in self.governance.terms if each is Term.PERMANENT or LENGTHS[each] >= self._length()
        )
        rules = self.governance.terms[Term.PERMANENT if self.term is Term.PERMANENT else named]
        self.review_due = now + rules.review_every
        if self.governance.overdue_reviews is Overdue.LIFT:
            self.alarms["review"] = self.review_due + self.governance.review_within

    def _length(self) -> int:
        if isinstance(self.term, Term):
            return LENGTHS.get(self.term, 1 << 62)
        return self.term

    def _over(self, state: str) -> None:
        if self.state not in ("lifted", "expired"):
            self.state = state
        self.alarms.clear()
