"""Plain text to what was dialled: the one run of digits in it, its extension, its letters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from phonenumbers import convert_alpha_characters_in_number

# WHY: digits of another kind, which some plan would take for a line: a rounded float, a fraction, a network address
# and a date.
_RUINED: Final = re.compile(
    r"[-+]?\d+(?:\.\d+)?E[-+]?\d+ | \d{6,}\.\d{1,6} | \d{1,3}(?:\.\d{1,3}){3} | (?:19|20)\d\d-[01]\d-[0-3]\d",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_WHOLE_FLOAT: Final = re.compile(r"(\d+)\.0", re.ASCII)
_EXTENSION: Final = re.compile(
    r"""(?: ;\s*ext= | ,{1,4} | ; | [#] | \bext(?:ension|n)?\b\.? | (?<=[\d\s).])ext\.? | (?<=[\d\s).])x\.?
      | \b(?:durchwahl|dw|apparat|app)\b\.? | 转接?(?:分机)? | 轉接?(?:分機)? | 分机号? | 分機號? )
    [\s:=]{0,3} (\d{1,7}) \#? \s? \)?$""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_SPAN: Final = re.compile(r"[+\d()\-./ ]*\d[+\d()\-./ ]*", re.ASCII)
_DIALLED: Final = re.compile(r"[( ]*\+{0,2}[\d()\-./ ]*", re.ASCII)
_SLASH: Final = re.compile(r"[^/]*(?:/[^/\d]*\d[^/\d]*\d[^/\d]*\d[^/\d]*\d[^/]*)?", re.ASCII)
_VANITY: Final = re.compile(
    r"(?P<country>\+?1[ .\-]?)?\(?(?P<area>[2-9]\d\d)\)?[ .\-]?(?P<line>[A-Z0-9][A-Z0-9 .\-]*)",
    re.IGNORECASE | re.ASCII,
)
_VANITY_DIGITS, _VANITY_LETTERS = 7, 3
_GLUE: Final = frozenset("*#@_%&=$\\^~")


def split_extension(text: str) -> tuple[str, str | None]:
    """Take `ext. 5`, `x5`, `#5`, `,,5`, `转5`, `分机 5` and the like off the end of a cleaned text."""
    found = _EXTENSION.search(text)
    if found is None or not any(character.isdecimal() for character in text[: found.start()]):
        return text, None
    return text[: found.start()].strip(), found[1]


def spell_digits(text: str, *, north_american: bool) -> str:
    """Turn the letters of a North American number (`1-800-FLOWERS`) into the digits of their keys.

    Args:
        text: cleaned text.
        north_american: whether the caller's region has country code 1; else only `+1…` is read so.

    Returns:
        The number in digits, or the text unchanged. Source: ITU-T E.161, letters on the keys.
    """
    found = _VANITY.fullmatch(text)
    if found is None or not (north_american or text.startswith("+")):
        return text
    line = re.sub(r"[ .\-]", "", found["line"])
    if len(line) != _VANITY_DIGITS or sum(map(str.isalpha, line)) < _VANITY_LETTERS:
        return text
    return f"{found['country'] or ''}{found['area']}{convert_alpha_characters_in_number(line)}"


def find_dialled(text: str, *, strict: bool) -> str | None:
    """Find the one number in a cleaned text.

    Args:
        text: without extension.
        strict: whether any word beside the number makes it uncertain (addresses), or is only a label (plain text).

    Returns:
        Digits and separators, `+` at most at the beginning, or None if the text is not certainly one number.
    """
    whole = _WHOLE_FLOAT.fullmatch(text)
    if whole:
        return whole[1]
    spans = list(_SPAN.finditer(text))
    if _RUINED.fullmatch(text) or len(spans) != 1:
        return None
    dialled, start, end = spans[0][0].strip(" -./"), spans[0].start(), spans[0].end()
    around = text[:start] + text[end:]
    if around and (strict or _is_glued(text, start, end) or any(map(_is_numeral, around))):
        return None
    one_number = _DIALLED.fullmatch(dialled) and _SLASH.fullmatch(dialled)
    return dialled.replace("++", "+") if one_number and not _RUINED.fullmatch(dialled) else None


def _is_glued(text: str, start: int, end: int) -> bool:
    """Tell whether a letter or sign touches the digits, as in `A13800000000` or `13800000000*`."""
    before = text[start - 1] if start and text[start] in "+0123456789" else " "
    after = text[end] if end < len(text) and text[end - 1].isdecimal() else " "
    return any(character in _GLUE or character.upper() != character.lower() for character in (before, after))


def _is_numeral(character: str) -> bool:
    return unicodedata.category(character) in {"No", "Nl"}
