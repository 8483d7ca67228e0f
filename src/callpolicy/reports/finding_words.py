"""What a check of a norm found, in Chinese too: sentence by sentence, by what the English one says.

Findings carry a code, a sentence and a hint in English. A table says for each English sentence what it is in Chinese;
what changes stands in both as a named hole. A sentence that the table does not know stays English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final

from callpolicy.errors import Finding

CHINESE: Final = "zh-CN"
_HOLE: Final = re.compile(r"\{(\w+)\}")

SENTENCES: Final[Mapping[str, str]] = {
    # conditions
    "{who} reads `call.business_hours`, but no business hours are declared": (
        "{who}读取 `call.business_hours`，但规范没有写营业时间"
    ),
    "write `business_hours:` into `policy.yaml`; without them the fact is never known": (
        "请在 `policy.yaml` 中写 `business_hours:`；不写，这个事实永远未知"
    ),
    "{who} never matches{why}": "{who}永远不会匹配{why}",
    "{who} never forbids anything that is known{why}": "{who}对已知的情况从不禁止任何处理{why}",
    "a part of {who} is never true{why}": "{who}有一部分永远不为真{why}",
    "correct the condition": "请修改条件",
    "look at which values the fact can have, or delete this item": "请核对该事实可能的取值，或删去这一项",
    "correct a value, or put the alternatives below `any:` instead of `all:`": (
        "请修改数值，或把可选的条件写在 `any:` 下，而不是 `all:` 下"
    ),
    "{who} says {what} twice": "{who}把{what}写了两遍",
    "delete one of the two; nothing changes": "请删去其中一处，含义不变",
    "{who} compares the windows `{one}` and `{other}` with each other": "{who}把窗口 `{one}` 和 `{other}` 互相比较",
    "compare each with a number: of a caller who calls very often not all calls are kept": (
        "请分别与数字比较：来电非常频繁时，不会保留全部来电"
    ),
    "{who} compares `{fact}` with {most} or more, which is not counted exactly": (
        "{who}把 `{fact}` 与 {most} 或更大的数比较，而这样的数不精确计数"
    ),
    "write a number below {most}; so many calls of one caller are beyond any threshold": (
        "请写小于 {most} 的数；同一来电人有这么多来电，已超过任何阈值"
    ),
    "{who} waits for the signal `{signal}`, which no lexicon raises": "{who}等待信号 `{signal}`，但没有词表会给出它",
    "write a word list for it into `lexicons/`, or correct the name": "请在 `lexicons/` 中为它写词表，或改正名称",
    # declarations
    "no rule, invariant or text reads the window `{fact}`": "没有规则、底线规则或文本读取窗口 `{fact}`",
    "delete it, or write the rule that was to use it": "请删去它，或写出要用它的规则",
    "no rule, invariant or text reads the fact `{fact}`": "没有规则、底线规则或文本读取事实 `{fact}`",
    "the host need not give it; delete it unless a rule is to come": "主机不必提供它；若没有规则将要用到，请删去",
    "nothing says the script `{script}`": "没有任何地方使用话术 `{script}`",
    "delete it, or name it with `say:` in a rule": "请删去它，或在规则中用 `say:` 写明",
    "the signal `{signal}` counts as an offence, but no lexicon raises it": (
        "信号 `{signal}` 算作违规，但没有词表会给出它"
    ),
    "write a word list for it into `lexicons/`, or take it out of `offence_signals`": (
        "请在 `lexicons/` 中为它写词表，或从 `offence_signals` 中去掉"
    ),
    "no rule reads the signal `{signal}`, and it counts as no offence": "没有规则读取信号 `{signal}`，它也不算违规",
    "nothing follows when its words are said ({lists}); write a rule, or delete the lists": (
        "说到其中的词（{lists}）不会有任何结果；请写规则，或删去词表"
    ),
    "no number is in the protected class `{name}`": "受保护类别 `{name}` 中没有号码",
    "write its numbers, unless the host says with each call who is in it": (
        "请写上号码，除非主机在每次来电时说明谁属于该类别"
    ),
    "rules ask whether the centre is open, but no holidays are declared": "规则要看中心是否营业，但规范没有写节假日",
    "the last declared holiday was {date}": "写明的最后一个节假日是 {date}",
    "write the holidays to come into `policy.yaml`, or rules read them as working days": (
        "请把以后的节假日写入 `policy.yaml`，否则规则把它们当作工作日"
    ),
    "no invariant keeps `{effect}` from {whom}": "没有底线规则使{whom}免受 `{effect}`",
    "write into `invariants.yaml`: never `{effect}` when `{condition}`": (
        "请在 `invariants.yaml` 中写明：`{condition}` 时不得 `{effect}`"
    ),
    # what is kept
    "`{name}` is not personal and stands in clear text anyway": "`{name}` 不是个人信息，本来就是明示的",
    "take it out of `privacy: {{clear: …}}`; only a personal fact needs an entry": (
        "请把它从 `privacy: {{clear: …}}` 中去掉；只有个人信息才需要写"
    ),
    "the history is kept for {length}, and a window reaches back further": "历史保存 {length}，而有窗口要看得更早",
    "`{longest}` reaches back {length}; write `history: {length}` or longer, or leave `history` out": (
        "`{longest}` 要看 {length} 以内；请写 `history: {length}` 或更长，或不写 `history`"
    ),
    "ended blocks are kept for {length}, and the ladder of `governance.yaml` looks back further": (
        "已结束的屏蔽保存 {length}，而 `governance.yaml` 的逐级加重要看得更早"
    ),
    "it looks back {length}; write `blocks: {length}` or longer, or a shorter `look_back`": (
        "它要看 {length} 以内；请写 `blocks: {length}` 或更长，或缩短 `look_back`"
    ),
    # rules
    "`{name}` is the name under which the product applies blocks; no rule may have it": (
        "`{name}` 是系统执行屏蔽时使用的名称，规则不能用它"
    ),
    "give the rule another id, and its file that name": "请给规则另起编号，文件名与编号一致",
    "rule `{rule}` was to be looked at again by {date}": "规则 `{rule}` 应在 {date} 之前复查",
    "look whether it still does what it should, then write a new date": "请复查它是否仍然合适，再写新的日期",
    "rule `{rule}` is in force without an example": "规则 `{rule}` 已执行，却没有示例",
    "write at least one example with `match` and one with `no_match`": (
        "请至少写一个 `match` 示例和一个 `no_match` 示例"
    ),
    "the pilot of rule `{rule}` takes in 0 % of the callers, that is nobody": (
        "规则 `{rule}` 的试点覆盖 0 % 的来电人，即没有任何人"
    ),
    "write a share, or `status: shadow`": "请写比例，或写 `status: shadow`",
    "rule `{rule}` lets the system hang up by itself, which no governance permits": (
        "规则 `{rule}` 让系统自动挂机，而治理规则不允许"
    ),
    "take `by: system` away: the rule then permits the agent to hang up": ("请去掉 `by: system`：规则便是允许坐席挂机"),
    "rule `{rule}` lets the system block for ever by itself": "规则 `{rule}` 让系统自动永久屏蔽",
    "write a term that ends, or let a person do it: `by: agent`": "请写有终止的期限，或由人处理：`by: agent`",
    "rule `{rule}` lets the system block for longer than {limit} by itself, "
    "which `governance.yaml` does not permit": "规则 `{rule}` 让系统自动屏蔽超过 {limit}，`governance.yaml` 不允许",
    "rule `{rule}` lets the system block by itself, which `governance.yaml` does not permit": (
        "规则 `{rule}` 让系统自动屏蔽，`governance.yaml` 不允许"
    ),
    "write a shorter term, `effect: propose_block`, or a longer `longest_automatic_term`": (
        "请写更短的期限，或 `effect: propose_block`，或更长的 `longest_automatic_term`"
    ),
    "rule `{rule}` blocks for a term `{term}`, for which nobody is named who judges and operates": (
        "规则 `{rule}` 的屏蔽期限为 `{term}`，但没有写明由谁判定、由谁操作"
    ),
    "write `{term}` into `terms` of `governance.yaml`, or take a term that stands there": (
        "请把 `{term}` 写入 `governance.yaml` 的 `terms`，或用其中已有的期限"
    ),
    "{what} shows `{fact}`, which the rule does not look at and which may be unknown": (
        "{what}中有 `{fact}`，规则没有看这个事实，它可能未知"
    ),
    "leave it out of the text, or add `{condition}` to the condition": "请从文本中去掉，或在条件中加上 `{condition}`",
    "rules `{one}` and `{other}` have the same rank but another `{what}`; where both match, only `{first}` gives it": (
        "规则 `{one}` 和 `{other}` 次序相同，而 `{what}` 不同；两者都匹配时，只用 `{first}` 的"
    ),
    "give one of them another priority, or let their conditions exclude each other": (
        "请给其中一条另定优先级，或使两者的条件互斥"
    ),
    # the matchers
    "matcher `{machine}` does not agree with the reference on `{name}`": (
        "匹配器 `{machine}` 在 `{name}` 上的结果与参照匹配器不一致"
    ),
}
_PARTS: Final[Mapping[str, str]] = {
    "rule `{id}`": "规则 `{id}`",
    "invariant `{id}`": "底线规则 `{id}`",
    "a protected caller": "受保护的来电人",
    "a caller on the allowlist": "白名单上的来电人",
    "the item on `{fact}`": "关于 `{fact}` 的一项",
    "the same group of items": "同一组条件",
    "the reason of rule `{id}`": "规则 `{id}` 的理由",
    "script `{script}`, said by rule `{id}`,": "规则 `{id}` 的话术 `{script}` ",
    "script `{script}`, said by a standing block,": "屏蔽时的话术 `{script}` ",
    ": `{fact}` can have no value that makes `{op}` true": "：`{fact}` 的任何取值都不会使 `{op}` 为真",
    ": `{fact}` can have no value that makes `{op}` false": "：`{fact}` 的任何取值都不会使 `{op}` 为假",
    ": what it asks of `{fact}` excludes itself": "：对 `{fact}` 的要求自相矛盾",
    "a term as long": "同样长的期限",
}


def finding_in_words(finding: Finding, language: str) -> Finding:
    """A finding with its message and hint in a language.

    Args:
        finding: as a check gives it, in English.
        language: `zh-CN` for Chinese, else English.
    """
    if language != CHINESE:
        return finding
    return replace(finding, message=in_chinese(finding.message), hint=in_chinese(finding.hint))


def in_chinese(told: str) -> str:
    """A sentence of a check in Chinese, if there are words for it; else as it is.

    >>> in_chinese("rule `warn` never matches: what it asks of `talk.warnings` excludes itself")
    '规则 `warn` 永远不会匹配：对 `talk.warnings` 的要求自相矛盾'
    """
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(told)
        if found is not None:
            values = {name: _part(value or "") for name, value in found.groupdict().items()}
            # WHY: what ends in backticks is kept apart from the Chinese character that follows.
            return re.sub(r"(`)(?=[永把对有等读])", r"\1 ", chinese.format_map(values))
    return told


def _part(told: str) -> str:
    for pattern, chinese in _parts():
        found = pattern.fullmatch(told)
        if found is not None:
            return chinese.format_map(found.groupdict())
    return told


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_pattern(english), chinese) for english, chinese in SENTENCES.items())


@cache
def _parts() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_pattern(english), chinese) for english, chinese in _PARTS.items())


def _pattern(english: str) -> re.Pattern[str]:
    pieces, end, seen = [], 0, set()
    plain = english.replace("{{", "\0").replace("}}", "\1")
    for hole in _HOLE.finditer(plain):
        name = hole[1]
        pieces.append(re.escape(plain[end : hole.start()]))
        pieces.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
        seen.add(name)
        end = hole.end()
    pieces.append(re.escape(plain[end:]))
    return re.compile("".join(pieces).replace("\0", r"\{").replace("\1", r"\}"), re.DOTALL)
