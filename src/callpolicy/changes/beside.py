"""What else differs between two norms, piece by piece: windows, word lists, protected numbers, governance and the like.

No facts of a call show these: they make the facts, or say who may do what.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Final, TypeAlias

from callpolicy.instants import duration_text
from callpolicy.numbering import mask_number, parse_number
from callpolicy.policy import Bundle, Invariant, Script
from callpolicy.reports.catalogue import condition_text
from callpolicy.windows import Window

_Pieces: TypeAlias = dict[str, object]
_MINUTES: Final = frozenset({"opens", "closes"})
_SECOND: Final = 1_000_000
_AS_WRITTEN: Final[Mapping[str, str]] = {"length": "within", "over": "count", "distinct_of": "distinct"}
"""What a field is called in the files, where that is another word."""


@dataclass(frozen=True, slots=True)
class Beside:
    """One piece that differs.

    Args:
        part: which part it belongs to, as `callpolicy.analysis.beyond_snapshots` names them.
        name: which piece: `history.calls_10m within`.
        old: what it was, as text; `None` if it was not there.
        new: what it is; `None` if it is not there any more.
    """

    part: str
    name: str
    old: str | None
    new: str | None


def beside(old: Bundle, new: Bundle) -> tuple[Beside, ...]:
    """Every piece of two bundles that differs and that no facts of a call show, sorted within its part.

    Args:
        old: a bundle.
        new: another.

    Returns:
        of lists and sets what came and what went; of all else what it was and what it is.
    """
    found: list[Beside] = []
    for part, (was, becomes) in _parts(old, new).items():
        before, after = dict(_pieces("", was)), dict(_pieces("", becomes))
        for name in sorted(before.keys() | after.keys()):
            found += _changes(part, name, before.get(name), after.get(name))
    return tuple(found)


def _parts(old: Bundle, new: Bundle) -> dict[str, tuple[object, object]]:
    return {part: (of_old, _of(new)[part]) for part, of_old in _of(old).items()}


def _of(bundle: Bundle) -> _Pieces:
    settings = bundle.settings
    numbers = {
        name: frozenset(_shown(number, settings.region) for number in each)
        for name, each in settings.protected_numbers.items()
    }
    hours = {"time_zone": settings.time_zone, "holidays": settings.holidays, "hours": frozenset(settings.hours)}
    return {
        "windows": {window.fact: _counted(window) for window in bundle.windows},
        "lexicons": {each.id: each for each in bundle.lexicons},
        "offence_signals": settings.offence_signals,
        "protected": numbers,
        "feeds": settings.feeds,
        "hours": hours,
        "region": settings.region,
        "list_identities": settings.list_identities,
        "governance": bundle.governance,
        "retention": settings.retention,
        "privacy": settings.clear,
        "invariants": {each.id: _kept(each) for each in bundle.invariants},
        "scripts": {name: _spoken(script) for name, script in bundle.scripts.items()},
        "reasons": {rule.id: rule.because for rule in bundle.rules},
        "facts": {fact.name: True for fact in bundle.catalogue},
    }


def _counted(window: Window) -> _Pieces:
    own: _Pieces = {each.name: getattr(window, each.name) for each in fields(window) if each.name != "fact"}
    return own | {"where": dict(window.where)}


def _kept(invariant: Invariant) -> str:
    effects = ", ".join(sorted(map(str, invariant.effects)))
    return f"never {effects} while {condition_text(invariant.when)}; instead {invariant.instead}"


def _spoken(script: Script) -> _Pieces:
    return {"caller": script.caller, "agent": script.agent}


def _shown(number: str, region: str) -> str:
    return mask_number(parse_number(number, region=region))


def _pieces(name: str, value: object) -> Iterator[tuple[str, object]]:
    """The leaves of a value, each under the words that lead to it."""
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            if each.compare:
                yield from _pieces(_joined(name, each.name), getattr(value, each.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _pieces(_joined(name, str(key)), item)
    elif value is not None:
        yield name, value


def _joined(name: str, word: str) -> str:
    word = _AS_WRITTEN.get(word, word)
    return f"{name} {word}" if name else word


def _changes(part: str, name: str, old: object, new: object) -> Iterator[Beside]:
    if old == new:
        return
    if _is_several(old) or _is_several(new):
        before, after = _texts(name, old), _texts(name, new)
        if set(before) != set(after):
            yield from (Beside(part, name, each, None) for each in before if each not in after)
            yield from (Beside(part, name, None, each) for each in after if each not in before)
            return
        # WHY whole: nothing came or went, only the order is another.
        yield Beside(part, name, ", ".join(before), ", ".join(after))
        return
    yield Beside(part, name, _text(name, old), _text(name, new))


def _is_several(value: object) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str)


def _texts(name: str, value: object) -> list[str]:
    if not isinstance(value, Collection) or isinstance(value, str):
        return []
    texts = [text for text in (_text(name, each) for each in value) if text is not None]
    return sorted(texts) if isinstance(value, Set) else texts


def _text(name: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _whole(name, value)
    if is_dataclass(value) and not isinstance(value, type):
        told = (f"{each.name} {_text(each.name, getattr(value, each.name))}" for each in fields(value))
        return ", ".join(told)
    if isinstance(value, Enum):
        return str(value.value)
    if _is_several(value):
        return ", ".join(_texts(name, value))
    return str(value)


def _whole(name: str, value: int) -> str:
    if name.rpartition(" ")[2] in _MINUTES:
        return f"{value // 60:02}:{value % 60:02}"
    # WHY: no count in these parts is so great; what is, are the microseconds of a duration.
    return duration_text(value) if value >= _SECOND else str(value)
