"""What was typed wrongly, or could not be done, in zh-CN too: sentence by sentence, by what the English one says.

Errors carry a sentence and no code, and they come from every floor of the house. So a table says for each English
sentence what it is in Chinese. Both have named holes for what changes; a hole has a kind, which says what may stand in
it and how it is said in Chinese:

| kind | in English | in Chinese |
|---|---|---|
| (none) | a text in backticks | the same |
| `n` | digits | the same |
| `word` | one word | the same |
| `place` | a file in backticks, perhaps with `:LINE` | the same |
| `list` | texts in backticks, with commas | with `、` |
| `raw` | any text that stands bare | in backticks |
| `option` | an option that stands bare | in backticks |
| `repr` | a text in quotation marks | in backticks |
| `reprs` | several of them | in backticks, with `、` |
| `names` | bare names, with commas | in backticks, with `、` |
| `near` | nothing, or what may have been meant | the same in Chinese |
| `part` | a part of a sentence that has words of its own | those words |
| `cause` | why a text names nobody, as `callpolicy.listfiles` says it, and its code | its Chinese words, and the code |

A sentence is said in Chinese whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from typing import Final, NamedTuple

from callpolicy.cli.options import Language, language_of_environment

_HOLE: Final = re.compile(r"\{(?P<name>[a-z]+)(?::(?P<kind>[a-z]+))?\}")
_QUOTED: Final = "`[^`]*`"
_REPR: Final = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_MAY_STAND: Final[Mapping[str, str]] = {
    "": _QUOTED,
    "n": r"\d+",
    "word": r"[^\s`;,()\[\]]+",
    "place": rf"{_QUOTED}(?::\d+)?",
    "list": rf"{_QUOTED}(?:, {_QUOTED})*(?: and \d+ more)?",
    "raw": ".*?",
    "option": r"(?:(?! \(Possible options: ).)+",
    "repr": _REPR,
    "reprs": rf"{_REPR}(?:, {_REPR})*",
    "names": r"[\w-]+(?:, [\w-]+)*",
    "near": rf"(?:; did you mean {_QUOTED}\?|; one of: [\w-]+(?:, [\w-]+)*)?",
    "part": ".+?",
    "cause": ".+",
}
_REFUSED: Final = re.compile(r".* \[(?P<code>[a-z-]+), by `(?P<rule>[^`]+)`\]", re.DOTALL)
_LANGUAGE: Final = "--language"


class Said(NamedTuple):
    """An English sentence said in Chinese.

    Args:
        chinese: in Chinese.
        entries: the entries of the tables by which it was said, parts included.
    """

    chinese: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    english: str
    chinese: str
    pattern: re.Pattern[str]
    kinds: Mapping[str, str]

    @classmethod
    def made(cls, english: str, chinese: str) -> _Entry:
        kinds = {hole["name"]: hole["kind"] or "" for hole in _HOLE.finditer(english)}
        pieces, end = [], 0
        for hole in _HOLE.finditer(english):
            pieces += [re.escape(english[end : hole.start()]), f"(?P<{hole['name']}>{_MAY_STAND[hole['kind'] or '']})"]
            end = hole.end()
        pieces.append(re.escape(english[end:]))
        return cls(english, chinese, re.compile("".join(pieces), re.DOTALL), kinds)

    def say(self, told: str) -> Iterator[Said]:
        found = self.pattern.fullmatch(told)
        if found is None:
            return
        parts = [_HAS_WORDS[kind](found[name]) for name, kind in self.kinds.items() if kind in _HAS_WORDS]
        for chosen in product(*parts):
            left = iter(chosen)
            values = {
                name: next(left).chinese if kind in _HAS_WORDS else _IN_CHINESE.get(kind, str)(found[name])
                for name, kind in self.kinds.items()
            }
            entries = (self.english, *(entry for part in chosen for entry in part.entries))
            yield Said(self.chinese.format_map(values), entries)


def in_words(told: str, language: Language) -> str:
    """A sentence in a language, if there are words for it.

    Args:
        told: the sentence, in English.
        language: of the text.

    >>> in_words("there is no such case; see `callpolicy case list`", Language.ZH)
    '没有这个个案；见 `callpolicy case list`'
    """
    if language is not Language.ZH:
        return told
    return next((each.chinese for each in sayings(told)), told)


def sayings(told: str) -> tuple[Said, ...]:
    """Every way in which the tables say a sentence in Chinese; more than one would be a fault of the tables.

    Args:
        told: the sentence, in English.

    >>> [each.chinese for each in sayings("missing option '--as'; see `callpolicy block lift --help`")]
    ['缺少选项 `--as`；见 `callpolicy block lift --help`']
    """
    refused = _refusal(told)
    if refused is not None:
        return (refused,)
    return tuple(said for entry in _sentences() for said in entry.say(told))


def language_of(words: Sequence[str]) -> Language:
    """The language that a command is asked to speak, also where its words are too wrong to be read.

    Args:
        words: those after `callpolicy`.

    >>> language_of(["block", "list", "--language", "en", "--wat", "--language=zh-CN"])
    <Language.ZH: 'zh-CN'>
    """
    given = words[: words.index("--")] if "--" in words else words
    asked = [after for word, after in pairwise(given) if word == _LANGUAGE]
    asked += [word.removeprefix(f"{_LANGUAGE}=") for word in given if word.startswith(f"{_LANGUAGE}=")]
    return next((Language(each) for each in reversed(asked) if each in set(Language)), language_of_environment())


@cache
def _sentences() -> tuple[_Entry, ...]:
    from callpolicy.cli.usage_tables import SENTENCES

    return tuple(_Entry.made(english, chinese) for english, chinese in SENTENCES.items())


@cache
def _parts() -> tuple[_Entry, ...]:
    from callpolicy.cli.usage_tables import PARTS

    return tuple(_Entry.made(english, chinese) for english, chinese in PARTS.items())


def _part(told: str) -> tuple[Said, ...]:
    # WHY both: what an operating system says begins with a capital if nobody made it a part of a sentence.
    written = dict.fromkeys((told, f"{told[:1].lower()}{told[1:]}"))
    return tuple(said for each in written for entry in _parts() for said in entry.say(each))


def _cause(told: str) -> tuple[Said, ...]:
    from callpolicy.listfiles import CAUSES

    _, _, code = told.removesuffix("]").rpartition(" [")
    words = CAUSES.get(code)
    if words is None or told != f"{words.en}; {words.do_en} [{code}]":
        return ()
    return (Said(f"{words.zh}；{words.do_zh}（代码 {code}）", ()),)


def _refusal(told: str) -> Said | None:
    """What governance refused where there is no sitting to tell it: its own words, without those that need the norm."""
    found = _REFUSED.fullmatch(told)
    if found is None:
        return None
    from callpolicy.cli.refusals import REFUSALS

    words = REFUSALS.get(f"{found['code']}/{found['rule']}") or REFUSALS.get(found["code"])
    if words is None or "{" in words.zh:
        return None
    to_do = "" if "{" in words.do_zh else words.do_zh
    return Said(f"拒绝：{words.zh}（规则 `{found['rule']}`，代码 {found['code']}）。{to_do}", ())


def _in_backticks(text: str) -> str:
    return "`" + text.replace("`", "'") + "`"


def _reprs(text: str) -> str:
    return "、".join(_in_backticks(each[1:-1]) for each in re.findall(_REPR, text, re.DOTALL))


def _names(text: str) -> str:
    return "、".join(_in_backticks(each) for each in text.split(", "))


def _list(text: str) -> str:
    more = re.search(r" and (\d+) more\Z", text)
    shown = "、".join(re.findall(_QUOTED, text, re.DOTALL))
    return shown if more is None else f"{shown} 等，另有 {more[1]} 个"


def _near(text: str) -> str:
    if not text:
        return ""
    meant = re.search(_QUOTED, text)
    return f"（是不是 {meant[0]}？）" if meant else f"（可用的有 {_names(text.removeprefix('; one of: '))}）"


_IN_CHINESE: Final[Mapping[str, Callable[[str], str]]] = {
    "list": _list,
    "raw": _in_backticks,
    "option": _in_backticks,
    "repr": _reprs,
    "reprs": _reprs,
    "names": _names,
    "near": _near,
}
_HAS_WORDS: Final[Mapping[str, Callable[[str], tuple[Said, ...]]]] = {"part": _part, "cause": _cause}
