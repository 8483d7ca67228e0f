"""The text that names somebody → the subject of an entry, or the cause why nobody is certainly meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from callpolicy.errors import GovernanceError
from callpolicy.identity import Identity, IdentityKind
from callpolicy.lifecycle import shield_of
from callpolicy.lifecycle.subjects import look_at_width
from callpolicy.listfiles.fields import RUINED, is_nothing
from callpolicy.lists import ListName, Subject
from callpolicy.numbering import LineType, Number, NumberStatus, mask_number, parse_number, read_beginning
from callpolicy.policy import Governance, Settings
from callpolicy.session.caller import protected_class, read_customer

_CUSTOMER: Final = re.compile(r"(?:customer|客户)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_PREFIX: Final = re.compile(r"([^*]*\d)[\s()./-]*\*", re.ASCII)
_RANGE: Final = re.compile(r"(\+[\d\s()./-]*\d)\s*(?:-|~|〜|–|—|至|到|\bto\b)\s*(\+[\d\s()./-]*\d)", re.ASCII)
# WHY: `+44 7700 900000-900099` would be read as the first number with the extension 900099.
_HALF_RANGE: Final = re.compile(r".*\d{4}\s*(?:-|~|〜|–|—|至|到|\bto\b)\s*\d{5,}", re.ASCII | re.DOTALL)
_ROUNDED: Final = re.compile(r"[-+]?\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE | re.ASCII)
_HASHES: Final = re.compile(r"#+|#(?:REF!|VALUE!|N/A|DIV/0!|NAME\?|NULL!|NUM!)")
# WHY also `x`: the letters of `212555xxxx` are the key 9, and it would be read as the line 212 555 9999.
_HIDDEN: Final = re.compile(r"[*?•●]|[xX]{2}|\d[xX]$")
_SEPARATORS: Final = re.compile(r"[\s()./-]", re.ASCII)
_ANY_DIGIT: Final = re.compile(r"\d")
_LETTER: Final = re.compile(r"\w")
_DIGIT: Final = re.compile(r"\d", re.ASCII)
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
_LONGEST_SHAPE: Final = 24
_LONGEST_CUSTOMER: Final = 200
# What is longer is no number (see `parse_number`), nor anybody's id.
_LONGEST_TEXT: Final = 512


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a text names.

    Args:
        subject: whom; `None` if nobody is certainly meant.
        cause: why not, or empty.
        shown: the text masked.
        remarks: what a person should look at.
    """

    subject: Subject | None
    cause: str
    shown: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Naming:
    """How names are read.

    Args:
        region: where national numbers are at home.
        on: the list that they are meant for; what a blocklist may not hold is fine on an allowlist.
        governance: how wide an entry may be; `None` if that is not known.
        settings: who is protected; `None` if that is not known.
        prefixes: whether a number may be a prefix or a range; in a file of complaints a star hides digits.
    """

    region: str
    on: ListName
    governance: Governance | None
    settings: Settings | None
    prefixes: bool = True

    def reader(self) -> Callable[[str, IdentityKind | None], Named]:
        """`read`, which remembers what it read last; files of calls and complaints repeat themselves."""
        return lru_cache(maxsize=16_384)(self.read)

    def read(self, text: str, kind: IdentityKind | None = None) -> Named:
        """Read a folded text.

        Args:
            text: the text.
            kind: what the file says that it is; `None` if it does not.
        """
        if RUINED in text or "\0" in text:
            return Named(None, "ruined-text", shape(text))
        if len(text) > _LONGEST_TEXT:
            return Named(None, "several-things", shape(text))
        customer = _CUSTOMER.fullmatch(text)
        if customer is not None or kind is IdentityKind.CUSTOMER:
            if customer is not None and kind is IdentityKind.NUMBER:
                return Named(None, "kind-contradicts", shape(text))
            return _customer(customer[1] if customer is not None else text)
        if is_nothing(text):
            return Named(None, "blank", "")
        named = self._wide(text) if self.prefixes else None
        return named or self._number(text)

    def _wide(self, text: str) -> Named | None:
        """Read a prefix or a range; `None` if it is neither."""
        between = _RANGE.fullmatch(text)
        if between is not None:
            return self._range(between[1], between[2], text)
        begins = _PREFIX.fullmatch(text)
        if begins is None:
            return None
        beginning = _SEPARATORS.sub("", begins[1])
        if beginning.startswith("00"):
            beginning = "+" + beginning[2:]
        if read_beginning(beginning) is None:
            cause = "unknown-country" if beginning.startswith("+") else "prefix-without-country"
            return Named(None, cause, shape(text))
        if len(_DIGIT.findall(beginning)) > _MOST_DIGITS:
            return Named(None, "too-long", shape(text))
        return self._looked_at(Subject(Identity(IdentityKind.NUMBER, beginning), prefix=True), shape(text, heads=4))

    def _range(self, first: str, last: str, text: str) -> Named:
        ends = [parse_number(each, region=self.region) for each in (first, last)]
        shown = "–".join(mask_number(each) for each in ends)
        if any(each.canonical is None or each.extension is not None for each in ends):
            return Named(None, "bad-range", shape(text))
        try:
            subject = Subject(Identity(IdentityKind.NUMBER, ends[0].canonical or ""), last=ends[1].canonical)
        except ValueError:
            return Named(None, "bad-range", shown)
        return self._looked_at(subject, shown)

    def _looked_at(self, subject: Subject, shown: str) -> Named:
        """A prefix or range against the norm."""
        remarks = []
        if self.governance is not None:
            try:
                look_at_width(subject, self.governance)
            except GovernanceError as refusal:
                code = refusal.code if refusal.code == "width-not-declared" else "too-wide"
                if self.on is ListName.BLOCKLIST:
                    return Named(None, code, shown)
                remarks.append(f"wide-{'range' if subject.last else 'prefix'}")
        if self.settings is not None and shield_of(subject, self.settings, (), 0) is not None:
            if self.on is ListName.BLOCKLIST:
                return Named(None, "covers-protected", shown)
            remarks.append("protected-anyway")
        return Named(subject, "", shown, tuple(remarks))

    def _number(self, text: str) -> Named:
        if _ROUNDED.fullmatch(text):
            return Named(None, "rounded", shape(text))
        if _HASHES.fullmatch(text):
            return Named(None, "spreadsheet-error", shape(text))
        if _HIDDEN.search(text):
            return Named(None, "hidden-digits", shape(text))
        if _HALF_RANGE.fullmatch(text) and self.prefixes:
            number = parse_number(text, region=self.region)
            if number.canonical is None or number.extension is not None:
                return Named(None, "half-range", shape(text))
        number = parse_number(text, region=self.region)
        if number.canonical is None:
            return Named(None, _cause(number, text), shape(text))
        shown = mask_number(number)
        cause, remarks = self._standing(number)
        if cause:
            return Named(None, cause, shown)
        return Named(Subject(Identity(IdentityKind.NUMBER, number.canonical)), "", shown, remarks)

    def _standing(self, number: Number) -> tuple[str, tuple[str, ...]]:
        """Why a number may not be on the list, or what to look at."""
        canonical = number.canonical or ""
        cause, remarks = "", []
        if self.settings is not None and protected_class(canonical, self.settings) is not None:
            cause = "protected"
        elif number.line_type is LineType.EMERGENCY:
            cause = "emergency"
        elif number.status is NumberStatus.SERVICE:
            remarks.append("service-number")
        if cause and self.on is ListName.ALLOWLIST:
            cause, remarks = "", ["protected-anyway"]
        if number.extension is not None:
            remarks.append("extension")
        if number.line_type is LineType.UNKNOWN:
            remarks.append("not-in-plan")
        return cause, tuple(remarks)


def _customer(text: str) -> Named:
    customer, fault = read_customer(text)
    if fault or len(text) > _LONGEST_CUSTOMER:
        return Named(None, "rounded" if _ROUNDED.fullmatch(text.strip()) else "bad-customer", shape(text))
    if customer is None:
        return Named(None, "blank", "")
    return Named(Subject(Identity(IdentityKind.CUSTOMER, customer)), "", "customer:" + shape(customer))


def _cause(number: Number, text: str) -> str:
    """Why a text is no number, as closely as it can be told."""
    if number.status is NumberStatus.MISSING:
        return "blank"
    if number.withheld:
        return "withheld"
    digits = len(_DIGIT.findall(text))
    letters = any(each.isalpha() for each in text)
    if not digits or (letters and digits < _FEWEST_DIGITS):
        return "words"
    if letters or digits > 2 * _MOST_DIGITS or re.search(r"[^\d\s()+./-]", text):
        return "several-things"
    if digits < _FEWEST_DIGITS:
        return "too-short"
    return "too-long" if digits > _MOST_DIGITS else "no-such-number"


def shape(text: str, *, heads: int = 0) -> str:
    """A text without what it says: `#` for each digit, `a` for each letter, so that nobody is given away.

    Args:
        text: the text.
        heads: how many characters at the beginning stay as they are, such as a country code.

    >>> shape("07700 900xx"), shape("ask for Ann")
    ('##### ###aa', 'aaa aaa aaa')
    """
    head, rest = text[:heads], text[heads:_LONGEST_SHAPE]
    shown = head + _LETTER.sub("a", _ANY_DIGIT.sub("#", rest)).replace("`", "'")
    if not shown.isprintable():
        shown = "".join(each if each.isprintable() else "·" for each in shown)
    return shown + ("…" if len(text) > _LONGEST_SHAPE else "")
