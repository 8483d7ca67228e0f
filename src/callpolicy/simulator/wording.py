"""From what is meant to what is said: picks a template of the caller's language and fills it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from callpolicy.simulator import en, zh

CHINESE: Final = "zh-CN"
ENGLISH: Final = "en"
LANGUAGES: Final = (CHINESE, ENGLISH)

_NEEDS: Final = {CHINESE: zh.NEEDS, ENGLISH: en.NEEDS}
_LINES: Final = {CHINESE: zh.LINES, ENGLISH: en.LINES}
_DAYS: Final = {
    CHINESE: ("周一", "周二", "周三", "周四", "周五", "上周末"),
    ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
}
_OPENINGS: Final = {
    CHINESE: ("", "", "", "嗯,", "那个,", "你好,", "是这样,"),
    ENGLISH: ("", "", "", "Well, ", "So, ", "Hi, ", "Look, "),
}


@dataclass(frozen=True, slots=True)
class Matter:
    """The particulars of what a caller calls about: the same in everything that is said about it.

    Args:
        amount: how much money. Units: yuan.
        tail: last digits of a card.
        weekday: when it happened; an index.
        hours: how long it has been going on. Units: hours.
        section: of the contract.
    """

    amount: int
    tail: int
    weekday: int
    hours: int
    section: int

    @classmethod
    def draw(cls, rng: Random) -> Matter:
        """Draw some."""
        drawn = [rng.randrange(*limits) for limits in ((20, 3000), (1000, 10_000), (0, 6), (2, 72), (2, 40))]
        return cls(*drawn)


def need(rng: Random, language: str, topic: str, matter: Matter) -> str:
    """Say what a caller calls for."""
    return rng.choice(_OPENINGS[language]) + _filled(rng.choice(_NEEDS[language][topic]), language, matter)


def line(rng: Random, language: str, meaning: str, matter: Matter) -> str:
    """Say one of the other things that callers and agents say."""
    return _filled(rng.choice(_LINES[language][meaning]), language, matter)


def templates(language: str) -> Mapping[str, tuple[str, ...]]:
    """List every template of a language by what it means; needs are named `need:<topic>`."""
    needs = {f"need:{topic}": texts for topic, texts in _NEEDS[language].items()}
    return {**needs, **_LINES[language]}


def _filled(template: str, language: str, matter: Matter) -> str:
    return template.format(
        amount=matter.amount,
        day=_DAYS[language][matter.weekday],
        tail=matter.tail,
        hours=matter.hours,
        section=matter.section,
    )
