"""Masks for a recorded case: one person gets one made-up name, and nothing of the record's persons is left.

What the norm itself names (an operand, a protected number, a role) is no secret and stays; the case would be another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from callpolicy.condition import Condition, leaves
from callpolicy.facts import FactType, Privacy, accept
from callpolicy.instants import duration_text, instant_text
from callpolicy.lexicon import SignalFinder
from callpolicy.numbering import NumberStatus, parse_number
from callpolicy.policy import Bundle
from callpolicy.session.caller import read_customer

NOTHING_HIT: Final = "…"
"""What stands for a text in which no lexicon hit anything."""

_UNPARSABLE_NUMBER: Final = "not a number"
_RUINED_CUSTOMER: Final = "?"
_WITHHELD: Final = "anonymous"
# Source: numbers for drama and documentation: NANPA 555-01XX, Ofcom, Bundesnetzagentur; China has no such block.
_FICTITIOUS: Final = (
    ("+86", "+86 138 0013 80{:02d}", 100),
    ("+447", "+44 7700 900{:03d}", 1_000),
    ("+44", "+44 20 7946 0{:03d}", 1_000),
    ("+49", "+49 30 23125 {:03d}", 1_000),
    ("+", "+1 212 555 01{:02d}", 100),
)
# WHY: a name of the centre is a word; what has many digits, an @ or several words may be about a person.
_PLAIN_WORD: Final = re.compile(r"(?!.*\d{4})[^\W\d_][\w-]{0,39}")


class Mask:
    """Made-up values for recorded ones, the same for the same one.

    Args:
        bundle: the norm; what it names stays.
        originals: every text of the record that must not come out again, whatever is made up.
    """

    def __init__(self, bundle: Bundle, originals: Iterable[str]) -> None:
        self._bundle = bundle
        self._region = bundle.settings.region
        self._finder = SignalFinder(bundle.lexicons)
        self._public = frozenset(_words_of(bundle))
        self._protected = frozenset(each for own in bundle.settings.protected_numbers.values() for each in own)
        self._read = frozenset(leaf.fact for condition in _conditions(bundle) for leaf in leaves(condition))
        self._made: dict[tuple[str, str], str] = {}
        texts = frozenset(originals)
        self._taken = texts | {self._canonical(each) for each in texts}

    def number(self, raw: str) -> str | None:
        """A fictitious number of the same country; a form that is no number stays of its form; `None` for none."""
        number = parse_number(raw, region=self._region)
        match number.status:
            case NumberStatus.MISSING:
                return None
            case NumberStatus.WITHHELD:
                return _WITHHELD
            case NumberStatus.UNPARSABLE:
                return _UNPARSABLE_NUMBER
            case NumberStatus.SERVICE:
                return number.canonical
        canonical = number.canonical or ""
        return canonical if canonical in self._protected else self._named("number", canonical, self._numbers(canonical))

    def customer(self, raw: str) -> str | None:
        """A made-up customer; a ruined id stays ruined, and nobody stays nobody."""
        customer, fault = read_customer(raw)
        if customer is None:
            return _RUINED_CUSTOMER if fault else None
        return self.name("customer", customer)

    def name(self, what: str, original: str) -> str:
        """A made-up name: `agent_1`, `case_2`."""
        return self._named(what, original, (f"{what}_{count}" for count in range(1, 10_000)))

    def word(self, what: str, original: str) -> str:
        """A word of the centre, a queue or a topic, as it is; anything else gets a made-up name."""
        if original in self._public or _PLAIN_WORD.fullmatch(original):
            return original
        return self.name(what, original)

    def said(self, text: str) -> str:
        """Of what was said only the terms that a lexicon hit; the rest of it is gone."""
        terms = dict.fromkeys(hit.term.removesuffix("*") for hit in self._finder.hits(text))
        return "; ".join(terms) or NOTHING_HIT

    def facts(self, given: Mapping[str, object]) -> dict[str, object]:
        """Host facts that the norm reads, as a scenario writes them; a personal text gets a made-up name."""
        shown: dict[str, object] = {}
        for name, raw in given.items():
            fact = self._bundle.catalogue.get(name)
            value, _ = accept(fact, raw) if fact else (None, "")
            if fact is None or value is None or name not in self._read:
                continue
            if isinstance(value, frozenset):
                shown[name] = sorted(value)
            elif fact.type is FactType.DURATION and isinstance(value, int):
                shown[name] = duration_text(value)
            elif fact.type is FactType.TIMESTAMP and isinstance(value, int):
                shown[name] = instant_text(value)
            elif isinstance(value, str) and fact.type is FactType.STR:
                mask: Callable[[str, str], str] = self.name if fact.privacy is Privacy.PERSONAL else self.word
                shown[name] = mask("value", value)
            else:
                shown[name] = value
        return shown

    def _numbers(self, canonical: str) -> Iterator[str]:
        form, count = next((form, count) for prefix, form, count in _FICTITIOUS if canonical.startswith(prefix))
        for last in range(count):
            made = form.format(last)
            if self._canonical(made) not in self._protected:
                yield made

    def _named(self, what: str, original: str, names: Iterator[str]) -> str:
        known = self._made.get((what, original))
        if known is None:
            used = self._taken | set(self._made.values())
            known = next(each for each in names if each not in used and self._canonical(each) not in self._taken)
            self._made[what, original] = known
        return known

    def _canonical(self, text: str) -> str:
        return parse_number(text, region=self._region).canonical or text


def _conditions(bundle: Bundle) -> Iterator[Condition]:
    yield from (rule.when for rule in bundle.rules)
    yield from (invariant.when for invariant in bundle.invariants)


def _words_of(bundle: Bundle) -> Iterator[str]:
    """What the norm names by itself: operands, allowed values of windows, roles, whom an effect hands over to."""
    for condition in _conditions(bundle):
        for leaf in leaves(condition):
            operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
            yield from (each for each in operands if isinstance(each, str))
    for window in bundle.windows:
        yield from (each for _, allowed in window.where for each in allowed)
    yield from bundle.governance.roles if bundle.governance is not None else ()
    yield from (rule.then.to for rule in bundle.rules if rule.then.to)
