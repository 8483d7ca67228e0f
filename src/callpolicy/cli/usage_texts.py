"""What was typed wrongly at the desk, in zh-CN too: the sentences that people meet most."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from callpolicy.cli.options import Language
from callpolicy.errors import UsageError

_CHINESE: Final = tuple(
    (re.compile(english, re.DOTALL), chinese)
    for english, chinese in (
        (r"there is no block of that id; see (`.*`)", r"没有这个编号的屏蔽；见 \1"),
        (r"there is no allowlist entry of that id; see (`.*`)", r"没有这个编号的白名单条目；见 \1"),
        (r"there is no such case; see (`.*`)", r"没有这个个案；见 \1"),
        (
            r"(\d+) cases are shown like this; give the whole id of the one that you mean",
            r"有 \1 件个案显示为这样；请写出完整编号",
        ),
        (
            r"`--at` lies in the future; what is not done yet cannot be recorded",
            "`--at` 晚于现在；尚未发生的操作不能登记",
        ),
        (
            r"`--at`: (.*) is no instant with a zone; write one such as (`.*`)",
            r"`--at`：\1 不是带时区的时间；写法如 \2",
        ),
        (
            r"`(--[a-z-]+)` takes `day`, `week`, `month`, `permanent` or a duration such as `12h`, not (.*)",
            r"`\1` 须为 `day`、`week`、`month`、`permanent` 或如 `12h` 的时长，而不是 \2",
        ),
        (
            r"`--until` takes a date such as (`[^`]*`), or an instant with a zone, not (.*)",
            r"`--until` 须为如 \1 的日期，或带时区的时间，而不是 \2",
        ),
        (
            r"say whom, in one of four ways: (.*) or (.*)",
            r"写明对谁，下列四种写法选一种：\1 或 \2",
        ),
        (
            r"say what becomes of it, by just one of (.*)",
            r"写明如何处理，只选一项：\1",
        ),
        (r"(.*) is a call, not a decision; its last decision is (.*)", r"\1 是通话，不是决定；它的最后一个决定是 \2"),
        (
            r"the decision (.*) is not on record in this store, .*",
            r"此处没有决定 \1 的记录，没有记录的不能作为依据；若由其他系统记录，用 `--evidence-at` 写明作出时间",
        ),
        (r"(.*) is not there", r"\1 不存在"),
    )
)


@contextmanager
def spoken(language: Language) -> Iterator[None]:
    """Say in the language that was asked for what was typed wrongly; what has no words there stays English.

    Args:
        language: of the texts.

    Raises:
        UsageError: as it was raised, perhaps in other words.
    """
    try:
        yield
    except UsageError as error:
        raise UsageError(in_words(str(error), language)) from None


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
    for english, chinese in _CHINESE:
        found = english.fullmatch(told)
        if found is not None:
            return found.expand(chinese)
    return told
