"""What is told in Chinese at the bench: by the commands that read, try, explain and compare norms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # what there is
    "there is no schema {name}{near:near}": "没有模式 {name}{near}",
    "there is no mapping {name}{near:near}": "没有映射表 {name}{near}",
    "there is no rule {name}{near:near}": "没有规则 {name}{near}",
    "there is no operator {name}{near:near}": "没有运算符 {name}{near}",
    "there is no effect {name}{near:near}": "没有处理 {name}{near}",
    "no numbers come along for country {name}{near:near}": "没有随附国家或地区 {name} 的号码{near}",
    "{folder} is a file; name a folder": "{folder} 是文件；请写明文件夹",
    "no mutant is made of {name}; give the id of a rule, invariant or window, or a file": (
        "没有针对 {name} 的变异体；请写规则、底线规则或窗口的编号，或文件名"
    ),
    "{file} is there already, and was changed; move it away, or write somewhere else": (
        "{file} 已存在，并且改动过；请先移开，或写到别处"
    ),
    "the norm has no scenarios": "规范没有场景",
    "the norm has no invariant, so there is nothing to prove": "规范没有底线规则，无从证明",
    # decide, explain, what-if
    "name the decision point: {points:list}": "写明决策点：{points}",
    "scenario {name} has {count:n} steps, not {step:n}": "场景 {name} 有 {count} 步，没有第 {step} 步",
    "no decision was made up to step {step:n} of scenario {name}": "场景 {name} 到第 {step} 步为止没有作出决定",
    "say what to explain: `--point` with facts, or `--scenario`, or `--events` with `--call`, or `--record`": (
        "写明要解释什么：`--point` 加事实，或 `--scenario`，或 `--events` 加 `--call`，或 `--record`"
    ),
    "say what to start from: `--point` with facts, or `--scenario`, or `--events` with `--call`, or `--record`": (
        "写明从什么出发：`--point` 加事实，或 `--scenario`，或 `--events` 加 `--call`，或 `--record`"
    ),
    "give either facts to change, such as {example}, or {option}": (
        "写明要改的事实，如 {example}；或用 {option}；二者选一"
    ),
    "a recorded decision is explained by the norm that made it; leave `--rules` out": (
        "有记录的决定由当时的规范解释；不要写 `--rules`"
    ),
    "a recorded decision is made again by the norm that made it; leave `--rules` out": (
        "有记录的决定由当时的规范重做；不要写 `--rules`"
    ),
    "name the call with {option}": "请用 {option} 写明通话",
    "{file} has no call {call}": "{file} 中没有通话 {call}",
    "no decision was made at event {event:n} of call {call}; there are {first:n} to {last:n}": (
        "通话 {call} 的事件 {event} 没有作出决定；有决定的是 {first} 至 {last}"
    ),
    # replay, simulate, diff
    "`--mapping` says how `--recorded FILE` is read; name that file too": (
        "`--mapping` 说明怎样读取 `--recorded FILE`；请同时写明该文件"
    ),
    "{file} holds events, which need no mapping; leave `--mapping` out": (
        "{file} 中是事件，不需要映射表；不要写 `--mapping`"
    ),
    "say how the columns become events: `--mapping` with a file or one of {names:list}": (
        "请写明各列怎样变成事件：`--mapping` 加文件，或下列之一：{names}"
    ),
    "{file} is empty: there is not even a header": "{file} 是空的，连表头也没有",
    "{file} lacks the column {columns:list}": "{file} 缺少列 {columns}",
    "{file} lacks the columns {columns:list}": "{file} 缺少列 {columns}",
    "{file} has more than one column {columns:list}": "{file} 中列 {columns} 不止一个",
    "{file} has a header and no rows": "{file} 只有表头，没有行",
    "no call could be read from {file}": "{file} 中没有读到任何通话",
    "no call could be read from {file}; {why:part}": "{file} 中没有读到任何通话；{why}",
    "there is no such call in the record; name one by its {field}": "记录中没有这个通话；请用 {field} 写明一个",
    "no event of the call could be taken in, so that there is nothing to save": (
        "该通话没有可接收的事件，没有可保存的内容"
    ),
    "{save} and {to} go together": "{save} 和 {to} 须同时使用",
    "{file} cannot be the file of a scenario; call it as {example}: small letters, digits and `_`": (
        "{file} 不能作为场景的文件；文件名如 {example}：小写字母、数字和 `_`"
    ),
    "{text} is not a date; write it as {example}": "{text} 不是日期；写法如 {example}",
    "the plan needs more callers than there are reserved numbers: plan fewer days or callers": (
        "计划的来电人多于预留的号码：请减少天数或来电人"
    ),
    "{text} is no folder, and git cannot be asked for a revision of that name": (
        "{text} 不是文件夹，也无法向 git 查询这个版本"
    ),
    "{text} is no folder, and no revision of git that holds the folder {folder}; "
    "write a folder, a revision, or {form}": (
        "{text} 不是文件夹，也不是含有文件夹 {folder} 的 git 版本；请写文件夹、版本，或 {form}"
    ),
    "a file in {text} is too large": "{text} 中有文件太大",
    # new
    "{text} is no condition; write {form}, for example {example}": "{text} 不是条件；请写成 {form}，如 {example}",
    "{text} has no operator; write {form}, for example {example}": "{text} 没有运算符；请写成 {form}，如 {example}",
    "{text} says nothing after its operator; write {form}, for example {example}": (
        "{text} 的运算符后面没有内容；请写成 {form}，如 {example}"
    ),
    "{text} is no id; write lower-case letters, digits and `_`": "{text} 不是编号；请用小写字母、数字和 `_`",
    "{file} is there already; nothing was written": "{file} 已经存在；没有写入任何内容",
    "rule {name} stands in {file} already; nothing was written": "规则 {name} 已在 {file} 中；没有写入任何内容",
}

PARTS: Final[Mapping[str, str]] = {
    "line {row:n}: {code:word}": "第 {row} 行：{code}",
    "line {row:n}: {code:word} {detail:word}": "第 {row} 行：{code}，{detail}",
    "rows that `only_if` of `offered` rules out: {count:n}": "`offered` 的 `only_if` 排除了 {count} 行",
    "a proof over every possible call": "对所有可能来电的证明",
}
