"""Cells of a row → terms, instants, kinds. What is not certainly one thing is not guessed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from callpolicy.identity import IdentityKind
from callpolicy.instants import LATEST, instant, parse_duration
from callpolicy.numbering.cleaning import clean
from callpolicy.policy import DAY, Term

RUINED: Final = "\N{REPLACEMENT CHARACTER}"
"""What stands where a byte was no text."""

_NOTHING: Final = frozenset({"", "-", "--", "—", "n/a", "na", "none", "null", "nil", "nan", "无", "空", "/", "\\n"})
_QUOTED: Final = re.compile(r'=\s*"(.*)"', re.DOTALL)

_TERMS: Final = {
    **dict.fromkeys(("day", "daily", "1 day", "one day", "a day", "日", "天", "1d", "24h"), Term.DAY),
    **dict.fromkeys(("week", "1 week", "one week", "a week", "周", "星期", "1w", "7d"), Term.WEEK),
    **dict.fromkeys(("month", "1 month", "one month", "a month", "月"), Term.MONTH),
    **dict.fromkeys(("permanent", "permanently", "forever", "永久", "永久有效", "长期", "长期有效"), Term.PERMANENT),
}
_CHINESE_DIGITS: Final = {each: value for value, each in enumerate("零一二三四五六七八九十")} | {"两": 2, "半": 0}
_COUNTED: Final = re.compile(
    r"(\d{1,4}|[一二两三四五六七八九十])\s*个?\s*(小时|天|日|周|星期|礼拜|月|年|hours?|days?|weeks?|months?|years?)"
)
_HOUR: Final = DAY // 24
_UNITS: Final = {"小时": _HOUR, "天": DAY, "日": DAY, "周": 7 * DAY, "星期": 7 * DAY, "礼拜": 7 * DAY, "月": 30 * DAY,
    "年": 365 * DAY, "hour": _HOUR, "day": DAY, "week": 7 * DAY, "month": 30 * DAY, "year": 365 * DAY,
}  # fmt: skip
_NAMED: Final = {DAY: Term.DAY, 7 * DAY: Term.WEEK}
_ONE_MONTH: Final = 30 * DAY
_LONGEST_TERM: Final = 100 * 365 * DAY
_LONGEST_TEXT: Final = 40

_KINDS: Final = {
    **dict.fromkeys(("number", "phone", "tel", "caller", "号码", "电话", "手机", "主叫"), IdentityKind.NUMBER),
    **dict.fromkeys(("customer", "account", "member", "客户", "客户号", "会员", "账号"), IdentityKind.CUSTOMER),
}
_YEAR_FIRST: Final = re.compile(
    r"(\d{4})\s*([-/.年])\s*(\d{1,2})\s*([-/.月])\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})\s*[:时]\s*(\d{1,2})\s*(?:[:分]\s*(?:(\d{1,2})(?:\.\d+)?)?\s*秒?)?)?",
    re.ASCII,
)
_CLOSED: Final = {"-": "-", "/": "/", ".": ".", "年": "月"}
_EIGHT_DIGITS: Final = re.compile(r"(?:19|20)\d{6}", re.ASCII)


def fold(text: str) -> str:
    """A cell without what a spreadsheet puts around it, full-width digits and signs as ASCII, no blanks around it.

    >>> fold("'138 0013"), fold('="10086"'), fold(" ２０２６－０１－０２ ")
    ('138 0013', '10086', '2026-01-02')
    """
    text = text.strip() if text.isascii() else clean(text)
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        text = quoted[1].strip()
    return text.removeprefix("'").removeprefix("’").strip()


def is_nothing(text: str) -> bool:
    """Whether a cell says nothing: blank, or what an export or a person writes for none."""
    return text.lower() in _NOTHING


@lru_cache(maxsize=4_096)
def read_term(text: str) -> Term | int | None:
    """A term from a folded text, or `None` if it is none.

    A month in words is a calendar month; several months count 30 days each, and a year 365, the kinder way.

    >>> read_term("一个月"), read_term("permanent"), read_term("3天") == 3 * DAY, read_term("soon")
    (<Term.MONTH: 'month'>, <Term.PERMANENT: 'permanent'>, True, None)
    """
    text = text.lower()
    if len(text) > _LONGEST_TEXT:
        return None
    named = _TERMS.get(text)
    if named is not None:
        return named
    counted = _COUNTED.fullmatch(text)
    if counted is not None:
        count = int(counted[1]) if counted[1].isdecimal() else _CHINESE_DIGITS[counted[1]]
        unit = counted[2].rstrip("s")
        if count == 1 and _UNITS[unit] == _ONE_MONTH:
            return Term.MONTH
        length = count * _UNITS[unit]
    else:
        try:
            length = parse_duration(text)
        except ValueError:
            return None
    return _NAMED.get(length, length) if 0 < length <= _LONGEST_TERM else None


def read_kind(text: str) -> IdentityKind | None:
    """What an identity is made of, from a folded text; `None` if it is neither."""
    return _KINDS.get(text.lower())


@lru_cache(maxsize=65_536)
def read_instant(text: str, zone: str, form: str | None, *, last: bool = False) -> int | None:
    """An instant from a folded text, or `None` if it is not certainly one.

    A year comes first (`2026-03-02 10:00`, `2026/3/2`, `2026年3月2日`, `20260302`), or the mapping says how it is
    written: in `03/04/2026` nobody knows which is the month.

    Args:
        text: the text.
        zone: of an instant that names none.
        form: how it is written, as for strptime; `None` for the forms above.
        last: whether a day without a time means its end, not its beginning.
    """
    if len(text) > _LONGEST_TEXT:
        return None
    try:
        read, day_only = _moment(text, form)
        if day_only and last:
            read += timedelta(days=1)
        at = instant(read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone)))
    except (ValueError, OverflowError):
        return None
    return at if 0 <= at <= LATEST else None


def _moment(text: str, form: str | None) -> tuple[datetime, bool]:
    if form is not None:
        return datetime.strptime(text, form), not any(each in form for each in ("%H", "%I", "%c", "%X", "%T"))
    if _EIGHT_DIGITS.fullmatch(text):
        return datetime.strptime(text, "%Y%m%d"), True
    parts = _YEAR_FIRST.fullmatch(text)
    if parts is None:
        if not text[:4].isdecimal() or "-" not in text[4:5]:
            raise ValueError("no year first")
        return datetime.fromisoformat(text), False
    if _CLOSED[parts[2]] != parts[4]:
        raise ValueError("two kinds of signs")
    numbers = [int(each or 0) for each in (parts[1], parts[3], parts[5], parts[6], parts[7], parts[8])]
    year, month, day, hour, minute, second = numbers
    return datetime(year, month, day, hour, minute, second), parts[6] is None
