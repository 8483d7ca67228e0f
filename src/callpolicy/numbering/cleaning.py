"""Texts as they come: one alphabet for digits and signs, and the words that stand for no number."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DASHES = frozenset("\u2212\u30fc\uff70")  # minus sign, katakana prolonged sound mark and its half-width form
_VARIATION_SELECTORS = frozenset(chr(code) for code in range(0xFE00, 0xFE10))


@lru_cache(maxsize=4096)
def _clean_character(character: str) -> str:
    """Give the ASCII digit, sign or blank that a character stands for, nothing for an invisible one."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)
    if category == "Cf" or character in _VARIATION_SELECTORS:
        return ""
    if character.isspace():
        return " "
    if category == "Pd" or character in _DASHES:
        return "-"
    folded = unicodedata.normalize("NFKC", character)
    # WHY: `²`, `①` or `㏠` are not digits that a line could have been dialled with; they stay what they are.
    return character if any(part.isdecimal() for part in folded) else folded


def clean(raw: str) -> str:
    """Bring full-width, Arabic-Indic and other decimal digits, signs and blanks to ASCII.

    Args:
        raw: any text, already bounded in length.

    Returns:
        The text without invisible characters (zero-width, text direction) and without blanks around it.
    """
    return "".join(map(_clean_character, raw)).strip()


def _fold(text: str) -> str:
    """Reduce a text to its letters and digits, so that `(Caller-ID  withheld)` is `calleridwithheld`."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


_MISSING = frozenset({"nan", "null", "none", "nil", "na"})
_MISSING_MARK = re.compile(r"""[-<>"' ]*|\\N""", re.ASCII)


def is_missing(text: str) -> bool:
    """Tell whether a cleaned text is none, or what an export writes for none."""
    return _MISSING_MARK.fullmatch(text) is not None or _fold(text) in _MISSING


# Source: RFC 3323 section 4.1 (anonymous), 3GPP TS 24.008 clause 10.5.4.30 (causes of no
# calling line: unavailable, reject by user, interaction with other service, coin line/payphone), and the words
# that handsets and exchanges show. `P` and `O`: private, out of area. Source: Telcordia GR-30-CORE, parameter 04h.
_WITHHELD_WORDS = """
    anonymous anonymouscaller anonymouscall anonymousnumber withheld numberwithheld withheldnumber callerwithheld
    calleridwithheld callerwithheldnumber idwithheld private privatenumber privatecaller privatecall restricted
    restrictednumber restrictedcaller restrictedcall presentationrestricted unavailable numberunavailable
    calleridunavailable notavailable numbernotavailable blocked blockednumber blockedcaller blockedcall
    calleridblocked hidden hiddennumber numberhidden hiddencaller unknown unknownnumber unknowncaller unknowncall
    callerunknown numberunknown nocallerid nonumber noid outofarea payphone coinline coinlinepayphone
    rejectbyuser rejectedbyuser interactionwithotherservice suppressed numbersuppressed
    anonym anonymeranruf anonymeranrufer unbekannt unbekanntenummer unbekannteranrufer unbekannterteilnehmer
    unterdrückt unterdrueckt rufnummerunterdrückt rufnummerunterdrueckt nummerunterdrückt unterdrücktenummer
    unterdrückterufnummer privatnummer privatenummer keinerufnummer
    匿名 匿名号码 匿名来电 匿名呼叫 匿名电话 匿名用户 隐藏 隐藏号码 号码隐藏 隐藏来电 隐藏电话 已隐藏 隐号 未知 未知号码
    未知来电 未知电话 号码未知 来电未知 私人 私人号码 私人来电 私人电话 私密 私密号码 保密 保密号码 号码保密 不显示
    不显示号码 号码不显示 未显示 未显示号码 无法显示 无法显示号码 号码无法显示 不可用 号码不可用 受限 受限号码 限制号码
    限制显示 屏蔽 屏蔽号码 已屏蔽 号码屏蔽 拒显 无主叫 无主叫号码 无号码 无来电显示 无显示
    号码不详 主叫隐藏 主叫号码隐藏
    匿名號碼 匿名來電 匿名電話 隱藏 隱藏號碼 號碼隱藏 隱藏來電 未知號碼 未知來電 號碼未知 來電未知 私人號碼 私人來電
    保密號碼 號碼保密 不顯示 不顯示號碼 號碼不顯示 未顯示 未顯示號碼 無法顯示 無法顯示號碼 號碼不可用 受限號碼 無號碼
    無來電顯示 號碼不詳
"""
_WITHHELD = frozenset(_WITHHELD_WORDS.split())
_WITHHELD_LETTERS = frozenset({"P", "O"})


def is_withheld(text: str) -> bool:
    """Tell whether a cleaned text is one of the words for a number that was not let through."""
    return text in _WITHHELD_LETTERS or _fold(text) in _WITHHELD
