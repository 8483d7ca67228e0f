"""`facts.yaml`, `windows.yaml`, `lexicons/*.yaml` and `scripts.yaml`: what a bundle declares for its rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from pydantic_core import PydanticCustomError

from callpolicy.events import EVENT_TYPES
from callpolicy.facts import Fact, FactType, Origin
from callpolicy.facts.builtin import BUILTIN
from callpolicy.lexicon import Lexicon, term_fault
from callpolicy.policy import Script
from callpolicy.rulefile.faults import Desk, did_you_mean
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.operands import read_value
from callpolicy.rulefile.shapes import FactsFile, FactShape, LexiconFile, ScriptsFile, WindowsFile, WindowShape
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.texts import look_at_texts
from callpolicy.rulefile.tree import Path
from callpolicy.windows import CALLS, JUDGED, Measure, Window

CLOSED_NAMESPACES: Final = frozenset({"talk", "history", "block"})
"""Namespaces that no host fact may be in: the product itself makes what is in them."""

_ORDERED: Final = frozenset({FactType.INT, FactType.FLOAT, FactType.DURATION, FactType.TIMESTAMP})
_WITH_VALUES: Final = frozenset({FactType.ENUM, FactType.STR_SET})
_KINDS: Final = (CALLS, JUDGED, *(name for name in EVENT_TYPES if name != JUDGED))
_EVERY_WINDOW: Final = "calls that come and leave the window"
# INVARIANT: what `callpolicy.runtime` writes into the history, per call and, of these names, per event.
_OF_A_CALL: Final = ("channel", "queue", "team", "dialled", "language", "topic")
_OF_AN_EVENT: Final = ("kind", "topic", "by", "cause")


@dataclass(frozen=True, slots=True)
class Declared:
    """Facts that one file declares.

    Args:
        facts: those without a fault.
        faulty: names of those with one.
    """

    facts: tuple[Fact, ...] = ()
    faulty: frozenset[str] = frozenset()


def make_facts(desk: Desk, shape: FactsFile) -> Declared:
    """Host facts."""
    facts: dict[str, Fact] = {}
    faulty: set[str] = set()
    for position, each in enumerate(shape.root):
        fact = _host_fact(desk, (position,), each, facts)
        if fact is None:
            faulty.add(each.name)
        else:
            facts[fact.name] = fact
    return Declared(tuple(facts.values()), frozenset(faulty - facts.keys()))


def _host_fact(desk: Desk, path: tuple[int], shape: FactShape, before: Mapping[str, Fact]) -> Fact | None:
    sound = _is_free(desk, path, shape.name, before)
    namespace = shape.name.partition(".")[0]
    if namespace in CLOSED_NAMESPACES and shape.name not in BUILTIN:
        message = f"the host gives no facts in `{namespace}`"
        desk.fault((*path, "name"), "closed-namespace", message, "name it `host.…`, `call.…`, `caller.…` or `case.…`")
        sound = False
    if shape.type is FactType.ENUM and not shape.values:
        desk.fault(path, "missing-key", "an enum needs `values`")
        sound = False
    if shape.values and shape.type not in _WITH_VALUES:
        desk.fault(
            (*path, "values"), "not-for-this-type", f"a {shape.type} has no `values`", "an enum or a set has", key=True
        )
        sound = False
    repeated = [position for position, value in enumerate(shape.values) if value in shape.values[:position]]
    for place in repeated:
        desk.fault(
            (*path, "values", place), "duplicate-value", f"{quoted(shape.values[place])} stands twice in the list"
        )
    fact = Fact(
        shape.name,
        shape.type,
        dict(shape.title),
        unit=shape.unit or {FactType.DURATION: "duration", FactType.TIMESTAMP: "instant"}.get(shape.type, ""),
        known_from=shape.known_from,
        privacy=shape.privacy,
        values=tuple(shape.values),
        origin=Origin.HOST,
        span=desk.document.span(path),
    )
    bounded = _bounded(desk, path, shape, fact)
    return bounded if sound and not repeated else None


def _bounded(desk: Desk, path: tuple[int], shape: FactShape, fact: Fact) -> Fact | None:
    bounds: dict[str, int | float] = {}
    for name in ("minimum", "maximum"):
        written = getattr(shape, name)
        if written is None:
            continue
        if fact.type not in _ORDERED:
            desk.fault(
                (*path, name), "not-for-this-type", f"a {fact.type} has no `{name}`", "only amounts have", key=True
            )
            return None
        try:
            value = read_value(fact, written)
        except PydanticCustomError as error:
            desk.refusal((*path, name), error)
            return None
        assert not isinstance(value, str)
        bounds[name] = value
    if bounds.get("minimum", 0) > bounds.get("maximum", bounds.get("minimum", 0)):
        desk.fault((*path, "maximum"), "out-of-range", "`maximum` is below `minimum`")
        return None
    return replace(fact, minimum=bounds.get("minimum"), maximum=bounds.get("maximum"))


def _is_free(desk: Desk, path: tuple[int], name: str, before: Mapping[str, object]) -> bool:
    key = "name" if desk.document.at((*path, "name")) is not None else "fact"
    if name in BUILTIN:
        desk.fault(
            (*path, key),
            "fact-declared-twice",
            f"{quoted(name)} is a built-in fact",
            "use it as it is, or take another name",
        )
        return False
    if name in before:
        desk.fault((*path, key), "fact-declared-twice", f"{quoted(name)} is declared twice", "take another name")
        return False
    return True


def make_windows(desk: Desk, shape: WindowsFile) -> tuple[tuple[Window, ...], Declared]:
    """Windows over other calls, and the facts they make."""
    windows: dict[str, Window] = {}
    facts: dict[str, Fact] = {}
    faulty: set[str] = set()
    for position, each in enumerate(shape.root):
        sound = _is_free(desk, (position,), each.fact, facts)
        if not each.fact.startswith("history."):
            desk.fault(
                (position, "fact"), "closed-namespace", "a window makes a fact of `history`", "name it `history.…`"
            )
            sound = False
        window = _window(desk, (position,), each)
        if window is None or not sound:
            faulty.add(each.fact)
            continue
        windows[each.fact] = window
        facts[each.fact] = _window_fact(desk, (position,), each, window)
    return tuple(windows.values()), Declared(tuple(facts.values()), frozenset(faulty - facts.keys()))


def _window_fact(desk: Desk, path: tuple[int], shape: WindowShape, window: Window) -> Fact:
    since = window.measure is Measure.SECONDS_SINCE
    return Fact(
        shape.fact,
        FactType.DURATION if since else FactType.INT,
        dict(shape.title),
        unit="duration" if since else "times",
        anchor=f"the last of: {window.over}" if since else _EVERY_WINDOW,
        minimum=0,
        origin=Origin.HISTORY,
        span=desk.document.span(path),
    )


def _window(desk: Desk, path: tuple[int], shape: WindowShape) -> Window | None:
    measures = {
        name: value
        for name, value in (
            ("count", shape.count),
            ("distinct", shape.distinct),
            ("seconds_since", shape.seconds_since),
        )
        if value is not None
    }
    if len(measures) != 1:
        hint = "write `count: calls`, `distinct: topic` or `seconds_since: calls`"
        desk.fault(path, "bad-window", "a window has exactly one of `count`, `distinct` and `seconds_since`", hint)
        return None
    ((name, value),) = measures.items()
    measure = Measure(name)
    if shape.over is not None and measure is not Measure.DISTINCT:
        desk.fault((*path, "over"), "bad-window", f"`over` goes with `distinct`, not with `{name}`", key=True)
        return None
    over = (shape.over or CALLS) if measure is Measure.DISTINCT else value
    if over not in _KINDS:
        key = "over" if measure is Measure.DISTINCT else name
        desk.unknown((*path, key), "unknown-event", "what is counted,", over, _KINDS)
        return None
    if not _know_attributes(desk, path, shape, over):
        return None
    if shape.within is not None and shape.calendar is not None:
        desk.fault((*path, "calendar"), "bad-window", "a window has `within` or `calendar`, not both", key=True)
        return None
    try:
        return Window(
            shape.fact,
            measure,
            over,
            shape.within,
            shape.calendar,
            distinct_of=value if measure is Measure.DISTINCT else None,
            where=tuple((attribute, tuple(allowed)) for attribute, allowed in shape.where.items()),
            same_as_current=tuple(shape.same_as_current),
            identity=shape.identity,
        )
    except ValueError as error:
        desk.fault(path, "bad-window", str(error), "write `within: 24h` or `calendar: day`")
        return None


def _know_attributes(desk: Desk, path: tuple[int], shape: WindowShape, over: str) -> bool:
    event = {CALLS: "offered"}.get(over, over)
    own = {field.name.rstrip("_") for field in fields(EVENT_TYPES[event])} & {*_OF_AN_EVENT, "class"}
    named: list[tuple[Path, str, tuple[str, ...]]] = [
        *(((*path, "where", name), name, (*_OF_A_CALL, *own)) for name in shape.where),
        *(((*path, "same_as_current", place), name, _OF_A_CALL) for place, name in enumerate(shape.same_as_current)),
    ]
    if shape.distinct is not None:
        named.append(((*path, "distinct"), shape.distinct, ("call_id", *_OF_A_CALL, *own)))
    for place, name, known in named:
        if name not in known:
            # WHY a fault: nothing has an attribute that is never written, and the window would count nothing for ever.
            desk.unknown(place, "unknown-attribute", "attribute", name, known, key="where" in place)
    return all(name in known for _, name, known in named)


def look_at_titles(desk: Desk, known: Known) -> None:
    """Hand in what is wrong with the titles of a list of declarations."""
    items = desk.document.value
    for position in range(len(items) if isinstance(items, list) else 0):
        look_at_texts(desk, known, (position, "title"), placeholders=False)


def make_lexicon(desk: Desk, shape: LexiconFile) -> Lexicon:
    """One word list."""
    for name in ("terms", "unless"):
        seen: set[str] = set()
        for position, term in enumerate(getattr(shape, name)):
            path = (name, position)
            if (fault := term_fault(term, shape.match)) is not None:
                desk.fault(path, "bad-lexicon-term", f"{quoted(term)}: {fault}")
            elif term in seen:
                desk.fault(path, "duplicate-value", f"{quoted(term)} stands twice in the list")
            seen.add(term)
    return Lexicon(
        id=shape.id,
        signal=shape.signal,
        language=shape.language,
        match=shape.match,
        terms=tuple(shape.terms),
        unless=tuple(shape.unless),
    )


def make_scripts(desk: Desk, shape: ScriptsFile) -> dict[str, Script]:
    """Scripts by id."""
    return {
        name: Script(name, dict(each.caller), dict(each.agent or {}), desk.document.span((name,)))
        for name, each in shape.root.items()
    }


def look_at_scripts(desk: Desk, known: Known) -> None:
    """Hand in what is wrong with the texts of the scripts."""
    scripts = desk.document.value
    for name in scripts if isinstance(scripts, dict) else ():
        for audience in ("caller", "agent"):
            look_at_texts(desk, known, (name, audience), placeholders=True)


def look_at_script(desk: Desk, known: Known, path: tuple[str | int, ...]) -> None:
    """Hand in a script that is named at a path and is not there."""
    say = desk.document.at(path)
    if isinstance(say, str) and known.scripts is not None and say not in known.scripts:
        hint = did_you_mean(say, known.scripts) or "write it into `scripts.yaml`"
        desk.fault(path, "unknown-script", f"script {quoted(say)} is not known", hint)
