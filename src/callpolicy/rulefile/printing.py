"""A rule as its author would write it: YAML that reads back as the same rule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, assert_never

from callpolicy.condition import All, Any, Condition, FactRef, Leaf, Not, Op, Operand
from callpolicy.facts import Catalogue, Fact, FactType
from callpolicy.instants import duration_text, instant_text
from callpolicy.policy import By, Example, Pilot, Rule, Term

_SCHEMA: Final = "# yaml-language-server: $schema=../../schemas/rule.schema.json"
# A text that YAML 1.2 reads as itself without quotes, in a line of its own and between brackets.
_PLAIN: Final = re.compile(r"[^\W\d_][\w/()·—–。！？；、（）《》]*(?:[ .+-][\w/()·—–。！？；、（）《》]+)*")
_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_LONGEST_LINE: Final = 110


def print_rule(rule: Rule, catalogue: Catalogue) -> str:
    """YAML of a rule, with the keys in the order in which a reader wants them.

    INVARIANT: read in a bundle with the same facts, scripts and languages, it is the same rule.

    Args:
        rule: the rule.
        catalogue: the facts of its bundle: durations and instants are written as their fact's type is.
    """
    return "\n".join([_SCHEMA, *_rule_lines(rule, catalogue), ""])


def _rule_lines(rule: Rule, catalogue: Catalogue) -> Iterator[str]:
    yield f"id: {_text(rule.id)}"
    yield f"stage: {rule.stage}"
    yield from _texts("title", rule.title)
    yield f"status: {rule.status}"
    yield f"owner: {_text(rule.owner)}"
    yield f"review_by: {rule.review_by.isoformat()}"
    yield f"priority: {rule.priority}"
    if rule.norm:
        yield f"norm: [{', '.join(json.dumps(point) for point in rule.norm)}]"
    yield "when:"
    yield from ("  " + line for line in _condition(rule.when, catalogue))
    yield f"then: {_then(rule)}"
    if rule.pilot is not None:
        yield f"pilot: {_pilot(rule.pilot)}"
    yield from _texts("because", rule.because)
    if rule.examples:
        yield "examples:"
        for example in rule.examples:
            yield from _example(example, catalogue)


def _texts(key: str, texts: Mapping[str, str]) -> Iterator[str]:
    short = f"{key}: {{{', '.join(f'{_key(language)}: {_text(text)}' for language, text in texts.items())}}}"
    if len(short) <= _LONGEST_LINE:
        yield short
        return
    yield f"{key}:"
    for language, text in texts.items():
        yield f"  {_key(language)}: {_text(text)}"


def _then(rule: Rule) -> str:
    then = rule.then
    parts = [f"effect: {then.effect}"]
    if then.kind is not None:
        parts.append(f"kind: {then.kind}")
    if then.by is not By.AGENT:
        parts.append(f"by: {then.by}")
    if then.term is not None:
        parts.append(f"term: {then.term if isinstance(then.term, Term) else duration_text(then.term)}")
    if then.wait is not None:
        parts.append(f"wait: {duration_text(then.wait)}")
    if then.to is not None:
        parts.append(f"to: {_text(then.to)}")
    if then.script is not None:
        parts.append(f"say: {_text(then.script)}")
    if rule.obligations:
        parts.append(f"do: [{', '.join(rule.obligations)}]")
    return f"{{{', '.join(parts)}}}"


def _pilot(pilot: Pilot) -> str:
    parts = []
    if pilot.teams:
        parts.append(f"teams: [{', '.join(map(_text, pilot.teams))}]")
    if pilot.queues:
        parts.append(f"queues: [{', '.join(map(_text, pilot.queues))}]")
    return f"{{{', '.join([*parts, f'percent: {pilot.percent}'])}}}"


def _condition(condition: Condition, catalogue: Catalogue) -> Iterator[str]:
    match condition:
        case Leaf():
            yield _leaf(condition, catalogue)
        case All(items):
            yield from _branch("all", items, catalogue)
        case Any(items):
            yield from _branch("any", items, catalogue)
        case Not(items):
            yield from _branch("not", items, catalogue)
        case _:
            assert_never(condition)


def _branch(word: str, items: tuple[Condition, ...], catalogue: Catalogue) -> Iterator[str]:
    yield f"{word}:"
    for item in items:
        for number, line in enumerate(_condition(item, catalogue)):
            yield f"  {'  ' if number else '- '}{line}"


def _leaf(leaf: Leaf, catalogue: Catalogue) -> str:
    return f"{leaf.fact}: {{{leaf.op}: {_operand(catalogue[leaf.fact], leaf.op, leaf.operand)}}}"


def _operand(fact: Fact, op: Op, operand: Operand) -> str:
    if isinstance(operand, FactRef):
        return f"{{fact: {operand.name}}}"
    if isinstance(operand, tuple):
        return f"[{', '.join(_value(fact, item) for item in operand)}]"
    return _scalar(operand) if op is Op.KNOWN else _value(fact, operand)


def _example(example: Example, catalogue: Catalogue) -> Iterator[str]:
    given = [f"{name}: {_given(catalogue[name], value)}" for name, value in example.given.items()]
    short = f"  - {{name: {_text(example.name)}, given: {{{', '.join(given)}}}, expect: {example.expect}}}"
    if len(short) <= _LONGEST_LINE:
        yield short
        return
    yield f"  - name: {_text(example.name)}"
    yield "    given:"
    yield from (f"      {line}" for line in given)
    yield f"    expect: {example.expect}"


def _given(fact: Fact, value: object) -> str:
    if isinstance(value, frozenset):
        return f"[{', '.join(_text(element) for element in sorted(value))}]"
    return _value(fact, value)


def _value(fact: Fact, value: object) -> str:
    if isinstance(value, int) and fact.type is FactType.DURATION:
        return duration_text(value)
    if isinstance(value, int) and fact.type is FactType.TIMESTAMP:
        return json.dumps(instant_text(value))
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else repr(value)


def _key(text: str) -> str:
    return text if _KEY.fullmatch(text) and text.lower() not in _WORDS else _quoted(text)


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else _quoted(text)


def _quoted(text: str) -> str:
    # WHY: JSON's strings are YAML's double-quoted scalars. Source: YAML 1.2.2, section 1.3.
    return json.dumps(text, ensure_ascii=False)
