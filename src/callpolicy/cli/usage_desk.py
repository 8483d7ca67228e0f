"""What is told in Chinese at the desk: blocks, the allowlist, cases and cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # which one
    "there is no block of that id; see {where}": "没有这个编号的屏蔽；见 {where}",
    (
        "this is an entry that was put without a life: nobody confirms, reviews or hears appeals against it; "
        "{command} ends it"
    ): "这是没有流程记录的条目，不经确认和复核，也不受理申诉；用 {command} 结束它",
    "{name} is no block with a life, so none of the {count:n} is touched": (
        "{name} 不是有流程记录的屏蔽，因此这 {count} 条都未处理"
    ),
    "`--evidence` speaks about one caller; confirm that block by itself": (
        "`--evidence` 只说明一位来电人；请单独确认那一条"
    ),
    "this is an entry that was put without a life, and it is over; nothing is to be done with it": (
        "这是没有流程记录的条目，已经结束，无需处理"
    ),
    "this block has a life; it is lifted by an act on it": "这条屏蔽有流程记录，按普通屏蔽解除",
    "there is no allowlist entry of that id; see {where}": "没有这个编号的白名单条目；见 {where}",
    "there is no such case; see {where}": "没有这个个案；见 {where}",
    "there is no such case; a case begins with a call that is linked to it": "没有这个个案；个案从关联到它的通话开始",
    "{count:n} cases are shown like this; give the whole id of the one that you mean": (
        "有 {count} 件个案显示为这样；请写出完整编号"
    ),
    # whom
    "say whom, in one of four ways: {number}, {customer}, {prefix} or {range}": (
        "写明对谁，下列四种写法选一种：{number}、{customer}、{prefix} 或 {range}"
    ),
    "this names nobody for certain: {why:cause}": "不能确定写的是谁：{why}",
    "{option} names nobody; write {what:part} behind it [blank]": (
        "{option} 没有写明是谁；请在后面写{what}（代码 blank）"
    ),
    "{option} names a withheld number, which is nobody's; name another caller [withheld]": (
        "{option} 写的是隐藏号码，不对应任何人；请写明其他来电人（代码 withheld）"
    ),
    "`--range` takes two numbers, the smaller one first; turn them round": ("`--range` 的两个号码须小的在前；请对调"),
    "`--range` takes two numbers of one country and one length, the smaller one first": (
        "`--range` 须写同一国家、位数相同的两个号码，小的在前"
    ),
    "a prefix entry needs the beginning of a number; one that is empty would cover everybody": (
        "号段须写明号码的开头；空的号段会覆盖所有人"
    ),
    "a range entry needs two canonical numbers of one form and length, the smaller one first": (
        "范围须写两个格式和位数相同的完整号码，小的在前"
    ),
    "`--caller` takes a telephone number, with its country code or as it is dialled here": (
        "`--caller` 须为电话号码，带国家代码，或按本地拨号的写法"
    ),
    # who acts
    "{name} is what the system itself is called; a person needs another id": (
        "{name} 是系统自己的名称；人员须用别的编号"
    ),
    "{option} looks like a telephone number, and is shown in full; give a name or a staff id": (
        "{option} 看起来是电话号码，而它会以明文显示；请写姓名或工号"
    ),
    "{what:part} needs one line of 1 to {most:n} characters without spaces around it": (
        "{what}须为一行文字，1 至 {most} 字，前后没有空格"
    ),
    # when, and how long
    "`--at` lies in the future; what is not done yet cannot be recorded": "`--at` 晚于现在；尚未发生的操作不能登记",
    "{option}: {text} is no instant with a zone; write one such as {example}": (
        "{option}：{text} 不是带时区的时间；写法如 {example}"
    ),
    "{what:part} lies outside the years 1970 to 9999": "{what}须在 1970 年至 9999 年之间",
    "{option} takes `day`, `week`, `month`, `permanent` or a duration such as {example}, not {text}": (
        "{option} 须为 `day`、`week`、`month`、`permanent` 或如 {example} 的时长，而不是 {text}"
    ),
    "a term lasts longer than nothing and at most a hundred years": "期限须大于零，最长一百年",
    "{option}: {why:part}": "{option}：{why}",
    "{option} takes a date such as {example}, or an instant with a zone, not {text}": (
        "{option} 须为如 {example} 的日期，或带时区的时间，而不是 {text}"
    ),
    "say until when, or for how long: {until} or {lasting}, not both": (
        "写明到何时为止，或持续多久：{until} 和 {lasting} 只写一个"
    ),
    "an allowlist entry ends by the end of 9999, or not at all": "白名单条目最晚到 9999 年底为止，或者没有到期时间",
    "`--since` takes an instant such as {example}, or how long ago, such as {ago}; not {text}": (
        "`--since` 须为如 {example} 的时间，或如 {ago} 的时长（多久以前），而不是 {text}"
    ),
    # what it rests on, and what is said
    "{name} is a call, not a decision; its last decision is {last}": (
        "{name} 是通话，不是决定；它的最后一个决定是 {last}"
    ),
    "the decision {name} is not on record in this store, and what is on no record is no evidence; "
    "if another system recorded it, say with {option} when it was made": (
        "此处没有决定 {name} 的记录，没有记录的不能作为依据；若由其他系统记录，用 {option} 写明作出时间"
    ),
    "say what becomes of it, by just one of {options:list}": "写明如何处理，只选一项：{options}",
    "a reason is text without control characters": "原因须为文字，不能含控制字符",
    "{option} is not UTF-8": "{option} 不是 UTF-8 文字",
}

PARTS: Final[Mapping[str, str]] = {
    "the id of a person": "人员的编号",
    "the name of a role": "岗位的名称",
    "the id of a customer": "客户号",
    "a number in full": "完整号码",
    "the id of a block": "屏蔽的编号",
    "the id of a decision": "决定的编号",
    "the instant of an act": "操作的时间",
    "the instant of a decision": "决定的时间",
    "not a duration; write it as `2s`, `30m`, `24h`, `30d` or `1h30m`": (
        "不是时长；写法如 `2s`、`30m`、`24h`、`30d` 或 `1h30m`"
    ),
}
